"""``up.json``: how this machine's other commands reach a running ``sfw up``."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from secretflow_worker.worker.health import read_health

UP_FILE = "up.json"
_LOOK_EVERY_S = 0.05


class Announcement:
    """Is there while the worker lives and the orchestrator has started, for this user alone."""

    def __init__(self, state_dir: Path, facts: dict[str, Any]) -> None:
        self._state_dir = state_dir
        self._path = state_dir / UP_FILE
        self._facts = facts
        self._lock = threading.Lock()
        self._can_take_calls = threading.Event()
        self._ended = threading.Event()
        self._is_written = False

    def take_calls(self, **facts: Any) -> None:
        """Add what the orchestrator told as it started, or started again."""
        with self._lock:
            self._facts.update(facts)
            if self._is_written:
                self._write()
        self._can_take_calls.set()

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Write the file as soon as it is true, and remove it at the end of the block."""
        thread = threading.Thread(target=self._announce, name="announce", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()
            self._path.unlink(missing_ok=True)

    def _announce(self) -> None:
        while not self._ended.wait(_LOOK_EVERY_S):
            if self._can_take_calls.is_set() and read_health(self._state_dir).is_alive:
                with self._lock:
                    self._is_written = True
                    self._write()
                return

    def _write(self) -> None:
        if not self._ended.is_set():
            write_private(self._path, json.dumps(self._facts, indent=2))


def write_private(path: Path, text: str) -> None:
    """Let the file appear whole, readable by this user alone."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    beside.replace(path)
