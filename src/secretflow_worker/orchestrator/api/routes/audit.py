"""The audit log, for admins: who did what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from secretflow_worker.orchestrator.api.answers import Answer, answer
from secretflow_worker.orchestrator.api.callers import Admin, Parts
from secretflow_worker.orchestrator.api.problems import problems
from secretflow_worker.orchestrator.store import audit

router = APIRouter(prefix="/audit", tags=["audit"])
_LINES = "application/x-ndjson"


class RecordAnswer(Answer):
    seq: int = Field(examples=[7])
    at: str = Field(examples=["2025-01-01T12:00:00.000000Z"])
    who: str = Field(description="`-` is the orchestrator itself.", examples=["admin"])
    event: str = Field(examples=["chain.execute"])
    facts: dict[str, Any] = Field(examples=[{"chain": "c-0a1b"}])
    prev: str
    hash: str


class RecordList(Answer):
    items: list[RecordAnswer]
    next_before: int | None = Field(description="`before` of the next page; null at the end.")


class VerdictAnswer(Answer):
    records: int
    is_intact: bool
    broken_at: int | None = Field(description="The first record that is changed or missing.")
    head: str = Field(
        description="Count and last hash; kept elsewhere, it shows a log that was written anew.",
        examples=["7:9f86d081"],
    )


@router.get(
    "",
    response_model=RecordList,
    responses=problems("CONFIG_INVALID", "UNAUTHENTICATED", "FORBIDDEN"),
)
def list_records(
    caller: Admin,
    services: Parts,
    before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    who: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9._@-]{1,64}$")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """List records, newest first."""
    with services.database.reading() as connection:
        found = audit.read(connection, before=before, who=who, limit=limit)
    items = [RecordAnswer(**vars(record)) for record in found]
    next_before = items[-1].seq if len(items) == limit and items[-1].seq > 1 else None
    return answer(RecordList(items=items, next_before=next_before))


@router.get(
    "/verify",
    response_model=VerdictAnswer,
    responses=problems("UNAUTHENTICATED", "FORBIDDEN"),
)
def verify(caller: Admin, services: Parts) -> Response:
    """Compute every record's hash again, and say whether all are there and unchanged."""
    with services.database.reading() as connection:
        verdict = audit.verify(connection)
        head = audit.head_of(connection)
    return answer(
        VerdictAnswer(
            records=verdict.records,
            is_intact=verdict.broken_at is None,
            broken_at=verdict.broken_at,
            head=f"{head.records}:{head.hash}",
        )
    )


@router.get(
    "/export",
    responses={
        **problems("CONFIG_INVALID", "UNAUTHENTICATED", "FORBIDDEN"),
        200: {"content": {_LINES: {"schema": {"type": "string"}}}},
    },
    response_class=StreamingResponse,
)
def export(
    caller: Admin, services: Parts, after: Annotated[int, Query(ge=0, le=2**53)] = 0
) -> Response:
    """Return the records after a number as lines of JSON, oldest first."""

    def lines() -> Iterator[str]:
        with services.database.reading() as connection:
            for record in audit.read_on(connection, after):
                yield f"{record.line()}\n"

    headers = {"Content-Disposition": 'attachment; filename="audit.jsonl"'}
    return StreamingResponse(lines(), media_type=_LINES, headers=headers)
