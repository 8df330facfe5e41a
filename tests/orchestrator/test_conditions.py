"""What a condition names and joins is checked before anything runs, and never too strictly."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretflow_worker.orchestrator.checks.expressions import Reader
from secretflow_worker.orchestrator.core.conditions import ConditionFault, evaluate
from secretflow_worker.orchestrator.services.validate import validate
from tests.orchestrator.documents import chain, paths, psi, scaler

COUNT = "tasks.psi.result.intersection_count"


def faults_of(when: str, **swept: Any) -> list[str]:
    """Return the faults of a condition on a psi, which `swept` makes a sweep."""
    first = {**psi(output_paths=paths("${each.name}.csv" if swept else "out.csv"))}
    if swept:
        first["for_each"] = swept
    document = chain(first, {**psi("after", "psi"), "when": when})
    found = validate(document)
    assert {(fault.path, fault.code) for fault in found} <= {("tasks.1.when", "CONDITION")}
    return [fault.message for fault in found]


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ("tsks.psi.status == 'SUCCESS'", "no 'tsks'; a condition sees tasks alone"),
        ("each.rate > 1", "no 'each'"),
        ("tasks.psi.state == 'SUCCESS'", "it has result, status"),
        ("tasks.psi.result.count > 1", "no 'count'; it has intersection_count"),
        ("tasks.psi.result['count'] > 1", "no 'count'; it has intersection_count"),
        ("tasks.psi.result.reports[0].count > 1", "it has intersection_count, original_count"),
        ("tasks.psi.result.reports.all(one, one.count > 1)", "no 'count'"),
        ("tasks.psi.result.reports.all(one, other.party == 'a')", "no 'other'"),
        ("has(tasks.psi.result.count.more)", "no 'count'"),
        (f"lower({COUNT}) == 'a'", "no function 'lower'"),
        ("tasks.psi.status.lower() == 'success'", "no function 'lower'"),
        ("tasks.psi.status == 'SUCESS'", "never there, only CANCELLED, FAILURE, SKIPPED, SUCCESS"),
        (COUNT, "a whole number, and never true or false"),
        ("[1].map(x, x)", "a list, and never true or false"),
        (f"{COUNT} == '7'", "cannot compare a whole number with a text"),
        (f"{COUNT} < null", "cannot compare a whole number with null"),
        (f"{COUNT} * 0.5 > 10", "write double(...) around the first"),
        (f"{COUNT} + 'x' == 'x'", "cannot join"),
        (f"!{COUNT}", "! takes what is true or false"),
        (f"{COUNT} && true", "&& takes what is true or false"),
        (f"{COUNT} ? true : false", "? takes what is true or false"),
        (f"{COUNT}.all(x, true)", "goes over a list"),
        ("tasks.psi.result.reports.exists(one, one.party)", "exists takes what is true or false"),
        (f"{COUNT}.more == 1", "has no fields"),
        (f"{COUNT}[0] == 1", "has no elements"),
        (f"1 in {COUNT}", "looks into a list"),
        ("tasks.size() > 1", 'write tasks.<task_id>, or tasks["<task_id>"]'),
        ("tasks['p' + 'si'].status == 'SUCCESS'", "write tasks.<task_id>"),
        ("tasks//a remark\n.psi.status == 'SUCCESS'", "is not found as a task"),
        ("[1].map(x, x > 0, x) == [1]", "takes a variable and an expression"),
        ("[1].map(1, true) == [1]", "takes a variable and an expression"),
        ("tasks.nowhere.status == 'SUCCESS'", "there is no task nowhere"),
    ],
)
def test_what_can_never_be_is_a_fault_with_its_place(when: str, why: str) -> None:
    assert why in "; ".join(faults_of(when))


@pytest.mark.parametrize(
    "when",
    [
        f"{COUNT} > 0.5",
        f"double({COUNT}) * 0.5 > 10.0",
        "tasks.psi.status in ['SUCCESS', 'SKIPPED']",
        "tasks.psi.result == null || tasks.psi.result.receiver == null",
        "has(tasks.psi.result.later_than_this_version)",
        "tasks.psi.result.reports.filter(one, one.original_count > 1).size() == 2",
        "tasks.psi.result.reports[0].party.startsWith('a')",
        "tasks.psi.result.output_paths.alice.endsWith('.csv')",
        "dyn(tasks.psi.result.receiver).anything == 1",
        "'tasks.nowhere' != tasks.psi.result.receiver",
        f"{COUNT} > 1 ? tasks.psi.status == 'SUCCESS' : true",
    ],
)
def test_what_may_hold_passes(when: str) -> None:
    assert faults_of(when) == []


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ("tasks.psi.status == 'SUCCESS'", "write tasks.psi[0]"),
        ("tasks.psi[2].status == 'SUCCESS'", "tasks.psi[2]"),
        ("tasks.psi['a'].status == 'SUCCESS'", "indexed by a whole number"),
        ("tasks.psi.exists(one, one.state == 'SUCCESS')", "it has result, status"),
        ("tasks.psi[1].status == 'SUCCESS'", ""),
        ("tasks.psi.all(one, one.result.intersection_count > 5)", ""),
    ],
)
def test_a_sweep_is_a_list_of_its_nodes(when: str, why: str) -> None:
    told = "; ".join(faults_of(when, name=["a", "b"]))
    assert why in told
    assert bool(why) == bool(told)


def test_every_fault_of_a_condition_is_told_at_once() -> None:
    assert len(faults_of(f"{COUNT} == 'a' && nothing.at == 1 || tasks.psi.result.no == 1")) == 3


def test_the_order_of_each_task_counts_for_the_same_condition() -> None:
    when = "tasks.one.status == 'SUCCESS'"
    tasks = [psi("one"), {**psi("two", "one"), "when": when}, {**psi("three"), "when": when}]
    assert [fault.path for fault in validate(chain(*tasks))] == ["tasks.2.when"]
    assert validate(chain(psi("one"), {**scaler("scale", "one"), "when": "tasks.scale"}))


def test_a_task_of_an_unknown_type_has_anything() -> None:
    odd = {**psi(), "task_type": "no_such_type"}
    found = validate(chain(odd, {**psi("after", "psi"), "when": "tasks.psi.result.any.thing"}))
    assert [fault.path for fault in found] == ["tasks.0.task_type"]


RESULT = {
    "n": st.integers(-3, 3),
    "f": st.floats(-2, 2) | st.integers(-2, 2),
    "s": st.sampled_from(["", "a", "7"]),
    "b": st.booleans(),
    "o": st.none() | st.integers(0, 2),
    "l": st.lists(st.integers(0, 2), max_size=2),
    "m": st.fixed_dictionaries({"a": st.integers(0, 2)}),
    "z": st.none(),
}
SCHEMA = {
    "type": "object",
    "properties": {
        "result": {
            "type": "object",
            "properties": {
                "n": {"type": "integer"},
                "f": {"type": "number"},
                "s": {"type": "string"},
                "b": {"type": "boolean"},
                "o": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                "l": {"type": "array", "items": {"type": "integer"}},
                "m": {"type": "object", "additionalProperties": {"type": "integer"}},
                "z": {"type": "null"},
            },
        }
    },
}
_LEAVES = st.sampled_from(
    [f"tasks.t.result.{name}" for name in RESULT]
    + ["1", "0.5", "2u", "'a'", "true", "null", "b'a'", "[1]", "{'a': 1}", "int", "[]"]
    + ["duration('3s')", "timestamp('2020-01-01T00:00:00Z')"]
)
_OPERATORS = ["==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%"]
_CALLS = ["size", "int", "uint", "double", "string", "bool", "type", "bytes"]


def _joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(_OPERATORS), inner),
        st.builds("{}({})".format, st.sampled_from([*_CALLS, "!", "-"]), inner),
        st.builds("({})[{}]".format, inner, inner),
        st.builds("({}).a".format, inner),
        st.builds("({}).startsWith({})".format, inner, inner),
    )


evaluate("true", {})  # celpy changes Python's limit of recursion at its first use


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(_LEAVES, _joined, max_leaves=4),
    st.lists(st.fixed_dictionaries(RESULT), min_size=6, max_size=6),
)
def test_a_fault_is_never_told_of_what_may_hold(when: str, results: list[Any]) -> None:
    """Without what passes over errors (``||``, ``has``, ...), a fault means that no result does.

    Equality apart: celpy says that some things are not equal which can never be.
    """
    faults = Reader(when, lambda task_id: SCHEMA if task_id == "t" else None).faults
    if any(not fault.startswith(("==", "!=")) for fault in faults):
        for result in results:
            with pytest.raises(ConditionFault):
                evaluate(when, {"t": {"status": "SUCCESS", "result": result}})
