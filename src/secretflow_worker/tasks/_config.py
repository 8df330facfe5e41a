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
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from secretflow_worker.contract.names import ColumnName, FilePath, PartyName
from secretflow_worker.tasks import _marks
from secretflow_worker.tasks._marks import (
    ColumnUse as ColumnUse,
)
from secretflow_worker.tasks._marks import (
    DeclaredReceiver,
    DeclaredUse,
)
from secretflow_worker.tasks._marks import (
    Receives as Receives,
)


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
_NAMES_COLUMNS = {FileRole.INPUT_MODEL, FileRole.INPUT_RULES}
"""Files that say themselves which columns a task reads."""
ReportPath = Annotated[FilePath, FileRole.OUTPUT_REPORT]
"""One JSON report per party worker; in local mode one for all parties of the machine."""
PartyReports = Annotated[dict[PartyName, FilePath], Field(min_length=1), FileRole.OUTPUT_REPORT]
"""A JSON report per party, which the party itself writes and nobody else is given."""


ColumnList = Annotated[list[ColumnName], Field(min_length=1, max_length=10_000)]
PartyColumns = Annotated[dict[PartyName, ColumnList], Field(min_length=1)]


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
    names_hold_values: ClassVar[bool] = False
    """Whether columns of the tables that this type writes may be named after values."""

    def files(self) -> Iterator[DeclaredFile]:
        """Yield every file that this config names, with its role and party."""
        for name in type(self).model_fields:
            role, value = self.role_of(name), getattr(self, name)
            if role is None or value is None:
                continue
            if isinstance(value, dict):
                for party, path in value.items():
                    yield DeclaredFile(name, role, party, path)
            else:
                yield DeclaredFile(name, role, None, value)

    def column_uses(self, party: str) -> Iterator[DeclaredUse]:
        """Yield what this task does with columns of a party's tables, as the marks say.

        A type that knows better than its marks overrides it, never to say less than it does.
        """
        for name, info in type(self).model_fields.items():
            if name in Config.model_fields:
                continue
            value, role = getattr(self, name), self.role_of(name)
            mark = _marks.mark_of(ColumnUse, info.annotation, info.metadata)
            if role in _NAMES_COLUMNS:
                if value is not None and party in value:
                    use = mark or ColumnUse.STATISTIC
                    yield DeclaredUse(name, use, None, source=value[party])
                continue
            if role is not None or mark is ColumnUse.NONE:
                continue
            if mark is None and not _marks.can_name_columns(info.annotation, info.metadata):
                continue
            columns = _marks.names_at(value, info.annotation, party)
            if columns is None and not self._chooses(info.annotation, info.metadata, mark):
                continue
            if columns is None or columns:
                yield DeclaredUse(name, mark or ColumnUse.STATISTIC, columns)

    def declared_receivers(self, parties: tuple[str, ...]) -> Iterator[DeclaredReceiver]:
        """Yield who is given what of the others' data, as the marks say.

        A field that is left out stands for every party. A type that knows better overrides it,
        never to say less than is given.
        """
        for name, info in type(self).model_fields.items():
            mark = _marks.mark_of(Receives, info.annotation, info.metadata)
            if mark is Receives.NOTHING:
                continue
            if mark is None and not _marks.can_name_parties(info.annotation, info.metadata):
                continue
            value = getattr(self, name)
            given = [mark] if mark else [each for each in Receives if each is not Receives.NOTHING]
            named = parties if value is None else [value] if isinstance(value, str) else value
            for party in named:
                yield from (DeclaredReceiver(name, what, party) for what in given)

    @classmethod
    def says_column_uses(cls) -> bool:
        """Say whether any field carries a mark of what is done with columns."""
        marks = {
            _marks.mark_of(ColumnUse, info.annotation, info.metadata)
            for info in cls.model_fields.values()
        }
        return bool(marks - {None, ColumnUse.NONE})

    @staticmethod
    def _chooses(annotation: Any, metadata: list[Any], mark: ColumnUse | None) -> bool:
        """Say whether a field that is left out lets the task type choose columns."""
        if _marks.LeftOut.NO_COLUMN in metadata:
            return False
        if mark is not None:
            return mark is not ColumnUse.KEY and _marks.has_list(annotation)
        return _marks.is_column_name(annotation, metadata) or _marks.has_list(annotation)

    @classmethod
    def role_of(cls, field: str) -> FileRole | None:
        """Return what the files are that a field names; None where it names none."""
        info = cls.model_fields[field]
        found = next((m for m in info.metadata if isinstance(m, FileRole)), None)
        return found or _role_inside_optional(info.annotation)

    def key_holder(self) -> str | None:
        """Return the party that has the secret key, of a type with the device ``heu``."""
        return None

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
