"""Chains written in Python are the same documents."""

from __future__ import annotations

import pytest

from secretflow_worker.chain_builder import Chain, each
from secretflow_worker.contract.errors import ConfigError
from secretflow_worker.orchestrator.services.validate import validate
from secretflow_worker.tasks import TaskDispatcher
from tests.orchestrator.documents import PARTIES, chain, paths, psi, scaler

PSI = {
    "keys": {party: ["uid"] for party in PARTIES},
    "input_paths": paths("raw.csv"),
    "output_paths": paths("psi.csv"),
}


def test_steps_make_the_same_document() -> None:
    built = Chain("test", parties=PARTIES)
    first = built.psi(**PSI)
    first.standard_scaler(
        task_id="scale",
        input_data={party: first.result.output_paths[party] for party in PARTIES},
        output_data=paths("scale.csv"),
        columns=["x1"],
    )
    assert built.document() == chain(psi(), scaler("scale", "psi"))
    assert validate(built.document()) == []


def test_one_call_after_the_other_is_a_sequence() -> None:
    document = (
        Chain("test", parties=PARTIES)
        .psi(**PSI)
        .standard_scaler(input_data=paths("psi.csv"), output_data=paths("a.csv"))
        .standard_scaler(input_data=paths("a.csv"), output_data=paths("b.csv"))
        .document()
    )
    assert [(task["task_id"], task["depends_on"]) for task in document["tasks"]] == [
        ("psi", []),
        ("standard_scaler", ["psi"]),
        ("standard_scaler_2", ["standard_scaler"]),
    ]
    assert validate(document) == []


def test_a_task_follows_what_it_refers_to() -> None:
    built = Chain("test", parties=PARTIES)
    first = built.psi(**PSI)
    other = built.psi(**{**PSI, "output_paths": paths("other.csv")})
    built.standard_scaler(
        input_data=first.result.output_paths,
        output_data=paths(f"{other.result.intersection_count}.csv"),
    ).set(when="tasks.psi.status == 'SUCCESS'", timeout_s=60)
    task = built.document()["tasks"][2]
    assert task["depends_on"] == ["psi", "psi_2"]
    assert task["task_params"]["task_config"]["output_data"]["bob"] == (
        "/data/bob/${tasks.psi_2.result.intersection_count}.csv"
    )
    assert (task["when"], task["timeout_s"]) == ("tasks.psi.status == 'SUCCESS'", 60)
    assert validate(built.document()) == []


def test_a_sweep_and_what_comes_after_it() -> None:
    built = Chain("test", parties=PARTIES, max_parallel=1)
    swept = built.psi(**{**PSI, "output_paths": paths(f"{each.n}.csv"), "sort": each.sort})
    swept.set(for_each={"n": [1, 2], "sort": [True]})
    swept.standard_scaler(input_data=swept[1].result.output_paths, output_data=paths("s.csv"))
    document = built.document()
    config = document["tasks"][1]["task_params"]["task_config"]
    assert config["input_data"] == "${tasks.psi.1.result.output_paths}"
    assert document["tasks"][0]["task_params"]["task_config"]["sort"] == "${each.sort}"
    assert document["options"] == {"parties": PARTIES, "max_parallel": 1}
    assert validate(document) == []


def test_branches_meet_again() -> None:
    built = Chain("test", parties=PARTIES)
    first = built.psi(**PSI)
    one = first.standard_scaler(input_data=paths("psi.csv"), output_data=paths("1.csv"))
    two = first.standard_scaler(input_data=paths("psi.csv"), output_data=paths("2.csv"))
    one.task("standard_scaler", after=two, input_data=paths("1.csv"), output_data=paths("3.csv"))
    last = built.document()["tasks"][-1]
    assert last["depends_on"] == ["standard_scaler", "standard_scaler_2"]
    assert one.document() == built.document()


def test_there_is_a_method_for_every_type() -> None:
    names = {task.name for task in TaskDispatcher.all()}
    assert names <= set(dir(Chain("test")))
    for name in names:
        getattr(Chain("test"), name)


def test_mistakes_are_named_at_once() -> None:
    built = Chain("test", parties=PARTIES)
    with pytest.raises(AttributeError, match="did you mean ss_lr"):
        built.ss_ir  # noqa: B018
    first = built.psi(task_id="a", **PSI)
    with pytest.raises(ConfigError, match="a already"):
        built.psi(task_id="a", **PSI)
    with pytest.raises(ConfigError, match="no field whn"):
        first.set(whn="true")
    with pytest.raises(TypeError, match="only when the chain runs"):
        list(first.result.reports)
    with pytest.raises(ConfigError, match="max_parallel"):
        Chain("test", parties=PARTIES, max_parallel=0).psi(**PSI).document()
    with pytest.raises(ConfigError, match="tasks"):
        Chain("empty").document()


def test_a_type_of_a_plugin_elsewhere_can_be_named() -> None:
    document = Chain("test").task("theirs@2", rate=1).document()
    assert document["tasks"][0]["task_type"] == "theirs@2"
    assert document["tasks"][0]["task_id"] == "theirs"
