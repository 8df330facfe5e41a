"""What is read to be shown: chains in pages, the tasks of a run, their attempts, history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select

from secretflow_worker.contract.chain import ChainStatus, ChainType
from secretflow_worker.orchestrator.store import tables as t

SORTS = ("created_at", "updated_at", "chain_name", "status")


@dataclass(frozen=True)
class Filters:
    """What a list of chains is narrowed to; None narrows nothing."""

    status: ChainStatus | None = None
    chain_type: ChainType | None = None
    created_by: str | None = None
    name: str | None = None
    """A part of the chain's name, whatever its case."""


def list_chains(
    connection: Connection, filters: Filters, sort: str, page: int, page_size: int
) -> tuple[list[Row[Any]], int]:
    """Return a page of chains, and how many there are on all pages.

    `sort` is one of ``SORTS``, with ``-`` before it for the largest first.
    """
    table = t.task_chains
    columns = [column for column in table.c if column.name not in ("chain_config", "metadata")]
    wanted = []
    if filters.status is not None:
        wanted.append(table.c.status == filters.status.value)
    if filters.chain_type is not None:
        wanted.append(table.c.chain_type == filters.chain_type.value)
    if filters.created_by is not None:
        wanted.append(table.c.created_by == filters.created_by)
    if filters.name is not None:
        wanted.append(table.c.chain_name.icontains(filters.name, autoescape=True))
    total = connection.execute(select(func.count()).select_from(table).where(*wanted)).scalar()
    by = table.c[sort.removeprefix("-")]
    first, second = (
        (by.desc(), table.c.chain_id.desc()) if sort.startswith("-") else (by, table.c.chain_id)
    )
    query = select(*columns).where(*wanted).order_by(first, second)
    rows = connection.execute(query.limit(page_size).offset((page - 1) * page_size)).all()
    return list(rows), total or 0


def find_chain(connection: Connection, chain_id: str) -> Row[Any] | None:
    """Return a chain's row."""
    query = select(t.task_chains).where(t.task_chains.c.chain_id == chain_id)
    return connection.execute(query).one_or_none()


def run_errors(connection: Connection, run_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the errors of those runs that ended badly, by their ids."""
    runs = t.chain_runs.c
    query = select(runs.run_id, runs.error).where(runs.run_id.in_(run_ids))
    return {run_id: error for run_id, error in connection.execute(query) if error is not None}


def find_run(connection: Connection, run_id: str) -> Row[Any] | None:
    """Return a run's row."""
    query = select(t.chain_runs).where(t.chain_runs.c.run_id == run_id)
    return connection.execute(query).one_or_none()


def list_runs(connection: Connection, chain_id: str, limit: int) -> Sequence[Row[Any]]:
    """Return a chain's runs, newest first."""
    runs = t.chain_runs
    query = select(runs).where(runs.c.chain_id == chain_id).order_by(runs.c.number.desc())
    return connection.execute(query.limit(limit)).all()


def list_nodes(connection: Connection, run_id: str) -> Sequence[Row[Any]]:
    """Return the tasks of a run, in its order."""
    nodes = t.chain_tasks
    query = select(nodes).where(nodes.c.run_id == run_id).order_by(nodes.c.execution_order)
    return connection.execute(query).all()


def find_node(connection: Connection, run_id: str, node_id: str) -> Row[Any] | None:
    """Return one task of a run."""
    nodes = t.chain_tasks.c
    query = select(t.chain_tasks).where(nodes.run_id == run_id, nodes.node_id == node_id)
    return connection.execute(query).one_or_none()


def list_attempts(connection: Connection, run_id: str, node_id: str) -> Sequence[Row[Any]]:
    """Return the attempts of a task, oldest first."""
    attempts = t.task_attempts
    query = select(attempts).where(
        attempts.c.run_id == run_id, attempts.c.node_id == node_id
    )  # fmt: skip
    return connection.execute(query.order_by(attempts.c.attempt)).all()


def find_attempts(connection: Connection, execution_id: str) -> Sequence[Row[Any]]:
    """Return the attempt of this id, of whatever run, if there is one."""
    attempts = t.task_attempts
    return connection.execute(select(attempts).where(attempts.c.execution_id == execution_id)).all()


def list_history(
    connection: Connection, chain_id: str, after: int, limit: int
) -> Sequence[Row[Any]]:
    """Return what happened to a chain after a line of its history, oldest first."""
    lines = t.history
    query = select(lines).where(lines.c.chain_id == chain_id, lines.c.id > after)
    return connection.execute(query.order_by(lines.c.id).limit(limit)).all()


def last_line(connection: Connection) -> int:
    """Return the number of the newest line of all histories."""
    return connection.execute(select(func.max(t.history.c.id))).scalar() or 0
