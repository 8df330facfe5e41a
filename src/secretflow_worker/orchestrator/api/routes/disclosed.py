"""What was disclosed, ever: to whom, by which chain, which fact."""

from __future__ import annotations

from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query, Response

from secretflow_worker.orchestrator.api.answers import answer, iso
from secretflow_worker.orchestrator.api.callers import Parts, Viewer
from secretflow_worker.orchestrator.api.problems import problems
from secretflow_worker.orchestrator.api.run_answers import DisclosedLine, DisclosedList
from secretflow_worker.orchestrator.store.disclosed import list_disclosed

router = APIRouter(tags=["parties"])


@router.get(
    "/disclosed",
    response_model=DisclosedList,
    responses=problems("CONFIG_INVALID", "UNAUTHENTICATED", "FORBIDDEN"),
)
def list_disclosures(
    caller: Viewer,
    services: Parts,
    chain_id: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")] = None,
    limit: Annotated[int, Query(ge=1, le=2_000)] = 500,
) -> Response:
    """List what tasks that succeeded have disclosed, newest first."""
    with services.database.reading() as connection:
        found = list(islice(list_disclosed(connection, chain_id), limit + 1))
    items = [DisclosedLine(**{**fact._asdict(), "at": iso(fact.at)}) for fact in found[:limit]]
    return answer(DisclosedList(items=items, is_cut=len(found) > limit))
