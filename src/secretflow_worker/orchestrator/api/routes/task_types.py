"""The task types that chains may use, from the types' own files."""

from __future__ import annotations

import gzip
from functools import lru_cache
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import ConfigDict, Field

from secretflow_worker.orchestrator.api.answers import Answer, answer
from secretflow_worker.orchestrator.api.callers import Viewer
from secretflow_worker.orchestrator.api.codings import taken
from secretflow_worker.orchestrator.api.problems import problems
from secretflow_worker.orchestrator.errors import NotFound
from secretflow_worker.tasks import FieldUse, TaskDispatcher

router = APIRouter(prefix="/tasks", tags=["task types"])


class TypeAnswer(Answer):
    """A task type as it describes itself."""

    model_config = ConfigDict(extra="allow")

    name: str = Field(examples=["psi"])
    version: int = Field(examples=[1])
    group: str
    summary: str
    aliases: list[str]
    parties: list[int] = Field(description="How few and how many it runs among.", examples=[[2, 3]])
    devices: list[str]
    config_schema: dict[str, Any] = Field(description="JSON Schema of `task_config`.")
    fields: list[FieldUse] = Field(
        description="Of the config's fields: files taken and given, columns and parties named."
    )
    result_schema: dict[str, Any] = Field(description="JSON Schema of the result.")
    disclosure: list[dict[str, Any]] = Field(description="Who learns what.")


class TypeList(Answer):
    items: list[TypeAnswer]


@router.get(
    "",
    response_model=TypeList,
    responses=problems("CONFIG_INVALID", "UNAUTHENTICATED", "FORBIDDEN"),
)
def list_types(
    request: Request,
    caller: Viewer,
    group: Annotated[str | None, Query(pattern=r"^[A-Za-z_ ]{1,40}$", examples=["Prepare"])] = None,
) -> Response:
    """List the task types, with the JSON Schemas of their configs and results."""
    headers = {"Vary": "Accept-Encoding"}
    plain, compressed = _listed(group)
    if "gzip" not in taken(request):
        return Response(plain, media_type="application/json", headers=headers)
    headers["Content-Encoding"] = "gzip"
    return Response(compressed, media_type="application/json", headers=headers)


@router.get(
    "/{name}",
    response_model=TypeAnswer,
    responses=problems("CONFIG_INVALID", "UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND"),
)
def show_type(
    name: Annotated[str, Path(pattern=r"^[A-Za-z0-9_.@-]{1,80}$", examples=["psi"])],
    caller: Viewer,
) -> Response:
    """Show one task type: ``psi``, or one version of it, ``psi@1``."""
    word, _, version = name.partition("@")
    for kind in reversed(_described()):
        if (word == kind.name or word in kind.aliases) and version in ("", str(kind.version)):
            return answer(kind)
    raise NotFound(f"there is no task type {name}", hint="GET /api/v1/tasks lists them.")


@lru_cache(maxsize=1)
def _described() -> tuple[TypeAnswer, ...]:
    found = [TypeAnswer(**kind.describe()) for kind in TaskDispatcher.all()]
    return tuple(sorted(found, key=lambda kind: (kind.name, kind.version)))


@lru_cache(maxsize=16)
def _listed(group: str | None) -> tuple[bytes, bytes]:
    """Return the list as it is sent, and compressed: it is long, and the same until the restart."""
    found = [kind for kind in _described() if group in (None, kind.group)]
    plain = bytes(answer(TypeList(items=found)).body)
    return plain, gzip.compress(plain, mtime=0)
