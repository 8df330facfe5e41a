"""The journal: what this worker has taken and not yet seen safe in Redis, one file per message.

::

    accepted ──▶ finished ──▶ (file removed, once Redis has the outcome)
        └──────▶ returned ──▶ (file removed, once the message is queued again)

A message is acknowledged only when its file is synced, and runs meanwhile. Later states are
renamed into place, so a killed worker leaves the old state or the new one; they are synced
only while Redis is away, for otherwise it has the outcome within a millisecond. A file holds
the request as the message had it, never data of a party.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import re
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from secretflow_worker.contract.errors import ResourceBusy
from secretflow_worker.worker.delivery import Delivery
from secretflow_worker.worker.message import (
    JournalledRequest,
    Message,
    Origin,
    read_message,
)

_log = logging.getLogger(__name__)
_KEPT_PROPERTIES = ("correlation_id", "reply_to", "priority")
_PLAIN_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$")


class Entry(BaseModel):
    """One message: enough to queue it again as it was, or to answer it."""

    model_config = ConfigDict(extra="ignore")

    celery_task_id: str
    queue: str
    exchange: str
    body: str
    content_type: str
    content_encoding: str
    headers: dict[str, Any]
    properties: dict[str, Any]
    accepted_at: float
    claim_token: str
    """Noted here so that the next worker can give up a claim that this one held."""
    state: Literal["accepted", "finished", "returned"] = "accepted"
    delivery: Delivery | None = None

    def origin(self, hostname: str) -> Origin:
        """Read Celery's side of the message anew."""
        headers = {**self.headers, "id": self.celery_task_id}
        return Origin.read(
            headers, {"routing_key": self.queue, "exchange": self.exchange}, hostname
        )

    @property
    def message(self) -> Message:
        """Read the message anew."""
        document = json.loads(self.body)
        if isinstance(document, dict):  # Celery's message protocol 1
            args, kwargs = document.get("args", ()), document.get("kwargs", {})
        else:
            args, kwargs, _ = document
        return read_message(args, kwargs, self.celery_task_id)


class Journal:
    """The folder ``<state_dir>/journal``. Thread-safe; owned by one worker at a time.

    A disk that fails is logged and does not stop tasks: they then only miss the protection
    against a kill.
    """

    def __init__(self, state_dir: Path) -> None:
        self.folder = state_dir / "journal"
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._owner = _own(state_dir / "worker.lock")
        self._entries: dict[str, Entry] = {}
        self._token_given: set[str] = set()
        self._guard = threading.Lock()
        self._syncer = ThreadPoolExecutor(1, thread_name_prefix="sfw-journal")

    def close(self) -> None:
        self._syncer.shutdown()
        self._owner.close()

    def load(self) -> list[Entry]:
        """Return what an earlier worker left here, oldest first."""
        with self._guard:
            for path in sorted(self.folder.glob("*.json")):
                try:
                    entry = Entry.model_validate_json(path.read_bytes())
                except (OSError, ValidationError):
                    _log.error("a journal file cannot be read and is set aside: %s", path)
                    path.rename(path.with_suffix(".unreadable"))
                    continue
                self._entries[entry.celery_task_id] = entry
            return sorted(self._entries.values(), key=lambda entry: entry.accepted_at)

    def accept(self, request: JournalledRequest, then: Callable[[], None]) -> None:
        """Note a message, and call `then` once the note is safe; a doubled one has it already.

        One that this worker queued again itself may come back before its old entry is gone.
        """
        with self._guard:
            known = self._entries.get(request.id)
            if known is not None and known.state != "returned":
                self._syncer.submit(then)
            else:
                self._token_given.discard(request.id)
                self._write(_entry_of(request))
                self._syncer.submit(self._sync_then, self._path(request.id), then)

    def claim_token(self, celery_task_id: str) -> str:
        """Return the token for a message's claim: the noted one, but only to its first thread."""
        with self._guard:
            entry = self._entries.get(celery_task_id)
            if entry is None or celery_task_id in self._token_given:
                return secrets.token_hex(16)
            self._token_given.add(celery_task_id)
            return entry.claim_token

    def find(self, celery_task_id: str) -> Entry | None:
        with self._guard:
            return self._entries.get(celery_task_id)

    def give_back(self, celery_task_id: str) -> None:
        """Note that the message shall be queued again, through no fault of its task."""
        self._change(celery_task_id, state="returned")

    def finish(self, celery_task_id: str, delivery: Delivery, *, is_urgent: bool) -> None:
        """Note the outcome, which is owed to Redis from now on; `is_urgent` while it is away."""
        self._change(celery_task_id, state="finished", delivery=delivery)
        if is_urgent:
            self._sync(self._path(celery_task_id))

    def remove(self, done: Entry) -> None:
        """Forget a message: Redis has its outcome, or has it in a queue again."""
        with self._guard:
            current = self._entries.get(done.celery_task_id)
            if current is None or current.claim_token != done.claim_token:
                return  # it has come back since, and what is noted is the new delivery
            del self._entries[done.celery_task_id]
            self._token_given.discard(done.celery_task_id)
            try:
                self._path(done.celery_task_id).unlink(missing_ok=True)
            except OSError as fault:
                _log.error("the journal cannot remove a file: %s", fault.strerror)

    def _change(self, celery_task_id: str, **update: Any) -> None:
        with self._guard:
            entry = self._entries.get(celery_task_id)
            if entry is not None:
                self._write(entry.model_copy(update=update))

    def _path(self, celery_task_id: str) -> Path:
        # Clients choose the id, so one that is no plain word becomes its hash.
        if not _PLAIN_NAME.match(celery_task_id):
            celery_task_id = hashlib.sha256(celery_task_id.encode()).hexdigest()
        return self.folder / f"{celery_task_id}.json"

    def _write(self, entry: Entry) -> None:
        self._entries[entry.celery_task_id] = entry
        path = self._path(entry.celery_task_id)
        fresh = path.with_suffix(".new")
        try:
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(entry.model_dump_json())
            fresh.replace(path)
        except OSError as fault:
            _log.error("the journal cannot be written: %s", fault.strerror)

    def _sync_then(self, path: Path, then: Callable[[], None]) -> None:
        self._sync(path)
        then()

    def _sync(self, path: Path) -> None:
        try:
            for place in (path, self.folder):
                descriptor = os.open(place, os.O_RDONLY)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)
        except FileNotFoundError:
            return  # its message has been answered meanwhile
        except OSError as fault:
            _log.error("the journal cannot be synced: %s", fault.strerror)


def _entry_of(request: JournalledRequest) -> Entry:
    body, properties = request.body, request.message.properties or {}
    return Entry(
        celery_task_id=request.id,
        queue=request.delivery_info.get("routing_key") or "",
        exchange=request.delivery_info.get("exchange") or "",
        body=body.decode() if isinstance(body, bytes) else body,
        content_type=request.content_type,
        content_encoding=request.content_encoding,
        headers=dict(request.message.headers or {}),
        properties={name: properties[name] for name in _KEPT_PROPERTIES if name in properties},
        accepted_at=time.time(),
        claim_token=secrets.token_hex(16),
    )


def _own(path: Path) -> IO[str]:
    lock = path.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise ResourceBusy(
            f"another worker uses the state folder {path.parent}",
            hint="Give each worker its own state_dir.",
        ) from None
    return lock
