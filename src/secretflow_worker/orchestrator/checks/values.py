"""Whether a document is JSON that can be stored: its depth, its size, its names and its texts."""

from __future__ import annotations

import math
from typing import Any

from secretflow_worker.contract.request import Loc
from secretflow_worker.orchestrator.checks.collector import Faults

DEEPEST = 32
"""Levels of objects and lists in a document."""
MOST_VALUES = 1_000_000
LONGEST_TEXT = 100_000
_LARGEST = 2**64
_Trail = Any
"""A place, as the place around it and the last part: ``((None, "tasks"), 3)``."""


def check_values(document: object, faults: Faults, deepest: int = DEEPEST) -> None:
    """Check every value of a document, without recursion and to an end, whatever it holds.

    A document may be built of parts that share parts, and so unfold to more than it seems.
    """
    left: list[tuple[int, _Trail, Any]] = [(0, None, document)]
    seen = 0
    while left:
        depth, trail, value = left.pop()
        seen += 1
        if seen > MOST_VALUES:
            faults.add((), f"there are more than {MOST_VALUES} values", "TOO_LARGE")
            return
        if isinstance(value, (dict, list)):
            if depth >= deepest:
                message = f"is nested more than {deepest} levels deep"
                faults.add(_loc(trail), message, "TOO_LARGE")
            elif isinstance(value, list):
                left += [(depth + 1, (trail, at), inner) for at, inner in enumerate(value)]
            else:
                _check_names(value, trail, faults)
                left += [(depth + 1, (trail, key), inner) for key, inner in value.items()]
        elif fault := _fault_of_scalar(value):
            faults.add(_loc(trail), fault)


def _check_names(value: dict[Any, Any], trail: _Trail, faults: Faults) -> None:
    for key in value:
        if not isinstance(key, str):
            faults.add(_loc(trail), "has a name that is not a text")
        elif fault := _fault_of_text(key):
            faults.add(_loc(trail), f"has a name that {fault}")


def _loc(trail: _Trail) -> Loc:
    parts: list[str | int] = []
    while trail is not None:
        trail, part = trail
        parts.append(part)
    return tuple(reversed(parts))


def _fault_of_scalar(value: object) -> str | None:
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        return _fault_of_text(value)
    if isinstance(value, int):
        return None if -_LARGEST < value < _LARGEST else "has more than 64 bits"
    if isinstance(value, float):
        return None if math.isfinite(value) else "is not a finite number"
    return "is no JSON value"


def _fault_of_text(text: str) -> str | None:
    if len(text) > LONGEST_TEXT:
        return f"is longer than {LONGEST_TEXT} characters"
    if "\0" in text:
        return "holds a NUL character, which no database stores"
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        return "holds half of a character (a lone surrogate)"
    return None
