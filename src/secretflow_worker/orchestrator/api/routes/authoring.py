"""Chains written: created, edited as new versions, compared, rolled back, copied, carried over."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field, RootModel, StringConstraints

from secretflow_worker.contract.chain import ChainStatus, ChainType
from secretflow_worker.orchestrator.api.answers import Answer, answer, iso
from secretflow_worker.orchestrator.api.authored import (
    EXAMPLE,
    IfMatch,
    changing,
    created,
    refuse_others,
    takes_document,
    version_of,
)
from secretflow_worker.orchestrator.api.bodies import DocumentBody, YamlBody
from secretflow_worker.orchestrator.api.callers import Operator, Parts, Viewer
from secretflow_worker.orchestrator.api.chain_answers import ChainId, IdempotencyKey
from secretflow_worker.orchestrator.api.problems import problems
from secretflow_worker.orchestrator.api.routes.auth import Given
from secretflow_worker.orchestrator.api.services import Services
from secretflow_worker.orchestrator.errors import NotFound
from secretflow_worker.orchestrator.services.chains import check
from secretflow_worker.orchestrator.services.dry_run import DryRun, dry_run
from secretflow_worker.orchestrator.services.estimate import Experience
from secretflow_worker.orchestrator.services.yaml_documents import read_yaml
from secretflow_worker.orchestrator.store import views

router = APIRouter(prefix="/chains", tags=["chains"])
_READ = ("CONFIG_INVALID", "UNAUTHENTICATED", "FORBIDDEN")
_WRITE = (*_READ, "BAD_REQUEST", "TOO_LARGE", "MEDIA_TYPE_UNKNOWN")
_DOCUMENT = {"$ref": "#/components/schemas/ChainDocument"}
_Note = Annotated[
    str | None,
    Query(
        pattern=r"^[^\x00-\x1f\x7f]{1,255}$",
        description="What the version is for; shown in the list of versions.",
        examples=["more epochs"],
    ),
]
_Name = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,255}$")]


class CreateAnswer(Answer):
    chain_id: str = Field(examples=["c-0a1b2c"])
    chain_name: str
    chain_type: ChainType
    total_tasks: int
    status: ChainStatus
    created_at: str
    version: int


class VersionAnswer(Answer):
    chain_id: str
    version: int = Field(examples=[2])


class VersionLine(Answer):
    version: int
    created_at: str
    created_by: str
    note: str | None


class VersionList(Answer):
    items: list[VersionLine]


class ChangeAnswer(Answer):
    """One difference between two versions."""

    path: str = Field(examples=["tasks.lr.task_params.task_config.epochs"])
    kind: str = Field(examples=["changed"])
    before: Any = None
    after: Any = None


class Diff(Answer):
    items: list[ChangeAnswer]


class Rollback(Given):
    version: int = Field(ge=1, le=2**31 - 1, examples=[1])


class Clone(Given):
    chain_name: _Name | None = None


@router.post(
    "", response_model=CreateAnswer, openapi_extra=takes_document(), include_in_schema=False
)
@router.post(
    "/",
    response_model=CreateAnswer,
    responses=problems(*_WRITE, "KEY_REUSED"),
    openapi_extra=takes_document(EXAMPLE),
)
def create_chain(
    caller: Operator,
    services: Parts,
    document: DocumentBody,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Keep a new chain. Every fault of its document is listed at once."""

    asked = (caller.name, "create", idempotency_key, document)
    given = services.idempotency.answered(*asked)
    if given is None:
        checked = check(document)  # before the transaction: a large one takes seconds

        def create() -> dict[str, Any]:
            chain_id = services.chains.create(checked, by=caller.name)
            created(services, caller, chain_id)
            return shown_of(services, chain_id)

        given = services.idempotency.once(*asked, create)
    return located(CreateAnswer(**given.answer))


@router.post(
    "/dry-run",
    response_model=DryRun,
    responses=problems(*_WRITE, "NOT_READY"),
    openapi_extra=takes_document(EXAMPLE),
)
def try_chain(
    caller: Viewer,
    services: Parts,
    document: DocumentBody,
    inputs: Annotated[
        bool, Query(description="Also ask the parties whether the input tables are there.")
    ] = False,
) -> Response:
    """Say what a chain would run, who would learn what, and how long it would take.

    Nothing is kept and nothing runs. Faults are in the answer, not an error.
    """
    parties = services.parties if inputs else None
    return answer(RootModel[DryRun](dry_run(document, Experience(services.database), parties)))


@router.post(
    "/import",
    response_model=CreateAnswer,
    responses=problems(*_WRITE),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/yaml": {"schema": _DOCUMENT}},
        }
    },
)
def import_chain(caller: Operator, services: Parts, text: YamlBody) -> Response:
    """Keep the chain of a YAML document, such as ``export`` gives."""
    checked = check(read_yaml(text))
    with services.database.transaction():
        chain_id = services.chains.create(checked, by=caller.name)
        created(services, caller, chain_id)
        shown = shown_of(services, chain_id)
    return located(CreateAnswer(**shown))


@router.get(
    "/{chain_id}/export",
    responses={
        **problems(*_READ, "NOT_FOUND"),
        200: {"content": {"application/yaml": {"schema": _DOCUMENT}}},
    },
    response_class=Response,
)
def export_chain(
    chain_id: ChainId,
    caller: Viewer,
    services: Parts,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> Response:
    """Return a chain as YAML, which can be imported again."""
    text = services.chains.export_yaml(chain_id, version)
    headers = {"Content-Disposition": f'attachment; filename="{chain_id}.yaml"'}
    return Response(text, media_type="application/yaml", headers=headers)


@router.put(
    "/{chain_id}",
    response_model=VersionAnswer,
    responses=problems(*_WRITE, "NOT_FOUND", "CONFLICT", "STALE_VERSION", "VERSION_REQUIRED"),
    openapi_extra=takes_document(EXAMPLE),
)
def edit_chain(
    chain_id: ChainId,
    caller: Operator,
    services: Parts,
    document: DocumentBody,
    if_match: IfMatch = None,
    note: _Note = None,
) -> Response:
    """Keep a document as the chain's next version, while no run of it is under way."""
    expected = version_of(if_match)
    refuse_others(services, caller, chain_id)
    checked = check(document)
    with changing(services, caller, chain_id, "edit"):
        version = services.chains.update(
            chain_id, checked, by=caller.name, expected_version=expected, note=note
        )
    return _versioned(chain_id, version)


@router.get(
    "/{chain_id}/versions", response_model=VersionList, responses=problems(*_READ, "NOT_FOUND")
)
def list_versions(chain_id: ChainId, caller: Viewer, services: Parts) -> Response:
    """List a chain's versions, newest first."""
    items = [
        VersionLine(
            version=line.version, created_at=iso(line.at), created_by=line.by, note=line.note
        )
        for line in services.chains.versions(chain_id)
    ]
    return answer(VersionList(items=items))


@router.get(
    "/{chain_id}/versions/{version}",
    responses={
        **problems(*_READ, "NOT_FOUND"),
        200: {"content": {"application/json": {"schema": _DOCUMENT}}},
    },
    response_class=Response,
)
def show_version(
    chain_id: ChainId,
    version: Annotated[int, Path(ge=1, le=2**31 - 1)],
    caller: Viewer,
    services: Parts,
) -> Response:
    """Return a version's document as it was given."""
    document = services.chains.document(chain_id, version)
    return answer(RootModel[dict[str, Any]](document), headers={"ETag": f'"{version}"'})


@router.get("/{chain_id}/diff", response_model=Diff, responses=problems(*_READ, "NOT_FOUND"))
def diff_chain(
    chain_id: ChainId,
    caller: Viewer,
    services: Parts,
    before: Annotated[int, Query(alias="from", ge=1, le=2**31 - 1)],
    after: Annotated[int, Query(alias="to", ge=1, le=2**31 - 1)],
) -> Response:
    """Return what differs between two versions; tasks are compared by their ids."""
    changes = services.chains.diff(chain_id, before, after)
    return answer(Diff(items=[ChangeAnswer(**vars(change)) for change in changes]))


@router.post(
    "/{chain_id}/rollback",
    response_model=VersionAnswer,
    responses=problems(
        *_READ, "TOO_LARGE", "NOT_FOUND", "CONFLICT", "STALE_VERSION", "VERSION_REQUIRED"
    ),
)
def roll_back(
    chain_id: ChainId,
    given: Rollback,
    caller: Operator,
    services: Parts,
    if_match: IfMatch = None,
) -> Response:
    """Keep an earlier version's document as the next version."""
    expected = version_of(if_match)
    refuse_others(services, caller, chain_id)
    checked = services.chains.earlier(chain_id, given.version)
    with changing(services, caller, chain_id, "rollback", to=given.version):
        version = services.chains.rollback(
            chain_id, given.version, by=caller.name, expected_version=expected, checked=checked
        )
    return _versioned(chain_id, version)


@router.post(
    "/{chain_id}/clone",
    response_model=CreateAnswer,
    responses=problems(*_READ, "TOO_LARGE", "NOT_FOUND"),
)
def clone_chain(
    chain_id: ChainId, caller: Operator, services: Parts, given: Clone | None = None
) -> Response:
    """Keep a copy of the newest version as a new chain of the caller's own."""
    name = given.chain_name if given is not None else None
    checked = services.chains.copy_of(chain_id, name)
    with services.database.transaction():
        copy = services.chains.clone(chain_id, by=caller.name, checked=checked)
        created(services, caller, copy)
        shown = shown_of(services, copy)
    return located(CreateAnswer(**shown))


def shown_of(services: Services, chain_id: str) -> dict[str, Any]:
    """Return what is answered of a chain that was just made."""
    with services.database.reading() as connection:
        row = views.find_chain(connection, chain_id)
    if row is None:
        raise NotFound(f"there is no chain {chain_id}")
    names = ("chain_id", "chain_name", "chain_type", "total_tasks", "status", "version")
    found = {name: getattr(row, name) for name in names}
    return {**found, "created_at": iso(row.created_at)}


def located(shown: CreateAnswer) -> Response:
    """Return the answer to who made a chain, with its place."""
    headers = {"Location": f"/api/v1/chains/{shown.chain_id}", "ETag": f'"{shown.version}"'}
    return answer(shown, headers=headers)


def _versioned(chain_id: str, version: int) -> Response:
    shown = VersionAnswer(chain_id=chain_id, version=version)
    return answer(shown, headers={"ETag": f'"{version}"'})
