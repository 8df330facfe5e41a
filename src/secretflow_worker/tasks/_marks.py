"""Marks on the fields of a config: what is done with columns, and who is given what.

Each party's policy goes by them. They are found by type, so a field that names columns or a
receiver and carries no mark counts as the most that could be done with it: a plugin's author
who forgets a mark is refused, and not let through.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, StringConstraints

from secretflow_worker.contract.names import PATH_PATTERN, PartyName


class ColumnUse(str, enum.Enum):
    """What a field that names columns does with them; a party's policy goes by it."""

    KEY = "key"
    """Compared with other parties' keys; nothing else of it leaves the party."""
    MPC = "mpc"
    """Goes into the computation as shares (or under encryption) only."""
    LOCAL = "local"
    """Read by its own party alone, which writes what it makes of it to its own files."""
    STATISTIC = "statistic"
    """Figures about it are told to somebody."""
    NONE = "none"
    """No column is read by it: the name of a column that is written, or of something else."""


class LeftOut(enum.Enum):
    """What it means that a field of columns is left out; without this mark: the type chooses."""

    NO_COLUMN = "no column"


class Receives(str, enum.Enum):
    """What the party that a field names is given of the others' data."""

    INTERSECTION = "intersection"
    PREDICTIONS = "predictions"
    STATISTICS = "statistics"
    NOTHING = "nothing"


Mark = TypeVar("Mark", ColumnUse, Receives)

_PARTY_PATTERN = next(
    item.pattern for item in get_args(PartyName) if isinstance(item, StringConstraints)
)
_PLAIN = (bool, int, float, complex, NoneType)


@dataclass(frozen=True)
class DeclaredUse:
    """What a field of a config does with columns of one party's tables.

    `columns` is None where the task type chooses them: any column may be meant then. `source`
    is the party's saved model or rules file, where it is that which names them.
    """

    field: str
    use: ColumnUse
    columns: frozenset[str] | None
    source: str | None = None


@dataclass(frozen=True)
class DeclaredReceiver:
    """A party that is given something of the others' data, and the field that says so."""

    field: str
    what: Receives
    party: str


def mark_of(kind: type[Mark], annotation: Any, metadata: list[Any]) -> Mark | None:
    """Return the mark of a field, also where it stands inside of ``... | None``."""
    for item in metadata:
        if isinstance(item, kind):
            return item
    for branch in get_args(annotation) if _is_union(annotation) else ():
        if get_origin(branch) is Annotated:
            for item in branch.__metadata__:
                if isinstance(item, kind):
                    return item
    return None


def can_name_columns(annotation: Any, metadata: list[Any]) -> bool:
    """Say whether a value of that type may hold the name of a column: some text of free form."""
    return any(leaf == "text" for leaf in _leaves(annotation, metadata, ()))


def can_name_parties(annotation: Any, metadata: list[Any]) -> bool:
    """Say whether the value itself, or an item of its list, is a party's name."""
    if get_origin(annotation) in (dict, Mapping):
        return False  # {party: ...}: what is at each party
    if _is_union(annotation) or get_origin(annotation) in (list, tuple, set, frozenset):
        return any(can_name_parties(*_split(branch)) for branch in get_args(annotation))
    return "party" in _leaves(annotation, metadata, ())


def has_list(annotation: Any) -> bool:
    """Say whether the type takes several values: nothing given then means: all that fit."""
    origin = get_origin(annotation)
    if origin in (list, tuple, set, frozenset, dict, Mapping):
        return True
    if origin is Annotated or _is_union(annotation):
        return any(has_list(branch) for branch in get_args(annotation))
    return annotation in (list, dict, tuple, set, frozenset, Any)


def has_map(annotation: Any) -> bool:
    """Say whether the type takes an object, such as ``{party: path}``."""
    origin = get_origin(annotation)
    if origin is Annotated or _is_union(annotation):
        return any(has_map(branch) for branch in get_args(annotation))
    return origin in (dict, Mapping) or annotation is dict


def is_column_name(annotation: Any, metadata: list[Any]) -> bool:
    """Say whether the type is the contract's ``ColumnName``, or made of it."""
    if any(isinstance(item, StringConstraints) and item.max_length == 256 for item in metadata):
        return True
    return any(is_column_name(*_split(branch)) for branch in get_args(annotation))


def names_at(value: Any, annotation: Any, party: str) -> frozenset[str] | None:
    """Return the names that a field's value holds for one party; None where it is None."""
    if value is None:
        return None
    if isinstance(value, Mapping) and _has_party_keys(annotation):
        return frozenset(_texts(value.get(party, ())))
    return frozenset(_texts(value))


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in a value, keys of maps included."""
    if isinstance(value, BaseModel):
        for name, info in type(value).model_fields.items():
            if can_name_columns(info.annotation, info.metadata):
                yield from _texts(getattr(value, name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(key)
            yield from _texts(item)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from _texts(item)


def _has_party_keys(annotation: Any) -> bool:
    if get_origin(annotation) in (dict, Mapping):
        return "party" in _leaves(*_split(get_args(annotation)[0]), ())
    if get_origin(annotation) is Annotated or _is_union(annotation):
        return any(_has_party_keys(branch) for branch in get_args(annotation))
    return False


def _leaves(annotation: Any, metadata: list[Any], seen: tuple[Any, ...]) -> set[str]:
    """Return what texts a type may hold: of free form (``text``), party names, paths."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _leaves(*_split(annotation), seen)
    if origin is Literal or annotation in _PLAIN:
        return set()
    if annotation is str:
        patterns = {item.pattern for item in metadata if isinstance(item, StringConstraints)}
        known = {_PARTY_PATTERN: "party", PATH_PATTERN: "path"}
        return {next((known[p] for p in patterns if p in known), "text")}
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return set()
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation in seen:
            return set()
        fields = annotation.model_fields.values()
        return set().union(
            *(_leaves(info.annotation, info.metadata, (*seen, annotation)) for info in fields)
        )
    branches = [branch for branch in get_args(annotation) if branch is not Ellipsis]
    if not branches:  # Any, a bare list, a class of somebody's: it may hold anything
        return {"text"}
    return set().union(*(_leaves(*_split(branch), seen) for branch in branches))


def _split(annotation: Any) -> tuple[Any, list[Any]]:
    if get_origin(annotation) is Annotated:
        return annotation.__origin__, list(annotation.__metadata__)
    return annotation, []


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, UnionType)
