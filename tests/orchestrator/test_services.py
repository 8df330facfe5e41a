"""Chains through a real Redis and a real worker, whatever of it goes away for a while."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from secretflow_worker.broker.address import read_address
from secretflow_worker.contract.names import STATUS_QUEUE
from secretflow_worker.orchestrator.core import model
from secretflow_worker.orchestrator.services.redis_claim import DATABASE_KEY
from secretflow_worker.orchestrator.services.running import Services
from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.worker import EmbeddedRedis
from tests.conftest import eventually, write_csv
from tests.orchestrator.stored import rows, statuses, store_chain
from tests.worker.harness import Client, Worker

END_S = 60


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("orchestrator-data")
    write_csv(folder / "in.csv", {"x": [1, 2, 3]})
    return folder


@pytest.fixture(scope="module")
def worker(redis_server: EmbeddedRedis, data: Path) -> Iterator[Worker]:
    worker = Worker(redis_server.url, data / "worker", data_root=data)
    worker.started()
    yield worker
    assert worker.terminate() == 0, worker.log()


@pytest.fixture
def clean_redis(redis_server: EmbeddedRedis) -> Iterator[Client]:
    client = Client(redis_server.url, Path())
    client.redis.delete(STATUS_QUEUE, DATABASE_KEY)  # each test has a database of its own
    yield client
    client.redis.delete(STATUS_QUEUE)
    client.redis.close()
    client.app.close()


MakeServices = Callable[..., Services]


@pytest.fixture
def make_services(
    database: Database, redis_server: EmbeddedRedis, clean_redis: Client
) -> Iterator[MakeServices]:
    """Make orchestrators over the test's database; they end with the test."""
    made: list[Services] = []

    def make(**options: Any) -> Services:
        services = Services(database, read_address(redis_server.url), **options)
        made.append(services)
        services.start()
        return services

    yield make
    for services in made:
        services.stop()


def scaling(data: Path, source: str, target: str) -> dict[str, Any]:
    config = {
        "input_data": {"alice": str(data / source)},
        "output_data": {"alice": str(data / target)},
    }
    return {"task_type": "standard_scaler", "task_params": {"task_config": config}}


def chain(data: Path, name: str, **options: Any) -> dict[str, Any]:
    """Return a chain that scales a table, and the result of that twice more, at once."""
    after = {"depends_on": ["first"], "task_id": "second"}
    reference = scaling(data, "in.csv", f"{name}-2.csv")
    # The second reads where the first's result says that it wrote.
    reference["task_params"]["task_config"]["input_data"] = {
        "alice": "${tasks.first.result.output_paths.alice}"
    }
    return {
        "chain_name": name,
        "tasks": [
            {"task_id": "first", **scaling(data, "in.csv", f"{name}-1.csv")},
            {**reference, **after},
            {"task_id": "third", **scaling(data, f"{name}-1.csv", f"{name}-3.csv"),
             "depends_on": ["first"]},
        ],
        "options": {"parties": ["alice"], **options},
    }  # fmt: skip


def await_status(database: Database, status: str) -> None:
    eventually(lambda: rows(database, t.task_chains)[0].status == status, END_S)


def test_a_chain_runs_to_its_end(
    database: Database, worker: Worker, data: Path, make_services: MakeServices
) -> None:
    store_chain(database, chain(data, database.engine.dialect.name))
    services = make_services()
    services.runs.start("c-1", by="me")
    services.wake()
    await_status(database, "SUCCESS")
    assert (data / f"{database.engine.dialect.name}-2.csv").exists()
    assert {row.status for row in rows(database, t.task_attempts)} == {"SUCCESS"}
    nodes = {row.node_id: row for row in rows(database, t.chain_tasks)}
    assert nodes["first"].result["columns_scaled"] == ["x"]
    assert nodes["second"].started_at >= nodes["first"].completed_at


def test_a_task_that_fails_tells_its_error_to_the_chain(
    database: Database, worker: Worker, data: Path, make_services: MakeServices
) -> None:
    document = chain(data, "fails")
    document["tasks"][0] = {"task_id": "first", **scaling(data, "nothing.csv", "never.csv")}
    store_chain(database, document)
    services = make_services()
    services.runs.start("c-1", by="me")
    services.wake()
    await_status(database, "FAILURE")
    assert statuses(database) == {"first": "FAILURE", "second": "SKIPPED", "third": "SKIPPED"}
    told = [line.data.get("skip_reason") for line in rows(database, t.history, t.history.c.id)]
    assert told[-3:].count("depends_on") == 2
    shown = rows(database, t.task_chains)[0]
    assert (shown.completed_tasks, shown.failed_tasks) == (0, 1), "what could not run is not done"
    assert rows(database, t.chain_runs)[0].error["code"] == "INPUT_NOT_FOUND"


def test_two_orchestrators_send_and_take_everything_once(
    database: Database, worker: Worker, data: Path, make_services: MakeServices
) -> None:
    if not database.is_postgresql:
        store_chain(database, chain(data, "once-sqlite"))
        services = [make_services()]
    else:
        store_chain(database, chain(data, "twice-postgresql"))
        services = [make_services(), make_services()]
    services[-1].runs.start("c-1", by="me")
    await_status(database, "SUCCESS")
    assert [row.attempt for row in rows(database, t.task_attempts)] == [1, 1, 1]


def test_events_that_nobody_took_are_found_in_the_workers_records(
    database: Database, worker: Worker, data: Path, clean_redis: Client, make_services: MakeServices
) -> None:
    store_chain(database, chain(data, f"records-{database.engine.dialect.name}"))
    first = make_services()
    first.stop()  # it dies before the worker has done anything
    run_id = first.runs.start("c-1", by="me")
    with database.reading() as connection:
        request = connection.execute(select(t.task_attempts.c.request)).scalar()
    clean_redis.send(request, task_id=f"{run_id}:first:1").get(timeout=END_S)
    clean_redis.redis.delete(STATUS_QUEUE)  # and its events are lost
    make_services(patience_s=0.2)
    await_status(database, "SUCCESS")


def test_an_unreadable_event_is_parked_and_does_not_stop_the_others(
    database: Database, worker: Worker, data: Path, clean_redis: Client, make_services: MakeServices
) -> None:
    store_chain(database, chain(data, f"parked-{database.engine.dialect.name}"))
    for raw in ("{", json.dumps({"event_id": 5}), "\x00"):
        clean_redis.redis.rpush(STATUS_QUEUE, raw)
    services = make_services()
    services.runs.start("c-1", by="me")
    await_status(database, "SUCCESS")
    parked = [row for row in rows(database, t.inbox) if row.parked]
    assert len(parked) == 3
    assert clean_redis.redis.llen(STATUS_QUEUE) == 0


def test_a_cancelled_chain_stops_its_task_at_the_worker(
    database: Database, worker: Worker, data: Path, clean_redis: Client, make_services: MakeServices
) -> None:
    client = Client(clean_redis.url, data)
    training = client.slow()["task_config"]
    client.redis.close()
    client.app.close()
    params = {key: value for key, value in training.items() if key != "task_type"}
    task = {"task_id": "slow", "task_type": "ss_lr", "task_params": {"task_config": params}}
    store_chain(
        database,
        {"chain_name": "slow", "tasks": [task], "options": {"parties": ["alice", "bob"]}},
    )
    services = make_services()
    run_id = services.runs.start("c-1", by="me")
    eventually(lambda: statuses(database) == {"slow": "RUNNING"}, END_S)
    services.runs.apply(run_id, model.CancelAsked)
    await_status(database, "CANCELLED")
    eventually(lambda: rows(database, t.chain_tasks)[0].draining is None, END_S)
    eventually(lambda: not worker.parties(), END_S)
