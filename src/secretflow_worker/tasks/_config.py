"""The models that a task type is described by: its config, each party's report, its result.

A config says with its field types which files it touches: ``PartyInputs`` and the like are
``{party: path}`` maps that the engine checks at each party, before anything starts, against
that party's data root (contract, section 9). ``ColumnUse`` and ``Receives`` say the same of
columns and of receivers, for each party's policy::

    columns: Annotated[ColumnChoice | None, ColumnUse.LOCAL] = Field(default=None, ...)
    receiver: Annotated[PartyName, Receives.PREDICTIONS] = Field(...)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from secretflow_worker.contract.names import ColumnName, FilePath, PartyName


class FileRole(str, Enum):
    INPUT_TABLE = "input table"
    OUTPUT_TABLE = "output table"
    INPUT_MODEL = "input model"
    OUTPUT_MODEL = "output model"
    INPUT_RULES = "input rules"
    OUTPUT_RULES = "output rules"
    OUTPUT_REPORT = "output report"

    @property
    def is_input(self) -> bool:
        return self.value.startswith("input")


PartyInputs = Annotated[dict[PartyName, FilePath], Field(min_length=1), FileRole.INPUT_TABLE]
PartyOutputs = Annotated[dict[PartyName, FilePath], Field(min_length=1), FileRole.OUTPUT_TABLE]
PartyModelsIn = Annotated[dict[PartyName, FilePath], Field(min_length=1), FileRole.INPUT_MODEL]
PartyModelsOut = Annotated[dict[PartyName, FilePath], Field(min_length=1), FileRole.OUTPUT_MODEL]
PartyRulesIn = Annotated[dict[PartyName, FilePath], Field(min_length=1), FileRole.INPUT_RULES]
PartyRulesOut = Annotated[dict[PartyName, FilePath], Field(min_length=1), FileRole.OUTPUT_RULES]
ReportPath = Annotated[FilePath, FileRole.OUTPUT_REPORT]
"""One JSON report per party worker; in local mode one for all parties of the machine."""


class ColumnUse(str, Enum):
    """What a field that names columns does with them; a party's policy goes by it."""

    KEY = "key"
    """Compared with other parties' keys; nothing else of it leaves the party."""
    MPC = "mpc"
    """Goes into the computation as shares (or under encryption) only."""
    LOCAL = "local"
    """Read by its own party alone, which writes what it makes of it to its own files."""
    STATISTIC = "statistic"
    """Figures about it are told to somebody."""


class Receives(str, Enum):
    """What the party that a field names is given of the others' data."""

    INTERSECTION = "intersection"
    PREDICTIONS = "predictions"
    STATISTICS = "statistics"


ColumnList = Annotated[list[ColumnName], Field(min_length=1, max_length=10_000)]
PartyColumns = Annotated[dict[PartyName, ColumnList], Field(min_length=1)]


Mark = TypeVar("Mark", ColumnUse, Receives)


@dataclass(frozen=True)
class DeclaredFile:
    """One path of a config: `party` is None for a path that is not of one party."""

    field: str
    role: FileRole
    party: str | None
    path: str


class Config(BaseModel):
    """Base of every task type's own config. Field names and defaults follow the contract."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    task_type: str
    task_version: int | None = Field(
        default=None, ge=1, description="The version to run; the newest where it is left out."
    )

    def files(self) -> Iterator[DeclaredFile]:
        """Yield every file that this config names, with its role and party."""
        for name, info in type(self).model_fields.items():
            role = next((m for m in info.metadata if isinstance(m, FileRole)), None)
            value = getattr(self, name)
            if role is None:
                role = _role_inside_optional(info.annotation)
            if role is None or value is None:
                continue
            if isinstance(value, dict):
                for party, path in value.items():
                    yield DeclaredFile(name, role, party, path)
            else:
                yield DeclaredFile(name, role, None, value)

    def marked(self, kind: type[Mark]) -> Iterator[tuple[str, Mark, Any]]:
        """Yield ``(field, mark, value)`` of every field with a ``ColumnUse`` or a ``Receives``.

        A field of columns that is None is yielded too: it stands for columns that the task type
        chooses at each party.
        """
        for name, info in type(self).model_fields.items():
            found = next((m for m in info.metadata if isinstance(m, kind)), None)
            if found is not None:
                yield name, found, getattr(self, name)

    def check(self, parties: tuple[str, ...]) -> None:
        """Check what only this type knows, with the parties of the request at hand.

        Raises:
            ConfigError: naming the field and how to mend it.
        """


class Report(BaseModel):
    """What one party's process tells its own worker: never more than that party may disclose."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Result(BaseModel):
    """What the task returns to whoever sent it; fields as the contract documents them."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _role_inside_optional(annotation: object) -> FileRole | None:
    """Find the role in ``PartyInputs | None``, where pydantic keeps it in the union's branch."""
    for branch in getattr(annotation, "__args__", ()):
        for item in getattr(branch, "__metadata__", ()):
            if isinstance(item, FileRole):
                return item
    return None
