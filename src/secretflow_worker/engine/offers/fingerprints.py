"""Fingerprints: whether a file is still the one that a task read or wrote, and nothing more.

A fingerprint is an HMAC-SHA256, under a key that never leaves the worker's state folder, of the
party, the path and the content. Two of them are equal if the same file of the same party has the
same content; they tell nothing of the content, nor whether two files are alike.
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import secrets
import stat
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

_log = logging.getLogger(__name__)

_KEY_FILE = "fingerprint.key"
_CACHE_FILE = "fingerprints.json"
_BLOCK_BYTES = 1 << 20
_KEPT = 20_000
_LARGE_BYTES = 16 << 20
"""Of larger files the fingerprints outlive the worker; smaller ones are soon hashed again."""
_MOST_FILES = 1_000
"""In a model directory, which has three."""
_TICK_NS = 20_000_000
"""A file that changed so recently may change again under the same times: it is not remembered."""

Signature = tuple[int, int, int, int, int]
"""Device, inode, size, and the times of content and inode: as long as they stay, so does it."""


class TooLate(Exception):
    """The time that the caller gave is over."""


class Fingerprints:
    """Of one worker's files. Thread-safe; files are hashed without the lock."""

    def __init__(self, state_dir: Path) -> None:
        self._cache_path = state_dir / _CACHE_FILE
        self._key = _key_in(state_dir / _KEY_FILE)
        self._key_id = sha256(b"id" + self._key).hexdigest()[:8]
        self._guard = threading.Lock()
        self._is_closing = False
        self._known: OrderedDict[str, tuple[Signature, str]] = OrderedDict(self._load())
        self._later = ThreadPoolExecutor(1, thread_name_prefix="sfw-fingerprints")
        self._under_way: dict[tuple[str, Path], Future[str | None]] = {}

    def of(self, party: str, real: Path, is_late: Callable[[], bool] = lambda: False) -> str | None:
        """Return the fingerprint of a file or a model directory; None where there is none.

        It begins with eight digits that stand for the key, so a new key is seen as such.

        Raises:
            TooLate: `is_late` says so before all is hashed.
        """
        try:
            if real.is_dir():
                return self._of_folder(party, real, is_late)
            return self._of_file(party, real, is_late)
        except OSError:
            return None

    def begin(self, party: str, real: Path) -> Future[str | None]:
        """Begin to hash in a thread of its own, however long it takes; once at a time."""
        with self._guard:
            known = self._under_way.get((party, real))
            if known is not None:
                return known
            begun = self._later.submit(self._finish, party, real)
            self._under_way[party, real] = begun
        return begun

    def close(self) -> None:
        """Begin nothing more; what is under way is cut off by the end of the process."""
        self._is_closing = True
        self._later.shutdown(wait=False, cancel_futures=True)

    def _finish(self, party: str, real: Path) -> str | None:
        try:
            return self.of(party, real, lambda: self._is_closing)
        except TooLate:
            return None
        finally:
            with self._guard:
                self._under_way.pop((party, real), None)

    def _of_folder(self, party: str, folder: Path, is_late: Callable[[], bool]) -> str:
        parts = hmac.new(self._key, f"{party}\0{folder}\0folder".encode(), sha256)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        for path in files[:_MOST_FILES]:
            parts.update(self._of_file(party, path, is_late).encode())
        parts.update(str(len(files)).encode())
        return f"{self._key_id}:{parts.hexdigest()}"

    def _of_file(self, party: str, path: Path, is_late: Callable[[], bool]) -> str:
        name = f"{party}\0{path}"
        before = signature_of(path)
        with self._guard:
            known = self._known.get(name)
            if known is not None and known[0] == before:
                self._known.move_to_end(name)
                return known[1]
        began_ns = time.time_ns()
        print_ = f"{self._key_id}:{self._hash(name, path, is_late)}"
        is_settled = began_ns - max(before[3:]) >= _TICK_NS
        if is_settled and signature_of(path) == before:
            self._remember(name, before, print_)
        return print_

    def _hash(self, name: str, path: Path, is_late: Callable[[], bool]) -> str:
        digest = hmac.new(self._key, name.encode() + b"\0", sha256)
        with path.open("rb", buffering=0) as file:
            while block := file.read(_BLOCK_BYTES):
                digest.update(block)
                if len(block) == _BLOCK_BYTES and is_late():
                    raise TooLate
        return digest.hexdigest()

    def _remember(self, name: str, signature: Signature, print_: str) -> None:
        with self._guard:
            self._known[name] = (signature, print_)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
            if signature[2] >= _LARGE_BYTES:
                self._save()

    def _save(self) -> None:
        large = {name: kept for name, kept in self._known.items() if kept[0][2] >= _LARGE_BYTES}
        document = {"key": self._key_id, "files": large}
        fresh = self._cache_path.with_suffix(".new")
        try:
            with open(fresh, "w", encoding="utf-8", opener=_privately) as file:
                json.dump(document, file)
            fresh.replace(self._cache_path)
        except OSError as fault:  # they are hashed again, then
            _log.warning("fingerprints cannot be kept: %s", fault.strerror)

    def _load(self) -> Iterator[tuple[str, tuple[Signature, str]]]:
        try:
            document = json.loads(self._cache_path.read_bytes())
            if document["key"] == self._key_id:
                for name, (signature, print_) in document["files"].items():
                    device, inode, size, changed, moved = map(int, signature)
                    yield name, ((device, inode, size, changed, moved), str(print_))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return


def signature_of(path: Path) -> Signature:
    """Return what tells cheaply that a file has not changed.

    Raises:
        OSError: there is no such file, or it is no ordinary one.
    """
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise FileNotFoundError(str(path))
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def state_of(real: Path) -> object:
    """Return the signature of a file, or of all that is in a folder; None where there is none."""
    try:
        if not real.is_dir():
            return signature_of(real)
        found = sorted(path for path in real.rglob("*") if path.is_file())
        return tuple((str(path), signature_of(path)) for path in found[:_MOST_FILES])
    except OSError:
        return None


def is_large(real: Path) -> bool:
    """Return whether hashing a file takes long enough to be worth remembering."""
    try:
        return real.stat().st_size >= _LARGE_BYTES
    except OSError:
        return False


def _key_in(path: Path) -> bytes:
    """Read the key, or make one that only this user can read."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        key = path.read_bytes()
        if len(key) == 32:
            return key
    except FileNotFoundError:
        pass
    fresh = path.with_suffix(".new")
    with open(fresh, "wb", opener=_privately) as file:
        file.write(secrets.token_bytes(32))
    fresh.replace(path)
    return path.read_bytes()


def _privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
