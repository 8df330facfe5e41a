"""Where a test's own PostgreSQL can live."""

from __future__ import annotations

import stat
from pathlib import Path


def let_through(folder: Path) -> Path:
    """Let PostgreSQL, which does not run as root, reach a folder of pytest's.

    Only what keeps others out is changed: not ``/tmp``, which is everybody's.
    """
    for place in (folder, *folder.parents):
        mode = stat.S_IMODE(place.stat().st_mode)
        if not mode & stat.S_IXOTH:
            place.chmod(mode | stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH)
    return folder
