"""Schedules: chains that run at certain times."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from secretflow_worker.orchestrator.api.answers import answer
from secretflow_worker.orchestrator.api.authored import IfMatch, version_of
from secretflow_worker.orchestrator.api.callers import Operator, Parts, Viewer
from secretflow_worker.orchestrator.api.chain_answers import IdempotencyKey
from secretflow_worker.orchestrator.api.problems import problems
from secretflow_worker.orchestrator.api.schedule_answers import (
    Cron,
    FiringList,
    NewSchedule,
    Preview,
    ScheduleAnswer,
    ScheduleEdit,
    ScheduleId,
    ScheduleLine,
    ScheduleList,
    Zone,
    due_times,
    firing_of,
    line_of,
    upcoming_of,
)
from secretflow_worker.orchestrator.api.services import Services
from secretflow_worker.orchestrator.errors import NotFound
from secretflow_worker.orchestrator.services.timetable import Timetable
from secretflow_worker.orchestrator.store import schedule_views as views

router = APIRouter(prefix="/schedules", tags=["schedules"])
_READ = ("CONFIG_INVALID", "UNAUTHENTICATED", "FORBIDDEN")
_CHANGE = (*_READ, "NOT_FOUND", "TOO_LARGE")


@router.get("", response_model=ScheduleList, responses=problems(*_READ))
def list_schedules(
    caller: Viewer,
    services: Parts,
    chain_id: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")] = None,
    is_enabled: bool | None = None,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    page_size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Response:
    """List schedules, newest first, each with its newest firing."""
    with services.database.reading() as connection:
        rows, total = views.list_schedules(connection, chain_id, is_enabled, page, page_size)
        last = views.last_firings(connection, [row.schedule_id for row in rows])
    items = [ScheduleLine(**line_of(row, last)) for row in rows]
    return answer(ScheduleList(items=items, total=total, page=page, page_size=page_size))


@router.post(
    "",
    status_code=201,
    response_model=ScheduleAnswer,
    responses=problems(*_CHANGE, "KEY_REUSED"),
)
def create_schedule(
    given: NewSchedule,
    caller: Operator,
    services: Parts,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Keep a new schedule; its runs are the caller's, as long as they may run the chain."""
    wanted = given.wanted()

    def create() -> dict[str, str]:
        return {"schedule_id": services.schedules.create(given.chain_id, wanted, caller)}

    request = given.model_dump(mode="json")
    made = services.idempotency.once(caller.name, "schedule", idempotency_key, request, create)
    return _shown(services, made.answer["schedule_id"], 201)


@router.get("/preview", response_model=Preview, responses=problems(*_READ))
def preview_times(
    caller: Viewer,
    services: Parts,
    cron: Cron,
    time_zone: Zone = "UTC",
    count: Annotated[int, Query(ge=1, le=50)] = 5,
) -> Response:
    """Say when a cron expression is due next. Nothing is kept."""
    timetable = Timetable(cron, None, time_zone)
    timetable.check()
    moments = timetable.upcoming(services.clock(), count)
    return answer(Preview(next_times=due_times(timetable, moments)))


@router.get(
    "/{schedule_id}", response_model=ScheduleAnswer, responses=problems(*_READ, "NOT_FOUND")
)
def show_schedule(schedule_id: ScheduleId, caller: Viewer, services: Parts) -> Response:
    """Show a schedule with its next due times. The ETag is its version."""
    return _shown(services, schedule_id)


@router.put(
    "/{schedule_id}",
    response_model=ScheduleAnswer,
    responses=problems(*_CHANGE, "STALE_VERSION", "VERSION_REQUIRED"),
)
def edit_schedule(
    schedule_id: ScheduleId,
    given: ScheduleEdit,
    caller: Operator,
    services: Parts,
    if_match: IfMatch = None,
) -> Response:
    """Replace what a schedule is, but for its chain."""
    services.schedules.edit(schedule_id, given.wanted(), caller, version_of(if_match))
    return _shown(services, schedule_id)


@router.post(
    "/{schedule_id}/enable", response_model=ScheduleAnswer, responses=problems(*_CHANGE)
)  # fmt: skip
def enable_schedule(schedule_id: ScheduleId, caller: Operator, services: Parts) -> Response:
    """Let it fire again, from its next due time on."""
    services.schedules.switch(schedule_id, caller, is_enabled=True)
    return _shown(services, schedule_id)


@router.post(
    "/{schedule_id}/disable", response_model=ScheduleAnswer, responses=problems(*_CHANGE)
)  # fmt: skip
def disable_schedule(schedule_id: ScheduleId, caller: Operator, services: Parts) -> Response:
    """Let it not fire; what runs goes on."""
    services.schedules.switch(schedule_id, caller, is_enabled=False)
    return _shown(services, schedule_id)


@router.delete("/{schedule_id}", status_code=204, responses=problems(*_CHANGE))
def delete_schedule(schedule_id: ScheduleId, caller: Operator, services: Parts) -> Response:
    """Delete a schedule and the list of its firings; its runs stay."""
    services.schedules.delete(schedule_id, caller)
    return Response(status_code=204)


@router.get(
    "/{schedule_id}/firings", response_model=FiringList, responses=problems(*_READ, "NOT_FOUND")
)
def list_firings(
    schedule_id: ScheduleId,
    caller: Viewer,
    services: Parts,
    before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """List what came of its due times, newest first; the last thousand are kept."""
    with services.database.reading() as connection:
        if views.find_schedule(connection, schedule_id) is None:
            raise NotFound(f"there is no schedule {schedule_id}")
        rows = views.list_firings(connection, schedule_id, before, limit + 1)
    items = [firing_of(row) for row in rows[:limit]]
    next_before = items[-1].firing_id if len(rows) > limit else None
    return answer(FiringList(items=items, next_before=next_before))


def _shown(services: Services, schedule_id: str, status: int = 200) -> Response:
    with services.database.reading() as connection:
        row = views.find_schedule(connection, schedule_id)
        if row is None:
            raise NotFound(f"there is no schedule {schedule_id}")
        last = views.last_firings(connection, [schedule_id])
    shown = ScheduleAnswer(**line_of(row, last), next_times=upcoming_of(row))
    headers = {"ETag": f'"{row.version}"'}
    if status == 201:
        headers["Location"] = f"/api/v1/schedules/{schedule_id}"
    return answer(shown, status, headers)
