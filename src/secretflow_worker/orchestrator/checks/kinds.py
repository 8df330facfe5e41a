"""What an expression of a condition may give, as far as it is known before the chain runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from secretflow_worker.orchestrator.checks.results import Schema, branches_of, step_into

NUMBERS = frozenset({"int", "uint", "double"})
_WORDS = {
    "bool": "true or false",
    "int": "a whole number",
    "uint": "a whole number without a sign",
    "double": "a number with a fraction",
    "text": "a text",
    "bytes": "bytes",
    "null": "null",
    "list": "a list",
    "map": "an object",
    "type": "a type",
    "time": "a time",
}
KINDS = frozenset(_WORDS)
_OF_SCHEMA = {
    "boolean": {"bool"},
    "integer": {"int"},
    "number": {"int", "double"},
    "string": {"text"},
    "null": {"null"},
    "array": {"list"},
    "object": {"map"},
}
_ALIKE = (NUMBERS | {"bool"}, frozenset({"text", "bytes"}))
"""Kinds that celpy compares with each other."""


@dataclass(frozen=True)
class Seen:
    """`kinds` are all that the value may be of; all of `KINDS` stand for anything."""

    kinds: frozenset[str] = KINDS
    schema: Schema | None = None
    """What its fields or elements are; None where nothing is known of them."""
    values: frozenset[str] | None = None
    """All texts that it may be, where those are known."""

    def may_be(self, *kinds: str) -> bool:
        return not self.kinds.isdisjoint(kinds)

    @property
    def words(self) -> str:
        """Return what it may be, for a fault; null goes without saying beside another kind."""
        told = [word for kind, word in _WORDS.items() if kind in self.kinds]
        return " or ".join(told if len(told) == 1 else [word for word in told if word != "null"])

    def field(self, name: str) -> Seen | None:
        """Return what a field of it is, or an element by its number; None: it has none such."""
        if self.schema is None:
            return Seen()
        inner = step_into(self.schema, name)
        return None if inner is None else seen_of(inner)

    def element(self) -> Seen:
        """Return what an expression over it takes one by one: elements, or the names of fields."""
        if self.schema is None:
            return Seen(frozenset({"text"})) if self.kinds == {"text"} else Seen()
        found = [
            Seen(frozenset({"text"})) if each.get("type") == "object" else self.field("0")
            for each in branches_of(self.schema)
            if each.get("type") != "null"
        ]
        return found[0] or Seen() if len(found) == 1 else Seen()


def of(*kinds: str) -> Seen:
    """Return a value of these kinds, of which nothing else is known."""
    return Seen(frozenset(kinds))


def seen_of(schema: Schema) -> Seen:
    """Return what a value is that a JSON Schema describes."""
    kinds: set[str] = set()
    values: set[str] | None = set()
    for branch in branches_of(schema):
        kinds |= _OF_SCHEMA.get(str(branch.get("type")), KINDS)
        listed = _listed(branch)
        values = None if values is None or listed is None else values | listed
    return Seen(frozenset(kinds), schema, frozenset(values) if values else None)


def may_be_equal(left: Seen, right: Seen) -> bool:
    """Say whether two values may be compared by ``==``; null compares with anything."""
    if left.may_be("null") or right.may_be("null"):
        return True
    return left.may_be(*_alike(right.kinds))


def may_be_ordered(left: Seen, right: Seen) -> bool:
    """Say whether two values may be compared by ``<``."""
    unordered = {"list", "map", "null", "type"}
    return left.may_be(*(_alike(right.kinds - unordered) - unordered))


def _alike(kinds: frozenset[str]) -> frozenset[str]:
    return kinds.union(*(group for group in _ALIKE if group & kinds))


def _listed(branch: Schema) -> set[str] | None:
    """Return the texts that a branch lists; None where it may be any."""
    if branch.get("type") == "null":
        return set()
    listed: list[Any] = [branch["const"]] if "const" in branch else branch.get("enum", [])
    return {each for each in listed if isinstance(each, str)} or None
