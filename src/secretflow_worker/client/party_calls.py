"""The calls about what parties and their workers tell, as far as each shares it."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import quote

from pydantic import Field

from secretflow_worker.client.answers import Answer
from secretflow_worker.client.calls import Call, get, items_of, reads
from secretflow_worker.contract.asks import LogLine, SavedAnswer, Table
from secretflow_worker.contract.nodes import Node


class Silence(Answer):
    """Why a party told nothing."""

    code: str
    message: str


class Files(Answer):
    """The tables of one party; with a `silence` there are none to tell of."""

    party: str
    tables: list[Table]
    is_cut: bool
    silence: Silence | None


class PartyLogs(Answer):
    """What one party logged of a task, oldest first."""

    party: str
    lines: list[LogLine]
    is_cut: bool
    silence: Silence | None


class Logs(Answer):
    """The logs of one attempt of a task, by party; None: it has not run."""

    execution_id: str | None
    parties: list[PartyLogs]


class ModelLine(Answer):
    """A model, or a rules file: what made it, and who holds which part of it where."""

    model_id: str
    kind: Literal["model", "rules"]
    task_type: str
    task_version: int
    chain_id: str
    run_id: str
    task_id: str
    execution_id: str
    parties: list[str]
    holders: dict[str, str]
    parameters: dict[str, Any]
    created_at: str
    created_by: str


class ModelPage(Answer):
    items: list[ModelLine]
    total: int
    page: int
    page_size: int


class Holder(Answer):
    """What one holder's file says of itself now."""

    party: str
    path: str
    saved: SavedAnswer | None
    silence: Silence | None


class Model(ModelLine):
    """A model with its lineage: keyed fingerprints of what it was made of, by party and path."""

    inputs: dict[str, dict[str, str | None]] = Field(default_factory=dict)
    outputs: dict[str, dict[str, str | None]] = Field(default_factory=dict)
    held: list[Holder]


def list_nodes() -> Call[list[Node]]:
    """Return the workers that are there."""
    return get("/nodes", items_of(Node))


def show_node(name: str) -> Call[Node]:
    """Return one worker, by its id or its name."""
    return get(f"/nodes/{quote(name, safe='')}", reads(Node))


def list_files(party: str, *, prefix: str | None = None, limit: int = 200) -> Call[Files]:
    """Return a party's tables with their columns and row counts; never values."""
    return get("/files", reads(Files), party=party, prefix=prefix, limit=limit)


def list_models(
    *,
    kind: Literal["model", "rules"] | None = None,
    task_type: str | None = None,
    chain_id: str | None = None,
    page: int = 1,
    page_size: int = 20,
) -> Call[ModelPage]:
    """Return the models and rules files that runs have made, newest first."""
    return get(
        "/models", reads(ModelPage), kind=kind, task_type=task_type, chain_id=chain_id,
        page=page, page_size=page_size,
    )  # fmt: skip


def show_model(model_id: str) -> Call[Model]:
    """Return a model's lineage, and what its holders have now."""
    return get(f"/models/{quote(model_id, safe='')}", reads(Model))


def logs(
    chain_id: str,
    node_id: str,
    *,
    party: str | None = None,
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO",
    attempt: int | None = None,
    limit: int = 200,
) -> Call[Logs]:
    """Return what each party logged of a task of the newest run, its newest attempt or another."""
    place = f"/chains/{quote(chain_id, safe='')}/tasks/{quote(node_id, safe='')}"
    return get(
        f"{place}/logs", reads(Logs), party=party, level=level, attempt=attempt, limit=limit
    )  # fmt: skip
