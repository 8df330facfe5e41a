"""How a process is given the task type ``noop``.

Nothing here imports it: a test's own process would have it among its task types then.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def installed(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return an environment in which a Python process finds this plugin."""
    path = environment.get("PYTHONPATH")
    here = str(Path(__file__).parent)
    return {**environment, "PYTHONPATH": f"{here}{os.pathsep}{path}" if path else here}
