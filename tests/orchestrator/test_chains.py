"""Chains in both databases: made, edited, compared, rolled back, cloned, deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from secretflow_worker.orchestrator.errors import Conflict, Invalid, NotFound, StaleVersion
from secretflow_worker.orchestrator.services.chains import Chains, check
from secretflow_worker.orchestrator.services.differences import Change, differences
from secretflow_worker.orchestrator.services.runs import Runs
from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.orchestrator.store import views
from secretflow_worker.orchestrator.store.database import Database
from tests.orchestrator.documents import chain, paths, psi, scaler

ONE = chain(psi())
TWO = chain(psi(), scaler("scale", "psi"), name="two")


@pytest.fixture
def chains(database: Database) -> Chains:
    return Chains(database)


@pytest.fixture
def ten_thousand(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(f"sqlite:///{tmp_path}/many.db")
    t.metadata.create_all(database.engine)
    with database.transaction() as connection:
        connection.execute(
            t.task_chains.insert(),
            [
                {
                    "chain_id": f"c-{number:05}",
                    "chain_name": f"chain {number % 100}",
                    "chain_type": "sequential",
                    "version": 1,
                    "chain_config": ONE,
                    "status": "SUCCESS" if number % 3 else "FAILURE",
                    "created_at": 1e9 + number // 10,
                    "updated_at": 1e9,
                    "created_by": f"u{number % 7}",
                }
                for number in range(10_000)
            ],
        )
    yield database
    database.close()


def test_a_chain_is_kept_as_it_was_given(chains: Chains, database: Database) -> None:
    swept = {**scaler("scale", "psi"), "for_each": {"z": [1], "a": [True], "m": [None]}}
    swept["task_params"]["task_config"]["output_data"] = paths("${each.z}.csv")
    document = chain(psi(), swept, name="信用 'x'")
    chain_id = chains.create(document, by="ann", metadata={"project": 7})
    kept = chains.document(chain_id)
    assert kept == document
    assert list(kept["tasks"][1]["for_each"]) == ["z", "a", "m"]  # their order numbers the nodes
    with database.reading() as connection:
        row = views.find_chain(connection, chain_id)
        edges = connection.execute(select(t.chain_dependencies)).all()
        told = views.list_history(connection, chain_id, 0, 10)
    assert row is not None
    assert (row.chain_name, row.chain_type, row.status) == ("信用 'x'", "sequential", "PENDING")
    assert (row.version, row.total_tasks, row.created_by) == (1, 2, "ann")
    assert row.metadata == {"project": 7}
    assert [(edge.from_task_id, edge.to_task_id) for edge in edges] == [("psi", "scale")]
    assert [(line.kind, line.data) for line in told] == [("created", {"by": "ann", "version": 1})]


def test_a_chain_with_faults_is_not_kept(chains: Chains, database: Database) -> None:
    with pytest.raises(Invalid) as refused:
        chains.create(chain(psi("a", "nowhere"), psi("a")), by="ann")
    assert {fault.code for fault in refused.value.faults} >= {"UNKNOWN_DEPENDENCY", "DUPLICATE_ID"}
    with database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(t.task_chains)).scalar() == 0


def test_what_is_checked_is_not_checked_again(
    chains: Chains, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = check(ONE), check(TWO)
    monkeypatch.delattr("secretflow_worker.orchestrator.services.chains.validate")
    chain_id = chains.create(one, by="ann")
    chains.update(chain_id, two, by="ann")
    assert chains.document(chain_id) == TWO
    assert check(one) is one


def test_an_edit_is_a_new_version(chains: Chains, database: Database) -> None:
    chain_id = chains.create(ONE, by="ann")
    assert chains.update(chain_id, TWO, by="bob", expected_version=1, note="scale too") == 2
    assert chains.document(chain_id) == TWO
    assert chains.document(chain_id, 1) == ONE
    listed = [(each.version, each.by, each.note) for each in chains.versions(chain_id)]
    assert listed == [(2, "bob", "scale too"), (1, "ann", None)]
    with database.reading() as connection:
        row = views.find_chain(connection, chain_id)
    assert row is not None
    assert (row.chain_name, row.version, row.total_tasks) == ("two", 2, 2)


def test_an_edit_of_what_is_no_longer_newest_is_refused(chains: Chains) -> None:
    chain_id = chains.create(ONE, by="ann")
    chains.update(chain_id, TWO, by="bob")
    acts: list[Callable[[], object]] = [
        lambda: chains.update(chain_id, ONE, by="ann", expected_version=1),
        lambda: chains.rollback(chain_id, 1, by="ann", expected_version=1),
    ]
    for act in acts:
        with pytest.raises(StaleVersion):
            act()
    assert len(chains.versions(chain_id)) == 2


def test_of_two_edits_at_once_one_wins(chains: Chains) -> None:
    chain_id = chains.create(ONE, by="ann")
    start, ends = Barrier(2), []

    def edit() -> None:
        start.wait()
        try:
            ends.append(chains.update(chain_id, TWO, by="ann", expected_version=1))
        except StaleVersion:
            ends.append(0)

    threads = [Thread(target=edit) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == [0, 2]


def test_a_running_chain_is_neither_edited_nor_deleted(chains: Chains, database: Database) -> None:
    chain_id = chains.create(ONE, by="ann")
    Runs(database).start(chain_id, by="ann")
    acts: list[Callable[[], object]] = [
        lambda: chains.update(chain_id, TWO, by="ann"),
        lambda: chains.rollback(chain_id, 1, by="ann"),
        lambda: chains.delete(chain_id),
    ]
    for act in acts:
        with pytest.raises(Conflict):
            act()
    assert chains.document(chains.clone(chain_id, by="bob"))["chain_name"] == "test (copy)"


def test_a_rollback_is_a_new_version_too(chains: Chains) -> None:
    chain_id = chains.create(ONE, by="ann")
    chains.update(chain_id, TWO, by="ann")
    assert chains.rollback(chain_id, 1, by="bob") == 3
    assert chains.document(chain_id) == ONE
    assert chains.versions(chain_id)[0].note == "as version 1"
    assert chains.diff(chain_id, 1, 3) == []


def test_versions_are_compared(chains: Chains) -> None:
    chain_id = chains.create(ONE, by="ann")
    chains.update(chain_id, TWO, by="ann")
    found = chains.diff(chain_id, 1, 2)
    assert [(each.kind, each.path) for each in found] == [
        ("changed", "chain_name"),
        ("added", "tasks.scale"),
    ]


def test_differences_say_what_and_where() -> None:
    before = chain(psi("a"), psi("b"), scaler("gone"), stop_on_error=True)
    after = chain(psi("b", "x"), psi("a"), priority="high", stop_on_error=1)
    after["tasks"][1]["task_params"]["task_config"]["sort"] = True
    assert differences(before, after) == [
        Change("changed", "options.stop_on_error", True, 1),
        Change("added", "options.priority", after="high"),
        Change("added", "tasks.a.task_params.task_config.sort", after=True),
        Change("changed", "tasks.b.depends_on", [], ["x"]),
        Change("removed", "tasks.gone", before=before["tasks"][2]),
        Change("reordered", "tasks", ["a", "b"], ["b", "a"]),
    ]
    assert differences(before, before) == []


def test_a_deleted_chain_leaves_nothing(chains: Chains, database: Database) -> None:
    chain_id = chains.create(TWO, by="ann")
    other = chains.create(ONE, by="ann")
    chains.delete(chain_id)
    with pytest.raises(NotFound):
        chains.document(chain_id)
    with database.reading() as connection:
        for table in (t.task_chains, t.chain_versions, t.chain_dependencies, t.history):
            rows = connection.execute(select(table.c.chain_id)).scalars().all()
            assert set(rows) <= {other}


def test_what_is_not_there_is_not_found(chains: Chains) -> None:
    chain_id = chains.create(ONE, by="ann")
    acts: list[Callable[[], object]] = [
        lambda: chains.document("c-0"),
        lambda: chains.document(chain_id, 7),
        lambda: chains.update("c-0", ONE, by="ann"),
        lambda: chains.versions("c-0"),
        lambda: chains.diff(chain_id, 1, 2),
        lambda: chains.rollback(chain_id, 2, by="ann"),
        lambda: chains.clone("c-0", by="ann"),
        lambda: chains.delete("c-0"),
        lambda: chains.export_yaml("c-0"),
    ]
    for act in acts:
        with pytest.raises(NotFound):
            act()


def test_a_chain_goes_out_as_yaml_and_comes_back(chains: Chains) -> None:
    chain_id = chains.create(TWO, by="ann")
    again = chains.import_yaml(chains.export_yaml(chain_id), by="bob")
    assert again != chain_id
    assert chains.document(again) == TWO


def test_ten_thousand_chains_are_listed_page_by_page(ten_thousand: Database) -> None:
    for sort in views.SORTS:
        seen: set[str] = set()
        for page in range(1, 12):
            with ten_thousand.reading() as connection:
                filters = views.Filters(name="CHAIN 4", created_by="u3")
                rows, total = views.list_chains(connection, filters, f"-{sort}", page, 20)
            assert len(rows) == min(20, max(0, total - (page - 1) * 20))
            assert not seen & {row.chain_id for row in rows}  # the order is stable
            seen |= {row.chain_id for row in rows}
        assert 100 < total < 200
