"""What tasks have disclosed: the statement that each worker puts beside a success."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from secretflow_worker.contract.chain import NodeStatus
from secretflow_worker.orchestrator.store import tables as t

MOST_TASKS = 2_000
"""How many successes are looked through, newest first."""


class Disclosed(NamedTuple):
    """One fact of one task."""

    to: str
    what: str
    about: str
    at: float | None
    chain_id: str
    chain_name: str
    run_id: str
    task_id: str
    task_type: str


def list_disclosed(connection: Connection, chain_id: str | None) -> Iterator[Disclosed]:
    """Yield what was disclosed, newest first, by all chains or one; a task's fact comes once."""
    attempts, nodes, chains = t.task_attempts, t.chain_tasks, t.task_chains
    query = (
        select(
            attempts.c.outcomes, attempts.c.ended_at, attempts.c.run_id, attempts.c.node_id,
            nodes.c.task_type, chains.c.chain_id, chains.c.chain_name,
        )
        .join(nodes, (nodes.c.run_id == attempts.c.run_id)
              & (nodes.c.node_id == attempts.c.node_id))
        .join(chains, chains.c.chain_id == nodes.c.chain_id)
        .where(attempts.c.status == NodeStatus.SUCCESS.value)
        .order_by(attempts.c.ended_at.desc(), attempts.c.execution_id)
        .limit(MOST_TASKS)
    )  # fmt: skip
    if chain_id is not None:
        query = query.where(chains.c.chain_id == chain_id)
    for row in connection.execute(query):
        for to, what, about in _facts_of(row.outcomes):
            yield Disclosed(
                to, what, about, row.ended_at, row.chain_id, row.chain_name, row.run_id,
                row.node_id, row.task_type,
            )  # fmt: skip


def _facts_of(outcomes: Any) -> list[tuple[str, str, str]]:
    """Return the facts of every party's statement, each once; events are written by others."""
    found: dict[tuple[str, str, str], None] = {}
    for event in outcomes.values() if isinstance(outcomes, Mapping) else ():
        for line in _lines_of(event):
            if isinstance(line, Mapping):
                fact = tuple(line.get(key) for key in ("to", "what", "about"))
                if all(isinstance(word, str) for word in fact):
                    found[fact] = None  # type: ignore[index]
    return list(found)


def _lines_of(event: Any) -> list[Any]:
    for key in ("result", "task_metadata", "disclosed"):
        event = event.get(key) if isinstance(event, Mapping) else None
    return event if isinstance(event, list) else []
