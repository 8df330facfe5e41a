"""Documents that want to do harm: deep, endless, large, and with values to be told."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretflow_worker.orchestrator.services.validate import validate
from tests.orchestrator.documents import chain, psi, scaler, task
from tests.orchestrator.faults import SECRET, with_fields


def deep(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = {"a": [value]}
    return value


@pytest.mark.parametrize(
    "config",
    [
        {"a": deep(50_000)},
        {"a": float("nan")},
        {"a": 2**70},
        {"a": "x\0y"},
        {"a": "\ud800"},
        {7: "x"},
        {"a": b"bytes"},
        {"a": {"x" * 200_000: 1}},
        {"a": "x" * 200_000},
    ],
    ids=["deep", "nan", "huge", "nul", "surrogate", "number", "bytes", "long name", "long text"],
)
def test_what_cannot_be_stored_is_refused(config: Any) -> None:
    faults = validate(chain(psi(a=1) | {"task_params": {"task_config": config}}))
    assert faults
    assert all(len(fault.path) < 3_000 and len(fault.message) < 1_100 for fault in faults)


def test_what_unfolds_without_end_is_refused() -> None:
    shared: Any = ["x"] * 10
    for _ in range(20):
        shared = [shared] * 10
    assert [fault.code for fault in validate({"tasks": shared})] == ["TOO_LARGE"]
    ring: list[Any] = []
    ring.append(ring)
    assert [fault.code for fault in validate({"tasks": ring})] == ["TOO_LARGE"]


@pytest.mark.parametrize("hostile", ["\n${x}", "'; DROP TABLE", "a" * 5000, "‮", "%s%n", "../.."])
def test_hostile_names_break_nothing(hostile: str) -> None:
    first = psi()
    first["task_params"]["task_config"] |= {hostile: 1, "receiver": hostile}
    document = chain(first, psi(hostile), scaler("scale", hostile))
    document[hostile] = 1
    faults = validate(document)
    assert len(faults) > 3
    assert all(fault.path.isprintable() for fault in faults)


def test_no_fault_repeats_a_value() -> None:
    config = {
        "keys": {"alice": SECRET, "bob": [SECRET, 7]},
        "input_paths": {"alice": SECRET},
        "output_paths": [SECRET],
        "sort": SECRET,
        "join_type": SECRET,
    }
    document = chain(with_fields(task("a", "psi", **config), timeout_s=SECRET, retry=SECRET))
    document["options"]["priority"] = SECRET
    document["options"]["spu_config"] = {"cluster_def": {"nodes": SECRET}}
    document["options"]["timeout"] = SECRET
    faults = validate(document)
    assert len(faults) >= 8
    assert SECRET not in str(faults)


def big(count: int, depends: int) -> dict[str, Any]:
    tasks = [psi()]
    for number in range(1, count):
        before = [f"t{each}" for each in range(max(1, number - depends), number)] or ["psi"]
        tasks.append(scaler(f"t{number}", *before))
    return chain(*tasks)


def test_ten_thousand_tasks_are_checked() -> None:
    assert validate(big(10_000, 5)) == []


def test_ten_thousand_faulty_tasks_are_cut_short() -> None:
    document = big(10_000, 1)
    for each in document["tasks"]:
        each["task_params"]["task_config"]["typo"] = 1
    document["tasks"][1]["depends_on"] = ["t9999"]
    faults = validate(document)
    assert len(faults) == 1001
    assert "more faults" in faults[-1].message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["psi", "${each.x}", "/a"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["alice", "parties", "task_config", "x"]), inner, max_size=3
        )
    ),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_nothing_makes_it_crash(data: st.DataObject) -> None:
    document = chain(psi(), with_fields(scaler("scale", "psi"), for_each={"x": [1, 2]}))
    document = copy.deepcopy(document)
    for _ in range(data.draw(st.integers(1, 3))):
        at: Any = document
        while True:
            keys = list(at) if isinstance(at, dict) else list(range(len(at)))
            key = data.draw(st.sampled_from(keys))
            inner = at[key]
            if not isinstance(inner, (dict, list)) or not inner or data.draw(st.booleans()):
                at[key] = data.draw(JSON)
                break
            at = inner
    validate(document)
