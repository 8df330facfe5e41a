"""What is shown and counted, on both databases."""

from __future__ import annotations

import pytest

from secretflow_worker.contract.chain import ChainStatus, ChainType
from secretflow_worker.contract.events import Status
from secretflow_worker.orchestrator.api.metrics import Metrics
from secretflow_worker.orchestrator.services.control import Control
from secretflow_worker.orchestrator.services.idempotency import Idempotency, KeyReused
from secretflow_worker.orchestrator.services.listener import lag_of
from secretflow_worker.orchestrator.services.runs import Runs
from secretflow_worker.orchestrator.services.sign_in import Caller
from secretflow_worker.orchestrator.store import audit, views
from secretflow_worker.orchestrator.store.accounts import Role
from secretflow_worker.orchestrator.store.database import Database
from tests.orchestrator.test_runs import LINE, event, store_chain, success

ME = Caller("me", Role.OPERATOR)


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_figures_of_what_is_stored(database: Database) -> None:
    clock = Clock()
    runs = Runs(database, clock)
    control = Control(database, runs, clock)
    control.execute(store_chain(database, LINE), ME)
    metrics = Metrics(database, clock)
    clock.now += 5
    text = metrics.render().decode()
    assert "sfw_outbox_messages 1.0" in text
    assert "sfw_outbox_age_seconds 5.0" in text
    for node in ("a", "b"):
        with database.reading() as connection:
            run_id = views.find_chain(connection, "c-1").celery_chain_id  # type: ignore[union-attr]
        attempt = f"{run_id}:{node}:1"
        runs.report(event(attempt, Status.RUNNING))
        clock.now += 2
        runs.report(success(attempt, {"count": 1}))
    text = metrics.render().decode()
    assert 'sfw_chains{status="SUCCESS"} 1.0' in text
    assert 'sfw_tasks{status="SUCCESS"} 2.0' in text
    assert 'sfw_task_seconds_count{status="SUCCESS",task_type="psi"} 2.0' in text
    seconds = next(line for line in text.splitlines() if line.startswith("sfw_task_seconds_sum"))
    assert float(seconds.rsplit(" ", 1)[1]) == pytest.approx(4.0, abs=0.01)
    assert 'sfw_run_seconds_count{status="SUCCESS"} 1.0' in text


@pytest.mark.parametrize(
    ("timestamp", "lag"),
    [("1970-01-01T00:00:07.500000Z", 2.5), ("1970-01-01T01:00:00Z", 0.0), ("x", 0.0), ("", 0.0)],
)
def test_how_late_an_event_is_taken(timestamp: str, lag: float) -> None:
    told = event("r-1:a:1", Status.RUNNING).model_copy(update={"timestamp": timestamp})
    assert lag_of(told, 10.0) == lag


def test_lists_are_narrowed_sorted_and_counted(database: Database) -> None:
    for number in range(3):
        store_chain(database, LINE, f"c-{number}")
    with database.reading() as connection:
        rows, total = views.list_chains(connection, views.Filters(), "-created_at", 1, 2)
        assert ([row.chain_id for row in rows], total) == (["c-2", "c-1"], 3)
        rows, _ = views.list_chains(connection, views.Filters(), "chain_name", 2, 2)
        assert [row.chain_id for row in rows] == ["c-2"]
        for filters, count in (
            (views.Filters(status=ChainStatus.PENDING), 3),
            (views.Filters(status=ChainStatus.RUNNING), 0),
            (views.Filters(chain_type=ChainType.CHORD), 0),
            (views.Filters(created_by="me", name="LIN"), 3),
            (views.Filters(name="%"), 0),
        ):
            assert views.list_chains(connection, filters, "status", 1, 20)[1] == count


def test_a_deed_that_fails_leaves_neither_key_nor_record(database: Database) -> None:
    once = Idempotency(database, 60.0).once

    def fail() -> dict[str, str]:
        with database.transaction() as connection:
            audit.append(connection, "me", "test", {}, 1.0)
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        once("me", "call", "key", {}, fail)
    with database.reading() as connection:
        assert audit.read(connection) == []
    assert once("me", "call", "key", {}, lambda: {"n": 1}).answer == {"n": 1}
    again = once("me", "call", "key", {}, fail)
    assert (again.answer, again.is_replay) == ({"n": 1}, True)
    with pytest.raises(KeyReused):
        once("me", "call", "key", {"other": 1}, fail)
    assert once("you", "call", "key", {}, lambda: {"n": 2}).answer == {"n": 2}


def test_a_key_is_forgotten_after_a_while(database: Database) -> None:
    clock = Clock()
    once = Idempotency(database, 60.0, clock).once
    assert once("me", "call", "key", {}, lambda: {"n": 1}).answer == {"n": 1}
    clock.now += 61
    assert once("me", "call", "key", {}, lambda: {"n": 2}).answer == {"n": 2}
