"""The calls about schedules: chains that run at certain times."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

from pydantic import Field

from secretflow_worker.client.answers import Answer
from secretflow_worker.client.calls import Call, get, keyed, nothing, reads


class DueTime(Answer):
    """In UTC, and in the schedule's time zone."""

    at: str
    local: str


class Schedule(Answer):
    """When a chain runs: by `cron`, or once `at` a time."""

    schedule_id: str
    name: str
    chain_id: str
    cron: str | None
    at: str | None
    time_zone: str
    missed: str
    is_enabled: bool
    due_at: str | None
    version: int
    created_by: str
    next_times: list[DueTime] = Field(default_factory=list)


class SchedulePage(Answer):
    items: list[Schedule]
    total: int
    page: int
    page_size: int


def create(
    chain_id: str,
    name: str,
    *,
    cron: str | None = None,
    at: datetime | None = None,
    time_zone: str = "UTC",
    missed: Literal["skip", "run_once"] | None = None,
    key: str | None = None,
) -> Call[Schedule]:
    """Keep a schedule; `at` has a time zone. With the same `key` it is made once, for a day."""
    given: dict[str, Any] = {
        "chain_id": chain_id, "name": name, "cron": cron, "time_zone": time_zone,
        "at": None if at is None else at.isoformat(), "missed": missed,
    }  # fmt: skip
    body = {field: value for field, value in given.items() if value is not None}
    return Call("POST", "/schedules", reads(Schedule), json=body, **keyed(key))


def list_page(
    *,
    chain_id: str | None = None,
    is_enabled: bool | None = None,
    page: int = 1,
    page_size: int = 20,
) -> Call[SchedulePage]:
    """Return a page of schedules, newest first."""
    return get(
        "/schedules", reads(SchedulePage), chain_id=chain_id, is_enabled=is_enabled,
        page=page, page_size=page_size,
    )  # fmt: skip


def show(schedule_id: str) -> Call[Schedule]:
    """Return a schedule with its next due times."""
    return get(_at(schedule_id), reads(Schedule))


def enable(schedule_id: str) -> Call[Schedule]:
    """Let it run its chain again, from its next due time on."""
    return Call("POST", f"{_at(schedule_id)}/enable", reads(Schedule), is_repeatable=True)


def disable(schedule_id: str) -> Call[Schedule]:
    """Let it run nothing more; what runs goes on."""
    return Call("POST", f"{_at(schedule_id)}/disable", reads(Schedule), is_repeatable=True)


def delete(schedule_id: str) -> Call[None]:
    """Delete it; its runs stay."""
    return Call("DELETE", _at(schedule_id), nothing, is_repeatable=False)


def _at(schedule_id: str) -> str:
    return f"/schedules/{quote(schedule_id, safe='')}"
