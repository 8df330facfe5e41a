"""Compiled programs on disk, so that the next party process need not compile them again.

One file per program in one folder that is this user's alone: whoever could write there could
have a party run another program. A file holds a digest of its key and its content; what does not
match is compiled anew and written over. Nothing that goes wrong here fails a task. Parties of
one machine want the same programs at the same moment: one compiles, the others wait for it.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from secretflow_worker.engine.program import BadProgram, Program

_log = logging.getLogger(__name__)

_MAGIC = b"sfw-program 1\n"
_DIGEST_BYTES = 32
_LARGEST = 32 * 2**20
_SUFFIX = ".program"
_UNUSED_S = 30 * 86_400.0
_LEFT_BEHIND_S = 3600.0
"""After which a half-written file belongs to nobody."""
_KEPT_SHARE = 0.75
"""Of the limit, after a sweep."""
_LOCK = "lock-"
_LONGEST_WAIT_S = 3.0
"""For another process that compiles the same. Who holds it up so long does not hold up others."""
_LOOK_EVERY_S = 0.005


class ProgramCache:
    """The programs in a folder; several processes may use it at the same time.

    `limit_bytes` is of all files together. Every process looks once, when it first writes, and
    takes away those that were not used for longest, and what nobody used for 30 days.
    """

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self._folder = folder
        self._limit_bytes = limit_bytes
        self._is_swept = False

    def get(self, key: str, compile_it: Callable[[], Program]) -> Program:
        """Return the program that is kept under a key; where there is none, compile and keep it."""
        program = self.load(key)
        if program is not None:
            return program
        turn = self._await_turn(key)
        try:
            program = None if turn is None else self.load(key)
            if program is None:
                program = compile_it()
                self.store(key, program)
            return program
        finally:
            if turn is not None:
                os.close(turn)

    def load(self, key: str) -> Program | None:
        """Return the program that is kept under a key, None where there is none that is whole."""
        try:
            with self._opened() as folder:
                content = _read(folder, key + _SUFFIX)
            return None if content is None else _unpack(key, content)
        except FileNotFoundError:  # nothing was ever kept
            return None
        except BadProgram:
            _log.warning("a kept program was damaged or altered; it is compiled anew")
        except OSError as fault:
            _log.warning("kept programs cannot be read: %s", fault)
        return None

    def store(self, key: str, program: Program) -> None:
        """Keep a program. It appears whole or not at all."""
        body = program.to_bytes()
        if len(body) > _LARGEST - len(_MAGIC) - _DIGEST_BYTES:
            return
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._opened() as folder:
                _write(folder, key + _SUFFIX, _MAGIC + _digest(key, body) + body)
                if not self._is_swept:
                    self._is_swept = True
                    _sweep(folder, self._limit_bytes)
        except OSError as fault:
            _log.warning("a compiled program could not be kept: %s", fault)

    def _await_turn(self, key: str) -> int | None:
        """Return a lock to be closed, None where it cannot be had; it dies with its process."""
        last = time.monotonic() + _LONGEST_WAIT_S
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._opened() as folder:
                lock = os.open(
                    _LOCK + key[:2], os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600, dir_fd=folder
                )
        except OSError:  # to store the program will say why
            return None
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if time.monotonic() > last:
                    os.close(lock)
                    return None
                time.sleep(_LOOK_EVERY_S)
            else:
                return lock

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """Open the folder, which others may neither read nor write.

        Raises:
            OSError: it is somebody else's, or open to others.
        """
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            found = os.fstat(folder)
            if found.st_uid != os.geteuid() or found.st_mode & 0o077:
                raise PermissionError(
                    f"{self._folder} must belong to this user and be closed to others (chmod 700)"
                )
            yield folder
        finally:
            os.close(folder)


def _read(folder: int, name: str) -> bytes | None:
    try:
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except FileNotFoundError:
        return None
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
            raise BadProgram("not a file of this user")
        content = file.read(_LARGEST + 1)
        with suppress(OSError):  # a read-only file system remembers no use
            os.utime(handle)
    return content


def _write(folder: int, name: str, content: bytes) -> None:
    part = f".{name}.{os.getpid()}.{threading.get_ident()}.part"
    handle = os.open(
        part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600, dir_fd=folder
    )
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.rename(part, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        with suppress(OSError):
            os.unlink(part, dir_fd=folder)
        raise


def _sweep(folder: int, limit_bytes: int) -> None:
    now = time.time()
    kept = []
    for name in os.listdir(folder):
        if name.startswith(_LOCK):
            continue
        with suppress(FileNotFoundError):  # another process takes it away, too
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
            age = now - found.st_mtime
            if age > (_UNUSED_S if name.endswith(_SUFFIX) else _LEFT_BEHIND_S):
                os.unlink(name, dir_fd=folder)
            else:
                kept.append((found.st_mtime, found.st_size, name))
    excess = sum(size for _, size, _ in kept) - limit_bytes
    if excess <= 0:
        return
    excess += int((1 - _KEPT_SHARE) * limit_bytes)
    for _, size, name in sorted(kept):
        if excess <= 0:
            return
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=folder)
        excess -= size


def _digest(key: str, body: bytes) -> bytes:
    return hashlib.sha256(key.encode() + b"\0" + body).digest()


def _unpack(key: str, content: bytes) -> Program:
    start = len(_MAGIC) + _DIGEST_BYTES
    body = content[start:]
    if content[:start] != _MAGIC + _digest(key, body):
        raise BadProgram("its digest is another")
    return Program.from_bytes(body)
