"""Schedules: made, edited, switched on and off, deleted. The scheduler lets them fire."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from secretflow_worker.orchestrator.errors import Fault, Forbidden, Invalid, NotFound, StaleVersion
from secretflow_worker.orchestrator.services.control import owned
from secretflow_worker.orchestrator.services.runs import Clock
from secretflow_worker.orchestrator.services.sign_in import Caller
from secretflow_worker.orchestrator.services.timetable import Timetable
from secretflow_worker.orchestrator.store import audit
from secretflow_worker.orchestrator.store import schedules as s
from secretflow_worker.orchestrator.store.accounts import Role
from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.orchestrator.store.schedules import Missed


@dataclass(frozen=True)
class Wanted:
    """What a user may choose of a schedule."""

    name: str
    timetable: Timetable
    missed: Missed = Missed.SKIP
    is_enabled: bool = True


class Schedules:
    """Each deed, its check and its audit record are one transaction."""

    def __init__(self, database: Database, clock: Clock = time.time) -> None:
        self._database = database
        self._clock = clock

    def create(self, chain_id: str, wanted: Wanted, caller: Caller) -> str:
        """Keep a new schedule of a chain and return its id; its runs are the caller's.

        Raises:
            Invalid: the times are none, or over.
            NotFound, Forbidden: no such chain; another user's.
        """
        wanted.timetable.check()
        now, schedule_id = self._clock(), f"s-{secrets.token_hex(12)}"
        _refuse_past(wanted.timetable, now)
        with self._database.transaction() as connection:
            owned(connection, chain_id, caller)
            values = {
                **_values(wanted, now),
                "schedule_id": schedule_id,
                "chain_id": chain_id,
                "version": 1,
                "created_at": now,
                "created_by": caller.name,
            }
            connection.execute(insert(s.schedules).values(values))
            self._note(connection, caller, "create", schedule_id, chain_id)
        return schedule_id

    def edit(
        self, schedule_id: str, wanted: Wanted, caller: Caller, expected_version: int | None
    ) -> None:
        """Replace what a schedule is. Times that are not changed stay as they are.

        Raises:
            Invalid: the times are none, or over.
            NotFound, Forbidden: no such schedule; another user's.
            StaleVersion: `expected_version` is not the newest.
        """
        wanted.timetable.check()
        now = self._clock()
        with self._database.transaction() as connection:
            row = self._owned(connection, schedule_id, caller, expected_version)
            is_same = timetable_of(row) == wanted.timetable
            if not is_same:
                _refuse_past(wanted.timetable, now)
            values = _values(wanted, now)
            if is_same and row.is_enabled and wanted.is_enabled:
                del values["due_at"]  # it may be due just now
            self._change(connection, row, values)
            self._note(connection, caller, "edit", schedule_id, row.chain_id)

    def switch(self, schedule_id: str, caller: Caller, *, is_enabled: bool) -> None:
        """Enable or disable a schedule; what it would have done while disabled is not made up.

        Raises:
            NotFound, Forbidden: no such schedule; another user's.
        """
        with self._database.transaction() as connection:
            row = self._owned(connection, schedule_id, caller, None)
            if row.is_enabled is is_enabled:
                return
            now = self._clock()
            due_at = timetable_of(row).next_after(now) if is_enabled else None
            values = {"is_enabled": is_enabled, "due_at": due_at, "updated_at": now}
            self._change(connection, row, values)
            word = "enable" if is_enabled else "disable"
            self._note(connection, caller, word, schedule_id, row.chain_id)

    def delete(self, schedule_id: str, caller: Caller) -> None:
        """Delete a schedule and what is known of its firings; its runs stay.

        Raises:
            NotFound, Forbidden: no such schedule; another user's.
        """
        with self._database.transaction() as connection:
            row = self._owned(connection, schedule_id, caller, None)
            of_schedule = s.schedules.c.schedule_id == schedule_id
            connection.execute(delete(s.schedules).where(of_schedule))
            self._note(connection, caller, "delete", schedule_id, row.chain_id)

    def _owned(
        self, connection: Connection, schedule_id: str, caller: Caller, expected: int | None
    ) -> Row[Any]:
        of_schedule = s.schedules.c.schedule_id == schedule_id
        query = select(s.schedules).where(of_schedule).with_for_update()
        row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound(f"there is no schedule {schedule_id}")
        if row.created_by != caller.name and caller.role is not Role.ADMIN:
            raise Forbidden(f"schedule {schedule_id} is of another user")
        if expected is not None and expected != row.version:
            raise StaleVersion(
                f"the newest version is {row.version}, not {expected}",
                hint="Read it again, and apply your change to what it is now.",
            )
        return row

    def _change(self, connection: Connection, row: Row[Any], values: dict[str, Any]) -> None:
        of_schedule = s.schedules.c.schedule_id == row.schedule_id
        values = {**values, "version": row.version + 1}
        connection.execute(update(s.schedules).where(of_schedule).values(values))

    def _note(
        self, connection: Connection, caller: Caller, word: str, schedule_id: str, chain_id: str
    ) -> None:
        facts = {"schedule": schedule_id, "chain": chain_id}
        audit.append(connection, caller.name, f"schedule.{word}", facts, self._clock())


def timetable_of(row: Row[Any]) -> Timetable:
    """Return when a stored schedule is due."""
    return Timetable(row.cron, row.at, row.time_zone)


def _values(wanted: Wanted, now: float) -> dict[str, Any]:
    timetable = wanted.timetable
    return {
        "name": wanted.name,
        "cron": timetable.cron,
        "at": timetable.at,
        "time_zone": timetable.time_zone,
        "missed": wanted.missed.value,
        "is_enabled": wanted.is_enabled,
        "due_at": timetable.next_after(now) if wanted.is_enabled else None,
        "updated_at": now,
    }


def _refuse_past(timetable: Timetable, now: float) -> None:
    if timetable.at is not None and timetable.at <= now:
        raise Invalid("the schedule is invalid", faults=[Fault("at", "it lies in the past")])
