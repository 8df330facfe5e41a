"""Whatever somebody puts among the workers' events, those behind it are taken."""

from __future__ import annotations

import json
from typing import Any

import pytest

from secretflow_worker.contract.events import Status
from secretflow_worker.contract.names import STATUS_CHANNEL, STATUS_QUEUE
from secretflow_worker.orchestrator.services import listener as listener_module
from secretflow_worker.orchestrator.services.broker import Broker
from secretflow_worker.orchestrator.services.events import Unreadable, read_event
from secretflow_worker.orchestrator.services.listener import Listener
from secretflow_worker.orchestrator.services.reconciler import event_of
from secretflow_worker.orchestrator.store import tables as t
from tests.orchestrator.house import House, begin
from tests.orchestrator.stored import event, rows, statuses, success

ID = "r-1:t0:1"


def raw(execution_id: str = ID, status: Status = Status.RUNNING, **fields: Any) -> bytes:
    """Return an event as a worker writes it, but for some fields."""
    data = fields.pop("data", {})
    document = event(execution_id, status, **data).model_dump(mode="json")
    return json.dumps({**document, **fields}).encode()


DEEP = b"[" * 50_000 + b"]" * 50_000
UNREADABLE = {
    "bytes": b"\xff\xfe\x00",
    "nothing": b"",
    "no object": b"[]",
    "no event": b'{"event_id": 5}',
    "another status": raw().replace(b"RUNNING", b"LOST"),
    "deep": raw(data={"x": 1}).replace(b'"x": 1', b'"x": ' + DEEP),
    "party": raw(data={"party": ["alice"]}),
    "hostile party": raw(data={"party": "alice\n"}),
    "progress": raw(data={"progress": "much"}),
    "too much progress": raw(data={"progress": 1.5}),
    "no number": raw(data={"progress": 0.25}).replace(b"0.25", b"NaN"),
    "error": raw(status=Status.FAILURE, data={"error": {"code": 7}}),
    "long id": raw(event_id="e" * 1000),
    "hostile id": raw(event_id="e\x00"),
    "long execution": raw(execution_id="r" * 1000),
}


@pytest.mark.parametrize("sent", UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_event_is_unreadable(sent: bytes) -> None:
    with pytest.raises(Unreadable):
        read_event(sent)


def test_what_databases_do_not_store_is_left_out() -> None:
    sent = raw(status=Status.SUCCESS, data={"result": {"a\x00": ["\x00b", 0.25, {"c": 1.5}]}})
    sent = sent.replace(b"0.25", b"Infinity")
    assert read_event(sent).data["result"] == {"a\ufffd": ["\ufffdb", None, {"c": 1.5}]}


def test_events_behind_hostile_ones_are_taken(house: House, monkeypatch: Any) -> None:
    run_id = begin(house, count=2)
    report = house.runs.report

    def fail_once(taken: Any) -> bool:
        if taken.status is Status.RETRY:
            raise KeyError("a bug")
        return report(taken)

    monkeypatch.setattr(house.runs, "report", fail_once)
    listener = Listener(house.database, house.broker, house.runs)
    listener.wait_for_hint(0.01)
    house.broker.redis.publish(STATUS_CHANNEL, b"\xff")
    odd = {"result": {"result": {"n": 0.25}, "performance_metrics": {}}}
    sent = [
        *UNREADABLE.values(),
        raw(f"{run_id}:t1:1", Status.RETRY),
        raw("r-nobody:x:1"),
        raw(f"{run_id}:t0:1", Status.SUCCESS, data=odd).replace(b"0.25", b"NaN"),
        success(f"{run_id}:t1:1", {"count": "\x00"}).model_dump_json().encode(),
    ]
    for each in sent:
        house.broker.redis.lpush(STATUS_QUEUE, each)
    listener.wait_for_hint(0.5)
    listener.take_some()
    listener.close()
    assert statuses(house.database) == {"t0": "SUCCESS", "t1": "SUCCESS"}
    parked = [row for row in rows(house.database, t.inbox) if row.parked]
    assert len(parked) == len(UNREADABLE) + 1
    assert house.broker.redis.llen(STATUS_QUEUE) == 0
    assert rows(house.database, t.chain_tasks, t.chain_tasks.c.node_id)[0].result == {"n": None}


@pytest.mark.parametrize(
    "value",
    [None, "text", ValueError("text"), ValueError('{"error": {"code": 7}}'), {"error": "\x00"}],
)
def test_a_record_that_does_not_say_why_is_a_failure_all_the_same(
    house: House, value: object
) -> None:
    run_id = begin(house)
    found = event_of({"status": "FAILURE", "result": value}, f"{run_id}:t0:1", "")
    assert house.runs.report(found)
    assert statuses(house.database) == {"t0": "FAILURE"}


def test_the_broker_gives_the_oldest_events_first(broker: Broker) -> None:
    for each in (b"1", b"\xff", b"3"):
        broker.redis.lpush(STATUS_QUEUE, each)
    assert broker.oldest_events(2) == [b"1", b"\xff"]


def test_events_about_nothing_of_ours_leave_nothing(house: House) -> None:
    """Whoever can write to Redis could fill the database otherwise."""
    assert not house.runs.report(read_event(raw("r-nobody:x:1")))
    assert rows(house.database, t.inbox) == []


def test_what_is_parked_has_an_end(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener_module, "_MOST_PARKED", 2)
    listener = Listener(house.database, house.broker, house.runs)
    for number in range(4):
        house.broker.redis.lpush(STATUS_QUEUE, b"%d" % number + b"\xff" * 1_000_000)
    listener.take_some()
    listener.close()
    assert house.broker.redis.llen(STATUS_QUEUE) == 0
    parked = rows(house.database, t.inbox)
    assert len(parked) == 2
    assert all(len(row.raw) <= 64 << 10 for row in parked)
