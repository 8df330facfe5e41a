"""Server-sent events: a chain's history as it grows, resumable after any line of it.

One task looks for new lines, whoever watches; the streams wait for it. A line's ``id`` is its
number in the history, so a client that comes again with ``Last-Event-ID`` misses nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

from sqlalchemy import Row
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from secretflow_worker.orchestrator.api.answers import iso
from secretflow_worker.orchestrator.errors import CallFault
from secretflow_worker.orchestrator.store import views
from secretflow_worker.orchestrator.store.database import Database

LOOK_EVERY_S = 0.1
BEAT_EVERY_S = 15.0
_AT_ONCE = 500
_LOOK_ANYWAY_S = 1.0
"""PostgreSQL may commit line 7 after line 8; who waits for line 7 looks this often by itself."""


class Watch:
    """Says when there may be new lines, and how many watch."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.watchers = 0
        self._of_user: Counter[str] = Counter()

    @property
    def next_change(self) -> asyncio.Event:
        """Return what is set when a line is added after now; take it before reading."""
        return self._changed

    def has_room_for(self, user: str, most: int) -> bool:
        """Return whether one more may watch; half of the room is the most for one user."""
        return self.watchers < most and self._of_user[user] < (most + 1) // 2

    async def enter(self, user: str) -> None:
        """Begin to watch."""
        self.watchers += 1
        self._of_user[user] += 1
        if self._task is None:
            self._task = asyncio.create_task(self._look())

    async def leave(self, user: str) -> None:
        """End watching; the last one ends the looking."""
        self.watchers -= 1
        self._of_user -= Counter([user])
        if self.watchers == 0 and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _look(self) -> None:
        seen = -1
        while True:
            try:
                last = await run_in_threadpool(self._last_line)
            except SQLAlchemyError:  # the database is away; the streams wait for it too
                last = seen
            if last != seen:
                seen = last
                event, self._changed = self._changed, asyncio.Event()
                event.set()
            await asyncio.sleep(LOOK_EVERY_S)

    def _last_line(self) -> int:
        with self._database.reading() as connection:
            return views.last_line(connection)


async def follow(
    watch: Watch,
    database: Database,
    chain_id: str,
    after: int,
    user: str,
    is_allowed: Callable[[], object],
    *,
    is_endless: bool,
) -> AsyncIterator[str]:
    """Yield the lines of a chain's history after line `after`, as server-sent events.

    `is_allowed` raises a ``CallFault`` once the caller may watch no longer; it is asked at every
    beat, and the stream then ends. Without `is_endless` it ends with what is there.
    """

    def read() -> list[Row[Any]]:
        with database.reading() as connection:
            return list(views.list_history(connection, chain_id, after, _AT_ONCE))

    await watch.enter(user)
    try:
        clock = asyncio.get_running_loop().time
        beat_at = clock() + BEAT_EVERY_S
        while True:
            change = watch.next_change
            lines = await run_in_threadpool(read)
            for line in lines:
                after = line.id
                yield event_of(line)
            if len(lines) == _AT_ONCE:
                continue
            if not is_endless:
                return
            if clock() >= beat_at:
                beat_at = clock() + BEAT_EVERY_S
                await run_in_threadpool(is_allowed)
                yield ": still here\n\n"
            await _wait(change, _LOOK_ANYWAY_S)
    except CallFault:
        return
    finally:
        await watch.leave(user)


async def _wait(change: asyncio.Event, timeout_s: float) -> None:
    try:
        await asyncio.wait_for(change.wait(), timeout_s)
    except asyncio.TimeoutError:
        return


def event_of(line: Row[Any]) -> str:
    """Write a line of the history as an event."""
    data = {"chain_id": line.chain_id, "at": iso(line.at), **line.data}
    if line.run_id is not None:
        data["run_id"] = line.run_id
    if line.node_id is not None:
        data["task_id"] = line.node_id
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"id: {line.id}\nevent: {line.kind}\ndata: {text}\n\n"
