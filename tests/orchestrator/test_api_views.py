"""What is shown and counted, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis import Redis

from secretflow_worker.contract.chain import ChainStatus, ChainType
from secretflow_worker.contract.events import Status, utc_now
from secretflow_worker.contract.nodes import NODES, Node, node_key
from secretflow_worker.orchestrator.api.metrics import Metrics
from secretflow_worker.orchestrator.services.control import Control
from secretflow_worker.orchestrator.services.idempotency import Idempotency, KeyReused
from secretflow_worker.orchestrator.services.listener import lag_of
from secretflow_worker.orchestrator.services.parties import Parties
from secretflow_worker.orchestrator.services.runs import Runs
from secretflow_worker.orchestrator.services.sign_in import Caller
from secretflow_worker.orchestrator.store import audit, views
from secretflow_worker.orchestrator.store.accounts import Role
from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.worker import start_embedded_redis
from tests.orchestrator.stored import LINE, event, store_chain, success

ME = Caller("me", Role.OPERATOR)


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_figures_of_what_is_stored_and_of_what_happens(database: Database) -> None:
    clock = Clock()
    runs = Runs(database, clock)
    metrics = Metrics(database, clock)
    runs.on_change.append(metrics.observe_change)
    runs.on_report.append(metrics.observe_event)
    Control(database, runs, clock).execute(store_chain(database, LINE), ME)
    clock.now += 5
    text = metrics.render().decode()
    assert "sfw_outbox_messages 1.0" in text
    assert "sfw_outbox_age_seconds 5.0" in text
    assert "sfw_schedules 0.0" in text
    with database.reading() as connection:
        run_id = views.find_chain(connection, "c-1").celery_chain_id  # type: ignore[union-attr]
    for node in ("a", "b"):
        attempt = f"{run_id}:{node}:1"
        runs.report(event(attempt, Status.RUNNING))
        clock.now += 2
        runs.report(success(attempt, {"count": 1}, {"alice": 5e7, "bob": 3e8, "eve": "x"}))
    text = metrics.render().decode()
    for line in (
        'sfw_chains{status="SUCCESS"} 1.0',
        'sfw_tasks{status="SUCCESS"} 2.0',
        'sfw_task_seconds_count{status="SUCCESS",task_type="psi"} 2.0',
        'sfw_task_seconds_sum{status="SUCCESS",task_type="psi"} 4.0',
        'sfw_task_wait_seconds_sum{task_type="psi"} 5.0',
        'sfw_run_seconds_count{status="SUCCESS"} 1.0',
        'sfw_run_seconds_sum{status="SUCCESS"} 9.0',
        'sfw_party_peak_memory_bytes_count{task_type="psi"} 4.0',
        'sfw_party_peak_memory_bytes_bucket{le="6.7108864e+07",task_type="psi"} 2.0',
        "sfw_parked_events 0.0",
    ):
        assert line in text


def test_an_attempt_that_is_tried_again_has_failed(database: Database) -> None:
    clock = Clock()
    runs, metrics = Runs(database, clock), Metrics(database, clock)
    runs.on_change.append(metrics.observe_change)
    document = {**LINE, "options": {"parties": ["alice"], "retry_policy": {"max_retries": 1}}}
    run_id = runs.start(store_chain(database, document), by="me")
    runs.report(event(f"{run_id}:a:1", Status.RUNNING))
    lost = {"code": "PEER_LOST", "type": "RuntimeError", "message": "bob is gone"}
    runs.report(event(f"{run_id}:a:1", Status.FAILURE, error=lost))
    assert 'sfw_task_seconds_count{status="FAILURE",task_type="psi"} 1.0' in (
        metrics.render().decode()
    )


def test_figures_of_workers_and_their_queues(database: Database, tmp_path: Path) -> None:
    server = start_embedded_redis(tmp_path)
    redis = Redis.from_url(server.url)
    node = Node(
        worker_id="w-1", name="w", host="h", party="bob", version="1", pins={},
        task_types=[], protocols=[], slots=2, running=[], leased_ports=0, memory_bytes=100,
        party_processes=2, party_memory_bytes=5000, certificate=None, policy=None, shares=[],
        started_at=utc_now(), at=utc_now(),
    )  # fmt: skip
    redis.set(node_key("w-1"), node.model_dump_json())
    redis.sadd(NODES, "w-1")
    parties = Parties(redis)
    metrics = Metrics(database, Clock(), parties, lambda lists: dict.fromkeys(lists, 3))
    text = metrics.render().decode()
    for line in (
        "sfw_redis_up 1.0",
        "sfw_events_waiting 3.0",
        'sfw_queue_messages{queue="secretflow_queue"} 3.0',
        'sfw_queue_messages{queue="secretflow_queue.bob"} 3.0',
        'sfw_parties_memory_bytes{party="bob",worker="w-1"} 5000.0',
        'sfw_worker_slots{party="bob",worker="w-1"} 2.0',
    ):
        assert line in text
    server.stop()
    text = metrics.render().decode()
    redis.close()
    assert "sfw_redis_up 0.0" in text
    assert "sfw_queue_messages" not in text


@pytest.mark.parametrize(
    ("timestamp", "lag"),
    [("1970-01-01T00:00:07.500000Z", 2.5), ("1970-01-01T01:00:00Z", 0.0), ("x", 0.0), ("", 0.0)],
)
def test_how_late_an_event_is_taken(timestamp: str, lag: float) -> None:
    told = event("r-1:a:1", Status.RUNNING).model_copy(update={"timestamp": timestamp})
    assert lag_of(told, 10.0) == lag


def test_lists_are_narrowed_sorted_and_counted(database: Database) -> None:
    for number in range(3):
        store_chain(database, LINE, f"c-{number}")
    with database.reading() as connection:
        rows, total = views.list_chains(connection, views.Filters(), "-created_at", 1, 2)
        assert ([row.chain_id for row in rows], total) == (["c-2", "c-1"], 3)
        rows, _ = views.list_chains(connection, views.Filters(), "chain_name", 2, 2)
        assert [row.chain_id for row in rows] == ["c-2"]
        for filters, count in (
            (views.Filters(status=ChainStatus.PENDING), 3),
            (views.Filters(status=ChainStatus.RUNNING), 0),
            (views.Filters(chain_type=ChainType.CHORD), 0),
            (views.Filters(created_by="me", name="LIN"), 3),
            (views.Filters(name="%"), 0),
        ):
            assert views.list_chains(connection, filters, "status", 1, 20)[1] == count


def test_a_deed_that_fails_leaves_neither_key_nor_record(database: Database) -> None:
    once = Idempotency(database, 60.0).once

    def fail() -> dict[str, str]:
        with database.transaction() as connection:
            audit.append(connection, "me", "test", {}, 1.0)
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        once("me", "call", "key", {}, fail)
    with database.reading() as connection:
        assert audit.read(connection) == []
    assert once("me", "call", "key", {}, lambda: {"n": 1}).answer == {"n": 1}
    again = once("me", "call", "key", {}, fail)
    assert (again.answer, again.is_replay) == ({"n": 1}, True)
    with pytest.raises(KeyReused):
        once("me", "call", "key", {"other": 1}, fail)
    assert once("you", "call", "key", {}, lambda: {"n": 2}).answer == {"n": 2}


def test_a_key_is_forgotten_after_a_while(database: Database) -> None:
    clock = Clock()
    once = Idempotency(database, 60.0, clock).once
    assert once("me", "call", "key", {}, lambda: {"n": 1}).answer == {"n": 1}
    clock.now += 61
    assert once("me", "call", "key", {}, lambda: {"n": 2}).answer == {"n": 2}
