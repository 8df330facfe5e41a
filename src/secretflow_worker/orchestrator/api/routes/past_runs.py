"""The runs that a chain has had, the newest among them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy import Connection, Row

from secretflow_worker.orchestrator.api.answers import answer
from secretflow_worker.orchestrator.api.callers import Parts, Viewer
from secretflow_worker.orchestrator.api.chain_answers import (
    ChainId,
    NodeId,
    TaskAnswer,
    TaskLine,
    attempts_of,
    task_of,
)
from secretflow_worker.orchestrator.api.problems import problems
from secretflow_worker.orchestrator.api.routes.chains import disclosure_of
from secretflow_worker.orchestrator.api.run_answers import RunAnswer, RunLine, RunList, run_of
from secretflow_worker.orchestrator.errors import NotFound
from secretflow_worker.orchestrator.store import views

router = APIRouter(prefix="/chains/{chain_id}/runs", tags=["runs"])
_READ = problems("CONFIG_INVALID", "UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND")
RunId = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", examples=["r-0a1b2c"])]


@router.get("", response_model=RunList, responses=_READ)
def list_runs(
    chain_id: ChainId,
    caller: Viewer,
    services: Parts,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Response:
    """List a chain's runs, newest first."""
    with services.database.reading() as connection:
        if views.find_chain(connection, chain_id) is None:
            raise NotFound(f"there is no chain {chain_id}")
        rows = views.list_runs(connection, chain_id, limit)
    return answer(RunList(items=[RunLine(**run_of(row)) for row in rows]))


@router.get("/{run_id}", response_model=RunAnswer, responses=_READ)
def show_run(chain_id: ChainId, run_id: RunId, caller: Viewer, services: Parts) -> Response:
    """Show one run with its tasks."""
    with services.database.reading() as connection:
        run = _find(connection, chain_id, run_id)
        chain = views.find_chain(connection, chain_id)
        nodes = views.list_nodes(connection, run_id)
    return answer(
        RunAnswer(
            **run_of(run),
            chain_id=chain_id,
            chain_name=chain_id if chain is None else chain.chain_name,
            tasks=[TaskLine(**task_of(node)) for node in nodes],
        )
    )


@router.get("/{run_id}/tasks/{task_id}", response_model=TaskAnswer, responses=_READ)
def show_task_of_run(
    chain_id: ChainId, run_id: RunId, task_id: NodeId, caller: Viewer, services: Parts
) -> Response:
    """Show a task of one run: its attempts, result, and who learns what by it."""
    with services.database.reading() as connection:
        _find(connection, chain_id, run_id)
        node = views.find_node(connection, run_id, task_id)
        if node is None:
            raise NotFound(f"run {run_id} has no task {task_id}")
        attempts = views.list_attempts(connection, run_id, task_id)
    return answer(
        TaskAnswer(
            **task_of(node),
            attempts=attempts_of(attempts),
            disclosure=disclosure_of(node.task_type),
        )
    )


def _find(connection: Connection, chain_id: str, run_id: str) -> Row[Any]:
    run = views.find_run(connection, run_id)
    if run is None or run.chain_id != chain_id:
        raise NotFound(f"chain {chain_id} has no run {run_id}")
    return run
