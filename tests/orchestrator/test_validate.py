"""Every fault of a chain's document at once, each with its place, and never a value."""

from __future__ import annotations

import pytest

from secretflow_worker.contract.chain import read_draft
from secretflow_worker.orchestrator.services.validate import validate
from secretflow_worker.tasks import TaskDispatcher
from tests.orchestrator.documents import PARTIES, chain, paths, psi, scaler, task
from tests.orchestrator.faults import CONFIG, codes, found, with_fields


def test_a_right_chain_has_no_fault() -> None:
    document = chain(psi(), scaler("scale", "psi"), scaler("again", "psi"))
    assert validate(document) == []


def test_every_fault_is_listed_at_once() -> None:
    document = chain(
        psi(),
        psi("psi"),
        with_fields(scaler("scale", "nowhere"), depends_on=["nowhere", "psi"]),
        task("odd", "no_such_type", "psi"),
        task("worse", "psi", keys={"alice": [7]}, input_paths=paths("raw.csv"), extra=1),
        {"task_id": "broken", "task_params": {}},
        with_fields(psi("callback"), is_callback=True),
        scaler("late", "psi", with_mean="${tasks.psi.result.nothing}"),
        max_parallel=0,
    )
    places = codes(document)
    assert places >= {
        ("tasks.1.task_id", "DUPLICATE_ID"),
        ("tasks.2.depends_on.0", "UNKNOWN_DEPENDENCY"),
        ("tasks.3.task_type", "TASK_UNKNOWN"),
        (CONFIG.format(4) + ".keys.alice.0", "CONFIG_INVALID"),
        (CONFIG.format(4) + ".output_paths", "CONFIG_INVALID"),
        (CONFIG.format(4) + ".extra", "CONFIG_INVALID"),
        ("tasks.5.task_type", "SHAPE"),
        ("tasks.5.task_params.task_config", "SHAPE"),
        ("tasks.6.is_callback", "CALLBACK"),
        (CONFIG.format(7) + ".with_mean", "REFERENCE"),
        ("options.max_parallel", "SHAPE"),
    }


@pytest.mark.parametrize("document", [None, [], "chain", 7, {}, {"chain_name": "x", "tasks": []}])
def test_what_is_no_chain_is_refused(document: object) -> None:
    assert validate(document)


def test_options_that_do_not_go_together_are_told_beside_a_wrong_one() -> None:
    document = chain(psi(), sf_init_config={"parties": list(PARTIES)})
    document["options"]["parties"] = list(PARTIES)
    twice = {"options.sf_init_config": "parties names the parties already"}
    assert found(document) == twice
    document["options"]["stop_on_error"] = {"a": []}
    both = found(document)
    assert both.keys() == {*twice, "options.stop_on_error"}
    assert twice.items() <= both.items()


def test_a_draft_is_read_whatever_its_names_are() -> None:
    document = chain(psi(), priority="soon")
    document["tasks"][0][7] = document["options"][7] = 1
    draft, faults = read_draft(document)
    assert draft.options is not None
    assert [task.task_id for task in draft.tasks.values()] == ["psi"]
    assert len(faults) == 3


def test_a_cycle_is_named() -> None:
    document = chain(psi("a", "c"), psi("b", "a"), psi("c", "b"), psi("d", "d"))
    texts = [fault.message for fault in validate(document) if fault.code == "CYCLE"]
    assert len(texts) == 2
    assert any(text.endswith("a -> c -> b -> a") or " -> ".join("acba") in text for text in texts)
    assert any("waits for itself" in text for text in texts)


def test_cycles_apart_are_all_named() -> None:
    document = chain(psi("a", "b"), psi("b", "a"), psi("c", "d"), psi("d", "c"))
    assert sum(fault.code == "CYCLE" for fault in validate(document)) == 2


def test_parties_and_protocols_that_do_not_fit_are_refused() -> None:
    nodes = [{"party": party, "address": f"{party}:9100"} for party in PARTIES]
    spu = {"cluster_def": {"nodes": nodes, "runtime_config": {"protocol": "ABY3"}}}
    trained = task("lr", "ss_lr", **TaskDispatcher.find("ss_lr").example)
    place = "options.spu_config.cluster_def.runtime_config.protocol"
    message = "ABY3 does not run among 2 parties"
    assert found(chain(trained, spu_config=spu)) == {place: message}
    alone = chain(psi())
    alone["options"] = {}
    assert "no parties" in found(alone)["tasks.0.task_params.sf_init_config"]
    alone["options"] = {"parties": ["alice"]}
    assert "takes 2 to 3 parties" in found(alone)["options.parties"]


def test_two_sources_of_parties_are_one_fault() -> None:
    document = chain(psi())
    document["options"]["sf_init_config"] = {"parties": PARTIES}
    assert set(found(document)) == {"options.sf_init_config"}


def test_cluster_mode_needs_no_self_party() -> None:
    cluster = {"parties": {party: {"address": f"{party}:9000"} for party in PARTIES}}
    assert validate(chain(psi(), sf_init_config=cluster)) == []
    cluster["parties"]["bob"] = {"address": "no address"}
    assert set(found(chain(psi(), sf_init_config=cluster))) == {
        "options.sf_init_config.parties.bob.address"
    }


def test_an_attempt_may_not_last_longer_than_a_worker_allows() -> None:
    document = chain(with_fields(psi(), timeout_s=8 * 24 * 3600))
    assert set(found(document)) == {"tasks.0.timeout_s"}


def test_the_config_may_repeat_the_type_but_not_another() -> None:
    assert validate(chain(task("a", "psi", **TaskDispatcher.find("psi").example))) == []
    other = psi(task_type="standard_scaler")
    assert set(found(chain(other))) == {CONFIG.format(0) + ".task_type"}


@pytest.mark.parametrize("name", [each.name for each in TaskDispatcher.all()])
def test_every_type_s_example_is_a_chain_of_one_task(name: str) -> None:
    example = dict(TaskDispatcher.find(name).example)
    assert validate(chain(task("only", name, **example))) == []
