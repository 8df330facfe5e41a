"""Appending to a party's audit log: one writer at a time, each record on disk before it counts.

Beside ``<party>.jsonl`` stands ``<party>.head``: how many records there are, and the last hash.
It is written after the record, so after a crash it may be one behind, never ahead. A file that is
shorter than its head has lost records: the chain then goes on from the head, with a record that
says so, and ``verify`` shows the break for good.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from secretflow_worker.contract.events import utc_now
from secretflow_worker.engine.audit.record import EMPTY, Event, Head, make_record, read_record

_BLOCK_BYTES = 1 << 16


class AuditLog:
    """The log of one party. Threads and processes may append at the same time."""

    def __init__(self, folder: Path, party: str) -> None:
        self.party = party
        self.path = folder / f"{party}.jsonl"
        self.head_path = folder / f"{party}.head"

    def append(self, event: Event, facts: Mapping[str, Any]) -> Head:
        """Append one record and return the new end of the chain, once it is on disk.

        Raises:
            OSError: it could not be written; the caller must not go on.
        """
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if is_new:
                _sync_folder(self.path.parent)
            head = self._mend(file)
            return self._write(file, head, event, facts)

    def _mend(self, file: IO[bytes]) -> Head:
        """Return where the chain goes on, after noting what a crash or a hand did to its end."""
        found, torn = _find_end(file)
        if torn and not torn.endswith(b"\n"):
            _write_all(file, b"\n")
            found, torn = _find_end(file)  # a record that lacked nothing else is whole now
        known = read_head(self.head_path)
        if known is not None and _has_lost(found, known):
            missing = {"records_on_disk": found.count, "records_expected": known.count}
            return self._write(file, known, "gap", missing)
        if torn:
            content = torn.rstrip(b"\n")
            sha256 = hashlib.sha256(content).hexdigest()
            return self._write(file, found, "torn", {"bytes": len(content), "sha256": sha256})
        return found

    def _write(self, file: IO[bytes], head: Head, event: Event, facts: Mapping[str, Any]) -> Head:
        record = make_record(head, utc_now(), self.party, event, facts)
        _write_all(file, record.line())
        os.fsync(file.fileno())
        new = Head(record.seq, record.hash)
        write_head(self.head_path, new)
        return new


def read_head(path: Path) -> Head | None:
    """Read a head file; None where there is none, or where it is not whole."""
    try:
        document = json.loads(path.read_bytes())
        return Head(int(document["count"]), str(document["hash"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_head(path: Path, head: Head) -> None:
    """Replace the head file. Not synced: an older head is a true one too."""
    beside = path.with_name(f".{path.name}")
    beside.write_text(json.dumps({"count": head.count, "hash": head.hash}) + "\n", "utf-8")
    beside.chmod(0o600)
    beside.replace(path)


def _has_lost(found: Head, known: Head) -> bool:
    return found.count < known.count or (found.count == known.count and found.hash != known.hash)


def _find_end(file: IO[bytes]) -> tuple[Head, bytes]:
    """Return the last whole record, and the bytes after it that are none."""
    tail = b""
    position = file.seek(0, os.SEEK_END)
    while True:
        lines = tail.splitlines(keepends=True)
        # the first line of the tail may be cut by the block, unless the file begins there
        whole = lines if position == 0 else lines[1:]
        after = b""
        for line in reversed(whole):
            record = read_record(line) if line.endswith(b"\n") else None
            if record is not None:
                return Head(record.seq, record.hash), after
            after = line + after
        if position == 0:
            return EMPTY, after
        step = min(_BLOCK_BYTES, position)
        position -= step
        file.seek(position)
        tail = _read_exactly(file, step) + tail


def _read_exactly(file: IO[bytes], count: int) -> bytes:
    blocks = b""
    while len(blocks) < count and (block := file.read(count - len(blocks))):
        blocks += block
    return blocks


def _write_all(file: IO[bytes], content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[file.write(view) :]


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
