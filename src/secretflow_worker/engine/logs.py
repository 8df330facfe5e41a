"""The parties' logs, kept after their run: one folder per attempt, the newest only."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

_TRACE = re.compile(rb"Trace has been written to (/tmp/psi_[\w-]+\.trace)")


class LogFolder:
    """Where the parties of one attempt log: ``<logs>/<execution>.<attempt>/<party>.log``."""

    def __init__(self, root: Path, token: str, kept: int) -> None:
        self.path = root / token
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        _drop_oldest(root, kept)

    def log_of(self, party: str) -> Path:
        return self.path / f"{party}.log"


def remove_traces(folder: Path) -> None:
    """Remove what libspu's PSI leaves in /tmp, whatever TMPDIR says; the parties' logs name it."""
    for log in folder.glob("*.log"):
        for found in _TRACE.finditer(log.read_bytes()):
            Path(os.fsdecode(found[1])).unlink(missing_ok=True)


def _drop_oldest(root: Path, kept: int) -> None:
    aged = []
    for folder in root.iterdir():
        try:
            aged.append((folder.stat().st_mtime, folder))
        except FileNotFoundError:  # another run of this worker drops it, too
            continue
    for _, folder in sorted(aged)[: max(0, len(aged) - max(kept, 1))]:
        shutil.rmtree(folder, ignore_errors=True)
