"""Paths as inputs to check: inside the party's data root after every link is followed.

Contract, section 9. The text is checked by ``FilePath`` already; here the file system is.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from secretflow_worker.contract.errors import (
    InputError,
    InputNotFound,
    OutputNotWritable,
    PathForbidden,
)
from secretflow_worker.tasks._config import DeclaredFile, FileRole

DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""Error numbers that mean: no more bytes fit here (on the device, in the quota, in one file)."""
_DIRECTORY_ROLES = {FileRole.INPUT_MODEL, FileRole.OUTPUT_MODEL}


def check_file(declared: DeclaredFile, root: Path, party: str | None) -> Path:
    """Return the real path of a declared file, checked for its role.

    Raises:
        PathForbidden: outside the root, see ``inside``.
        InputNotFound, InputError: an input that is missing, unreadable, empty or not a file.
        OutputNotWritable: an output whose nearest existing folder cannot be written.
    """
    place = _place(declared)
    real = inside(declared, root, party)
    check, error = (
        (_check_input, InputError) if declared.role.is_input else (_check_output, OutputNotWritable)
    )
    try:
        check(real, declared, place, party)
    except OSError as fault:  # a name that is too long, for one
        raise error(f"{place}: {declared.path}: {fault.strerror}", party=party) from None
    return real


def inside(declared: DeclaredFile, root: Path, party: str | None) -> Path:
    """Return the real path of a declared file, whether it exists or not.

    Raises:
        PathForbidden: outside the root, by ``..`` or through a link.
    """
    return inside_root(declared.path, root, f"{_place(declared)}: ", party)


def inside_root(path: str, root: Path, place: str = "", party: str | None = None) -> Path:
    """Return the real path of a file, whether it exists or not; `place` begins the message.

    Raises:
        PathForbidden: outside the root, by ``..`` or through a link.
    """
    real_root = Path(os.path.realpath(root))
    real = Path(os.path.realpath(path))
    if real == real_root or not real.is_relative_to(real_root):
        raise PathForbidden(f"{place}{path} is outside the data root {root}", party=party)
    return real


def _place(declared: DeclaredFile) -> str:
    return f"task_config.{declared.field}" + (f".{declared.party}" if declared.party else "")


def _check_input(real: Path, declared: DeclaredFile, place: str, party: str | None) -> None:
    wants_directory = declared.role in _DIRECTORY_ROLES
    if not real.exists():
        raise InputNotFound(f"{place}: {declared.path} does not exist", party=party)
    if real.is_dir() != wants_directory:
        kind = "a model directory" if wants_directory else "a file"
        raise InputError(f"{place}: {declared.path} is not {kind}", party=party)
    if not os.access(real, os.R_OK):
        raise InputError(
            f"{place}: {declared.path} cannot be read by the worker's user", party=party
        )
    if not wants_directory and real.stat().st_size == 0:
        raise InputError(f"{place}: {declared.path} is empty", party=party)


def _check_output(real: Path, declared: DeclaredFile, place: str, party: str | None) -> None:
    wants_directory = declared.role in _DIRECTORY_ROLES
    if real.exists() and real.is_dir() != wants_directory:
        kind = "a file" if wants_directory else "a folder"
        raise OutputNotWritable(f"{place}: {declared.path} is {kind} already", party=party)
    folder = real.parent
    while not folder.exists():
        folder = folder.parent
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise OutputNotWritable(f"{place}: the worker's user cannot write in {folder}", party=party)
