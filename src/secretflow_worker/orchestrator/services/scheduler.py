"""The scheduler: what is due is run, once, whichever orchestrator sees it first.

A due time is taken in one transaction, with the run that it starts, its audit record and the next
due time; the row of the schedule is held meanwhile, and others pass over it. A time that is more
than ``LATE_S`` old was missed: nobody ran. At most ``_AT_ONCE`` missed times are counted at a time.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, takewhile
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from secretflow_worker.broker.telemetry import OFF, Place, Span, Telemetry, within
from secretflow_worker.contract.errors import WorkerError
from secretflow_worker.orchestrator.errors import CallFault, Conflict, Invalid
from secretflow_worker.orchestrator.services.chains import check
from secretflow_worker.orchestrator.services.control import Control
from secretflow_worker.orchestrator.services.loop import apart
from secretflow_worker.orchestrator.services.runs import Clock
from secretflow_worker.orchestrator.services.schedules import timetable_of
from secretflow_worker.orchestrator.services.sign_in import Caller
from secretflow_worker.orchestrator.services.timetable import Timetable
from secretflow_worker.orchestrator.store import schedules as s
from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.orchestrator.store.accounts import Role, users
from secretflow_worker.orchestrator.store.chains import read_version
from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.orchestrator.store.schedules import Missed, Outcome

_log = logging.getLogger(__name__)

LATE_S = 60.0
"""A restart within it misses nothing."""
KEPT_FIRINGS = 1000
"""Of each schedule; older ones are forgotten."""
_AT_ONCE = 1000


@dataclass(frozen=True)
class _Take:
    """The due times that one firing stands for: the last of them, and how many came before."""

    due_at: float
    earlier: int
    next_at: float | None


@dataclass(frozen=True)
class _Fired:
    outcome: Outcome
    reason: str | None = None
    run_id: str | None = None


class Scheduler:
    """`observe` is told of each firing's outcome, and how many seconds late it was."""

    def __init__(
        self,
        database: Database,
        control: Control,
        clock: Clock = time.time,
        telemetry: Telemetry = OFF,
    ) -> None:
        self._telemetry = telemetry
        self._database = database
        self._control = control
        self._clock = clock
        # A version never changes, and a large one takes seconds to check.
        self._fault_of = lru_cache(maxsize=256)(self._check)
        self.observe: Callable[[str, float], None] = lambda outcome, late_s: None

    def fire_due(self) -> bool:
        """Take what is due now; returns whether anything was.

        Raises:
            DBAPIError: what was not committed is taken the next time.
        """
        due = (
            select(s.schedules.c.schedule_id, s.schedules.c.chain_id, t.task_chains.c.version)
            .join(t.task_chains, t.task_chains.c.chain_id == s.schedules.c.chain_id)
            .where(s.schedules.c.due_at <= self._clock())
            .order_by(s.schedules.c.due_at)
            .limit(50)
        )
        with self._database.reading() as connection:
            found = connection.execute(due).all()
        has_taken = False
        for row in found:
            with apart(f"schedule {row.schedule_id}"):
                has_taken |= self._take_traced(row.schedule_id, row.chain_id, row.version)
        return has_taken

    def _take_traced(self, schedule_id: str, chain_id: str, version: int) -> bool:
        if not self._telemetry.is_on:
            return self._take(schedule_id, chain_id, version)
        place, began_at = Place.new(), self._clock()
        with within(place):
            is_taken = self._take(schedule_id, chain_id, version)
        if is_taken:
            about = {"schedule_id": schedule_id, "chain_id": chain_id}
            self._telemetry.tell(Span("schedule", place, None, began_at, self._clock(), about))
        return is_taken

    def _take(self, schedule_id: str, chain_id: str, version: int) -> bool:
        fault = self._fault_of(chain_id, version)
        with self._database.transaction() as connection:
            row = connection.execute(
                select(s.schedules)
                .where(s.schedules.c.schedule_id == schedule_id)
                .with_for_update(skip_locked=True)
            ).one_or_none()
            now = self._clock()
            if row is None or row.due_at is None or row.due_at > now:
                return False  # another orchestrator was faster
            timetable = timetable_of(row)
            try:
                timetable.check()
            except Invalid as broken:
                take, fired = _Take(row.due_at, 0, None), _Fired(Outcome.FAILED, _told(broken))
            else:
                take = _split(timetable, row.due_at, now)
                if _is_taken(connection, schedule_id, take):
                    _go_on(connection, schedule_id, take)
                    return True
                fired = self._fire(connection, row, take, version, fault, now)
            _write(connection, schedule_id, take, fired, now)
            _go_on(connection, schedule_id, take)
        _log.info(
            "schedule %s: %s", schedule_id, fired.outcome.value,
            extra={"chain_id": chain_id, "run_id": fired.run_id},
        )  # fmt: skip
        self.observe(fired.outcome.value, now - take.due_at)
        return True

    def _fire(
        self,
        connection: Connection,
        row: Row[Any],
        take: _Take,
        version: int,
        fault: str | None,
        now: float,
    ) -> _Fired:
        is_last = take.next_at is None or take.next_at > now
        if now - take.due_at > LATE_S and not (is_last and row.missed == Missed.RUN_ONCE.value):
            return _Fired(Outcome.MISSED, "no orchestrator ran then")
        if fault is not None:
            return _Fired(Outcome.FAILED, fault)
        try:
            caller = _owner(connection, row.created_by)
            with connection.begin_nested():
                deed = self._control.execute(
                    row.chain_id, caller, version, schedule=row.schedule_id
                )
        except Conflict:
            status = select(t.task_chains.c.status).where(t.task_chains.c.chain_id == row.chain_id)
            word = connection.execute(status).scalar()
            return _Fired(Outcome.SKIPPED, f"an earlier run has not ended: it is {word}")
        except (CallFault, WorkerError) as refused:
            return _Fired(Outcome.FAILED, _told(refused))
        return _Fired(Outcome.STARTED, run_id=deed.run_id)

    def _check(self, chain_id: str, version: int) -> str | None:
        """Return why a version of a chain cannot run any more; None where it can."""
        with self._database.reading() as connection:
            document = read_version(connection, chain_id, version)
        try:
            check(document)
        except Invalid as fault:
            return _told(fault)
        return None


def _split(timetable: Timetable, first: float, now: float) -> _Take:
    later = takewhile(lambda due: due <= now, timetable.after(first))
    passed = [first, *islice(later, _AT_ONCE - 1)]
    return _Take(passed[-1], len(passed) - 1, timetable.next_after(passed[-1]))


def _owner(connection: Connection, name: str) -> Caller:
    """Return the user whose schedule it is, with what they may now.

    Raises:
        CallFault: they may run nothing any more.
    """
    row = connection.execute(select(users).where(users.c.name == name)).one_or_none()
    if row is None or row.disabled_at is not None:
        raise CallFault(f"its user {name} is disabled")
    if not Role(row.role).includes(Role.OPERATOR):
        raise CallFault(f"its user {name} is only a {row.role} now")
    return Caller(name, Role(row.role))


def _is_taken(connection: Connection, schedule_id: str, take: _Take) -> bool:
    """Return whether it fired already: an orchestrator whose clock is late may ask for it again."""
    firings = s.schedule_firings.c
    known = select(firings.id).where(
        firings.schedule_id == schedule_id, firings.due_at == take.due_at
    )
    return connection.execute(known).first() is not None


def _go_on(connection: Connection, schedule_id: str, take: _Take) -> None:
    of_schedule = s.schedules.c.schedule_id == schedule_id
    connection.execute(update(s.schedules).where(of_schedule).values(due_at=take.next_at))


def _write(
    connection: Connection, schedule_id: str, take: _Take, fired: _Fired, now: float
) -> None:
    firings = s.schedule_firings
    connection.execute(
        insert(firings).values(
            schedule_id=schedule_id,
            due_at=take.due_at,
            fired_at=now,
            outcome=fired.outcome.value,
            missed=take.earlier,
            reason=fired.reason,
            run_id=fired.run_id,
        )
    )
    newest = select(firings.c.id).where(firings.c.schedule_id == schedule_id)
    oldest_kept = newest.order_by(firings.c.id.desc()).offset(KEPT_FIRINGS - 1).limit(1)
    connection.execute(
        delete(firings).where(
            firings.c.schedule_id == schedule_id, firings.c.id < oldest_kept.scalar_subquery()
        )
    )


def _told(fault: CallFault | WorkerError) -> str:
    """Write a fault in a line, with the first places that are wrong."""
    places = fault.faults[:3] if isinstance(fault, Invalid) else ()
    listed = "; ".join(f"{place.path}: {place.message}" for place in places)
    return f"{fault.message}: {listed}" if listed else fault.message
