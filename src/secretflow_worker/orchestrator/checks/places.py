"""The strings of a task's parameters and the references in them, each with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from secretflow_worker.contract.request import Loc


def strings_of(value: Any, loc: Loc = ()) -> Iterator[tuple[Loc, str]]:
    """Yield every string that is a value, with its place."""
    if isinstance(value, str):
        yield loc, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from strings_of(inner, (*loc, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from strings_of(inner, (*loc, index))


def names_of(value: Any, loc: Loc = ()) -> Iterator[tuple[Loc, str]]:
    """Yield every name of an object inside, with the object's place."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield loc, key
            yield from names_of(inner, (*loc, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from names_of(inner, (*loc, index))


def replaced(value: Any, by: Mapping[Loc, Any], loc: Loc = ()) -> Any:
    """Return a JSON value in which other values stand at some places."""
    if loc in by:
        return by[loc]
    if isinstance(value, Mapping):
        return {key: replaced(inner, by, (*loc, key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [replaced(inner, by, (*loc, index)) for index, inner in enumerate(value)]
    return value


def touches(loc: Loc, others: Iterable[Loc]) -> bool:
    """Say whether a place lies at, in or around one of the others."""
    return any(loc[: len(other)] == other[: len(loc)] for other in others)
