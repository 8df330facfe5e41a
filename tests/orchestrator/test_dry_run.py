"""A dry run says what would run, who would learn what, and how long by what past runs took."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from secretflow_worker.orchestrator.services.chains import Chains
from secretflow_worker.orchestrator.services.dry_run import WouldLearn, dry_run
from secretflow_worker.orchestrator.services.estimate import Experience, count_columns, interval
from secretflow_worker.orchestrator.services.template_documents import built_in, render_template
from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.orchestrator.store.database import Database
from tests.orchestrator.documents import chain, paths, psi, scaler

NOW = 1.8e9


@pytest.fixture
def experience(database: Database) -> Experience:
    return Experience(database)


def remember(database: Database, task_type: str, seconds: list[float], columns: int = 1) -> None:
    """Store a run in which tasks of a type took so long."""
    chain_id = Chains(database).create(chain(psi()), by="ann")
    run_id = f"r-{chain_id}"
    with database.transaction() as connection:
        connection.execute(
            insert(t.chain_runs).values(
                run_id=run_id, chain_id=chain_id, version=1, number=1, status="SUCCESS",
                started_by="ann", created_at=NOW,
            )
        )  # fmt: skip
        for number, each in enumerate(seconds):
            node = {"run_id": run_id, "node_id": f"n{number}", "attempt": 1, "status": "SUCCESS"}
            connection.execute(
                insert(t.chain_tasks).values(
                    **node, chain_id=chain_id, task_id=f"n{number}", task_name="n", depends_on=[],
                    task_type=task_type, execution_order=number, priority=5, started_at=NOW,
                    completed_at=NOW + each, created_at=NOW, updated_at=NOW,
                )
            )  # fmt: skip
            config = {"columns": [f"x{column}" for column in range(columns)]}
            connection.execute(
                insert(t.task_attempts).values(
                    **node, execution_id=f"{run_id}.{number}", request={"task_config": config},
                    parties=[], dispatched_at=NOW - 100, ended_at=NOW + each,
                )
            )  # fmt: skip


def test_levels_are_what_may_run_side_by_side(experience: Experience) -> None:
    swept = {**scaler("s", "psi", output_data=paths("${each.n}.csv")), "for_each": {"n": [1, 2]}}
    last = {**scaler("last", "s"), "when": "tasks.psi.result.intersection_count > 1"}
    found = dry_run(chain(psi(), swept, last, scaler("side", "psi")), experience)
    assert found.levels == [["psi"], ["s[0]", "s[1]", "side"], ["last"]]
    assert [node.node_id for node in found.nodes if node.may_be_skipped] == ["last"]


def test_a_chain_with_faults_would_run_nothing(experience: Experience) -> None:
    found = dry_run(chain(psi("a", "b")), experience)
    assert [fault.code for fault in found.faults] == ["UNKNOWN_DEPENDENCY"]
    assert (found.levels, found.nodes, found.learns, found.total) == ([], [], [], None)


def test_who_would_learn_what(experience: Experience) -> None:
    found = dry_run(chain(psi(receiver="alice", output_paths=paths("p.csv", "alice"))), experience)
    keys = "which of its own keys are in the intersection"
    assert [line.to for line in found.learns if line.what == keys] == ["alice"]
    rows = [line for line in found.learns if line.what == "the number of rows"]
    assert {line.to for line in rows if not line.outside} == {"alice", "bob"}
    assert all(line.is_certain for line in rows)


def test_what_depends_on_results_is_not_certain(experience: Experience) -> None:
    second = psi("more", "psi", receiver="${tasks.psi.result.receiver}")
    learns = dry_run(chain(psi(receiver="alice"), second), experience).learns
    keys = "which of its own keys are in the intersection"
    assert [(each.to, each.nodes, each.is_certain) for each in learns if each.what == keys] == [
        ("alice", ("psi", "more"), True),
        ("bob", ("more",), False),
    ]


def test_what_may_be_skipped_is_not_certain(experience: Experience) -> None:
    maybe = {**scaler("maybe", "psi"), "when": "tasks.psi.result.intersection_count > 9"}
    learns = dry_run(chain(psi(), maybe), experience).learns
    assert {each.is_certain for each in learns if each.nodes == ("maybe",)} == {False}


def test_every_template_says_who_learns_what(experience: Experience) -> None:
    for template in built_in().values():
        learns = dry_run(render_template(template, template.examples()), experience).learns
        assert {line.to for line in learns} >= {"alice", "bob"}
        assert any(isinstance(line, WouldLearn) and line.outside for line in learns)


def test_without_experience_there_is_no_estimate(
    experience: Experience, database: Database
) -> None:
    remember(database, "psi", [1.0])
    found = dry_run(chain(psi(), scaler("s", "psi")), experience)
    assert found.total is None
    assert found.unknown_types == ["standard_scaler"]
    assert [node.estimate is None for node in found.nodes] == [False, True]


def test_time_is_estimated_along_the_longest_path(
    experience: Experience, database: Database
) -> None:
    remember(database, "psi@1", [1.0, 2.0, 3.0, 4.0, 5.0])
    remember(database, "standard_scaler", [10.0] * 5)
    tasks = (psi(), scaler("one", "psi"), scaler("two", "psi"))
    total = dry_run(chain(*tasks), experience).total
    assert total is not None
    assert (total.low_s, total.median_s, total.high_s, total.count) == (11.0, 13.0, 15.0, 5)
    bounded = dry_run(chain(*tasks, max_parallel=1), experience).total
    assert bounded is not None
    assert bounded.median_s == 23.0


def test_executions_with_as_many_columns_count_where_there_are_enough(
    experience: Experience, database: Database
) -> None:
    remember(database, "standard_scaler", [1.0] * 3, columns=1)
    remember(database, "standard_scaler", [50.0] * 9, columns=100)
    estimate = dry_run(chain(psi(), scaler("s", "psi")), experience).nodes[1].estimate
    assert estimate is not None
    assert (estimate.median_s, estimate.count, estimate.by_columns) == (1.0, 3, True)


def test_few_executions_make_a_wide_interval() -> None:
    assert (interval([4.0]).low_s, interval([4.0]).high_s) == (2.0, 8.0)
    many = interval([float(each) for each in range(101)])
    assert (many.low_s, many.median_s, many.high_s, many.count) == (10.0, 50.0, 90.0, 101)


def test_columns_are_counted() -> None:
    assert count_columns({"features": ["a", "b"]}) == 2
    assert count_columns({"columns": {"alice": ["a"], "bob": ["b", "c"]}}) == 3
    assert count_columns({"columns": None}) is None
    assert count_columns({}) is None
