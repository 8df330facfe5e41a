"""One Redis serves one database: another is refused, and whoever lost it lets go of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import delete, select

from secretflow_worker.broker.address import read_address
from secretflow_worker.contract.errors import ConfigError
from secretflow_worker.contract.names import STATUS_QUEUE
from secretflow_worker.orchestrator.services import redis_claim
from secretflow_worker.orchestrator.services.redis_claim import (
    DATABASE_KEY,
    RedisClaim,
    RedisOfAnother,
    check_at_start,
)
from secretflow_worker.orchestrator.services.running import Services
from secretflow_worker.orchestrator.settings import WebSettings
from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.orchestrator.store.identity import database_identity, identity_of
from secretflow_worker.orchestrator.store.tables import metadata
from secretflow_worker.orchestrator.web import run_web
from secretflow_worker.worker import EmbeddedRedis
from tests.conftest import eventually


@pytest.fixture
def redis(redis_server: EmbeddedRedis) -> Iterator[Redis]:
    with read_address(redis_server.url).connect(5) as redis:
        redis.flushall()
        yield redis


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Database]:
    other = Database.open(f"sqlite:///{tmp_path}/other.db")
    metadata.create_all(other.engine)
    yield other
    other.close()


def test_a_database_has_one_identity_whoever_asks_first(database: Database) -> None:
    found: set[str] = set()
    together = threading.Barrier(4)

    def ask() -> None:
        together.wait()
        found.add(identity_of(database))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {identity_of(database)}
    with database.transaction() as connection:
        connection.execute(delete(database_identity))
    assert identity_of(database) not in found


def test_all_orchestrators_of_a_database_share_its_redis(redis: Redis) -> None:
    for _ in range(2):
        RedisClaim("one").check(redis)
    with pytest.raises(RedisOfAnother):
        RedisClaim("two").check(redis)


def test_a_redis_without_its_data_is_claimed_again(redis: Redis) -> None:
    claim = RedisClaim("one")
    claim.check(redis)
    redis.flushall()
    eventually(lambda: is_claimed(claim, redis))


def is_claimed(claim: RedisClaim, redis: Redis) -> bool:
    claim.check(redis)
    return bool(redis.exists(DATABASE_KEY))


@pytest.mark.parametrize("text", ["", "one", "[]", '{"database": "one"}', '{"database": 7}'])
def test_what_somebody_else_wrote_is_not_ours(redis: Redis, text: str) -> None:
    redis.set(DATABASE_KEY, text)
    with pytest.raises(RedisOfAnother):
        RedisClaim("one").check(redis)


def test_a_start_on_anothers_redis_says_whose_and_how_to_mend_it(
    redis: Redis, redis_server: EmbeddedRedis, tmp_path: Path
) -> None:
    RedisClaim("gone").check(redis)
    settings = WebSettings(port=0, state_dir=tmp_path, redis_url=SecretStr(redis_server.url))
    with pytest.raises(ConfigError) as refused:
        run_web(settings, lambda started: pytest.fail("it started"))
    assert socket.gethostname() in refused.value.message
    assert "redis_url" in refused.value.message
    assert "--take-redis" in refused.value.hint
    owner = Database.open(settings.database)
    RedisClaim(identity_of(owner), takes_it=True).check(redis)
    check_at_start(RedisClaim(identity_of(owner)), read_address(redis_server.url))
    owner.close()


def test_a_redis_that_was_handed_over_is_let_go(
    redis: Redis, redis_server: EmbeddedRedis, database: Database, other: Database
) -> None:
    address = read_address(redis_server.url)
    first = Services(database, address)
    first.start()
    second = Services(other, address, claim=RedisClaim(identity_of(other), takes_it=True))
    try:
        redis.lpush(STATUS_QUEUE, "to the first")
        eventually(lambda: parked(database) == ["to the first"])
        second.start()
        eventually(lambda: is_refused(first))
        for number in range(5):
            redis.lpush(STATUS_QUEUE, f"to the second {number}")
        eventually(lambda: len(parked(other)) == 5)
        assert parked(database) == ["to the first"]
        assert not is_refused(second)
        redis.delete(DATABASE_KEY)
        eventually(lambda: is_refused(first) != is_refused(second))
    finally:
        first.stop()
        second.stop()


def parked(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(connection.execute(select(t.inbox.c.raw)).scalars())


def is_refused(services: Services) -> bool:
    try:
        services.ping()
    except RedisOfAnother:
        return True
    return False


def test_a_redis_that_is_away_holds_up_no_start(
    redis: Redis, redis_server: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_claim, "_ANSWERS_WITHIN_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        claim = RedisClaim("one", takes_it=True)
        check_at_start(claim, read_address(f"redis://127.0.0.1:{silent.getsockname()[1]}/0"))
    RedisClaim("two").check(redis)
    claim.check(redis)  # what was asked for at the start is done once it answers
    with pytest.raises(RedisOfAnother):
        check_redis_for("two", redis_server)
    with pytest.raises(RedisError):
        RedisClaim("two").check(read_address("redis://127.0.0.1:1/0").connect(0.2))


def check_redis_for(identity: str, redis_server: EmbeddedRedis) -> None:
    with read_address(redis_server.url).connect(5) as redis:
        RedisClaim(identity).check(redis)
