"""A database for each test, of each kind that is supported, and a Redis for each module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from secretflow_worker.broker.address import read_address
from secretflow_worker.orchestrator.services.broker import Broker
from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.orchestrator.store.tables import metadata
from secretflow_worker.worker import EmbeddedRedis, start_embedded_redis
from tests.orchestrator.house import House, Time
from tests.postgres import own_postgres, url_of


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedRedis]:
    """A Redis of the module's own; its tests empty it."""
    server = start_embedded_redis(tmp_path_factory.mktemp("module-redis"))
    yield server
    server.stop()


@pytest.fixture(scope="package")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server that is only ours."""
    with own_postgres() as server:
        yield url_of(server)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/chains.db"
        return
    server = request.getfixturevalue("postgresql")
    name = f"t{uuid4().hex}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.replace("/postgres?", f"/{name}?")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with the newest schema."""
    database = Database.open(database_url)
    metadata.create_all(database.engine)
    yield database
    database.close()


@pytest.fixture
def broker(redis_server: EmbeddedRedis) -> Iterator[Broker]:
    """A Redis that is empty."""
    broker = Broker(read_address(redis_server.url))
    broker.redis.flushall()
    yield broker
    broker.close()


@pytest.fixture
def house(database: Database, broker: Broker) -> House:
    """An orchestrator's services over empty stores."""
    house = House(database, broker, Time())
    house.reconciler.look_for_lost()  # the first look finds a Redis that is new
    return house
