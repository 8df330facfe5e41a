"""A task that is cancelled, times out, or loses a process leaves nothing of its tables either."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import eventually
from tests.privacy.test_success import LR, training
from tests.privacy.world import World
from tests.worker.harness import failure


def start_long_training(world: World, **fields: Any) -> tuple[str, Any]:
    """Send a training that goes on for minutes, and return its execution id and its result."""
    config = training(world, "ss_lr", "never", params={**LR, "epochs": 5000, "batch_size": 1})
    request = world.client.request(config, **fields)
    return str(request["execution_id"]), world.client.send(request)


def assert_nothing_is_left(world: World) -> None:
    eventually(lambda: not world.worker.parties())
    world.assert_silent()
    assert not list((world.place / "data").rglob("never"))
    assert not list((world.place / "data").rglob(".*"))


def test_a_cancelled_task(world: World) -> None:
    execution_id, sent = start_long_training(world)
    world.client.await_training(execution_id)
    world.client.redis.set(f"sfw:stop:{execution_id}", "1")
    assert failure(sent)["code"] == "CANCELLED"
    assert_nothing_is_left(world)


def test_a_task_out_of_time(world: World) -> None:
    _, sent = start_long_training(world, timeout_s=2)
    assert failure(sent)["code"] == "TIMEOUT"
    assert_nothing_is_left(world)


@pytest.mark.parametrize("index", [0, 1])
def test_a_party_that_is_killed(world: World, index: int) -> None:
    execution_id, sent = start_long_training(world)
    world.client.await_training(execution_id)
    world.worker.parties()[index].kill()
    assert failure(sent)["code"] == "PEER_LOST"
    assert_nothing_is_left(world)


def test_a_worker_that_is_killed_and_comes_back(world: World) -> None:
    execution_id, sent = start_long_training(world)
    world.client.await_training(execution_id)
    world.worker.kill()
    world.worker.started()
    world.client.redis.set(f"sfw:stop:{execution_id}", "1")
    assert failure(sent)["code"] == "CANCELLED"
    assert_nothing_is_left(world)
