"""Models and rules files that runs have made, with where they came from and who holds them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field
from sqlalchemy import Row

from secretflow_worker.contract.asks import (
    AnyAsk,
    FingerprintsAsk,
    ModelAsk,
    SavedAnswer,
    new_ask_id,
)
from secretflow_worker.orchestrator.api.answers import Answer, answer, iso
from secretflow_worker.orchestrator.api.callers import Parts, Viewer
from secretflow_worker.orchestrator.api.party_answers import Silence
from secretflow_worker.orchestrator.api.problems import problems
from secretflow_worker.orchestrator.api.routes.nodes import silence_of
from secretflow_worker.orchestrator.errors import NotFound
from secretflow_worker.orchestrator.services.parties import Heard
from secretflow_worker.orchestrator.store import models

router = APIRouter(prefix="/models", tags=["parties"])
_READ = ("CONFIG_INVALID", "UNAUTHENTICATED", "FORBIDDEN")
_ID = r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,79}$"


class ModelLine(Answer):
    """A model, or a rules file: what made it, of what, and for whom."""

    model_id: str = Field(examples=["m-0a1b2c"])
    kind: Literal["model", "rules"]
    task_type: str = Field(examples=["ss_lr"])
    task_version: int
    chain_id: str
    run_id: str
    task_id: str = Field(description="The node of the run.", examples=["lr[2]"])
    execution_id: str
    parties: list[str]
    holders: dict[str, str] = Field(description="By party, where its share or file lies.")
    parameters: dict[str, Any] = Field(description="What was asked for, but for the files.")
    created_at: str
    created_by: str


class ModelList(Answer):
    items: list[ModelLine]
    total: int
    page: int
    page_size: int


class Holder(Answer):
    """What one holder's file says of itself now."""

    party: str
    path: str
    is_unchanged: bool | None = Field(
        description="Whether it is still what the run made; null where that is not known."
    )
    saved: SavedAnswer | None
    silence: Silence | None


class ModelAnswer(ModelLine):
    """A model with its lineage, and what its holders tell of it now."""

    inputs: dict[str, dict[str, str | None]] = Field(
        description="By party, keyed fingerprints of the files that it was made of."
    )
    outputs: dict[str, dict[str, str | None]] = Field(description="The same of its own files.")
    held: list[Holder]


@router.get("", response_model=ModelList, responses=problems(*_READ))
def list_models(
    caller: Viewer,
    services: Parts,
    kind: Literal["model", "rules"] | None = None,
    task_type: Annotated[str | None, Query(pattern=_ID, examples=["ss_lr"])] = None,
    chain_id: Annotated[str | None, Query(pattern=_ID)] = None,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    page_size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Response:
    """List the models and rules files that runs have made, newest first."""
    filters = models.Filters(kind, task_type, chain_id)
    with services.database.reading() as connection:
        rows, total = models.list_models(connection, filters, page, page_size)
    items = [ModelLine(**_fields_of(row)) for row in rows]
    return answer(ModelList(items=items, total=total, page=page, page_size=page_size))


@router.get(
    "/{model_id}",
    response_model=ModelAnswer,
    responses=problems(*_READ, "NOT_FOUND", "NOT_READY"),
)
def show_model(
    model_id: Annotated[str, Path(pattern=_ID, examples=["m-0a1b2c"])],
    caller: Viewer,
    services: Parts,
) -> Response:
    """Show a model's lineage, and ask its holders what they have; they tell no parameter."""
    with services.database.reading() as connection:
        row = models.find_model(connection, model_id)
    if row is None:
        raise NotFound(f"there is no model {model_id}", hint="GET /api/v1/models lists them.")
    holders = sorted(row.holders.items())
    asks: list[AnyAsk] = [
        ModelAsk(ask_id=new_ask_id(), party=party, path=path) for party, path in holders
    ]
    asks += [
        FingerprintsAsk(ask_id=new_ask_id(), party=party, paths=[path]) for party, path in holders
    ]
    heard = services.parties.ask_all(asks) if asks else []
    described, printed = heard[: len(holders)], heard[len(holders) :]
    held = [_holder(row, *each) for each in zip(described, printed, strict=True)]
    return answer(ModelAnswer(**_fields_of(row), inputs=row.inputs, outputs=row.outputs, held=held))


def _fields_of(row: Row[Any]) -> dict[str, Any]:
    own = {name: getattr(row, name) for name in ModelLine.model_fields if name != "task_id"}
    return {**own, "task_id": row.node_id, "created_at": iso(row.created_at)}


def _holder(row: Row[Any], described: Heard, printed: Heard) -> Holder:
    party = described.party
    path = row.holders[party]
    saved = next((one.model for one in described.answers if one.model is not None), None)
    now = {
        one.fingerprints.prints[path]
        for one in printed.answers
        if one.fingerprints is not None and path in one.fingerprints.prints
    }
    then = row.outputs.get(party, {}).get(path)
    return Holder(
        party=party,
        path=path,
        is_unchanged=then in now if then is not None and now else None,
        saved=saved,
        silence=silence_of(described),
    )
