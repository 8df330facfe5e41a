"""Conditions: a task's ``when``, a CEL expression over the finished tasks before it.

CEL has no loops of its own, so every expression ends; what it has over lists (``all``,
``exists``, ``map``, ...) is allowed once and not inside of itself. Results may still be large, so
the steps of an evaluation are counted, and it fails beyond a bound, on every machine alike. The
variable ``tasks`` holds ``{task_id: {"status", "result"}}``, for a sweep a list of those.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from inspect import CO_GENERATOR
from types import FrameType
from typing import Any

import celpy
from celpy.adapter import json_to_cel
from celpy.celparser import CELParseError
from celpy.celtypes import BoolType
from celpy.evaluation import CELEvalError
from lark import Token, Tree

from secretflow_worker.orchestrator.core.arithmetic import ARITHMETIC
from secretflow_worker.orchestrator.core.comparisons import COMPARISONS

OVER_LISTS = {"all", "exists", "exists_one", "filter", "map"}
_REFUSED = {"reduce", "min"}
"""celpy's own additions; a ``reduce`` can double its value with every element."""
_DEEPEST = 150
"""Levels of a parsed condition: celpy walks them by recursion, several frames for each."""
_MOST_STEPS = 1_000_000
"""A second's or two; one comparison for each number of a list of 4,000 takes as many."""
_LONGEST_TEXT = 16_384
"""Of a result's texts: a condition can join them for every element of a list."""
_TASK = re.compile(r"""\btasks\s*(?:\.\s*([A-Za-z_]\w*)|\[\s*(['"])([\w-]+)\2\s*\])""")


class ConditionFault(ValueError):
    """A condition that is none, or that fails. The text holds no value of a result."""


class _TooManySteps(BaseException):
    """No ``Exception``: celpy takes those of its functions for errors of the condition."""


def parse(text: str) -> Tree[Token]:
    """Return a condition as the tree of its parts, by the rules of CEL's grammar.

    Raises:
        ConditionFault: it is no CEL, or goes over lists in an expression that goes over lists.
    """
    return _compiled(text)[0]


def tasks_in(text: str) -> set[str]:
    """Return the tasks that a condition names, as ``tasks.lr`` or ``tasks["lr"]``."""
    return {match[1] or match[3] for match in _TASK.finditer(text)}


def evaluate(text: str, tasks: Mapping[str, Any]) -> bool:
    """Return whether a condition holds.

    Raises:
        ConditionFault: it is no boolean, or fails on these results.
    """
    program = _compiled(text)[1]
    _check_texts(tasks)
    try:
        with _counting_steps():
            value = program.evaluate({"tasks": _as_cel(tasks)})
    except ConditionFault:
        raise
    except CELEvalError as fault:
        raise ConditionFault(_why(fault)) from None
    except _TooManySteps:
        raise ConditionFault("it takes too many steps on results of this size") from None
    except Exception:  # noqa: BLE001 - celpy lets some of Python's own through, with values in them
        raise ConditionFault("it cannot be evaluated on these results") from None
    if not isinstance(value, BoolType):
        raise ConditionFault("it is neither true nor false")
    return bool(value)


def _as_cel(tasks: Mapping[str, Any]) -> Any:
    try:
        return json_to_cel(dict(tasks))
    except ValueError:  # a worker of another kind may return any number that JSON has
        raise ConditionFault("a number among the results has more than 64 bits") from None


def _check_texts(tasks: Mapping[str, Any]) -> None:
    waiting: list[Any] = [tasks]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str) and len(value) > _LONGEST_TEXT:
            raise ConditionFault("a text among the results is too long for a condition")
        if isinstance(value, Mapping):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


@contextmanager
def _counting_steps() -> Iterator[None]:
    """Count the calls of Python functions, of which celpy makes some for every step it takes."""
    left = _MOST_STEPS

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal left
        left -= 1
        if left < 0 and _may_raise_in(frame):
            raise _TooManySteps

    before = sys.gettrace()
    sys.settrace(count)
    try:
        yield
    finally:
        sys.settrace(before)


def _may_raise_in(frame: FrameType) -> bool:
    """Say whether what a trace function raises there gets to the caller.

    Python may lose it in a generator or in a finalizer, and traces nothing from then on.
    """
    is_of_celpy = str(frame.f_globals.get("__name__")).startswith("celpy.")
    return is_of_celpy and not frame.f_code.co_flags & CO_GENERATOR


@lru_cache(maxsize=512)
def _compiled(text: str) -> tuple[Tree[Token], celpy.Runner]:
    environment = celpy.Environment()
    try:
        tree = environment.compile(text)
    except CELParseError as fault:
        raise ConditionFault(f"it is no CEL expression, at column {fault.column}") from None
    if _depth(tree) > _DEEPEST:
        raise ConditionFault("it is nested too deeply")
    _check_macros(tree, inside=False)
    return tree, environment.program(tree, functions={**COMPARISONS, **ARITHMETIC})


def _depth(tree: Tree[Token]) -> int:
    depth, level = 0, [tree]
    while level:
        depth += 1
        level = [child for node in level for child in node.children if isinstance(child, Tree)]
    return depth


def _check_macros(tree: Tree[Token], *, inside: bool) -> None:
    is_macro = False
    if tree.data == "member_dot_arg":
        name = str(tree.children[1])
        if name in _REFUSED:
            raise ConditionFault(f"{name} is not offered")
        is_macro = name in OVER_LISTS
        if is_macro and inside:
            raise ConditionFault(f"{name} stands inside another expression over a list")
        if is_macro and not _has_variable(tree):
            raise ConditionFault(f"{name} takes a variable and an expression, as in {name}(x, x)")
    for index, child in enumerate(tree.children):
        if isinstance(child, Tree):
            # What the macro is called on stands before it; only its arguments are inside.
            _check_macros(child, inside=inside or (is_macro and index > 0))


def _has_variable(macro: Tree[Token]) -> bool:
    """Say whether a macro's arguments are a name and an expression: celpy counts on it."""
    given = macro.children[2] if len(macro.children) > 2 else None
    arguments = given.children if isinstance(given, Tree) else []
    variable = arguments[0] if len(arguments) == 2 else None
    while isinstance(variable, Tree) and len(variable.children) == 1:
        if variable.data == "ident":
            return True
        variable = variable.children[0]
    return False


def _why(fault: CELEvalError) -> str:
    kind = fault.args[1] if len(fault.args) > 1 else None
    if kind is KeyError:
        return "a task, a field or a variable that it names is not there"
    if kind is ZeroDivisionError:
        return "it divides by zero"
    return "its operands are not of the same kind"
