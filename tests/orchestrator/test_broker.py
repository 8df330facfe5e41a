"""What the orchestrator does at its Redis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from kombu.exceptions import OperationalError

from secretflow_worker.broker.address import read_address
from secretflow_worker.orchestrator.services.broker import Broker
from secretflow_worker.worker import start_embedded_redis


def test_who_sends_a_task_waits_for_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A Celery client with a result backend would subscribe, and unsubscribe in a destructor."""
    server = start_embedded_redis(tmp_path)
    broker = Broker(read_address(server.url))
    task: Any = {"queue": "q", "celery_id": "one", "root_id": "r"}
    try:
        broker.send_task({}, **task)
        assert broker.waiting_in("q") == {"one"}
        assert broker.record_of("one") is None
        assert "cmdstat_subscribe" not in broker.redis.info("commandstats")
        server.stop()
        with pytest.raises(OperationalError):
            broker.send_task({}, **task)
    finally:
        broker.close()
        server.stop()
    assert capfd.readouterr().err == ""
