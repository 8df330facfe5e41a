"""Chains: made, listed, shown."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from secretflow_worker.contract.chain import ChainStatus, ChainType
from secretflow_worker.contract.errors import UnknownTask
from secretflow_worker.orchestrator.api.answers import answer
from secretflow_worker.orchestrator.api.callers import Parts, Viewer
from secretflow_worker.orchestrator.api.chain_answers import (
    ChainAnswer,
    ChainId,
    ChainLine,
    ChainList,
    NodeId,
    TaskAnswer,
    TaskLine,
    attempts_of,
    line_of,
    task_of,
)
from secretflow_worker.orchestrator.api.problems import problems
from secretflow_worker.orchestrator.errors import NotFound
from secretflow_worker.orchestrator.store import views
from secretflow_worker.tasks import TaskDispatcher

router = APIRouter(prefix="/chains", tags=["chains"])
_READ = ("CONFIG_INVALID", "UNAUTHENTICATED", "FORBIDDEN")


@router.get("", response_model=ChainList, include_in_schema=False)
@router.get("/", response_model=ChainList, responses=problems(*_READ))
def list_chains(
    caller: Viewer,
    services: Parts,
    status: ChainStatus | None = None,
    chain_type: ChainType | None = None,
    created_by: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9._@-]{1,64}$")] = None,
    name: Annotated[
        str | None, Query(pattern=r"^[^\x00-\x1f]{1,100}$", description="A part of the name.")
    ] = None,
    sort: Annotated[
        str, Query(pattern=f"^-?({'|'.join(views.SORTS)})$", description="`-`: largest first.")
    ] = "-created_at",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    page_size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Response:
    """List chains, newest first unless told otherwise."""
    filters = views.Filters(status, chain_type, created_by, name)
    with services.database.reading() as connection:
        rows, total = views.list_chains(connection, filters, sort, page, page_size)
        failed = [row.celery_chain_id for row in rows if row.status == ChainStatus.FAILURE.value]
        errors = views.run_errors(connection, failed)
    items = [ChainLine(**line_of(row, errors.get(row.celery_chain_id))) for row in rows]
    return answer(ChainList(items=items, total=total, page=page, page_size=page_size))


@router.get(
    "/{chain_id}",
    response_model=ChainAnswer,
    responses=problems(*_READ, "NOT_FOUND"),
)
def show_chain(chain_id: ChainId, caller: Viewer, services: Parts) -> Response:
    """Show a chain with the tasks of its newest run. The ETag is the document's version."""
    with services.database.reading() as connection:
        row = views.find_chain(connection, chain_id)
        if row is None:
            raise NotFound(f"there is no chain {chain_id}")
        run_id = row.celery_chain_id
        run = None if run_id is None else views.find_run(connection, run_id)
        nodes = [] if run_id is None else views.list_nodes(connection, run_id)
    shown = ChainAnswer(
        **line_of(row, None if run is None else run.error),
        error=None if run is None else run.error,
        tasks=[TaskLine(**task_of(node)) for node in nodes],
    )
    return answer(shown, headers={"ETag": f'"{row.version}"'})


@router.get(
    "/{chain_id}/tasks/{task_id}",
    response_model=TaskAnswer,
    responses=problems(*_READ, "NOT_FOUND"),
)
def show_task(chain_id: ChainId, task_id: NodeId, caller: Viewer, services: Parts) -> Response:
    """Show a task of the newest run: its attempts, result, and who learns what by it."""
    with services.database.reading() as connection:
        row = views.find_chain(connection, chain_id)
        run_id = None if row is None else row.celery_chain_id
        node = None if run_id is None else views.find_node(connection, run_id, task_id)
        if node is None or run_id is None:
            raise NotFound(
                f"the newest run of chain {chain_id} has no task {task_id}",
                hint=f"A sweep's are counted: {task_id.partition('[')[0]}[0], and so on.",
            )
        attempts = views.list_attempts(connection, run_id, task_id)
    return answer(
        TaskAnswer(
            **task_of(node),
            attempts=attempts_of(attempts),
            disclosure=disclosure_of(node.task_type),
        )
    )


def disclosure_of(task_type: str) -> list[dict[str, Any]]:
    """Return who learns what by a task of this type."""
    word, _, version = task_type.partition("@")
    try:
        kind = TaskDispatcher.find(word, int(version) if version else None)
    except UnknownTask:  # of a plugin that is no longer installed
        return []
    lines: list[dict[str, Any]] = kind.describe()["disclosure"]
    return lines
