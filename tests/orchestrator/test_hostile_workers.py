"""What a worker announces and answers need not be what ours would: it is passed over."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from secretflow_worker.contract.asks import FilesAsk, answer_key, new_ask_id, worker_ask_list
from secretflow_worker.contract.names import QUEUE
from secretflow_worker.contract.nodes import NODES, node_key
from secretflow_worker.orchestrator.api.metrics_workers import Workers
from secretflow_worker.orchestrator.services.broker import Broker
from secretflow_worker.orchestrator.services.parties import Parties
from secretflow_worker.orchestrator.store.database import Database

DEEP = b"[" * 100_000 + b"]" * 100_000
ANSWERS = {"bytes": b"\xff\xfe", "nothing": b"", "deep": DEEP, "no answer": b"{}"}


def announce(broker: Broker, worker_id: str, **other: Any) -> None:
    node = {
        "worker_id": worker_id, "name": worker_id, "host": "here", "party": "alice",
        "version": "1", "pins": {}, "task_types": [], "protocols": [], "slots": 1, "running": [],
        "leased_ports": 0, "memory_bytes": 1, "party_processes": 0, "party_memory_bytes": 0,
        "certificate": None, "policy": None, "shares": [], "started_at": "", "at": "", **other,
    }  # fmt: skip
    broker.redis.sadd(NODES, worker_id)
    broker.redis.set(node_key(worker_id), json.dumps(node))


def test_workers_beside_hostile_ones_are_seen(broker: Broker, database: Database) -> None:
    announce(broker, "good")
    announce(broker, "large", slots=10**400)
    announce(broker, "less", memory_bytes=-1)
    for number, text in enumerate((b"\xff", DEEP, b"7")):
        broker.redis.sadd(NODES, f"odd{number}")
        broker.redis.set(node_key(f"odd{number}"), text)
    broker.redis.sadd(NODES, b"\xff\xfe")
    parties = Parties(broker.redis)
    assert [node.worker_id for node in parties.nodes()] == ["good"]
    assert not broker.redis.sismember(NODES, b"\xff\xfe")  # type: ignore[arg-type]  # takes bytes
    figures = list(Workers(database, parties, lambda lists: dict.fromkeys(lists, 0)).collect())
    assert {sample.labels["worker"] for sample in figures[-1].samples} == {"good"}


@pytest.mark.parametrize("text", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_that_is_none_is_silence(broker: Broker, text: bytes) -> None:
    announce(broker, "w-1")
    parties = Parties(broker.redis, wait_s=5)
    ask = FilesAsk(ask_id=new_ask_id(), party="alice")
    with ThreadPoolExecutor(1) as beside:
        heard = beside.submit(parties.ask, ask)
        taken = broker.redis.blpop([worker_ask_list("w-1")], timeout=30)
        assert taken is not None
        broker.redis.rpush(answer_key(json.loads(taken[1])["ask_id"]), text)
        assert heard.result().code == "TIMEOUT"
    assert parties.nodes(), "the connection is as good as before"


def test_messages_of_others_hide_none_of_ours(broker: Broker) -> None:
    ours = json.dumps({"headers": {"id": "r-1:a:1"}})
    broker.redis.rpush(QUEUE, b"\xff\xfe", DEEP, b"", b"[]", ours)
    assert "r-1:a:1" in broker.waiting_in(QUEUE)
