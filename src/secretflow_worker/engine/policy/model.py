"""What a policy file says: the models of its tables, and how its patterns match.

Everything that is not allowed is refused. Patterns are the shell's, ``*``, ``?`` and ``[abc]``;
in a path they match across ``/`` too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
)

from secretflow_worker.contract.names import PartyName
from secretflow_worker.tasks._marks import ColumnUse, Receives

POLICY_VERSION = 1
EVERYONE = "*"
SENDER = "@sender"
"""Whoever sent the request, or reads a report that the task writes; no party has such a name."""

_TASK = r"^(\*|[A-Za-z0-9_.-]{1,64}(@[0-9]{1,9})?)$"
TaskPattern = Annotated[str, StringConstraints(pattern=_TASK)]
"""A task type, in one version (``psi@1``) or in all (``psi``), or ``*``."""
_PARTY = "[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
AnyParty = Annotated[str, StringConstraints(pattern=rf"^(\*|{_PARTY})$")]
Somebody = Annotated[str, StringConstraints(pattern=rf"^(\*|@sender|{_PARTY})$")]


def _all_uses(value: Any) -> Any:
    """Read ``any`` as every use, and one use as a list of it."""
    if value == "any":
        return [use.value for use in _GRANTED]
    return [value] if isinstance(value, str) else value


def _granted(uses: list[ColumnUse]) -> list[ColumnUse]:
    if ColumnUse.NONE in uses:
        raise ValueError('write [] where nothing is allowed; a use is "key", "mpc", ... or "any"')
    return uses


_GRANTED = tuple(use for use in ColumnUse if use is not ColumnUse.NONE)
Uses = Annotated[list[ColumnUse], BeforeValidator(_all_uses), AfterValidator(_granted)]


def _absolute(path: Path) -> Path:
    if not path.is_absolute():
        raise ValueError("must be an absolute path")
    return path


Folder = Annotated[Path, AfterValidator(_absolute)]
TablePattern = Annotated[str, StringConstraints(pattern=r"^/", max_length=1024)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Tasks(_Table):
    """``[tasks]``"""

    allow: list[TaskPattern] = []

    def allows(self, name: str, version: int) -> bool:
        return bool({EVERYONE, name, f"{name}@{version}"} & set(self.allow))


class Peer(_Table):
    """One ``[[peers]]``: a party that tasks may be run with."""

    party: AnyParty
    fingerprint: str | None = None
    """SHA-256 of the certificate. Without it the peer is one on this worker's own machine."""
    trusted_dealer: bool = False
    """Whether it may deal the triples of SEMI2K, by which it could learn all."""

    @field_validator("fingerprint")
    @classmethod
    def _plain(cls, value: str | None) -> str | None:
        if value is None:
            return None
        plain = value.replace(":", "").lower()
        if not re.fullmatch("[0-9a-f]{64}", plain):
            raise ValueError(
                "must be a SHA-256 fingerprint: 64 hexadecimal digits, `sfw certs show`"
            )
        return plain


class Folders(_Table):
    """``[folders]``: where inputs may come from, and outputs go to; with all below them."""

    read: list[Folder] = []
    write: list[Folder] = []


class TableRule(_Table):
    """One ``[[tables]]``: what may be done with the columns of the tables that match."""

    path: TablePattern
    columns: dict[str, Uses]

    def matches(self, table: Path) -> bool:
        return fnmatchcase(str(table), self.path)

    def uses_of(self, column: str) -> tuple[str | None, Sequence[ColumnUse]]:
        """Return the entry for a column and what it allows: its own, else the first that fits."""
        if column in self.columns:
            return column, self.columns[column]
        for pattern, uses in self.columns.items():
            if fnmatchcase(column, pattern):
                return pattern, uses
        return None, ()


class Receivers(_Table):
    """``[receivers]``: who, beside the party itself, may be given what of its data."""

    intersection: list[Somebody] = []
    predictions: list[Somebody] = []
    statistics: list[Somebody] = []

    def of(self, what: Receives) -> Sequence[str]:
        named: Sequence[str] = getattr(self, what.value)
        return named


class Limits(_Table):
    """``[limits]``: below them nothing is allowed out."""

    min_rows: int | None = Field(default=None, ge=1)
    """Of each of the party's own tables, in tasks that tell anybody anything."""
    min_intersection: int | None = Field(default=None, ge=1)
    """Of an intersection that another party learns."""


class Share(_Table):
    """``[share]``: what this party's worker tells of itself to who may ask; never a row."""

    tables: bool | list[TablePattern] = False
    """Names, columns, row counts of the tables that tasks may read: of all, or of these."""
    models: bool = False
    """What saved models and rules files are: type, columns, parties, digest."""
    reports: bool = False
    """First figures and charts of tasks' reports: quartiles and categories may be among them."""
    logs: bool = False
    """The lines that its worker and its party processes log of an execution."""
    fingerprints: bool = True
    """Whether a task's files are still as the task read and wrote them, by a keyed digest."""
    policy: bool = True
    """This policy in words: task types, peers, receivers; no folder and no column."""

    def offers(self, table: Path) -> bool:
        """Return whether the table of this real path may be told of."""
        if isinstance(self.tables, bool):
            return self.tables
        return any(fnmatchcase(str(table), pattern) for pattern in self.tables)


class Policy(_Table):
    """One party's policy."""

    version: Literal[1]
    party: PartyName | None = None
    """Whose it is; left out, of every party that the worker's settings give it to."""
    tasks: Tasks = Tasks()
    peers: list[Peer] = []
    folders: Folders = Folders()
    tables: list[TableRule] = []
    receivers: Receivers = Receivers()
    limits: Limits = Limits()
    share: Share = Share()

    @field_validator("peers")
    @classmethod
    def _different(cls, peers: list[Peer]) -> list[Peer]:
        names = [peer.party for peer in peers]
        if len(set(names)) != len(names):
            raise ValueError("a party is there twice")
        return peers

    def peer(self, party: str) -> Peer | None:
        """Return the entry for a party: its own, else the one for everyone."""
        by_name = {peer.party: peer for peer in self.peers}
        return by_name.get(party, by_name.get(EVERYONE))

    def table_rule(self, table: Path) -> TableRule | None:
        """Return the first entry that matches a table's real path."""
        return next((rule for rule in self.tables if rule.matches(table)), None)
