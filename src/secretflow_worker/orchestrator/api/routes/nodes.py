"""The workers that are there, and the tables that their parties share."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from secretflow_worker.contract.asks import MOST_ITEMS, FilesAsk, new_ask_id
from secretflow_worker.contract.nodes import Node
from secretflow_worker.orchestrator.api.answers import answer
from secretflow_worker.orchestrator.api.callers import Parts, Viewer
from secretflow_worker.orchestrator.api.party_answers import (
    FileList,
    NodeList,
    PartyQuery,
    Silence,
)
from secretflow_worker.orchestrator.api.problems import problems
from secretflow_worker.orchestrator.errors import NotFound
from secretflow_worker.orchestrator.services.parties import Heard

router = APIRouter(tags=["parties"])
_READ = ("CONFIG_INVALID", "UNAUTHENTICATED", "FORBIDDEN", "NOT_READY")


@router.get(
    "/nodes",
    response_model=NodeList,
    responses=problems("UNAUTHENTICATED", "FORBIDDEN", "NOT_READY"),
)
def list_nodes(caller: Viewer, services: Parts) -> Response:
    """List the workers that have said within seconds that they are there."""
    return answer(NodeList(items=services.parties.nodes()))


@router.get("/nodes/{name}", response_model=Node, responses=problems(*_READ, "NOT_FOUND"))
def show_node(
    name: Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", examples=["alice-1"])],
    caller: Viewer,
    services: Parts,
) -> Response:
    """Show one worker, by its id or its name."""
    nodes = services.parties.nodes()
    for node in (*(n for n in nodes if n.worker_id == name), *(n for n in nodes if n.name == name)):
        return answer(node)
    raise NotFound(f"no worker {name} is there", hint="GET /api/v1/nodes lists them.")


@router.get("/files", response_model=FileList, responses=problems(*_READ))
def list_files(
    caller: Viewer,
    services: Parts,
    party: PartyQuery,
    prefix: Annotated[
        str | None,
        Query(
            pattern=r"^/[A-Za-z0-9._/-]{0,1023}$",
            description="How the paths begin.",
            examples=["/app/data/"],
        ),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ITEMS)] = 200,
) -> Response:
    """List a party's tables with their columns and row counts, as far as its policy shares them."""
    ask = FilesAsk(ask_id=new_ask_id(), party=party, prefix=prefix, limit=limit)
    heard = services.parties.ask(ask)
    told = [one.files for one in heard.answers if one.files is not None]
    # Workers of local mode may have the same data root: a table is told once.
    tables = {table.path: table for files in reversed(told) for table in files.tables}
    listed = sorted(tables.values(), key=lambda table: table.path)
    return answer(
        FileList(
            party=party,
            tables=listed[:limit],
            is_cut=len(listed) > limit or any(files.is_cut for files in told),
            silence=silence_of(heard),
        )
    )


def silence_of(heard: Heard) -> Silence | None:
    """Return why a party told nothing, or None where it did."""
    return None if heard.answers else Silence(code=heard.code, message=heard.note)
