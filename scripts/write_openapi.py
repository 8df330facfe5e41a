"""Write the API's OpenAPI document: ``python -m scripts.write_openapi FILE``.

The page's types come from it, so a call that the page makes and the API lacks does not compile.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from secretflow_worker.orchestrator.api.app import create_app
from secretflow_worker.orchestrator.api.services import make_services
from secretflow_worker.orchestrator.settings import WebSettings
from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.orchestrator.store.schema import migrate


def main() -> None:
    document = read_document()
    Path(sys.argv[1]).write_text(json.dumps(document, indent=1, sort_keys=True) + "\n")


def read_document() -> dict[str, Any]:
    """Return the document of an application over an empty database."""
    with tempfile.TemporaryDirectory() as folder:
        settings = WebSettings(state_dir=Path(folder))
        database = Database.open(settings.database)
        try:
            migrate(database)
            return create_app(make_services(settings, database)).openapi()
        finally:
            database.close()


if __name__ == "__main__":
    main()
