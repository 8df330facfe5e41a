"""Runs on both databases: what is decided is written whole, once, whoever comes at once."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from secretflow_worker.contract.chain import ChainStatus
from secretflow_worker.contract.events import Status
from secretflow_worker.orchestrator.core import model
from secretflow_worker.orchestrator.errors import Conflict, NotFound
from secretflow_worker.orchestrator.services.runs import Runs
from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.orchestrator.store.database import Database
from tests.orchestrator.stored import LINE, event, rows, send_all, statuses, store_chain, success


@pytest.fixture
def runs(database: Database) -> Runs:
    store_chain(database, LINE)
    return Runs(database)


def test_a_run_goes_from_message_to_message(database: Database, runs: Runs) -> None:
    run_id = runs.start("c-1", by="me")
    sent = rows(database, t.outbox, t.outbox.c.id)
    assert [(one.execution_id, one.queue, one.kind, one.priority) for one in sent] == [
        (f"{run_id}:a:1", "secretflow_queue", "task", 1)
    ]
    assert runs.report(event(f"{run_id}:a:1", Status.RUNNING, progress=0.5, party="bob"))
    assert rows(database, t.chain_tasks, t.chain_tasks.c.node_id)[0].progress == 0.5
    assert runs.report(success(f"{run_id}:a:1", {"count": 7}))
    attempts = rows(database, t.task_attempts, t.task_attempts.c.node_id)
    assert attempts[1].request["task_config"] == {"task_type": "psi", "n": 7}
    assert attempts[0].status == "SUCCESS"
    assert attempts[0].outcomes[""]["result"]["result"] == {"count": 7}
    assert runs.report(success(f"{run_id}:b:1"))
    chain = rows(database, t.task_chains)[0]
    assert (chain.status, chain.completed_tasks, chain.celery_chain_id) == ("SUCCESS", 2, run_id)
    told = [
        (row.kind, row.node_id, row.data["status"])
        for row in rows(database, t.history, t.history.c.id)
    ]
    assert told == [
        ("task", "a", "QUEUED"), ("chain", None, "RUNNING"), ("task", "a", "RUNNING"),
        ("task", "a", "SUCCESS"), ("task", "b", "QUEUED"), ("task", "b", "SUCCESS"),
        ("chain", None, "SUCCESS"),
    ]  # fmt: skip


def test_a_doubled_or_foreign_event_changes_nothing(database: Database, runs: Runs) -> None:
    run_id = runs.start("c-1", by="me")
    first = success(f"{run_id}:a:1", {"count": 7})
    assert runs.report(first) is True
    before = rows(database, t.chain_tasks, t.chain_tasks.c.node_id)
    assert runs.report(first) is False
    assert runs.report(success("somebody-elses", {"count": 9})) is False
    assert runs.report(success(f"{run_id}:a:1", {"count": 9})) is True, "new, and too late"
    assert rows(database, t.chain_tasks, t.chain_tasks.c.node_id) == before


def test_another_orchestrators_decisions_are_seen(database: Database, runs: Runs) -> None:
    """What is remembered of a run counts only while nobody else has changed it."""
    other = Runs(database)
    run_id = runs.start("c-1", by="me")
    assert other.report(success(f"{run_id}:a:1", {"count": 7}))
    assert runs.report(event(f"{run_id}:b:1", Status.RUNNING, progress=0.5))
    assert other.report(success(f"{run_id}:b:1"))
    assert rows(database, t.task_chains)[0].status == "SUCCESS"


def test_what_is_rolled_back_is_not_remembered(database: Database, runs: Runs) -> None:
    run_id = runs.start("c-1", by="me")
    told = success(f"{run_id}:a:1", {"count": 7})
    with database.transaction() as connection:
        before = connection.begin_nested()
        assert runs.report(told)
        before.rollback()
    assert runs.report(event(f"{run_id}:a:1", Status.RUNNING, progress=0.5))
    assert statuses(database) == {"a": "RUNNING", "b": "PENDING"}
    assert runs.report(told)
    assert statuses(database) == {"a": "SUCCESS", "b": "QUEUED"}


def test_one_run_of_a_chain_at_a_time(database: Database, runs: Runs) -> None:
    first = runs.start("c-1", by="me")
    with pytest.raises(Conflict, match="runs already"):
        runs.start("c-1", by="me")
    send_all(database)
    assert runs.apply(first, model.CancelAsked) is ChainStatus.CANCELLED
    second = runs.start("c-1", by="me")
    assert [row.number for row in rows(database, t.chain_runs, t.chain_runs.c.number)] == [1, 2]
    assert second != first
    stops = [row.execution_id for row in rows(database, t.outbox) if row.kind == "stop"]
    assert stops == [f"{first}:a:1"]


def test_the_database_itself_refuses_a_second_live_run(database: Database, runs: Runs) -> None:
    runs.start("c-1", by="me")
    with pytest.raises(IntegrityError), database.transaction() as connection:
        connection.execute(
            insert(t.chain_runs).values(
                run_id="r-2", chain_id="c-1", version=1, number=2, status="PENDING",
                started_by="me", created_at=1.0,
            )
        )  # fmt: skip


def test_what_is_due_is_written(database: Database) -> None:
    retry = {"max_retries": 1, "backoff_s": 4}
    document = {**LINE, "options": {**LINE["options"], "retry_policy": retry}}  # type: ignore[dict-item]
    store_chain(database, document)
    now = [100.0]
    runs = Runs(database, lambda: now[0])
    run_id = runs.start("c-1", by="me")
    error = {"code": "PEER_LOST", "type": "RuntimeError", "message": "gone"}
    runs.report(event(f"{run_id}:a:1", Status.FAILURE, error=error))
    assert rows(database, t.chain_runs)[0].wake_at == 104.0
    now[0] = 104.0
    runs.apply(run_id, model.TimePassed)
    ended = {row.execution_id: row.status for row in rows(database, t.task_attempts)}
    assert ended == {f"{run_id}:a:1": "FAILURE", f"{run_id}:a:2": "QUEUED"}


def test_a_retry_forgets_the_old_result(database: Database, runs: Runs) -> None:
    run_id = runs.start("c-1", by="me")
    runs.report(success(f"{run_id}:a:1", {"count": 7}))
    send_all(database)
    runs.apply(run_id, model.CancelAsked)
    runs.apply(run_id, model.RetryAsked)
    assert statuses(database) == {"a": "SUCCESS", "b": "PENDING"}, "b's old attempt is not over"
    runs.report(event(f"{run_id}:b:1", Status.CANCELLED))
    assert statuses(database) == {"a": "SUCCESS", "b": "QUEUED"}


def test_what_was_not_sent_yet_is_taken_back(database: Database, runs: Runs) -> None:
    run_id = runs.start("c-1", by="me")
    runs.apply(run_id, model.CancelAsked)
    assert rows(database, t.outbox) == []
    runs.apply(run_id, model.RetryAsked)
    assert [row.execution_id for row in rows(database, t.outbox)] == [f"{run_id}:a:2"]


def test_in_cluster_mode_both_results_are_kept(database: Database) -> None:
    ends = {party: {"address": "127.0.0.1:1"} for party in ("alice", "bob")}
    document = {
        "chain_name": "pair",
        "tasks": [{"task_id": "a", "task_type": "psi", "task_params": {"task_config": {}}}],
        "options": {"sf_init_config": {"parties": ends}},
    }
    store_chain(database, document)
    runs = Runs(database)
    run_id = runs.start("c-1", by="me")
    queues = {row.queue for row in rows(database, t.outbox)}
    assert queues == {"secretflow_queue.alice", "secretflow_queue.bob"}
    runs.report(success(f"{run_id}:a:1", {"n": None, "mine": 1}, party="alice"))
    runs.report(success(f"{run_id}:a:1", {"n": 7, "mine": None}, party="bob"))
    node = rows(database, t.chain_tasks)[0]
    assert (node.status, node.result) == ("SUCCESS", {"n": 7, "mine": 1})


def test_in_cluster_mode_the_history_tells_how_far_each_party_is(database: Database) -> None:
    ends = {party: {"address": "127.0.0.1:1"} for party in ("alice", "bob")}
    document = {
        "chain_name": "pair",
        "tasks": [{"task_id": "a", "task_type": "psi", "task_params": {"task_config": {}}}],
        "options": {"sf_init_config": {"parties": ends}},
    }
    store_chain(database, document)
    runs = Runs(database)
    attempt = f"{runs.start('c-1', by='me')}:a:1"
    for party, stage, progress in (("alice", "task_execution", 0.6), ("bob", "cluster_init", 0.1)):
        told = {"party": party, "stage": stage, "progress": progress}
        runs.report(event(attempt, Status.RUNNING, **told))
    runs.report(event(f"{attempt}0", Status.RUNNING, party="eve", stage="received"))
    lines = [row.data for row in rows(database, t.history, t.history.c.id) if row.kind == "party"]
    assert [(line["party"], line["stage"], line["progress"]) for line in lines] == [
        ("alice", "task_execution", 0.6),
        ("bob", "cluster_init", 0.1),
    ]


def test_events_that_come_at_once_are_decided_one_after_the_other(database: Database) -> None:
    names = [f"t{number}" for number in range(8)]
    tasks = [
        {"task_id": name, "task_type": "psi", "task_params": {"task_config": {}}} for name in names
    ]
    last = {**tasks[0], "task_id": "last", "depends_on": names}
    store_chain(database, {**LINE, "tasks": [*tasks, last]})
    runs = Runs(database)
    run_id = runs.start("c-1", by="me")
    together = threading.Barrier(len(names))
    faults: list[BaseException] = []

    def tell(name: str) -> None:
        together.wait()
        try:
            runs.report(success(f"{run_id}:{name}:1"))
        except BaseException as fault:  # noqa: BLE001 - told to the test
            faults.append(fault)

    threads = [threading.Thread(target=tell, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert statuses(database) == {**dict.fromkeys(names, "SUCCESS"), "last": "QUEUED"}


def test_what_is_not_there_is_said_so(runs: Runs) -> None:
    with pytest.raises(NotFound, match="no chain nothing"):
        runs.start("nothing", by="me")
    with pytest.raises(NotFound, match="no version 9"):
        runs.start("c-1", by="me", version=9)
    with pytest.raises(NotFound, match="no run nothing"):
        runs.apply("nothing", model.CancelAsked)
