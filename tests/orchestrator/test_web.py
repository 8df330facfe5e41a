"""``sfw web`` as a user starts it: sign in once by its link, draw a chain, watch it end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import pytest
from httpx import Client

from secretflow_worker.worker import EmbeddedRedis, start_embedded_redis
from tests.conftest import eventually, write_csv
from tests.orchestrator.collector import Collector
from tests.orchestrator.test_services import chain
from tests.worker.harness import Worker

START_S = 60


@dataclass
class Web:
    """A running ``sfw web``, and what it told when it started."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def told(self) -> str:
        return self.log.read_text()

    @property
    def link(self) -> str:
        return self.told.partition("/#")[2].split()[0]

    def client(self) -> Client:
        found = re.search(r"http://127\.0\.0\.1:\d+/api/v1", self.told)
        assert found, self.told
        return Client(base_url=found[0], timeout=30)


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    server = start_embedded_redis(tmp_path)
    yield server
    server.stop()


def start_web(folder: Path, redis_url: str) -> Web:
    log = folder / "web.log"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SFW_")}
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "secretflow_worker", "web", "--port", "0",
             "--state-dir", str(folder / "web")],
            env={**environment, "REDIS_URL": redis_url}, stdout=file, stderr=subprocess.STDOUT,
        )  # fmt: skip
    web = Web(process, log)
    eventually(lambda: "startup complete" in web.told or process.poll() is not None, START_S)
    assert process.poll() is None, web.told
    return web


def stop(web: Web) -> int:
    web.process.send_signal(signal.SIGTERM)
    return web.process.wait(timeout=30)


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """Where the orchestrator and the worker of a test send their traces."""
    collector = Collector()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    yield collector
    collector.close()


TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def assert_one_trace(collector: Collector, run_id: str) -> None:
    """From the call that executed a chain down to the stages of its parties, and no value."""
    spans = [span for span in collector.spans if span["traceId"] == TRACE]
    call = "POST /api/v1/chains/{chain_id}/execute"
    paths = [collector.path_to(span) for span in spans]
    task = [call, "run", "task standard_scaler"]
    for path, count in (
        ([call], 1),
        ([call, "run"], 1),
        (task, 3),
        ([*task, "queue"], 3),
        ([*task, "worker"], 3),
        ([*task, "worker", "party"], 3),
        ([*task, "worker", "party", "cluster_init"], 3),
        ([*task, "worker", "party", "task_execution"], 3),
    ):
        assert paths.count(path) == count, (path, paths)
    assert next(s for s in spans if s["name"] == call)["parentSpanId"] == "00f067aa0ba902b7"
    assert {span["service"] for span in spans} == {"secretflow-orchestrator", "secretflow-worker"}
    for span in spans:
        assert int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"])
    told = b"".join(collector.bodies).decode()
    assert run_id in told
    for private in ("in.csv", "web-1.csv", "sfwl_", "input_data"):
        assert private not in told
    by_schedule = [collector.path_to(span)[:2] for span in collector.spans]
    assert ["schedule", "run"] in by_schedule
    # Every other call is a trace of its own, but for those that are asked all the time.
    assert not any(span["name"].endswith(("/readyz", "/metrics")) for span in collector.spans)


def test_from_the_first_link_to_a_chains_result(
    redis_server: EmbeddedRedis, tmp_path: Path, collector: Collector
) -> None:
    data = tmp_path / "data"
    write_csv(data / "in.csv", {"x": [1, 2, 3]})
    worker = Worker(redis_server.url, tmp_path / "worker", data_root=data).started()
    web = start_web(tmp_path, redis_server.url)
    try:
        with web.client() as client:
            assert client.get("/readyz").json()["is_ready"] is True
            assert client.get("/chains/").status_code == 401
            begun = client.post("/auth/link", json={"token": web.link})
            assert begun.status_code == 200, begun.text
            client.headers["X-CSRF-Token"] = begun.json()["csrf_token"]
            made = client.post("/chains/", json=chain(data, "web"))
            assert made.status_code == 200, made.text
            place = f"/chains/{made.json()['chain_id']}"
            caller = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
            executed = client.post(f"{place}/execute", headers=caller)
            assert executed.json()["status"] == "RUNNING"
            eventually(lambda: client.get(place).json()["status"] == "SUCCESS", START_S)
            told = client.get(place).json()
            assert (told["completed_tasks"], told["progress"]) == (3, 100.0)
            soon = datetime.fromtimestamp(time.time() + 3, timezone.utc).isoformat()
            given = {"name": "once", "chain_id": told["chain_id"], "at": soon}
            scheduled = client.post("/schedules", json=given).json()
            firings = f"/schedules/{scheduled['schedule_id']}/firings"
            eventually(
                lambda: (
                    [x["run_status"] for x in client.get(firings).json()["items"]] == ["SUCCESS"]
                ),
                START_S,
            )
            lines = client.get("/metrics").text.splitlines()
            assert 'sfw_schedule_firings_total{outcome="started"} 1.0' in lines
            assert 'sfw_queue_messages{queue="secretflow_queue"} 0.0' in lines
            assert (
                'sfw_task_seconds_count{status="SUCCESS",task_type="standard_scaler"} 6.0' in lines
            )
            assert any(x.startswith("sfw_parties_memory_bytes{") for x in lines)
            assert any(
                re.fullmatch(r"sfw_event_lag_seconds_count [1-9][0-9]*\.0", x) for x in lines
            )
            assert client.post("/auth/link", json={"token": web.link}).status_code == 401
        assert (data / "web-3.csv").exists()
        assert stop(web) == 0, web.told
        assert worker.terminate() == 0, worker.log()
        assert_one_trace(collector, executed.json()["celery_chain_id"])
    finally:
        worker.close()
        if web.process.poll() is None:
            web.process.kill()
            web.process.wait()
