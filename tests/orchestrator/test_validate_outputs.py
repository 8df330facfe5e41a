"""Sweeps, and what tasks write and read: nothing is written by two, or read while it is."""

from __future__ import annotations

from typing import Any

import pytest

from secretflow_worker.orchestrator.services.validate import validate
from secretflow_worker.tasks import TaskDispatcher
from tests.orchestrator.documents import PARTIES, chain, paths, psi, scaler, task
from tests.orchestrator.faults import CONFIG, codes, found, with_fields


def sweep(**for_each: Any) -> dict[str, Any]:
    swept = scaler("scale", "psi", output_data=paths("${each.name}.csv"), with_std="${each.std}")
    return chain(psi(), with_fields(swept, for_each=for_each))


def test_each_combination_of_a_sweep_is_checked() -> None:
    assert validate(sweep(name=["a", "b"], std=[True])) == []
    message = found(sweep(name=["a", "b"], std=[True, "never"]))[CONFIG.format(1) + ".with_std"]
    assert "combination 1" in message or "combination 3" in message


@pytest.mark.parametrize(
    ("path", "for_each", "mended"),
    [
        ("/d/out.csv", {"name": ["a", "b"], "std": [True]}, "/d/out-${each.name}.csv"),
        (
            "/d/out.csv",
            {"name": ["a", "b"], "std": [True, False]},
            "/d/out-${each.name}-${each.std}.csv",
        ),
        (
            "/d/${each.name}.csv",
            {"name": ["a", "b"], "std": [True, False]},
            "/d/${each.name}-${each.std}.csv",
        ),
        ("/d.x/out", {"name": [1, 2.5], "std": [True]}, "/d.x/out-${each.name}"),
    ],
)
def test_what_a_sweep_writes_twice_is_told_as_it_should_be(
    path: str, for_each: dict[str, list[Any]], mended: str
) -> None:
    def swept(path: str) -> dict[str, Any]:
        output = {"alice": path, "bob": "/d/bob-${each.name}-${each.std}.csv"}
        task = scaler("scale", "psi", output_data=output, with_std="${each.std}")
        return chain(psi(), with_fields(task, for_each=for_each))

    message = found(swept(path))[CONFIG.format(1) + ".output_data.alice"]
    assert message.endswith(f'; write "{mended}"')
    assert "several" not in str(found(swept(mended)))


def test_values_that_fit_in_no_path_are_given_names() -> None:
    sets = [["x1"], ["x1", "x2"]]
    task = scaler("scale", "psi", output_data=paths("out.csv"), columns="${each.set}")
    message = found(chain(psi(), with_fields(task, for_each={"set": sets})))[
        CONFIG.format(1) + ".output_data.alice"
    ]
    assert "${each.set.name} into the path" in message
    named = [{"name": f"s{number}", "value": value} for number, value in enumerate(sets)]
    mended = scaler(
        "scale",
        "psi",
        output_data=paths("out-${each.set.name}.csv"),
        columns="${each.set.value}",
    )
    assert validate(chain(psi(), with_fields(mended, for_each={"set": named}))) == []


@pytest.mark.parametrize(
    ("for_each", "path", "why"),
    [
        ({"name": list(range(40)), "std": [True] * 40}, "tasks.1.for_each", "1600 nodes"),
        ({"name": [], "std": [True]}, "tasks.1.for_each.name", "never run"),
        ({"name": ["a"], "std": [True], "a b": [1]}, "tasks.1.for_each", "fits in no reference"),
        ({"name": ["${tasks.psi.status}"], "std": [True]}, "tasks.1.for_each.name.0", "as it is"),
        ({"name": ["a", "a"], "std": [True]}, CONFIG.format(1) + ".output_data.alice", "leave one"),
    ],
)
def test_a_wrong_sweep_is_refused(for_each: dict[str, Any], path: str, why: str) -> None:
    assert why in found(sweep(**for_each))[path]


def test_a_task_after_a_sweep_refers_to_its_nodes_by_number() -> None:
    document = sweep(name=["a", "b"], std=[True])
    for number, is_right in (("1", True), ("2", False), ("result", False)):
        last = scaler("last", "scale", columns=[f"${{tasks.scale.{number}.status}}"])
        faults = validate({**document, "tasks": [*document["tasks"], last]})
        assert (faults == []) is is_right, faults


def test_tasks_side_by_side_may_not_write_the_same_file() -> None:
    one, two = scaler("one", "psi"), scaler("two", "psi", output_data=paths("one.csv"))
    faults = codes(chain(psi(), one, two))
    assert (CONFIG.format(1) + ".output_data.alice", "COLLISION") in faults
    assert (CONFIG.format(2) + ".output_data.bob", "COLLISION") in faults
    two["depends_on"] = ["one"]
    assert validate(chain(psi(), one, two)) == []


def test_a_task_may_not_read_what_one_beside_it_writes() -> None:
    reader = scaler("reader", "psi", input_data=paths("one.csv"))
    message = found(chain(psi(), scaler("one", "psi"), reader))[
        CONFIG.format(2) + ".input_data.bob"
    ]
    assert "written by one" in message


def test_an_output_may_not_lie_in_a_folder_that_another_task_writes_beside_it() -> None:
    inside = {"alice": "/data/alice/one.csv/x.csv", "bob": "/data/bob/x.csv"}
    document = chain(psi(), scaler("one", "psi"), scaler("two", "psi", output_data=inside))
    assert (CONFIG.format(2) + ".output_data.alice", "COLLISION") in codes(document)


def test_parties_share_a_machine_in_local_mode_alone() -> None:
    same = psi(output_paths=dict.fromkeys(PARTIES, "/data/common.csv"))
    assert "another output" in found(chain(same))[CONFIG.format(0) + ".output_paths.bob"]
    cluster = {"parties": {party: {"address": f"{party}:9000"} for party in PARTIES}}
    assert validate(chain(same, sf_init_config=cluster)) == []


def test_a_key_is_kept_by_whose_values_are_encrypted() -> None:
    example = dict(TaskDispatcher.find("sgb").example)
    heu = {"sk_keeper": {"party": "bob"}, "evaluators": [{"party": "alice"}]}
    document = chain(task("sgb", "sgb", **example), heu_config=heu)
    assert set(found(document)) == {"options.heu_config.sk_keeper"}
    heu = {"sk_keeper": {"party": "alice"}, "evaluators": [{"party": "carol"}]}
    document = chain(task("sgb", "sgb", **example), heu_config=heu)
    assert set(found(document)) == {"options.heu_config.evaluators"}


def test_parties_may_be_swept_too() -> None:
    swept = with_fields(psi(), for_each={"n": [1, 2]})
    swept["task_params"]["task_config"]["output_paths"] = paths("${each.n}.csv")
    swept["task_params"]["sf_init_config"] = {"parties": ["alice", "b${each.n}b"]}
    messages = found(chain(swept))
    assert any("not a party" in text or "missing" in text for text in messages.values())
