"""What parties tell of themselves, as it is answered: never a row of a table."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from pydantic import Field

from secretflow_worker.contract.asks import LogLine, Table
from secretflow_worker.contract.nodes import Node
from secretflow_worker.orchestrator.api.answers import Answer

PARTY_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
PartyQuery = Annotated[str, Query(pattern=PARTY_PATTERN, examples=["alice"])]


class NodeList(Answer):
    items: list[Node]


class Silence(Answer):
    """Why a party told nothing."""

    code: str = Field(examples=["POLICY_REFUSED"])
    message: str = Field(examples=["party bob does not share its tables"])


class FileList(Answer):
    """The tables of one party. With a `silence` there are none to tell of."""

    party: str = Field(examples=["alice"])
    tables: list[Table]
    is_cut: bool = Field(description="There are more than the limit.")
    silence: Silence | None


class PartyLogs(Answer):
    """What one party logged of an execution, oldest first."""

    party: str = Field(examples=["alice"])
    lines: list[LogLine]
    is_cut: bool = Field(description="Older lines were left out.")
    silence: Silence | None


class PartyReport(Answer):
    """First figures and charts of a report that one party has, or why it tells nothing of it."""

    party: str = Field(examples=["alice"])
    path: str
    report: dict[str, Any] | None
    silence: Silence | None


class TaskReports(Answer):
    """The reports of one attempt; a task type that writes none has none."""

    execution_id: str | None = Field(description="None: the task has not run.")
    parties: list[PartyReport]


class TaskLogs(Answer):
    """The logs of one attempt, by party."""

    execution_id: str | None = Field(description="None: the task has not run.")
    parties: list[PartyLogs]
