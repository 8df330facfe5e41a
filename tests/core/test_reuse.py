"""Whether earlier successes hold, by what parties tell of their files."""

from __future__ import annotations

import pytest

from secretflow_worker.contract.chain import NodeStatus
from secretflow_worker.orchestrator.core import model
from secretflow_worker.orchestrator.core.decide import decide, initial_state
from secretflow_worker.orchestrator.core.reuse import (
    FilesNow,
    Holds,
    Success,
    content_of,
    examine,
    examine_run,
)
from tests.core.plans import plan_of

IN, OUT = ("alice", "/in.csv"), ("alice", "/out.csv")


def success(**changes: object) -> Success:
    fields: dict[str, object] = {
        "execution_id": "r-1:a:1",
        "ended_at": 10.0,
        "inputs": {IN: "key:1"},
        "outputs": {OUT: "key:2"},
        **changes,
    }
    return Success(**fields)  # type: ignore[arg-type]


def now(*, silent: dict[str, str] | None = None, **prints: str | None) -> FilesNow:
    told = {IN: frozenset({"key:1"}), OUT: frozenset({"key:2"})}
    for name, print_ in prints.items():
        told[{"in_": IN, "out": OUT}[name]] = frozenset({print_} if print_ else ())
    return FilesNow(told, silent or {})


@pytest.mark.parametrize(
    ("then", "by_now", "holds", "why"),
    [
        (success(), now(), Holds.KEPT, ""),
        (success(), now(in_="key:9"), Holds.CHANGED, "input /in.csv of party alice has changed"),
        (success(), now(out="key:9"), Holds.CHANGED, "output /out.csv of party alice has changed"),
        (success(), now(out=None), Holds.CHANGED, "output /out.csv of party alice is gone"),
        (success(), now(out="new:2"), Holds.FORGOTTEN, "has a new key"),
        (success(), now(silent={"alice": "no answer"}), Holds.UNCHECKED, "no answer"),
        (success(), FilesNow(), Holds.UNCHECKED, "not hashed in time"),
        (success(inputs={IN: None}), now(), Holds.UNCHECKED, "not hashed when it ran"),
        (success(inputs={OUT: None}), now(), Holds.KEPT, ""),
        (
            success(untold=frozenset({"bob"})),
            now(),
            Holds.UNCHECKED,
            "bob told no fingerprints",
        ),
        (success(untold=frozenset({"bob"})), now(out=None), Holds.CHANGED, "gone"),
    ],
)
def test_the_worst_of_its_files_decides(
    then: Success, by_now: FilesNow, holds: Holds, why: str
) -> None:
    found = examine(then, by_now)
    assert found.holds is holds
    assert why in found.why


def test_a_file_that_a_later_task_replaced_is_that_tasks_affair() -> None:
    first = success(outputs={OUT: "key:old"})
    second = success(
        execution_id="r-1:b:1", ended_at=20.0, inputs={OUT: None}, outputs={OUT: "key:2"}
    )
    examined = examine_run([first, second], now())
    assert {one.holds for one in examined.findings.values()} == {Holds.KEPT}
    assert list(examined.together) == [frozenset({"r-1:a:1", "r-1:b:1"})]
    changed = examine_run([first, second], now(out="key:x")).findings
    assert changed["r-1:a:1"].holds is Holds.KEPT
    assert changed["r-1:b:1"].holds is Holds.CHANGED


def test_what_was_asked_is_compared_without_ids() -> None:
    request = {"execution_id": "a", "task_config": {"x": 1, "y": 2}, "priority": "low"}
    same = {"execution_id": "b", "task_config": {"y": 2, "x": 1}, "timeout_s": 3}
    assert content_of(request) == content_of(same)
    assert content_of(request) != content_of({"task_config": {"x": 1, "y": 3}})


def test_a_run_takes_over_what_holds_and_what_it_gives_to_others() -> None:
    plan = plan_of(
        {"a": [], "b": ["a"], "c": ["b"]},
        max_parallel=1,
        tasks={"b": {"task_params": {"task_config": {"n": "${tasks.a.result.n}"}}}},
    )
    asked_of_a = dict(plan.nodes["a"].params)
    asked_of_b = {**plan.nodes["b"].params, "task_config": {"task_type": "psi", "n": 7}}
    reusable = {
        content_of(asked_of_a): model.Reusable("r-0:a:1", {"n": 7}),
        content_of(asked_of_b): model.Reusable("r-0:b:1", None),
    }
    decision = decide(plan, initial_state(plan), model.Started(1.0, reusable))
    nodes = decision.state.nodes
    assert [nodes[name].reused_from for name in "abc"] == ["r-0:a:1", "r-0:b:1", "r-0:a:1"]
    assert decision.commands == ()
    del reusable[content_of(asked_of_a)]
    decision = decide(plan, initial_state(plan), model.Started(1.0, reusable))
    assert decision.state.nodes["a"].status is NodeStatus.QUEUED
    ended = model.Reported(2.0, "r-1:a:1", NodeStatus.SUCCESS, result={"n": 7})
    after = decide(plan, decision.state, ended)
    assert after.state.nodes["b"].status is NodeStatus.QUEUED, "its input was made anew"
