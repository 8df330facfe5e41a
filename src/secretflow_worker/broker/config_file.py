"""The TOML file of settings, of which worker and orchestrator each read a table of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tomli

from secretflow_worker.contract.errors import ConfigError


def read_table(path: Path, name: str, hint: str) -> dict[str, Any]:
    """Return the table `name` of a file; an empty one where the file has none.

    Raises:
        ConfigError: the file cannot be read, or holds something else there.
    """
    try:
        document = tomli.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as fault:
        raise ConfigError(f"settings file {path}: {type(fault).__name__}", hint=hint) from None
    except tomli.TOMLDecodeError as fault:
        raise ConfigError(f"settings file {path}: {fault}", hint=hint) from None
    table = document.get(name, {})
    if not isinstance(table, dict):
        raise ConfigError(f"settings file {path}: [{name}] is not a table", hint=hint)
    return table
