"""References and conditions lead to what will be there, or are faults of the document."""

from __future__ import annotations

import pytest

from secretflow_worker.orchestrator.services.validate import validate
from tests.orchestrator.documents import chain, paths, psi, scaler
from tests.orchestrator.faults import CONFIG, codes, found, with_fields


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


def test_options_refer_to_nothing() -> None:
    document = chain(psi(), sf_init_config={"parties": ["alice", "${tasks.psi.status}"]})
    assert ("options.sf_init_config.parties.1", "REFERENCE") in codes(document)


def test_too_many_conditions_are_not_read() -> None:
    tasks = [with_fields(psi(f"t{n}"), when=f"{n} > 1") for n in range(1100)]
    for each in tasks:
        each["task_params"]["task_config"]["output_paths"] = paths(f"{each['task_id']}.csv")
    assert "TOO_LARGE" in {fault.code for fault in validate(chain(*tasks))}
