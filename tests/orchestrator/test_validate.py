"""Every fault of a chain's document at once, each with its place, and never a value."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretflow_worker.orchestrator.services.validate import validate
from secretflow_worker.tasks import TaskDispatcher
from tests.orchestrator.documents import PARTIES, chain, paths, psi, scaler, task

CONFIG = "tasks.{}.task_params.task_config"
SECRET = "4242-4242"


def found(document: object) -> dict[str, str]:
    """Return the faults' messages by place."""
    return {fault.path: fault.message for fault in validate(document)}


def codes(document: object) -> set[tuple[str, str]]:
    return {(fault.path, fault.code) for fault in validate(document)}


def with_fields(of: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {**of, **fields}


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


def test_a_cycle_is_named() -> None:
    document = chain(psi("a", "c"), psi("b", "a"), psi("c", "b"), psi("d", "d"))
    texts = [fault.message for fault in validate(document) if fault.code == "CYCLE"]
    assert len(texts) == 2
    assert any(text.endswith("a -> c -> b -> a") or " -> ".join("acba") in text for text in texts)
    assert any("waits for itself" in text for text in texts)


def test_cycles_apart_are_all_named() -> None:
    document = chain(psi("a", "b"), psi("b", "a"), psi("c", "d"), psi("d", "c"))
    assert sum(fault.code == "CYCLE" for fault in validate(document)) == 2


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("${tasks.psi.result.nothing}", "output_paths"),
        ("${tasks.psi.result.intersection_count.deeper}", "nothing goes on"),
        ("${tasks.psi.result.reports.0.nothing}", "original_count"),
        ("${tasks.later.result}", "does not come before"),
        ("${tasks.scale.result}", "does not come before"),
        ("${tasks.nowhere.result}", "no task nowhere"),
        ("${tasks.psi.error}", "status and result"),
        ("${each.rate}", "for_each has no 'rate'"),
        ("${env.HOME}", "is no reference"),
        ("${tasks.psi.result", "not closed"),
        ("${tasks.${each.x}.result}", "not closed"),
    ],
)
def test_a_reference_that_leads_nowhere_is_refused(reference: str, why: str) -> None:
    document = chain(psi(), scaler("scale", "psi", columns=[reference]), psi("later", "scale"))
    faults = [each for each in validate(document) if each.code == "REFERENCE"]
    assert [fault.path for fault in faults] == [CONFIG.format(1) + ".columns.0"]
    assert why in faults[0].message


@pytest.mark.parametrize(
    "reference",
    [
        "${tasks.psi.result.reports.0.party}",
        "${tasks.psi.status}",
        "${tasks.psi.result.receiver}",
        "x${tasks.psi.result.intersection_count}",
    ],
)
def test_a_reference_to_what_is_there_passes(reference: str) -> None:
    assert validate(chain(psi(), scaler("scale", "psi", columns=[reference]))) == []


def test_an_indirect_dependency_is_enough() -> None:
    document = chain(psi(), scaler("one", "psi"), scaler("two", "one"))
    assert validate(document) == []


def test_a_whole_object_may_be_referred_to() -> None:
    document = chain(psi(), scaler("scale", "psi", input_data="${tasks.psi.result.output_paths}"))
    assert validate(document) == []


def test_other_faults_of_a_config_with_references_are_found() -> None:
    document = chain(psi(), scaler("scale", "psi", with_mean="never", typo=1))
    assert set(found(document)) == {CONFIG.format(1) + ".with_mean", CONFIG.format(1) + ".typo"}


def test_what_the_type_checks_as_a_whole_is_checked_where_only_paths_are_open() -> None:
    document = chain(psi(), scaler("scale", "psi", output_data=paths("out.csv", "alice")))
    assert "input_data and output_data" in str(found(document))


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ("tasks.psi.result.intersection_count >", "no CEL"),
        ("tasks.nowhere.status == 'SUCCESS'", "no task nowhere"),
        ("tasks.scale.status == 'SUCCESS'", "does not come before"),
        ("[1].reduce(a, b, 0, a + b) > 0", "not offered"),
    ],
)
def test_a_wrong_condition_is_refused(when: str, why: str) -> None:
    document = chain(psi(), with_fields(scaler("scale", "psi"), when=when))
    assert why in found(document)["tasks.1.when"]


def test_a_right_condition_passes() -> None:
    when = "tasks.psi.result.intersection_count > 100"
    assert validate(chain(psi(), with_fields(scaler("scale", "psi"), when=when))) == []


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


def test_options_refer_to_nothing() -> None:
    document = chain(psi(), sf_init_config={"parties": ["alice", "${tasks.psi.status}"]})
    assert ("options.sf_init_config.parties.1", "REFERENCE") in codes(document)


def test_too_many_conditions_are_not_read() -> None:
    tasks = [with_fields(psi(f"t{n}"), when=f"{n} > 1") for n in range(1100)]
    for each in tasks:
        each["task_params"]["task_config"]["output_paths"] = paths(f"{each['task_id']}.csv")
    assert "TOO_LARGE" in {fault.code for fault in validate(chain(*tasks))}


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
