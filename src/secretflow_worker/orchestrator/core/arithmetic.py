"""Arithmetic in conditions: what CEL has for its kinds, and nothing that Python has besides.

celpy hands its values to Python's operators, whose ``%`` formats texts: one short condition would
take all memory. Its own division by 0.0 takes anything, and a whole number cuts a fraction off.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from celpy.celtypes import DurationType, IntType, TimestampType, UintType
from celpy.evaluation import CELEvalError, base_functions

_NUMBERS = (int, float)
_TIMES = (*DurationType.__bases__, *TimestampType.__bases__)
_JOINED: dict[str, tuple[tuple[type, ...], ...]] = {
    "_+_": ((str,), (bytes,), (list,), _TIMES),
    "_-_": (_TIMES,),
    "_*_": (),
    "_/_": (),
    "_%_": (),
}
"""By operator: the kinds, besides numbers, whose values go together; celpy's derive from them."""


def _strict(sign: str) -> Callable[[Any, Any], Any]:
    by_celpy = base_functions[sign]

    def function(left: Any, right: Any) -> Any:
        is_error = isinstance(left, CELEvalError) or isinstance(right, CELEvalError)
        if not is_error and not _fit(sign, left, right):
            raise TypeError(f"no matching overload for {sign}")
        return by_celpy(left, right)

    function.__name__ = sign
    return function


def _fit(sign: str, left: Any, right: Any) -> bool:
    if isinstance(left, _NUMBERS) and isinstance(right, _NUMBERS):
        # celpy would cut the fraction off.
        return not (isinstance(left, (IntType, UintType)) and isinstance(right, float))
    return any(isinstance(left, kind) and isinstance(right, kind) for kind in _JOINED[sign])


ARITHMETIC = {sign: _strict(sign) for sign in _JOINED}
