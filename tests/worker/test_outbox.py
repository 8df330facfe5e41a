"""The outbox: in order, never blocking, dropping only what may be dropped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import ResponseError

from secretflow_worker.worker.outbox import Outbox


class Line:
    """Stands for Redis: it can be cut."""

    def __init__(self) -> None:
        self.is_up = True
        self.arrived: list[object] = []

    def carry(self, thing: object) -> Callable[[], None]:
        def send() -> None:
            if not self.is_up:
                raise RedisAway
            self.arrived.append(thing)

        return send


@pytest.fixture
def outbox() -> Iterator[Outbox]:
    outbox = Outbox()
    outbox.start()
    yield outbox
    outbox.close()


def test_everything_arrives_in_order(outbox: Outbox) -> None:
    line = Line()
    for number in range(100):
        outbox.put(line.carry(number), is_droppable=number % 2 == 0)
    assert outbox.flush(60)
    assert line.arrived == list(range(100))


def test_what_must_arrive_waits_for_redis_and_the_rest_is_bounded(outbox: Outbox) -> None:
    line = Line()
    line.is_up = False
    outbox.put(line.carry("outcome 1"))
    for number in range(3000):
        outbox.put(line.carry(number), is_droppable=True)
    outbox.put(line.carry("outcome 2"))
    assert not outbox.flush(0.3)
    assert outbox.away_for_s > 0
    line.is_up = True
    assert outbox.flush(60)
    assert outbox.away_for_s == 0
    assert line.arrived == ["outcome 1", *range(2000, 3000), "outcome 2"]


def test_a_refusal_delays_nothing_else(outbox: Outbox) -> None:
    line, refusals = Line(), iter([ResponseError("OOM"), None])
    done = threading.Event()

    def refused_once() -> None:
        if (refusal := next(refusals)) is not None:
            raise refusal
        done.set()

    outbox.put(refused_once)
    outbox.put(line.carry("next"))
    assert outbox.flush(60)
    assert line.arrived == ["next"]
    assert done.is_set()
