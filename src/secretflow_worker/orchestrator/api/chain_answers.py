"""Chains and their tasks as they are answered; document 4's fields keep their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from fastapi import Header, Path, Query
from pydantic import Field
from sqlalchemy import Row

from secretflow_worker.contract.chain import ChainStatus, ChainType, NodeStatus, SkipReason
from secretflow_worker.contract.errors import ErrorReport
from secretflow_worker.orchestrator.api.answers import Answer, iso

ChainId = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", examples=["c-0a1b2c"])]
NodeId = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}(\[[0-9]{1,4}\])?$", examples=["lr[2]"])
]
OlderRun = Annotated[
    str | None,
    Query(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="Not the newest run."),
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        pattern=r"^[\x21-\x7e]{1,200}$",
        description="A word of the caller's choice: the same call with it is done once.",
        examples=["7f1c2d"],
    ),
]


class ChainLine(Answer):
    """A chain in a list."""

    chain_id: str = Field(examples=["c-0a1b2c"])
    chain_name: str
    chain_type: ChainType
    description: str | None
    version: int
    status: ChainStatus
    celery_chain_id: str | None = Field(description="The newest run.")
    total_tasks: int
    completed_tasks: int
    failed_tasks: int
    progress: float = Field(description="In per cent of the tasks.", examples=[62.5])
    error_code: str | None = Field(
        default=None, description="Why the newest run ended badly.", examples=["PEER_LOST"]
    )
    created_at: str
    created_by: str
    started_at: str | None
    completed_at: str | None
    updated_at: str


class ChainList(Answer):
    items: list[ChainLine]
    total: int
    page: int
    page_size: int


class TaskLine(Answer):
    """A task of the newest run; the node of a sweep is ``lr[2]``."""

    task_id: str
    node_id: str
    task_request_id: str | None = Field(description="The newest attempt's execution_id.")
    task_name: str
    task_type: str
    execution_mode: str | None
    depends_on: list[str]
    is_callback: bool
    celery_task_id: str | None
    status: NodeStatus
    execution_order: int
    priority: int
    attempt: int
    progress: float
    created_at: str
    queued_at: str | None
    started_at: str | None
    completed_at: str | None
    retry_at: str | None
    updated_at: str
    result: Any = None
    error: ErrorReport | None = None
    reused_from: str | None = Field(
        default=None, description="The earlier execution whose success was taken over."
    )
    skip_reason: SkipReason | None = Field(
        default=None, description="The field of the chain by which a skipped task was skipped."
    )


class ChainAnswer(ChainLine):
    """A chain and the tasks of its newest run; without a run there are none yet."""

    error: ErrorReport | None = Field(description="Why the newest run ended badly.")
    tasks: list[TaskLine]


class Attempt(Answer):
    execution_id: str
    attempt: int
    status: NodeStatus
    parties: list[str]
    dispatched_at: str
    heard_at: str | None
    ended_at: str | None
    outcomes: dict[str, Any] | None = Field(description="What each party reported at its end.")
    request: dict[str, Any] = Field(description="What the workers were sent, but for the ids.")


class TaskAnswer(TaskLine):
    """One task with its attempts, oldest first, and who learns what by its type."""

    attempts: list[Attempt]
    disclosure: list[dict[str, Any]]


class DeedAnswer(Answer):
    """What was done to a chain."""

    chain_id: str = Field(examples=["c-0a1b2c"])
    celery_chain_id: str | None = Field(description="The run.", examples=["r-0a1b2c"])
    status: ChainStatus
    at: str


class ExecuteAnswer(Answer):
    chain_id: str = Field(examples=["c-0a1b2c"])
    celery_chain_id: str = Field(examples=["r-0a1b2c"])
    status: ChainStatus
    started_at: str


class CancelAnswer(Answer):
    chain_id: str = Field(examples=["c-0a1b2c"])
    status: ChainStatus
    cancelled_at: str


def line_of(row: Row[Any], error: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the fields of a chain's row, and its newest run's error, as they are answered."""
    done = row.completed_tasks / row.total_tasks * 100 if row.total_tasks else 0.0
    found = {name: getattr(row, name, None) for name in ChainLine.model_fields}
    times = ("created_at", "started_at", "completed_at", "updated_at")
    code = None if error is None else error.get("code")
    return {
        **found,
        "progress": round(done, 2),
        "error_code": code,
        **{name: iso(found[name]) for name in times},
    }


def task_of(row: Row[Any]) -> dict[str, Any]:
    """Return the fields of a task's row as they are answered."""
    found = {name: getattr(row, name) for name in TaskLine.model_fields}
    times = [name for name in found if name.endswith("_at")]
    return {**found, **{name: iso(found[name]) for name in times}}


def attempts_of(rows: Iterable[Row[Any]]) -> list[Attempt]:
    """Return attempts as they are answered."""
    return [
        Attempt(
            execution_id=row.execution_id,
            attempt=row.attempt,
            status=NodeStatus(row.status),
            parties=row.parties,
            dispatched_at=iso(row.dispatched_at),
            heard_at=iso(row.heard_at),
            ended_at=iso(row.ended_at),
            outcomes=row.outcomes,
            request=row.request,
        )
        for row in rows
    ]
