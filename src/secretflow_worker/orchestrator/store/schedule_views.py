"""What is read of schedules to be shown: pages of them, and their firings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from secretflow_worker.orchestrator.store import schedules as s
from secretflow_worker.orchestrator.store import tables as t

_LINES = select(s.schedules, t.task_chains.c.chain_name).join(
    t.task_chains, t.task_chains.c.chain_id == s.schedules.c.chain_id
)


def list_schedules(
    connection: Connection, chain_id: str | None, is_enabled: bool | None, page: int, page_size: int
) -> tuple[list[Row[Any]], int]:
    """Return a page of schedules, newest first, and how many there are on all pages."""
    columns = s.schedules.c
    wanted = []
    if chain_id is not None:
        wanted.append(columns.chain_id == chain_id)
    if is_enabled is not None:
        wanted.append(columns.is_enabled == is_enabled)
    count = select(func.count()).select_from(s.schedules).where(*wanted)
    total = connection.execute(count).scalar() or 0
    query = _LINES.where(*wanted).order_by(columns.created_at.desc(), columns.schedule_id)
    rows = connection.execute(query.limit(page_size).offset((page - 1) * page_size)).all()
    return list(rows), total


def find_schedule(connection: Connection, schedule_id: str) -> Row[Any] | None:
    """Return a schedule's row with its chain's name."""
    return connection.execute(
        _LINES.where(s.schedules.c.schedule_id == schedule_id)
    ).one_or_none()  # fmt: skip


def last_firings(connection: Connection, schedule_ids: Sequence[str]) -> dict[str, Row[Any]]:
    """Return the newest firing of each schedule that has fired."""
    firings = s.schedule_firings.c
    newest = select(func.max(firings.id)).where(firings.schedule_id.in_(schedule_ids))
    query = _firings().where(firings.id.in_(newest.group_by(firings.schedule_id)))
    return {row.schedule_id: row for row in connection.execute(query)}


def list_firings(
    connection: Connection, schedule_id: str, before: int | None, limit: int
) -> list[Row[Any]]:
    """Return the firings of a schedule, newest first: those before one, at most `limit`."""
    firings = s.schedule_firings.c
    query = _firings().where(firings.schedule_id == schedule_id)
    if before is not None:
        query = query.where(firings.id < before)
    return list(connection.execute(query.order_by(firings.id.desc()).limit(limit)))


def _firings() -> Select[Any]:
    runs = t.chain_runs.c
    return select(s.schedule_firings, runs.status.label("run_status")).join(
        t.chain_runs, runs.run_id == s.schedule_firings.c.run_id, isouter=True
    )
