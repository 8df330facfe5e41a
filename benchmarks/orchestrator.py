"""What the orchestrator adds to tasks that do nothing: between two of a line, and to many at once.

A task's end and its successor's start are read from the workers' own events, so the latency is
all that lies between: the event's way, the decision, the outbox, Celery, and the worker's claim.
"""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis import Redis

from benchmarks._harness import Bench, Figure, percentile
from secretflow_worker.client import Client
from secretflow_worker.contract.events import read_moment

TASKS, LEVELS = 1_000, 10
MEDIAN_LIMIT_MS, P99_LIMIT_MS, SEEN_LIMIT_MS = 50, 200, 200
TIMEOUT_S = 900


def run(bench: Bench) -> list[Figure]:
    worker = bench.idle_worker
    with Client(worker.up["url"], worker.up["token"]) as client:
        client.chains.run(chain("warm", [[index] for index in range(5)]), timeout_s=TIMEOUT_S)
        line, line_s = _watched(client, worker.up["redis_url"], [[n] for n in range(TASKS)])
        level = TASKS // LEVELS
        levels = [list(range(n * level, (n + 1) * level)) for n in range(LEVELS)]
        _, wide_s = _watched(client, worker.up["redis_url"], levels)
        seen = _seen_after(client, worker.up["redis_url"])
    waits = [
        (line[f"t{n}"]["received"] - line[f"t{n - 1}"]["SUCCESS"]) * 1000 for n in range(1, TASKS)
    ]
    return [
        Figure("a task's end to its successor's start, median", "ms",
               statistics.median(waits), limit=MEDIAN_LIMIT_MS, samples={"ours": waits}),
        Figure("the same, p99", "ms", percentile(waits, 0.99), limit=P99_LIMIT_MS),
        Figure(f"{TASKS:,} tasks in a line", "s", line_s),
        Figure(f"{LEVELS} levels of {level} tasks", "s", wide_s),
        Figure(f"{LEVELS} levels of {level} tasks", "tasks/min", TASKS / wide_s * 60),
        Figure("an event until a client of the API has it, p99", "ms",
               percentile(seen, 0.99), limit=SEEN_LIMIT_MS, samples={"ours": seen}),
    ]  # fmt: skip


def chain(name: str, levels: list[list[int]]) -> dict[str, Any]:
    """Return a chain whose tasks each follow the one at their place of the level before."""
    tasks = []
    for depth, level in enumerate(levels):
        for place, number in enumerate(level):
            before = [f"t{levels[depth - 1][place]}"] if depth else []
            task = {"task_id": f"t{number}", "task_type": "noop", "depends_on": before}
            tasks.append({**task, "task_params": {"task_config": {}}})
    return {"chain_name": name, "tasks": tasks, "options": {"parties": ["alice"]}}


def _watched(
    client: Client, redis_url: str, levels: list[list[int]]
) -> tuple[dict[str, dict[str, float]], float]:
    """Run a chain; return when each task came to which stage, and how long it all took."""
    with _events(redis_url) as events:
        started = time.perf_counter()
        ended = client.chains.run(chain("bench", levels), timeout_s=TIMEOUT_S)
        took_s = time.perf_counter() - started
    times: dict[str, dict[str, float]] = {}
    for event in events:
        stage = event["status"] if event["status"] == "SUCCESS" else event["data"].get("stage")
        times.setdefault(event["subtask_id"], {}).setdefault(stage, _seconds(event["timestamp"]))
    if ended.completed_tasks != ended.total_tasks:
        raise RuntimeError("a task was lost")
    return times, took_s


def _seen_after(client: Client, redis_url: str) -> list[float]:
    """Return how many ms after a task's end a client that watches the chain is told of it."""
    told: dict[str, float] = {}
    with _events(redis_url) as events:
        made = client.chains.create(chain("seen", [[n] for n in range(100)]))
        client.chains.execute(made.chain_id)
        for event in client.chains.events(made.chain_id):
            if event.status != "SUCCESS":
                continue
            if event.task_id is None:
                break
            told[event.task_id] = time.time()
    ended = {
        event["subtask_id"]: _seconds(event["timestamp"])
        for event in events
        if event["status"] == "SUCCESS"
    }
    return [(told[node_id] - at) * 1000 for node_id, at in ended.items()]


@contextmanager
def _events(redis_url: str) -> Iterator[list[dict[str, Any]]]:
    """Gather what the workers publish meanwhile, beside the orchestrator's own listener."""
    gathered: list[dict[str, Any]] = []
    ended = threading.Event()
    redis = Redis.from_url(redis_url)
    channel = redis.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
    channel.subscribe("task_status_events")

    def gather() -> None:
        while not ended.is_set():
            message = channel.get_message(timeout=0.2)
            if message is not None:
                gathered.append(json.loads(message["data"]))

    thread = threading.Thread(target=gather)
    thread.start()
    try:
        yield gathered
        time.sleep(0.5)  # the last event may still be on its way
    finally:
        ended.set()
        thread.join()
        channel.close()
        redis.close()


def _seconds(timestamp: str) -> float:
    return read_moment(timestamp).timestamp()
