"""Claims against a real Redis: one holder, leases that end, results that are kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from redis import Redis

from secretflow_worker.worker import EmbeddedRedis
from secretflow_worker.worker.claim import Claims
from secretflow_worker.worker.delivery import CeleryRecord, Delivery, StoredResult, Wire
from secretflow_worker.worker.keys import Execution
from tests.conftest import eventually

ONE = Execution("claimed-1", "chain", "node", "psi", None)


class GivenUpError(Exception):
    """The test has waited long enough."""


@pytest.fixture
def redis(redis_server: EmbeddedRedis) -> Iterator[Redis]:
    """A database of its own, so that what these tests publish is in nobody's list."""
    with Redis.from_url(f"{redis_server.url[:-1]}5", decode_responses=True) as redis:
        yield redis
        redis.flushdb()


@pytest.fixture
def wire(redis: Redis) -> Wire:
    return Wire(redis, ttl_s=60, list_limit=0)


def give_up(seconds: float) -> None:
    raise GivenUpError


def delivery(token: str, outcome_id: str = "outcome-1", refused: str | None = None) -> Delivery:
    return Delivery(
        celery_task_id="any",
        claim_key=ONE.claim_key,
        claim_token=token,
        result_key=ONE.result_key,
        seq_key=ONE.seq_key,
        stored=StoredResult(outcome_id=outcome_id, state="FAILURE", value={}, refused=refused),
        record=CeleryRecord(key="record", value="{}", ttl_s=60),
        event='{"execution_id": "claimed-1"}',
    )


def test_only_one_holds_it(redis: Redis) -> None:
    claims = Claims(redis, lease_s=10)
    assert claims.take(ONE, "first", "", give_up) is None
    with pytest.raises(GivenUpError):
        claims.take(ONE, "second", "", give_up)
    claims.release(ONE.claim_key, "second")
    with pytest.raises(GivenUpError):
        claims.take(ONE, "second", "", give_up)
    claims.release(ONE.claim_key, "first")
    assert claims.take(ONE, "second", "", give_up) is None


def test_each_party_of_cluster_mode_has_its_own(redis: Redis) -> None:
    claims = Claims(redis, lease_s=10)
    parties = [replace(ONE, party=party) for party in ("alice", "bob")]
    for party in parties:
        assert claims.take(party, f"token of {party.party}", "", give_up) is None


def test_a_dead_holders_lease_ends_and_the_waiting_one_takes_over(redis: Redis) -> None:
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        time.sleep(seconds)

    Claims(redis, lease_s=2).take(ONE, "dead", "", give_up)
    assert Claims(redis, lease_s=10).take(ONE, "heir", "", wait) is None
    assert waits


def test_a_living_holder_renews(redis: Redis) -> None:
    claims = Claims(redis, lease_s=60)
    claims.take(ONE, "alive", "", give_up)
    redis.pexpire(ONE.claim_key, 30_000)  # as if half of it had passed
    assert claims.renew(ONE, "alive")
    assert int(str(redis.pttl(ONE.claim_key))) > 30_000
    redis.delete(ONE.claim_key)
    assert not claims.renew(ONE, "alive")
    claims.retake(ONE, "alive")
    assert redis.get(ONE.claim_key) == "alive"


def test_a_waiting_one_gets_the_result(redis: Redis, wire: Wire) -> None:
    claims = Claims(redis, lease_s=10)
    claims.take(ONE, "runs", "", give_up)
    got: list[StoredResult | None] = []
    waiting = threading.Thread(
        target=lambda: got.append(claims.take(ONE, "waits", "", time.sleep)), daemon=True
    )
    waiting.start()
    assert wire.send_outcome(delivery("runs")).is_taken
    eventually(lambda: got)
    assert got == [delivery("runs").stored]
    assert redis.get(ONE.claim_key) is None


def test_an_outcome_counts_once_however_often_it_is_sent(redis: Redis, wire: Wire) -> None:
    before = redis.llen("task_status_queue")
    for _ in range(3):
        assert wire.send_outcome(delivery("", "mine")).is_taken
    assert redis.llen("task_status_queue") == int(str(before)) + 1
    late = wire.send_outcome(delivery("", "other"))
    assert not late.is_taken
    assert late.earlier is not None
    assert late.earlier.outcome_id == "mine"


def test_only_the_holder_of_a_claim_can_end_the_execution(redis: Redis, wire: Wire) -> None:
    Claims(redis, lease_s=10).take(ONE, "holder", "", give_up)
    for token in ("", "former holder"):
        fenced = wire.send_outcome(delivery(token))
        assert not fenced.is_taken
        assert fenced.earlier is None
    assert redis.get(ONE.result_key) is None
    assert wire.send_outcome(delivery("holder")).is_taken


def test_a_refusal_binds_only_the_same_request(redis: Redis, wire: Wire) -> None:
    claims = Claims(redis, lease_s=10)
    wire.send_outcome(delivery("", refused="digest of the wrong request"))
    again = claims.take(ONE, "same", "digest of the wrong request", give_up)
    assert again is not None
    assert claims.take(ONE, "mended", "another digest", give_up) is None


def test_numbers_go_on_when_redis_forgets(redis: Redis, wire: Wire) -> None:
    heard = redis.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
    heard.subscribe("task_status_events")
    heard.get_message(timeout=30)
    for _ in range(2):
        wire.send_event(ONE.result_key, ONE.seq_key, '{"a": 1}')
    redis.delete(ONE.seq_key)
    wire.send_event(ONE.result_key, ONE.seq_key, '{"a": 1}')
    texts = [str(message["data"]) for _ in range(3) if (message := heard.get_message(timeout=30))]
    assert texts == ['{"seq": 1, "a": 1}', '{"seq": 2, "a": 1}', '{"seq": 3, "a": 1}']
    heard.close()


def test_no_event_follows_the_end(redis: Redis, wire: Wire) -> None:
    wire.send_outcome(delivery(""))
    before = redis.llen("task_status_queue")
    wire.send_event(ONE.result_key, ONE.seq_key, '{"a": 1}')
    assert redis.llen("task_status_queue") == before
