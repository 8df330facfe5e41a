"""A condition read without evaluating it: what it names, and what can never fit together.

The rules are CEL's, as celpy carries them out. A fault is told only where every evaluation would
fail, or a comparison would come out the same whatever the run gives; the rest is left to the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lark import Token, Tree

from secretflow_worker.orchestrator.checks.cel import (
    GIVES,
    LITERALS,
    OPERATORS,
    SIZED,
    TAKES,
    Node,
    arguments_of,
    innermost,
    is_tasks,
    literal_in,
    plain_text,
    text_of,
    tree_of,
)
from secretflow_worker.orchestrator.checks.collector import name
from secretflow_worker.orchestrator.checks.kinds import (
    NUMBERS,
    Seen,
    may_be_equal,
    may_be_ordered,
    of,
    seen_of,
)
from secretflow_worker.orchestrator.checks.results import Schema, fields_of
from secretflow_worker.orchestrator.core.conditions import OVER_LISTS, parse, tasks_in

_BY_NAME = 'write tasks.<task_id>, or tasks["<task_id>"]'
ViewOf = Callable[[str], Schema | None]


class Reader:
    """Reads one condition; `view_of` says what is known of a task's status and result."""

    def __init__(self, text: str, view_of: ViewOf) -> None:
        self.faults: list[str] = []
        self.named: set[str] = set()
        """The tasks that it names; whether they are there and come before is for others to say."""
        self._view_of = view_of
        self._found = tasks_in(text)
        whole = self._read(parse(text), {})
        if not whole.may_be("bool") and not self.faults:
            self._fault(f"it is {whole.words}, and never true or false")

    def _fault(self, message: str) -> Seen:
        if message not in self.faults:
            self.faults.append(message)
        return Seen()

    def _read(self, tree: Node, scope: Mapping[str, Seen]) -> Seen:
        tree = innermost(tree)
        reads: dict[str, Callable[[Node, Mapping[str, Seen]], Seen]] = {
            "expr": self._choice, "conditionalor": self._joined, "conditionaland": self._joined,
            "relation": self._operation, "addition": self._operation,
            "multiplication": self._operation, "unary": self._unary,
            "member_dot": self._field, "member_index": self._index, "member_dot_arg": self._method,
            "ident_arg": self._call, "ident": self._ident, "dot_ident": self._ident,
            "literal": self._literal,
        }  # fmt: skip
        read = reads.get(str(tree.data))
        if read is not None:
            return read(tree, scope)
        for child in tree.children:
            if isinstance(child, Tree):
                self._read(child, scope)
        return {"list_lit": of("list"), "map_lit": of("map")}.get(str(tree.data), Seen())

    def _condition(self, tree: Node, scope: Mapping[str, Seen], where: str) -> None:
        seen = self._read(tree, scope)
        if not seen.may_be("bool"):
            self._fault(f"{where} takes what is true or false, and not {seen.words}")

    def _choice(self, tree: Node, scope: Mapping[str, Seen]) -> Seen:
        self._condition(tree_of(tree.children[0]), scope, "?")
        first, second = (self._read(tree_of(child), scope) for child in tree.children[1:])
        return Seen(first.kinds | second.kinds)

    def _joined(self, tree: Node, scope: Mapping[str, Seen]) -> Seen:
        for child in tree.children:
            self._condition(tree_of(child), scope, "||" if tree.data == "conditionalor" else "&&")
        return of("bool")

    def _unary(self, tree: Node, scope: Mapping[str, Seen]) -> Seen:
        if tree_of(tree.children[0]).data == "unary_not":
            self._condition(tree_of(tree.children[1]), scope, "!")
            return of("bool")
        seen = self._read(tree_of(tree.children[1]), scope)
        if not seen.may_be("int", "double", "time"):
            return self._fault(f"- takes a number, and not {seen.words}")
        return Seen(seen.kinds & {"int", "double", "time"})

    def _operation(self, tree: Node, scope: Mapping[str, Seen]) -> Seen:
        left_side = tree_of(tree.children[0])
        operator = OPERATORS[str(left_side.data)]
        left = self._read(tree_of(left_side.children[0]), scope)
        right = self._read(tree_of(tree.children[1]), scope)
        if operator in ("==", "!="):
            self._check_equal(left, right, operator)
        elif operator == "in":
            if not right.may_be(*SIZED):
                self._fault(f"in looks into a list or an object, and not into {right.words}")
        elif operator in ("<", "<=", ">", ">="):
            if not may_be_ordered(left, right):
                self._fault(f"{operator} cannot compare {left.words} with {right.words}")
        else:
            return self._arithmetic(left, right, operator)
        return of("bool")

    def _check_equal(self, left: Seen, right: Seen, operator: str) -> None:
        if not may_be_equal(left, right):
            self._fault(f"{operator} cannot compare {left.words} with {right.words}")
            return
        for listed, other in ((left, right), (right, left)):
            if listed.schema is None or listed.values is None or other.values is None:
                continue
            if listed.values.isdisjoint(other.values):
                can_be = ", ".join(map(name, sorted(listed.values)))
                self._fault(f"{operator} compares with a text that is never there, only {can_be}")

    def _arithmetic(self, left: Seen, right: Seen, operator: str) -> Seen:
        whole, fraction = left.kinds - {"null"}, right.kinds - {"null"}
        if whole <= {"int", "uint"} and fraction == {"double"}:
            message = f"{operator} cannot follow a whole number with one that has a fraction"
            return self._fault(f"{message}; write double(...) around the first")
        joined = {"+": {"text", "bytes", "list", "time"}, "-": {"time"}}.get(operator, set())
        number = {*NUMBERS, "bool"}
        fits = left.may_be(*number) and right.may_be(*number)
        if not fits and not any(left.may_be(kind) and right.may_be(kind) for kind in joined):
            return self._fault(f"{operator} cannot join {left.words} and {right.words}")
        return Seen((left.kinds | right.kinds) & (NUMBERS | joined) | (NUMBERS if fits else set()))

    def _field(self, tree: Node, scope: Mapping[str, Seen]) -> Seen:
        operand, step = tree_of(tree.children[0]), str(tree.children[1])
        if is_tasks(operand, scope):
            return self._task(step)
        return self._step(self._read(operand, scope), step, text_of(tree))

    def _step(self, seen: Seen, step: str, where: str) -> Seen:
        if not seen.may_be("map"):
            index = f"; write {name(where.rpartition('.')[0])}[0]" if seen.may_be("list") else ""
            return self._fault(f"{name(where)}: {seen.words} has no fields{index}")
        return self._known(seen, step, where)

    def _known(self, seen: Seen, step: str, where: str) -> Seen:
        inner = seen.field(step)
        if inner is not None:
            return inner
        has = fields_of(seen.schema or {})
        told = f"it has {', '.join(has)}" if has else "there are fewer"
        return self._fault(f"{name(where)}: there is no {name(step)!r}; {told}")

    def _index(self, tree: Node, scope: Mapping[str, Seen]) -> Seen:
        operand, inner = tree_of(tree.children[0]), tree_of(tree.children[1])
        literal = literal_in(inner)
        key = plain_text(literal) if literal is not None else None
        if is_tasks(operand, scope):
            return self._fault(f"{text_of(tree)}: {_BY_NAME}") if key is None else self._task(key)
        seen, by = self._read(operand, scope), self._read(inner, scope)
        if not seen.may_be(*SIZED):
            return self._fault(f"{name(text_of(tree))}: {seen.words} has no elements")
        if seen.kinds <= {"list", "null"}:
            if not by.may_be("int", "uint", "bool"):
                return self._fault(f"{name(text_of(tree))}: a list is indexed by a whole number")
            number = int(literal) if literal is not None and str(literal).isdecimal() else 0
            return self._known(seen, str(number), text_of(tree))
        if seen.kinds <= {"map", "null"} and key is not None:
            return self._known(seen, key, text_of(tree))
        return Seen()

    def _task(self, task_id: str) -> Seen:
        if task_id not in self._found:  # as the run finds what it needs
            return self._fault(f"{name(task_id)} is not found as a task there; {_BY_NAME}")
        self.named.add(task_id)
        view = self._view_of(task_id)
        return Seen() if view is None else seen_of(view)

    def _ident(self, tree: Node, scope: Mapping[str, Seen]) -> Seen:
        named = str(tree.children[0])
        if is_tasks(tree, scope):
            return self._fault(f"tasks cannot be used as a whole; {_BY_NAME}")
        if named in scope and tree.data == "ident":
            return scope[named]
        if named in GIVES:
            return of("type")
        if named == "google":  # where CEL keeps further types
            return Seen()
        return self._fault(f"there is no {name(named)!r}; a condition sees tasks alone")

    def _literal(self, tree: Node, scope: Mapping[str, Seen]) -> Seen:
        token = tree.children[0]
        text = plain_text(token)
        kind = LITERALS.get(token.type if isinstance(token, Token) else "")
        return Seen(
            of(kind).kinds if kind is not None else Seen().kinds,
            values=None if text is None else frozenset({text}),
        )

    def _call(self, tree: Node, scope: Mapping[str, Seen]) -> Seen:
        called, arguments = str(tree.children[0]), arguments_of(tree, 1)
        if called == "has":
            return self._has(arguments, scope)
        seen = [self._read(argument, scope) for argument in arguments]
        if called == "dyn":
            return Seen()
        return self._result(called, seen)

    def _has(self, arguments: list[Node], scope: Mapping[str, Seen]) -> Seen:
        for argument in arguments:
            inner = innermost(argument)
            operand = tree_of(inner.children[0]) if inner.data == "member_dot" else inner
            # Whether the field is there is just what is asked.
            self._read(inner if is_tasks(operand, scope) else operand, scope)
        return of("bool")

    def _method(self, tree: Node, scope: Mapping[str, Seen]) -> Seen:
        called, arguments = str(tree.children[1]), arguments_of(tree, 2)
        seen = self._read(tree_of(tree.children[0]), scope)
        if called not in OVER_LISTS:
            read = [self._read(argument, scope) for argument in arguments]
            return self._result(called, [seen, *read])
        if not seen.may_be(*SIZED):
            self._fault(f"{called} goes over a list, and not over {seen.words}")
        variable, body = (innermost(argument) for argument in arguments)
        inside = {**scope, str(variable.children[0]): seen.element()}
        if called == "map":
            self._read(body, inside)
            return of("list")
        self._condition(body, inside, called)
        if called != "filter":
            return of("bool")
        return Seen(frozenset({"list"}), seen.schema if seen.kinds <= {"list", "null"} else None)

    def _result(self, called: str, arguments: list[Seen]) -> Seen:
        if called not in GIVES:
            return self._fault(f"there is no function {name(called)!r}")
        takes = TAKES.get(called)
        if takes is not None and arguments and not arguments[0].may_be(*takes):
            return self._fault(f"{called} cannot be taken of {arguments[0].words}")
        return of(GIVES[called])
