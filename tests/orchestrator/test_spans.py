"""What is told of runs in traces and in the log: ids, states and codes."""

from __future__ import annotations

import builtins
import json
import logging
import socket
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from secretflow_worker.broker import otlp
from secretflow_worker.broker.logs import JsonFormatter
from secretflow_worker.broker.telemetry import OFF, Place, Span, here, open_telemetry, within
from secretflow_worker.contract.errors import ConfigError
from secretflow_worker.contract.events import Status
from secretflow_worker.orchestrator.core import model
from secretflow_worker.orchestrator.services.run_lines import write_lines
from secretflow_worker.orchestrator.services.runs import Runs
from secretflow_worker.orchestrator.services.scheduler import Scheduler
from secretflow_worker.orchestrator.services.spans import RunSpans, carried_by
from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.orchestrator.store.database import Database
from tests.orchestrator.stored import event, rows, store_chain, success
from tests.orchestrator.test_schedules import World

TASK = {"task_id": "a", "task_type": "psi", "task_params": {"task_config": {}}}
LOST = {"code": "PEER_LOST", "type": "RuntimeError", "message": "a canary"}


class Kept:
    """Telemetry that keeps what it is told."""

    is_on = True

    def __init__(self) -> None:
        self.spans: list[Span] = []

    def tell(self, span: Span) -> None:
        self.spans.append(span)

    def close(self) -> None:
        pass

    def named(self, name: str) -> list[Span]:
        return [span for span in self.spans if span.name == name]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(f"sqlite:///{tmp_path}/chains.db")
    t.metadata.create_all(database.engine)
    yield database
    database.close()


def start(database: Database, runs: Runs, place: Place | None, **options: Any) -> str:
    document = {
        "chain_name": "one", "tasks": [TASK], "options": {"parties": ["alice"], **options},
    }  # fmt: skip
    chain_id = store_chain(database, document)
    with within(place):
        return runs.start(chain_id, by="me")


def test_each_attempt_is_a_span_below_its_run(database: Database) -> None:
    kept, runs, call = Kept(), Runs(database), Place.new()
    runs.on_change.append(RunSpans(kept).tell)
    run_id = start(database, runs, call, retry_policy={"max_retries": 1, "backoff_s": 0.001})
    runs.report(event(f"{run_id}:a:1", Status.RUNNING))
    runs.report(event(f"{run_id}:a:1", Status.FAILURE, error=LOST))
    while rows(database, t.chain_tasks)[0].attempt == 1:
        runs.apply(run_id, model.TimePassed)
    runs.report(success(f"{run_id}:a:2"))
    run, attempts = kept.named("run")[0], kept.named("task psi")
    assert (run.parent, run.error, run.attributes["status"]) == (call, None, "SUCCESS")
    assert [(one.parent, one.error) for one in attempts] == [
        (run.place, "PEER_LOST"), (run.place, None),
    ]  # fmt: skip
    assert [one.attributes["attempt"] for one in attempts] == [1, 2]
    assert kept.named("queue")[0].parent == attempts[0].place
    assert {one.place.trace_id for one in kept.spans} == {call.trace_id}
    # A worker learns of the place by its message.
    carried = carried_by(call.write(), f"{run_id}:a:2")
    assert Place.read(carried["traceparent"]) == attempts[1].place
    assert "canary" not in str(kept.spans)


def test_a_run_that_nobody_traces_tells_nothing(database: Database) -> None:
    kept, runs = Kept(), Runs(database)
    runs.on_change.append(RunSpans(kept).tell)
    run_id = start(database, runs, None)
    runs.apply(run_id, model.CancelAsked)
    assert kept.spans == []
    assert rows(database, t.chain_runs)[0].trace_parent is None
    assert carried_by(None, "x") == {}


def test_what_is_rolled_back_is_not_told(database: Database) -> None:
    told: list[object] = []
    runs = Runs(database)
    runs.on_change.append(told.append)
    run_id = start(database, runs, None)
    told.clear()

    def fail() -> None:
        with database.transaction():
            runs.apply(run_id, model.PauseAsked)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert told == []
    runs.apply(run_id, model.PauseAsked)
    assert len(told) == 1


def test_a_schedules_run_stands_below_its_firing(database: Database) -> None:
    kept, world = Kept(), World(database)
    world.runs.on_change.append(RunSpans(kept).tell)
    world.schedule()
    world.scheduler = Scheduler(database, world.control, world.clock, kept)
    world.now += 3600
    world.fire()
    world.cancel()
    (firing,) = kept.named("schedule")
    assert firing.parent is None
    assert kept.named("run")[0].parent == firing.place
    assert kept.named("run")[0].error == "CANCELLED"


def test_lines_have_ids_and_codes(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "secretflow_worker.orchestrator.services.run_lines")
    runs = Runs(database)
    runs.on_change.append(write_lines)
    run_id = start(database, runs, None)
    runs.report(event(f"{run_id}:a:1", Status.FAILURE, error=LOST))
    lines = [json.loads(JsonFormatter().format(record)) for record in caplog.records]
    assert [line["message"] for line in lines] == [
        "run begins", "attempt ends: FAILURE PEER_LOST", "run ends: FAILURE PEER_LOST",
    ]  # fmt: skip
    assert {(line["chain_id"], line["run_id"]) for line in lines} == {("c-1", run_id)}
    assert lines[1]["execution_id"] == f"{run_id}:a:1"
    assert "canary" not in str(lines)


@pytest.mark.parametrize(
    "header",
    [
        None, 7, "", "00-0-0-01", f"00-{'0' * 32}-{'1' * 16}-01", f"00-{'1' * 32}-{'0' * 16}-01",
        f"00-{'1' * 32}-{'1' * 16}-00", f"ff-{'1' * 32}-{'1' * 16}-01",
        f"00-{'1' * 32}-{'1' * 16}-01\n",
    ],
)  # fmt: skip
def test_what_is_no_place_or_not_recorded(header: object) -> None:
    assert Place.read(header) is None


def test_a_place_is_written_and_read() -> None:
    place = Place.new()
    assert Place.read(place.write()) == place
    assert place.named("x") == place.child().named("x") != place.named("y")
    with within(place):
        assert here() == place
    assert here() is None


def test_a_collector_that_hangs_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otlp, "_CLOSE_S", 0.2)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "4")
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        telemetry = open_telemetry(f"http://127.0.0.1:{deaf.getsockname()[1]}/", "s", "i")
        for _ in range(5):
            telemetry.tell(Span("x", Place.new(), None, 1.0, 2.0))
        telemetry.close()
        sending = [each for each in threading.enumerate() if each.name == "sfw-spans"]
        assert sending, "close() waited for the collector"
        for thread in sending:
            thread.join(60)
            assert not thread.is_alive()


def test_without_the_extra_a_setting_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_telemetry(None, "s", "i") is OFF
    imported = builtins.__import__

    def refuse(
        name: str,
        names: Mapping[str, object] | None = None,
        locals_: Mapping[str, object] | None = None,
        fromlist: Sequence[str] = (),
        level: int = 0,
    ) -> object:
        if name.startswith("opentelemetry"):
            raise ImportError(name=name)
        return imported(name, names, locals_, fromlist, level)

    monkeypatch.delitem(sys.modules, "secretflow_worker.broker.otlp", raising=False)
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ConfigError, match="opentelemetry") as refused:
        open_telemetry("http://127.0.0.1:4318", "s", "i")
    assert "telemetry" in refused.value.hint
