"""The API with 10,000 chains stored: calls that come 50 a second, whether or not it keeps up."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
from sqlalchemy import insert, select

from benchmarks._harness import Bench, Figure, percentile
from benchmarks.orchestrator import TIMEOUT_S, chain
from secretflow_worker.client import Client
from secretflow_worker.orchestrator.settings import WebSettings
from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.orchestrator.store.database import Database

CHAINS, SECONDS, PER_SECOND = 10_000, 20, 50
LIMIT_MS = 50
LISTS = (
    "?page=1", "?page=100", f"?page={CHAINS // 100}&page_size=100", "?status=SUCCESS",
    "?status=FAILURE", "?sort=chain_name", "?sort=-updated_at&page=7", "?name=copy-99",
    "?created_by=nobody", "?chain_type=sequential&status=SUCCESS",
)  # fmt: skip


def run(bench: Bench) -> list[Figure]:
    up = bench.idle_worker.up
    stored = WebSettings(state_dir=bench.idle_worker.state_dir).database
    with Client(up["url"], up["token"]) as client:
        first = client.chains.run(chain("first", [[n] for n in range(5)]), timeout_s=TIMEOUT_S)
    ids = _copy(stored, first.chain_id)
    headers = {"Authorization": f"Bearer {up['token']}"}
    with httpx.Client(base_url=f"{up['url']}/api/v1", headers=headers) as http:
        lists = {path: _ask(http, f"/chains/{path}") for path in LISTS for _ in range(3)}
        calls = _some(ids)
        waits = _in_time(http, [next(calls) for _ in range(SECONDS * PER_SECOND)])
    return [
        Figure(f"{PER_SECOND} calls a second with {CHAINS:,} chains, p99", "ms",
               percentile(waits, 0.99), limit=LIMIT_MS, samples={"ours": waits}),
        Figure("the same, median", "ms", percentile(waits, 0.5)),
        Figure(f"the slowest of {len(LISTS)} lists and filters, alone", "ms", max(lists.values())),
    ]  # fmt: skip


def _some(ids: list[str]) -> Iterator[str]:
    """Yield what pages and programs ask for: mostly single chains, and every list in turn."""
    lists = itertools.cycle(LISTS)
    for number in itertools.count():
        chain_id = ids[number * 7919 % len(ids)]
        yield f"/chains/{next(lists)}" if number % 4 == 0 else f"/chains/{chain_id}"


def _in_time(http: httpx.Client, calls: list[str]) -> list[float]:
    """Ask at fixed times, late answers or not; return the ms from each call's time to its end."""
    began = time.perf_counter() + 0.5

    def ask_at(due: float, path: str) -> float:
        time.sleep(max(0.0, due - time.perf_counter()))
        _ask(http, path)
        return (time.perf_counter() - due) * 1000

    with ThreadPoolExecutor(32) as threads:
        asked = [
            threads.submit(ask_at, began + number / PER_SECOND, path)
            for number, path in enumerate(calls)
        ]
        return [one.result() for one in asked]


def _ask(http: httpx.Client, path: str) -> float:
    began = time.perf_counter()
    http.get(path).raise_for_status()
    return (time.perf_counter() - began) * 1000


def _copy(url: str, chain_id: str) -> list[str]:
    """Store a chain that has run many times over, under other ids; return them."""
    database = Database.open(url)
    ids = [f"c-copy-{number}" for number in range(CHAINS)]
    try:
        with database.transaction() as connection:
            for table in (t.task_chains, t.chain_versions, t.chain_runs, t.chain_tasks):
                rows: list[dict[str, Any]] = [
                    dict(row._mapping)
                    for row in connection.execute(select(table).where(table.c.chain_id == chain_id))
                ]
                connection.execute(
                    insert(table), [_renamed(row, copy) for copy in ids for row in rows]
                )
    finally:
        database.close()
    return ids


def _renamed(row: dict[str, Any], chain_id: str) -> dict[str, Any]:
    run_id = f"r-{chain_id}"
    new = {**row, "chain_id": chain_id}
    if "run_id" in row:
        new["run_id"] = run_id
    if "task_request_id" in row:
        new["task_request_id"] = new["celery_task_id"] = f"{run_id}:{row['node_id']}:1"
    if "celery_chain_id" in row:
        new["celery_chain_id"] = run_id
    if "chain_name" in row:
        new["chain_name"] = chain_id.removeprefix("c-")
    return new
