"""A real worker at DEBUG level with planted tables, and everything that it leaves behind."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from redis import Redis

from secretflow_worker.worker import EmbeddedRedis, start_embedded_redis
from tests.conftest import eventually
from tests.privacy.canaries import Canaries, Haystack
from tests.worker.harness import Client, Worker, failure

PARTIES = ("alice", "bob")
ROWS = 40
RESULT_TIMEOUT_S = 100
_TEMPORARY = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))
PLUGIN = Path(__file__).parents[1] / "engine" / "plugin"
_FILE_LIMIT_BYTES = 64 << 20
_FOREIGN_LIMIT_BYTES = 1 << 20


class Wiretap:
    """Keeps every message that is published in a Redis, on any channel."""

    def __init__(self, url: str) -> None:
        self.heard = bytearray()
        self._redis = _connect(url)
        self._channel = self._redis.pubsub(ignore_subscribe_messages=True)
        self._channel.psubscribe("*")
        self._over = threading.Event()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        while not self._over.is_set():
            message = self._channel.get_message(timeout=0.1)
            if message is not None:
                self.heard += message["channel"] + b" " + message["data"] + b"\n"

    def close(self) -> None:
        self._over.set()
        self._listener.join()
        self._channel.close()
        self._redis.close()


@dataclass
class World:
    """`place` holds everything; the houses of the parties are ``data/<party>`` in it."""

    place: Path
    temporary: Path
    """The worker's TMPDIR, short enough for the names of sockets."""
    redis: EmbeddedRedis
    client: Client
    worker: Worker
    tap: Wiretap
    canaries: Canaries
    _there_before: set[Path]
    _told: set[tuple[str, str]] = field(default_factory=set)
    _disclosed: set[float] = field(default_factory=set)
    _searched: set[tuple[object, ...]] = field(default_factory=set)
    """What was searched, as it was then: files by time and size, all else by its content."""
    _searched_for: tuple[int, int] = (0, 0)
    """How many numbers were known then, and how many of them disclosed."""

    def house(self, party: str) -> Path:
        return self.place / "data" / party

    def at(self, party: str, name: str) -> str:
        return str(self.house(party) / name)

    def paths(self, name: str, parties: Iterable[str] = PARTIES) -> dict[str, str]:
        return {party: self.at(party, name) for party in parties}

    def report(self, name: str) -> str:
        """Return a path for a file of no one party."""
        return str(self.place / "data" / name)

    def write(self, party: str, name: str, columns: Mapping[str, Sequence[Any]]) -> str:
        path = self.house(party) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        table = pd.DataFrame(dict(columns))
        if path.suffix == ".parquet":
            table.to_parquet(path, index=False)
        else:
            table.to_csv(path, index=False)
        return str(path)

    def read(self, party: str, name: str) -> Any:
        return pd.read_csv(self.house(party) / name, float_precision="round_trip")

    def run(
        self, config: Mapping[str, Any], parties: Sequence[str] = PARTIES, **fields: Any
    ) -> dict[str, Any]:
        """Run a task in local mode and return its own result."""
        envelope = self._send(config, parties, fields).get(timeout=RESULT_TIMEOUT_S)
        result = envelope["result"]["result"]
        assert isinstance(result, dict)
        return result

    def fail(
        self, config: Mapping[str, Any], parties: Sequence[str] = PARTIES, **fields: Any
    ) -> dict[str, Any]:
        """Run a task that fails and return the error."""
        return failure(self._send(config, parties, fields), RESULT_TIMEOUT_S)

    def _send(self, config: Mapping[str, Any], parties: Sequence[str], fields: Any) -> Any:
        cluster = {"parties": list(parties), "address": "local"}
        return self.client.send(
            self.client.request(dict(config), **{"sf_init_config": cluster, **fields})
        )

    def assert_silent(self) -> None:
        """Check that no canary is outside of its house; what was told before is not told again."""
        self._await_calm()
        known = (self.canaries.count, len(self._disclosed))
        if known != self._searched_for:
            self._searched.clear()
            self._searched_for = known
        changed = (each for each in self._haystacks_in_memory() if self._is_new(each))
        haystacks = (*self._changed_files(), *changed)
        leaks = self.canaries.leaks(haystacks, self._disclosed) - self._told
        self._told |= leaks
        assert not leaks, "\n".join(f"{what} in {where}" for where, what in sorted(leaks))

    def assert_nowhere(self, words: bytes) -> None:
        """Check that something is in nothing that a run has left, the houses included."""
        files = (Haystack(str(path), path.read_bytes()) for path in self._own_files())
        own = (*files, *self._haystacks_in_memory())
        found = [haystack.name for haystack in own if words in haystack.content]
        assert not found, "\n".join(found)

    def exempt(self, numbers: Iterable[float]) -> None:
        """Let numbers be anywhere from now on: a task type that ran states that it tells them."""
        self._disclosed.update(numbers)

    def _await_calm(self) -> None:
        state = self.worker.folder / "state"
        for folder in ("runs", "journal"):
            eventually(lambda: not list((state / folder).iterdir()))  # noqa: B023 - called at once

    def _changed_files(self) -> Iterator[Haystack]:
        """Yield the files that have changed since they were last searched for what is known."""
        for path in self._own_files():
            if self._is_changed(path):
                yield Haystack(str(path), path.read_bytes(), self._house_of(path))
        for path in self._new_temporary_files():
            with suppress(OSError):  # another program's, which may remove it now
                if self._is_changed(path):
                    yield Haystack(str(path), path.read_bytes(), is_foreign=True)

    def _is_changed(self, path: Path) -> bool:
        """Return whether a file is not yet searched as it is now, and note that it is."""
        there = path.stat()
        return self._note((path, there.st_mtime_ns, there.st_size))

    def _is_new(self, haystack: Haystack) -> bool:
        return self._note((haystack.name, hash(haystack.content)))

    def _note(self, state: tuple[object, ...]) -> bool:
        """Return whether it is the first time that this is searched."""
        is_first = state not in self._searched
        self._searched.add(state)
        return is_first

    def _own_files(self) -> Iterator[Path]:
        yield from _files_in(self.place)
        yield from _files_in(self.temporary)

    def _haystacks_in_memory(self) -> Iterator[Haystack]:
        names = "\n".join(str(path) for path in self.place.rglob("*"))
        yield Haystack("names of files", names.encode())
        yield Haystack("published in Redis", bytes(self.tap.heard))
        yield from self._redis_keys()

    def _house_of(self, path: Path) -> str | None:
        data = self.place / "data"
        return path.relative_to(data).parts[0] if path.is_relative_to(data) else None

    def _redis_keys(self) -> Iterator[Haystack]:
        redis = _connect(self.redis.url)
        readers = {
            b"string": redis.get,
            b"list": lambda key: redis.lrange(key, 0, -1),
            b"hash": redis.hgetall,
            b"set": redis.smembers,
            b"zset": lambda key: redis.zrange(key, 0, -1),
        }
        for key in redis.scan_iter():
            content = readers[redis.type(key)](key)
            yield Haystack(f"Redis key {key.decode()}", key + b" " + _flat(content))
        redis.close()

    def _new_temporary_files(self) -> Iterator[Path]:
        for folder in _TEMPORARY:
            for path in set(_entries(folder)) - self._there_before:
                if path != self.temporary and not path.name.startswith("pytest-of-"):
                    yield from _files_in(path, "*", _FOREIGN_LIMIT_BYTES)


@contextmanager
def open_world(place: Path, seed: int, **settings: object) -> Iterator[World]:
    """Start a Redis and a worker that find their home and temporary folder in `place`."""
    before = {path for folder in _TEMPORARY for path in _entries(folder)}
    temporary = Path(tempfile.mkdtemp(prefix="sfwp"))
    data, home = place / "data", place / "home"
    for folder in (home, data):
        folder.mkdir(parents=True)
    redis = start_embedded_redis(place)
    client = Client(redis.url, data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.setenv("TMPDIR", str(temporary))
        patch.setenv("PYTHONPATH", str(PLUGIN))
        told = {"data_root": data, "log_level": "DEBUG", "retry_max": 0, **settings}
        worker = Worker(redis.url, place / "worker", **told)
    tap = Wiretap(redis.url)
    try:
        worker.started()
        yield World(place, temporary, redis, client, worker, tap, Canaries(seed), before)
        assert worker.terminate() == 0
    finally:
        worker.close()
        tap.close()
        client.redis.close()
        client.app.close()
        redis.stop()
        shutil.rmtree(temporary)


def _connect(url: str) -> Any:
    """Return a client that reads bytes; its stubs know half of it."""
    return Redis.from_url(url)


def _entries(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _files_in(
    path: Path, below: str = "**/*", limit_bytes: int = _FILE_LIMIT_BYTES
) -> Iterator[Path]:
    """Yield the ordinary files at or below a path that are not too large to look through."""
    with suppress(OSError):
        for found in path.glob(below) if path.is_dir() else [path]:
            with suppress(OSError):
                is_file = found.is_file() and not found.is_symlink()
                if is_file and found.stat().st_size <= limit_bytes:
                    yield found


def _flat(content: Any) -> bytes:
    if isinstance(content, bytes):
        return content
    if isinstance(content, dict):
        content = [part for pair in content.items() for part in pair]
    return b" ".join(_flat(part) for part in content)
