"""Schedules and their firings as they are asked for and answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Path
from pydantic import AwareDatetime, Field, StringConstraints
from sqlalchemy import Row

from secretflow_worker.contract.chain import ChainStatus
from secretflow_worker.orchestrator.api.answers import Answer, iso
from secretflow_worker.orchestrator.api.routes.auth import Given
from secretflow_worker.orchestrator.errors import Fault, Invalid
from secretflow_worker.orchestrator.services.schedules import Wanted, timetable_of
from secretflow_worker.orchestrator.services.timetable import CRON_PATTERN, Timetable
from secretflow_worker.orchestrator.store.schedules import Missed, Outcome

ScheduleId = Annotated[str, Path(pattern=r"^s-[a-z0-9]{1,62}$", examples=["s-0a1b2c"])]
Cron = Annotated[
    str,
    Field(
        description="Minute, hour, day, month, weekday, as Debian's cron reads them.",
        pattern=CRON_PATTERN,
        examples=["30 2 * * MON-FRI"],
    ),
]
Zone = Annotated[
    str,
    Field(
        description="A name of the IANA database.",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_+/-]{0,63}$",
        examples=["Europe/Berlin"],
    ),
]
UPCOMING = 5


class ScheduleEdit(Given):
    """A schedule as it shall be: either `cron` or `at`."""

    name: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,255}$")] = Field(
        examples=["nightly scoring"]
    )
    cron: Cron | None = None
    at: AwareDatetime | None = Field(
        default=None, description="Once, then.", examples=["2031-01-31T18:00:00+01:00"]
    )
    time_zone: Zone = "UTC"
    missed: Missed = Field(
        default=Missed.SKIP,
        description="Due times at which no orchestrator ran: passed over, or one run for all.",
    )
    is_enabled: bool = True

    def wanted(self) -> Wanted:
        """Return it as the service takes it."""
        timetable = Timetable(self.cron, _seconds(self.at), self.time_zone)
        return Wanted(self.name, timetable, self.missed, self.is_enabled)


class NewSchedule(ScheduleEdit):
    chain_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")] = (
        Field(examples=["c-0a1b2c"])
    )


class DueTime(Answer):
    at: str = Field(description="In UTC.", examples=["2025-06-02T00:30:00.000Z"])
    local: str = Field(description="In the time zone.", examples=["2025-06-02T02:30:00+02:00"])


class Preview(Answer):
    next_times: list[DueTime]


class FiringAnswer(Answer):
    """What came of a due time."""

    firing_id: int
    due_at: str
    fired_at: str
    outcome: Outcome
    missed: int = Field(description="How many due times before it passed while nobody ran.")
    reason: str | None = Field(examples=["an earlier run has not ended: it is PAUSED"])
    run_id: str | None
    run_status: ChainStatus | None = Field(description="Of the run that it started, now.")


class FiringList(Answer):
    items: list[FiringAnswer]
    next_before: int | None = Field(description="`before` of the next page; null at the end.")


class ScheduleLine(Answer):
    """A schedule in a list."""

    schedule_id: str = Field(examples=["s-0a1b2c"])
    name: str
    chain_id: str
    chain_name: str
    cron: str | None
    at: str | None
    time_zone: str
    missed: Missed
    is_enabled: bool
    due_at: str | None = Field(description="The next due time; null where nothing is to come.")
    version: int
    created_at: str
    created_by: str = Field(description="Its runs are this user's.")
    updated_at: str
    last: FiringAnswer | None = Field(description="The newest firing.")


class ScheduleList(Answer):
    items: list[ScheduleLine]
    total: int
    page: int
    page_size: int


class ScheduleAnswer(ScheduleLine):
    next_times: list[DueTime] = Field(description=f"The next {UPCOMING}, while it is enabled.")


def firing_of(row: Row[Any]) -> FiringAnswer:
    """Return a firing as it is answered."""
    return FiringAnswer(
        firing_id=row.id,
        due_at=iso(row.due_at),
        fired_at=iso(row.fired_at),
        outcome=row.outcome,
        missed=row.missed,
        reason=row.reason,
        run_id=row.run_id,
        run_status=row.run_status,
    )


def line_of(row: Row[Any], last: Mapping[str, Row[Any]]) -> dict[str, Any]:
    """Return the fields of a schedule's row as they are answered."""
    found = {name: getattr(row, name) for name in ScheduleLine.model_fields if name != "last"}
    times = ("at", "due_at", "created_at", "updated_at")
    newest = last.get(row.schedule_id)
    return {
        **found,
        **{name: iso(found[name]) for name in times},
        "last": None if newest is None else firing_of(newest),
    }


def upcoming_of(row: Row[Any]) -> list[DueTime]:
    """Return the next due times of a stored schedule."""
    if row.due_at is None:
        return []
    timetable = timetable_of(row)
    later = timetable.upcoming(row.due_at, UPCOMING - 1)
    return due_times(timetable, [row.due_at, *later])


def due_times(timetable: Timetable, moments: list[float]) -> list[DueTime]:
    """Return moments as they are answered."""
    return [DueTime(at=iso(moment), local=timetable.local(moment)) for moment in moments]


def _seconds(at: AwareDatetime | None) -> float | None:
    try:
        return None if at is None else at.timestamp()
    except (OverflowError, ValueError, OSError):
        raise Invalid("the schedule is invalid", faults=[Fault("at", "no such moment")]) from None
