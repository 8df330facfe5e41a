"""What each party's worker logged of a task, as far as the party shares it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy import Connection, Row

from secretflow_worker.contract.asks import MOST_ITEMS, LogLevel, LogsAsk, new_ask_id
from secretflow_worker.orchestrator.api.answers import answer
from secretflow_worker.orchestrator.api.callers import Parts, Viewer
from secretflow_worker.orchestrator.api.chain_answers import ChainId, NodeId, OlderRun
from secretflow_worker.orchestrator.api.party_answers import PARTY_PATTERN, PartyLogs, TaskLogs
from secretflow_worker.orchestrator.api.problems import problems
from secretflow_worker.orchestrator.api.routes.nodes import silence_of
from secretflow_worker.orchestrator.errors import NotFound
from secretflow_worker.orchestrator.services.parties import Heard
from secretflow_worker.orchestrator.store import views

router = APIRouter(prefix="/chains/{chain_id}/tasks/{task_id}", tags=["parties"])


@router.get(
    "/logs",
    response_model=TaskLogs,
    responses=problems("CONFIG_INVALID", "UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND", "NOT_READY"),
)
def show_logs(
    chain_id: ChainId,
    task_id: NodeId,
    caller: Viewer,
    services: Parts,
    run: OlderRun = None,
    attempt: Annotated[int | None, Query(ge=1, le=100_000, description="Not the newest.")] = None,
    party: Annotated[
        str | None, Query(pattern=PARTY_PATTERN, description="Of one party alone.")
    ] = None,
    level: Annotated[LogLevel, Query(description="And above.")] = "INFO",
    limit: Annotated[int, Query(ge=1, le=MOST_ITEMS, description="Per party, the newest.")] = 200,
) -> Response:
    """Show what each party's worker and processes logged of a task.

    A party that shares no logs, or does not answer, has a `silence` instead.
    """
    with services.database.reading() as connection:
        found = find_attempt(connection, chain_id, task_id, run, attempt)
    if found is None:
        return answer(TaskLogs(execution_id=None, parties=[]))
    parties = [one for one in parties_of(found) if party in (None, one)]
    asks = [
        LogsAsk(
            ask_id=new_ask_id(),
            party=one,
            execution_id=found.execution_id,
            level=level,
            limit=limit,
        )
        for one in parties
    ]
    heard = services.parties.ask_all(asks) if asks else []
    told = [_logs_of(one, limit) for one in heard]
    return answer(TaskLogs(execution_id=found.execution_id, parties=told))


def find_attempt(
    connection: Connection, chain_id: str, node_id: str, run: str | None, number: int | None
) -> Row[Any] | None:
    """Return the attempt that is meant, or None of a task that has none yet."""
    chain = views.find_chain(connection, chain_id)
    run_id = run if run is not None or chain is None else chain.celery_chain_id
    node = None if run_id is None else views.find_node(connection, run_id, node_id)
    if node is None or run_id is None or node.chain_id != chain_id:
        raise NotFound(f"no such run of chain {chain_id} has a task {node_id}")
    attempts = views.list_attempts(connection, run_id, node_id)
    if not attempts and node.reused_from is not None:
        attempts = views.find_attempts(connection, node.reused_from)
    chosen = [row for row in attempts if number in (None, row.attempt)]
    if number is not None and not chosen:
        raise NotFound(f"task {node_id} has no attempt {number}")
    return chosen[-1] if chosen else None


def parties_of(attempt: Row[Any]) -> list[str]:
    """Return the parties of an attempt, of either mode."""
    cluster = attempt.request.get("sf_init_config")
    parties = cluster.get("parties") if isinstance(cluster, Mapping) else None
    return sorted(map(str, parties or ()))


def _logs_of(heard: Heard, limit: int) -> PartyLogs:
    told = [one.logs for one in heard.answers if one.logs is not None]
    lines = sorted((line for logs in told for line in logs.lines), key=lambda line: line.at)
    return PartyLogs(
        party=heard.party,
        lines=lines[-limit:],
        is_cut=len(lines) > limit or any(logs.is_cut for logs in told),
        silence=silence_of(heard),
    )
