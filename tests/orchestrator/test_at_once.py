"""Several orchestrators and users at once: all is sent once, taken once, and nobody waits for ever.

On PostgreSQL each orchestrator has a pool of its own; on SQLite all share the one file.
"""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from secretflow_worker.broker.address import read_address
from secretflow_worker.contract.chain import ChainStatus
from secretflow_worker.contract.events import Status
from secretflow_worker.contract.names import QUEUE, STATUS_QUEUE
from secretflow_worker.orchestrator.core import model
from secretflow_worker.orchestrator.errors import Conflict
from secretflow_worker.orchestrator.services.accounts import Accounts
from secretflow_worker.orchestrator.services.broker import Broker
from secretflow_worker.orchestrator.services.control import Control
from secretflow_worker.orchestrator.services.listener import Listener
from secretflow_worker.orchestrator.services.relay import Relay
from secretflow_worker.orchestrator.services.runs import Runs
from secretflow_worker.orchestrator.services.sign_in import Caller
from secretflow_worker.orchestrator.store import accounts as a
from secretflow_worker.orchestrator.store import audit, runs
from secretflow_worker.orchestrator.store import database as database_module
from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.orchestrator.store.accounts import Role
from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.orchestrator.store.schema import migrate
from tests.orchestrator.api_site import Site
from tests.orchestrator.documents import chain, psi
from tests.orchestrator.stored import event, rows, statuses, store_chain, success

ME = Caller("me", Role.OPERATOR)


@pytest.fixture
def houses(database_url: str) -> Iterator[list[Database]]:
    """The database as two orchestrators see it that started at once."""
    databases = [Database.open(database_url) for _ in range(2)]
    together([lambda each=each: migrate(each) for each in databases])  # type: ignore[misc]
    yield databases
    for each in databases:
        each.close()


def together(deeds: list[Callable[[], object]]) -> None:
    """Do all at once, and raise what any of them raised."""
    start = threading.Barrier(len(deeds))
    faults: list[BaseException] = []

    def do(deed: Callable[[], object]) -> None:
        start.wait()
        try:
            deed()
        except BaseException as fault:  # noqa: BLE001 - raised below
            faults.append(fault)

    threads = [threading.Thread(target=do, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "it waits for ever"
    for fault in faults:
        raise fault


def many(count: int) -> dict[str, Any]:
    tasks = [
        {"task_id": f"t{number}", "task_type": "psi", "task_params": {"task_config": {}}}
        for number in range(count)
    ]
    options = {"parties": ["alice"], "stop_on_error": False}
    return {"chain_name": "many", "tasks": tasks, "options": options}


def test_orchestrators_that_start_at_once_make_one_first_user(houses: list[Database]) -> None:
    together([lambda each=each: Accounts(each, 3600).begin() for each in houses])  # type: ignore[misc]
    assert len(rows(houses[0], a.users)) == 1
    with houses[0].reading() as connection:
        assert audit.verify(connection).broken_at is None


def test_a_message_is_sent_once(houses: list[Database], broker: Broker) -> None:
    store_chain(houses[0], many(60))
    Runs(houses[0]).start("c-1", by="me")

    def send(database: Database) -> None:
        relay = Relay(database, broker, window=100)
        while relay.send_some():
            pass

    together([lambda each=each: send(each) for each in houses * 2])  # type: ignore[misc]
    # What one has taken and not yet sent is left to it by the others.
    waiting = [json.loads(x)["headers"]["id"] for x in broker.redis.lrange(QUEUE, 0, -1)]
    assert len(waiting) == len(set(waiting)) == 60


def test_an_event_is_applied_once(
    houses: list[Database], broker: Broker, redis_server: Any
) -> None:
    store_chain(houses[0], many(10))
    run_id = Runs(houses[0]).start("c-1", by="me")
    told = [
        each.model_dump_json()
        for number in range(10)
        for each in (
            event(f"{run_id}:t{number}:1", Status.RUNNING, progress=0.5),
            success(f"{run_id}:t{number}:1", {"count": number}),
        )
    ]
    for line in told * 2:
        broker.redis.lpush(STATUS_QUEUE, line)

    def listen(database: Database) -> None:
        own = Broker(read_address(redis_server.url))
        listener = Listener(database, own, Runs(database))
        while listener.take_some() or own.redis.llen(STATUS_QUEUE):
            pass
        listener.close()
        own.close()

    together([lambda each=each: listen(each) for each in houses])  # type: ignore[misc]
    lines = [row.data for row in rows(houses[0], t.history) if row.node_id is not None]
    for status in ("RUNNING", "SUCCESS"):
        assert sum(line["status"] == status for line in lines) == 10
    assert len(rows(houses[0], t.inbox)) == 20
    assert rows(houses[0], t.task_chains)[0].status == "SUCCESS"


def test_two_cancels_and_a_retry_at_once_leave_a_whole_run(houses: list[Database]) -> None:
    store_chain(houses[0], many(4))
    Control(houses[0], Runs(houses[0])).execute("c-1", ME)
    rounds = 8

    def act(number: int, word: str) -> None:
        database = houses[number % 2]
        control = Control(database, Runs(database))
        deeds: dict[str, Callable[[], object]] = {
            "cancel": lambda: control.cancel("c-1", ME),
            "retry": lambda: control.retry("c-1", ME, ()),
            "pause": lambda: control.pause("c-1", ME),
            "resume": lambda: control.resume("c-1", ME),
            "execute": lambda: control.execute("c-1", ME),
        }
        for _ in range(rounds):
            try:
                deeds[word]()
            except Conflict:
                continue

    def report(number: int) -> None:
        """Tell of every open attempt that it runs, has failed or has succeeded."""
        reporting, random_ = Runs(houses[number % 2]), random.Random(number)
        for _ in range(rounds):
            with houses[0].reading() as connection:
                is_open = t.task_attempts.c.ended_at.is_(None)
                query = select(t.task_attempts.c.execution_id).where(is_open)
                open_ones = list(connection.execute(query).scalars())
            for execution_id in open_ones:
                status = random_.choice([Status.RUNNING, Status.FAILURE, Status.SUCCESS])
                error = {"code": "INPUT_INVALID", "type": "ValueError", "message": "no"}
                told = {"error": error} if status is Status.FAILURE else {}
                reporting.report(event(execution_id, status, **told))

    words = ["cancel", "cancel", "retry", "pause", "resume", "execute"]
    deeds = [lambda n=n, word=word: act(n, word) for n, word in enumerate(words)]
    together([*deeds, lambda: report(0), lambda: report(1)])
    (last,) = rows(houses[0], t.task_chains)
    ended = {row.run_id: row.status for row in rows(houses[0], t.chain_runs)}
    assert last.status == ended[last.celery_chain_id]
    live = [status for status in ended.values() if not ChainStatus(status).is_terminal]
    assert len(live) <= 1
    if live:
        Control(houses[0], Runs(houses[0])).cancel("c-1", ME)
    attempts = rows(houses[0], t.task_attempts)
    assert all(row.ended_at is not None for row in attempts)
    with houses[0].reading() as connection:
        assert audit.verify(connection).broken_at is None


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_hangs_in_a_transaction_holds_up_nobody_for_long(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "_LONGEST_IDLE_S", 0.5)
    hanging, other = Database.open(database_url), Database.open(database_url)
    migrate(other)
    store_chain(other, many(1))
    run_id = Runs(other).start("c-1", by="me")
    with hanging.engine.connect() as connection:
        runs.lock_run(connection, run_id)
        assert Runs(other).apply(run_id, model.CancelAsked) is ChainStatus.CANCELLED
        with pytest.raises(DBAPIError, match="idle-in-transaction"):
            runs.lock_run(connection, run_id)
    for each in (hanging, other):
        each.close()


def test_many_users_of_one_name_are_one(houses: list[Database]) -> None:
    made: list[str] = []

    def make(database: Database) -> None:
        try:
            made.append(Accounts(database, 3600).create("olga", Role.OPERATOR, by="-"))
        except Conflict:
            return

    together([lambda each=each: make(each) for each in houses * 3])  # type: ignore[misc]
    assert len(made) == 1


def test_what_one_orchestrator_does_is_watched_at_the_other(
    database_url: str, tmp_path: Path
) -> None:
    sites = [Site(tmp_path / name, database_url=database_url) for name in ("one", "two")]
    try:
        made = sites[0].ask("olga", "POST", "/chains/", json=chain(psi()))
        place = f"/chains/{made.json()['chain_id']}"
        headers = {"Authorization": f"Bearer {sites[1].tokens['olga']}"}
        with sites[1].client.stream("GET", f"/api/v1{place}/events", headers=headers) as stream:
            lines = stream.iter_lines()
            assert "event: created" in list(_until(lines, "event: created"))
            assert sites[0].ask("olga", "POST", f"{place}/execute").status_code == 200
            assert list(_until(lines, "event: chain"))
        shown = sites[1].ask("olga", "GET", place).json()
        assert shown["status"] == "RUNNING"
        assert sites[1].ask("olga", "DELETE", place).status_code == 200
        assert sites[0].ask("olga", "GET", place).json()["status"] == "CANCELLED"
        assert statuses(sites[0].database) == {"psi": "CANCELLED"}
    finally:
        for site in sites:
            site.close()


def _until(lines: Iterator[str], words: str) -> Iterator[str]:
    for line in lines:
        yield line
        if line == words:
            return
