"""A chain's runs, and what was disclosed by them, as they are answered."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from sqlalchemy import Row

from secretflow_worker.contract.chain import ChainStatus
from secretflow_worker.contract.errors import ErrorReport
from secretflow_worker.orchestrator.api.answers import Answer, iso
from secretflow_worker.orchestrator.api.chain_answers import TaskLine


class RunLine(Answer):
    """A run of a chain; `number` counts the chain's runs from 1."""

    run_id: str = Field(examples=["r-0a1b2c"])
    number: int
    version: int = Field(description="Of the chain's document.")
    status: ChainStatus
    created_at: str
    started_by: str
    started_at: str | None
    ended_at: str | None
    error: ErrorReport | None = Field(description="Why it ended badly.")


class RunList(Answer):
    items: list[RunLine] = Field(description="Newest first.")


class RunAnswer(RunLine):
    """A run and its tasks, in their order."""

    chain_id: str = Field(examples=["c-0a1b2c"])
    chain_name: str
    tasks: list[TaskLine]


class DisclosedLine(Answer):
    """A fact that a task which succeeded has disclosed: to whom, what, about whose data."""

    to: str
    what: str
    about: str
    at: str | None
    chain_id: str
    chain_name: str
    run_id: str
    task_id: str
    task_type: str


class DisclosedList(Answer):
    items: list[DisclosedLine] = Field(description="Newest first.")
    is_cut: bool = Field(description="Whether older tasks have disclosed more.")


def run_of(row: Row[Any]) -> dict[str, Any]:
    """Return the fields of a run's row as they are answered."""
    found = {name: getattr(row, name) for name in RunLine.model_fields}
    times = [name for name in found if name.endswith("_at")]
    return {**found, **{name: iso(found[name]) for name in times}}
