"""Comparisons in conditions as CEL has them now; celpy's are those of an earlier CEL.

A whole number compares with one that has a fraction, and null with anything: a field that a party
may not know is null. Other values of different kinds are no more compared than celpy does.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from celpy.celtypes import BoolType, DoubleType, IntType, UintType
from celpy.evaluation import CELEvalError, base_functions

_NUMBERS = (IntType, UintType, DoubleType)


def _compared(sign: str, compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    by_celpy = base_functions[sign]
    is_equality = sign in ("_==_", "_!=_")

    def function(left: Any, right: Any) -> Any:
        if isinstance(left, CELEvalError) or isinstance(right, CELEvalError):
            return by_celpy(left, right)
        if isinstance(left, _NUMBERS) and isinstance(right, _NUMBERS):
            return BoolType(compare(_plain(left), _plain(right)))
        if is_equality and (left is None or right is None):
            return BoolType(compare(left is None, right is None))
        return by_celpy(left, right)

    function.__name__ = sign
    return function


def _plain(number: Any) -> int | float:
    """Return Python's own number, which compares exactly with any other."""
    return float(number) if isinstance(number, DoubleType) else int(number)


COMPARISONS = {
    sign: _compared(sign, compare)
    for sign, compare in (
        ("_==_", operator.eq), ("_!=_", operator.ne), ("_<_", operator.lt),
        ("_<=_", operator.le), ("_>_", operator.gt), ("_>=_", operator.ge),
    )
}  # fmt: skip
