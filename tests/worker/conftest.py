"""One Redis and one worker for all tests that leave them whole, and makers of others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from secretflow_worker.worker import EmbeddedRedis, start_embedded_redis
from tests.worker.harness import Client, Worker

MakeWorker = Callable[..., Worker]


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("worker")


@pytest.fixture(scope="package")
def redis_server(place: Path) -> Iterator[EmbeddedRedis]:
    server = start_embedded_redis(place)
    yield server
    server.stop()


@pytest.fixture(scope="package")
def client(redis_server: EmbeddedRedis, place: Path) -> Iterator[Client]:
    """A plain client of the shared worker's Redis; its data folder is every worker's root."""
    data = place / "data"
    data.mkdir(exist_ok=True)
    client = Client(redis_server.url, data)
    yield client
    client.redis.close()
    client.app.close()


@pytest.fixture(scope="package")
def worker(client: Client, place: Path) -> Iterator[Worker]:
    """The worker that all tests share: leave it running and idle."""
    worker = Worker(
        client.url,
        place / "shared",
        data_root=client.data,
        concurrency=2,
        retry_backoff_s=0.2,
        log_level="DEBUG",  # tests look for what no log may hold
    )
    worker.started()
    yield worker
    code = worker.terminate()
    worker.close()
    assert code == 0, worker.log()
    assert not list((worker.folder / "state" / "journal").iterdir()), "the journal is not empty"


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    """A Redis for one test, to stop and start."""
    server = start_embedded_redis(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def own_client(own_redis: EmbeddedRedis, tmp_path: Path) -> Iterator[Client]:
    """A plain client of the test's own Redis."""
    data = tmp_path / "data"
    data.mkdir()
    client = Client(own_redis.url, data)
    yield client
    client.redis.close()
    client.app.close()


@pytest.fixture
def make_worker(tmp_path: Path) -> Iterator[MakeWorker]:
    """Make workers that end with the test: ``make_worker(client, name, **settings)``."""
    made: list[Worker] = []

    def make(client: Client, name: str = "own", **settings: object) -> Worker:
        worker = Worker(client.url, tmp_path / name, data_root=client.data, **settings)
        made.append(worker)
        return worker

    yield make
    for worker in made:
        worker.close()
