"""What stands in a task's strings: references and conditions."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from secretflow_worker.orchestrator.core import conditions
from secretflow_worker.orchestrator.core.conditions import (
    ConditionFault,
    evaluate,
    parse,
    tasks_in,
)
from secretflow_worker.orchestrator.core.references import ReferenceFault, find_references, render

SECRET = "4242.42"
TASKS: dict[str, Any] = {
    "psi": {
        "status": "SUCCESS",
        "result": {"count": 7, "paths": {"alice": "/d/a.csv"}, "none": None},
    },
    "lr": [
        {"status": "SUCCESS", "result": {"auc": 0.7, "name": SECRET}},
        {"status": "FAILURE", "result": None},
    ],
}


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("${tasks.psi.result.count}", 7),
        ("${tasks.psi.result.paths}", {"alice": "/d/a.csv"}),
        ("${tasks.psi.result.none}", None),
        ("${tasks.lr.0.result.auc}", 0.7),
        ("${each.rate}", 0.5),
        ("/d/${each.rate}/${tasks.psi.status}.csv", "/d/0.5/SUCCESS.csv"),
        ("no reference, $5 and {}", "no reference, $5 and {}"),
        ({"a": ["${tasks.psi.result.count}", 1]}, {"a": [7, 1]}),
    ],
)
def test_a_reference_becomes_what_it_leads_to(template: Any, value: Any) -> None:
    assert render(template, TASKS, {"rate": 0.5}) == value


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("${tasks.nothing.result}", "no 'nothing'"),
        ("${tasks.psi.result.count.deeper}", "no 'deeper'"),
        ("${tasks.lr.2.result}", "no '2'"),
        ("${tasks.lr.-1.result}", "no '-1'"),
        ("x${tasks.psi.result.paths}", "fits in no text"),
        (f"${{tasks.lr.{'9' * 5_000}.result}}", "leads to nothing"),
        ("${env.HOME}", "is no reference"),
        ("${tasks}", "is no reference"),
        ("${each.__class__.mro}", "no '__class__'"),
    ],
)
def test_a_reference_that_leads_to_nothing_says_so(template: str, why: str) -> None:
    with pytest.raises(ReferenceFault, match=why) as fault:
        render(template, TASKS, {})
    assert SECRET not in str(fault.value)


def test_a_text_of_a_result_is_not_written_into_others_however_long() -> None:
    tasks = {"psi": {"result": {"long": "x" * 20_000}}}
    assert render("${tasks.psi.result.long}", tasks, {}) == "x" * 20_000
    with pytest.raises(ReferenceFault, match="too long"):
        render("x${tasks.psi.result.long}", tasks, {})


def test_references_are_found_with_their_place() -> None:
    found = list(find_references({"a": {"b": ["x", "${tasks.psi.result.count}"]}}))
    assert [(one.place, one.path) for one in found] == [("a.b.1", ("psi", "result", "count"))]
    for wrong in ("${tasks.psi.result", "${tasks.${each.x}.result}"):
        with pytest.raises(ReferenceFault):
            list(find_references({"a": wrong}))


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("tasks.psi.result.count > 5", True),
        ('tasks["psi"].result.count == 8', False),
        ("tasks.lr.exists(one, one.status == 'FAILURE')", True),
        ("tasks.lr.filter(one, one.status == 'SUCCESS').size() == 1", True),
        ("has(tasks.psi.result.other)", False),
        ("tasks.lr[0].result.auc >= 0.7 && true", True),
        ("tasks.psi.result.count > 6.5 && 7.0 == tasks.psi.result.count", True),
        ("9007199254740993 == 9007199254740992.0", False),
        ("tasks.psi.result.none == null && tasks.psi.result.count != null", True),
        ("null == tasks.psi.result.paths", False),
    ],
)
def test_a_condition_holds_or_not(condition: str, holds: bool) -> None:
    assert evaluate(condition, TASKS) is holds


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("tasks.psi.result.count >", "no CEL expression"),
        ("", "no CEL expression"),
        ("tasks.psi.result.count", "neither true nor false"),
        ("tasks.nothing.result == 1", "is not there"),
        ("open('/etc/passwd') == 1", "is not there"),
        ("int(tasks.lr[0].result.name) == 1", "not of the same kind"),
        ("1 / 0 == 1", "divides by zero"),
        ("tasks.lr.all(a, tasks.lr.all(b, true))", "inside another"),
        ("tasks.lr.map(a, true, a) == []", "takes a variable"),
        ("tasks.lr.map(1, true) == []", "takes a variable"),
        ("tasks.lr.filter() == []", "takes a variable"),
        ("google.protobuf.Nothing{a: 1} == 1", "cannot be evaluated|is not there|same kind"),
        ("[1, 2].reduce(sum, one, 'a', sum + sum) == 'a'", "not offered"),
        ("-" * 600 + "1 == 1", "too deeply"),
        ("(" * 300 + "true" + ")" * 300, "too deeply"),
    ],
)
def test_a_condition_that_fails_says_why_and_no_value(condition: str, why: str) -> None:
    with pytest.raises(ConditionFault, match=why) as fault:
        evaluate(condition, TASKS)
    assert SECRET not in str(fault.value)


def test_a_hostile_pattern_ends_soon() -> None:
    tasks = {"psi": {"result": "a" * 10_000 + "!"}}
    assert evaluate("tasks.psi.result.matches('^(a+)+$')", tasks) is False


@pytest.mark.parametrize(
    "condition",
    [
        "tasks.a.result.all(x, tasks.a.result == tasks.a.result)",
        "tasks.a.result.map(x, tasks.a.result).size() > 1",
        "tasks.a.result.exists(x, x in tasks.a.result.map(y, y))",
    ],
)
def test_what_grows_with_a_result_ends_soon(condition: str) -> None:
    tracer = sys.gettrace()
    with pytest.raises(ConditionFault, match=r"steps|inside"):
        evaluate(condition, {"a": {"result": list(range(20_000))}})
    assert sys.gettrace() is tracer
    assert evaluate("tasks.a.result.all(x, x < 1000)", {"a": {"result": list(range(1000))}})


def test_no_step_is_one_at_which_the_count_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    results = {"a": {"result": list(range(500))}}
    for most in range(3900, 4330, 3):  # all of the steps that are made for one element
        monkeypatch.setattr(conditions, "_MOST_STEPS", most)
        with pytest.raises(ConditionFault, match="steps"):
            evaluate("tasks.a.result.map(x, tasks.a.result).size() > 1", results)


def test_texts_that_conditions_join_are_bounded() -> None:
    with pytest.raises(ConditionFault, match="too long"):
        evaluate("tasks.a.result[0].size() > 1", {"a": {"result": ["x" * 20_000]}})


def test_the_tasks_of_a_condition_are_known_before_it_runs() -> None:
    condition = """tasks.psi.result.count > 5 && tasks["lr-2"].status == 'x' && other.tasksx.y"""
    assert tasks_in(condition) == {"psi", "lr-2"}
    parse("tasks.later.result.count > 5")


@pytest.mark.parametrize(
    "when",
    [
        "dyn('%9999999999s') % dyn([1]) == 1",  # Python's formatting: all memory for one text
        "1 == dyn('') / dyn(0.0)",  # celpy's own division takes any text for nothing
        "dyn([1]) * true == [1]",
        "dyn(7) / 2.5 == 2",
        "dyn(duration('3s')) * 2 == duration('6s')",
    ],
)
def test_operators_do_no_more_than_cel_has(when: str) -> None:
    with pytest.raises(ConditionFault, match="not of the same kind"):
        evaluate(when, {})


@pytest.mark.parametrize(
    "when",
    [
        "7 / 2 == 3 && 7 % 2 == 1 && 2u * 3u - 1u == 5u",
        "0.5 * 4.0 + 1.0 == 3.0",
        "'a' + 'b' == 'ab' && b'a' + b'b' == b'ab' && [1] + [2] == [1, 2]",
        "duration('3s') + duration('4s') == duration('7s')",
        "timestamp('2020-01-02T00:00:00Z') - duration('24h') == timestamp('2020-01-01T00:00:00Z')",
        "true || 1 / 0 == 1",
    ],
)
def test_operators_do_what_cel_has(when: str) -> None:
    assert evaluate(when, {})
