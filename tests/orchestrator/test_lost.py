"""What Redis loses is found and sent again, and what it still holds is not."""

from __future__ import annotations

from typing import Any

import pytest
from kombu.exceptions import OperationalError

from secretflow_worker.contract.events import Status
from secretflow_worker.contract.names import QUEUE, claim_key, stop_key
from secretflow_worker.orchestrator.core import model
from secretflow_worker.orchestrator.services import reconciler as reconciler_module
from secretflow_worker.orchestrator.store import tables as t
from tests.orchestrator.house import PATIENCE_S, House, begin, document
from tests.orchestrator.stored import event, rows, store_chain

BUSY = {"code": "RESOURCE_BUSY", "type": "RuntimeError", "message": "no port is free"}


def test_a_message_that_is_lost_is_sent_again_and_again(house: House) -> None:
    begin(house)
    for _ in range(3):
        house.broker.redis.delete(QUEUE)
        house.look()
        assert house.waiting() == 1


def test_a_message_that_waits_for_a_worker_is_not_doubled(house: House) -> None:
    begin(house)
    house.broker.redis.lpush(QUEUE, "nothing that we wrote")
    for _ in range(3):
        house.look()
    assert house.waiting() == 2


def test_an_attempt_that_a_worker_runs_is_left_alone(house: House) -> None:
    run_id = begin(house)
    house.broker.redis.delete(QUEUE)
    house.broker.redis.set(claim_key(f"{run_id}:t0:1"), "a worker")
    house.look()
    assert house.waiting() == 0


def test_many_that_run_do_not_hide_one_that_is_lost(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciler_module, "_AT_ONCE", 2)
    run_id = begin(house, count=6)
    house.broker.redis.delete(QUEUE)
    for number in range(5):
        house.broker.redis.set(claim_key(f"{run_id}:t{number}:1"), "a worker")
    house.look()
    assert house.waiting() == 1


def test_two_that_miss_the_same_message_send_it_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(house)
    house.broker.redis.delete(QUEUE)
    house.clock.now += PATIENCE_S + 1
    first, second = list(house.reconciler._silent(house.clock.now)) * 2
    assert house.reconciler._look_for(first, set())
    house.relay.send_some()
    assert not house.reconciler._look_for(second, set())
    house.relay.send_some()
    assert house.waiting() == 1


def test_a_redis_that_lost_its_data_is_told_all_again_at_once(house: House) -> None:
    run_id = begin(house, count=2)
    house.runs.report(event(f"{run_id}:t0:1", Status.RUNNING))
    house.runs.apply(run_id, model.CancelAsked)
    house.relay.send_some()
    store_chain(house.database, document(), "c-2")
    house.runs.start("c-2", by="me")
    house.relay.send_some()
    house.broker.redis.flushall()
    house.clock.now += 1
    assert house.reconciler.look_for_lost()
    house.relay.send_some()
    assert house.waiting() == 1
    assert all(house.broker.redis.exists(stop_key(f"{run_id}:t{n}:1")) for n in range(2))


def test_an_attempt_that_failed_is_over_though_its_task_is_tried_again(house: House) -> None:
    run_id = begin(house, max_retries=3)
    house.runs.report(event(f"{run_id}:t0:1", Status.FAILURE, error=BUSY))
    (attempt,) = rows(house.database, t.task_attempts)
    assert (attempt.status, attempt.ended_at) == ("FAILURE", house.clock.now)
    house.broker.redis.delete(QUEUE)
    house.look()
    assert house.waiting() == 0


def test_an_attempt_that_a_retry_let_go_is_over(house: House) -> None:
    chain = document(count=2)
    chain["tasks"][1].update(depends_on=["t0"], trigger_rule="one_failed")
    store_chain(house.database, chain)
    run_id = house.runs.start("c-1", by="me")
    house.relay.send_some()
    house.runs.report(event(f"{run_id}:t0:1", Status.FAILURE, error=BUSY))
    house.relay.send_some()  # t1 is on its way when t0 is asked to run again
    house.runs.apply(run_id, model.RetryAsked)
    attempts = rows(house.database, t.task_attempts)
    assert {row.execution_id: row.status for row in attempts} == {
        f"{run_id}:t0:1": "FAILURE", f"{run_id}:t0:2": "QUEUED", f"{run_id}:t1:1": "CANCELLED"
    }  # fmt: skip
    assert [row.execution_id for row in attempts if not row.ended_at] == [f"{run_id}:t0:2"]


def test_what_redis_did_not_take_is_sent_as_soon_as_it_is_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_chain(house.database, document(count=4))
    house.runs.start("c-1", by="me")
    send = house.broker.send_task

    def fail_at_the_second(message: Any, **more: Any) -> None:
        if house.waiting():
            raise OperationalError("Redis is away")
        send(message, **more)

    monkeypatch.setattr(house.broker, "send_task", fail_at_the_second)
    with pytest.raises(OperationalError):
        house.relay.send_some()
    monkeypatch.undo()
    house.clock.now += 0.01
    store_chain(house.database, document(), "c-2")
    house.runs.start("c-2", by="me")
    house.relay.send_some()
    assert house.waiting() == 5
    assert all(row.sent_at is not None for row in rows(house.database, t.outbox))


def test_only_what_may_have_reached_redis_is_told_to_stop(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(message: Any, **more: Any) -> None:
        raise OperationalError("Redis is away")

    store_chain(house.database, document(count=3))
    run_id = house.runs.start("c-1", by="me")
    monkeypatch.setattr(house.broker, "send_task", fail)
    with pytest.raises(OperationalError):
        house.relay.send_some()
    house.runs.apply(run_id, model.CancelAsked)
    assert {(row.kind, row.execution_id) for row in rows(house.database, t.outbox)} == {
        ("task", f"{run_id}:t0:1"), ("stop", f"{run_id}:t0:1")
    }  # fmt: skip


def test_who_dies_while_it_tells_all_again_leaves_it_to_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = begin(house)
    house.broker.redis.flushall()
    house.runs.apply(run_id, model.CancelAsked)
    house.relay.send_some()
    house.broker.redis.flushall()
    monkeypatch.setattr(house.reconciler, "_silent", lambda since: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        house.reconciler.look_for_lost()
    monkeypatch.undo()
    other = House(house.database, house.broker, house.clock)
    assert other.reconciler.look_for_lost()
    other.relay.send_some()
    assert house.broker.redis.exists(stop_key(f"{run_id}:t0:1"))
    assert not other.reconciler.look_for_lost()


def test_who_may_run_a_message_that_is_to_be_sent_again_is_told_to_stop(house: House) -> None:
    """Redis lost its data and the message goes out again, as the run is cancelled."""
    run_id = begin(house)
    house.clock.now += 1
    house.broker.redis.flushall()
    assert house.reconciler.look_for_lost()
    house.runs.apply(run_id, model.CancelAsked)
    house.relay.send_some()
    assert house.broker.redis.exists(stop_key(f"{run_id}:t0:1"))


def test_events_are_forgotten_after_a_while_and_parked_ones_kept(house: House) -> None:
    def put(event_id: str, age_s: float, parked: str | None) -> None:
        at = house.clock.now - age_s
        with house.database.transaction() as connection:
            connection.execute(
                t.inbox.insert().values(event_id=event_id, received_at=at, parked=parked)
            )

    house.clock.now = 1e9
    long_ago = reconciler_module.KEPT_EVENTS_S + 1
    for number in range(1100):
        put(f"old-{number}", long_ago, None)
    put("parked", long_ago, "it is no status event")
    put("new", 60, None)
    assert house.reconciler.forget_events() is True
    assert house.reconciler.forget_events() is False
    assert {row.event_id for row in rows(house.database, t.inbox)} == {"parked", "new"}


def test_a_run_that_cannot_be_decided_is_not_tried_without_a_pause(house: House) -> None:
    begin(house)
    house.runs.start(store_chain(house.database, document(), chain_id="c-right"), by="me")
    versions = t.chain_versions
    with house.database.transaction() as connection:
        connection.execute(t.chain_runs.update().values(wake_at=house.clock.now))
        of_broken = versions.c.chain_id == "c-1"
        connection.execute(versions.update().where(of_broken).values(document={"no": "chain"}))
    assert house.reconciler.let_time_pass() is True, "the other one's time has passed"
    assert house.reconciler.let_time_pass() is False
