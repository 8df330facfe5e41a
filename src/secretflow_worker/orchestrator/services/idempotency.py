"""Calls that may be repeated: the first one's answer is kept with its deed, and given again."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, select, update

from secretflow_worker.orchestrator.errors import Invalid
from secretflow_worker.orchestrator.services.runs import Clock
from secretflow_worker.orchestrator.store.accounts import idempotency_keys as keys
from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.orchestrator.store.inserts import insert_unless_there


class KeyReused(Invalid):
    """The same key was sent with another request."""

    code = "KEY_REUSED"


@dataclass(frozen=True)
class Given:
    """What a call answers; `is_replay` says that nothing was done now."""

    answer: Any
    is_replay: bool = False


class Idempotency:
    """Keys are each caller's own, and forgotten after a while."""

    def __init__(self, database: Database, lifetime_s: float, clock: Clock = time.time) -> None:
        self._database = database
        self._lifetime_s = lifetime_s
        self._clock = clock

    def answered(self, who: str, call: str, key: str | None, request: object) -> Given | None:
        """Return what a call with this key was answered, before anything is prepared for it.

        Raises:
            KeyReused: the key came with another request.
        """
        if key is None:
            return None
        wanted = (keys.c.user_name == who, keys.c.call == call, keys.c.key == key)
        oldest = self._clock() - self._lifetime_s
        with self._database.reading() as connection:
            query = select(keys).where(*wanted, keys.c.created_at >= oldest)
            stored = connection.execute(query).one_or_none()
        return None if stored is None else _replay(stored, _digest(request))

    def once(
        self,
        who: str,
        call: str,
        key: str | None,
        request: object,
        deed: Callable[[], Mapping[str, Any]],
    ) -> Given:
        """Do the deed in a transaction, unless the key is known; a failed one leaves no trace.

        Raises:
            KeyReused: the key came with another request.
        """
        with self._database.transaction() as connection:
            if key is None:
                return Given(dict(deed()))
            now = self._clock()
            connection.execute(delete(keys).where(keys.c.created_at < now - self._lifetime_s))
            row = {"user_name": who, "call": call, "key": key}
            values = {**row, "request_digest": _digest(request), "created_at": now}
            of_key = [keys.c[name] == value for name, value in row.items()]
            if not insert_unless_there(connection, keys, values):
                stored = connection.execute(select(keys).where(*of_key)).one()
                return _replay(stored, str(values["request_digest"]))
            answer = dict(deed())
            connection.execute(update(keys).where(*of_key).values(answer=answer))
            return Given(answer)


def _replay(stored: Row[Any], digest: str) -> Given:
    if stored.request_digest != digest:
        raise KeyReused(
            "this Idempotency-Key came with another request",
            hint="Make a new key for a new request.",
        )
    return Given(stored.answer, is_replay=True)


def _digest(request: object) -> str:
    text = json.dumps(request, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
