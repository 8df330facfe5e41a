"""What parties told of the files of executions: read from the outcomes that attempts keep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Row, select

from secretflow_worker.contract.chain import NodeStatus
from secretflow_worker.orchestrator.core.reuse import File, Success
from secretflow_worker.orchestrator.store import tables as t

_AT_ONCE = 500
MOST_ATTEMPTS = 20_000
"""How many earlier successes of a chain are looked through, newest first."""


def attempts_of(connection: Connection, execution_ids: Iterable[str]) -> Iterator[Row[Any]]:
    """Yield the attempts that succeeded, of those named."""
    attempts = t.task_attempts
    named = list(execution_ids)
    for begin in range(0, len(named), _AT_ONCE):
        query = select(attempts).where(
            attempts.c.execution_id.in_(named[begin : begin + _AT_ONCE]),
            attempts.c.status == NodeStatus.SUCCESS.value,
        )
        yield from connection.execute(query)


def list_successes(connection: Connection, chain_id: str) -> Iterator[Row[Any]]:
    """Yield a chain's attempts that succeeded, newest first, with their nodes' results."""
    attempts, nodes, runs = t.task_attempts, t.chain_tasks, t.chain_runs
    query = (
        select(attempts, nodes.c.result)
        .join(nodes, nodes.c.task_request_id == attempts.c.execution_id)
        .join(runs, runs.c.run_id == nodes.c.run_id)
        .where(
            runs.c.chain_id == chain_id,
            nodes.c.status == NodeStatus.SUCCESS.value,
            attempts.c.status == NodeStatus.SUCCESS.value,
        )
        .order_by(attempts.c.ended_at.desc(), attempts.c.execution_id)
        .limit(MOST_ATTEMPTS)
    )
    yield from connection.execute(query)


def success_of(row: Row[Any]) -> Success:
    """Return an attempt's row as the core looks at it."""
    prints = prints_in(row.outcomes)
    cluster = row.request.get("sf_init_config")
    parties = cluster.get("parties") if isinstance(cluster, Mapping) else None
    return Success(
        execution_id=row.execution_id,
        ended_at=row.ended_at or row.dispatched_at,
        inputs=dict(_files(prints, "inputs")),
        outputs=dict(_files(prints, "outputs")),
        untold=frozenset(map(str, parties or ())) - prints.keys(),
    )


def prints_in(outcomes: Any) -> dict[str, Mapping[str, Any]]:
    """Return what an attempt's parties told of their files, by party; events are others' words."""
    found: dict[str, Mapping[str, Any]] = {}
    for teller, event in outcomes.items() if isinstance(outcomes, Mapping) else ():
        told = event.get("fingerprints") if isinstance(event, Mapping) else None
        for party, files in told.items() if isinstance(told, Mapping) else ():
            # In cluster mode a worker speaks for its own party alone.
            if teller in ("", party) and isinstance(files, Mapping):
                found[str(party)] = files
    return found


def _files(prints: Mapping[str, Mapping[str, Any]], kind: str) -> Iterator[tuple[File, str | None]]:
    for party, files in prints.items():
        of_kind = files.get(kind)
        for path, print_ in of_kind.items() if isinstance(of_kind, Mapping) else ():
            yield (party, str(path)), print_ if isinstance(print_, str) else None
