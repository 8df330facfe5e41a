"""``run_worker``: one worker, from its settings to its last event."""

from __future__ import annotations

import logging
import os
import signal
import socket
from types import FrameType
from typing import cast

from celery.utils.nodenames import host_format
from celery.worker import state

from secretflow_worker.broker.address import read_address
from secretflow_worker.broker.telemetry import open_telemetry
from secretflow_worker.engine import Engine
from secretflow_worker.worker.app import Controller, make_app
from secretflow_worker.worker.backend import ResultBackend
from secretflow_worker.worker.journal import Journal
from secretflow_worker.worker.lines import ExecutionLines
from secretflow_worker.worker.logs import configure_logs
from secretflow_worker.worker.recover import recover
from secretflow_worker.worker.settings import WorkerSettings
from secretflow_worker.worker.shell import Shell, Shutdown

_log = logging.getLogger(__name__)


def run_worker(settings: WorkerSettings) -> int:
    """Work until SIGTERM or SIGINT and return the exit code. Call it in the main thread.

    The first signal lets running tasks finish for ``stop_grace_s``, a second one does not;
    what is stopped goes back to its queue.

    Raises:
        ConfigError: a setting does not fit.
        ResourceBusy: another worker uses the state folder.
    """
    address = read_address(
        settings.redis_url.get_secret_value(),
        settings.redis_ca_file,
        settings.redis_cert_file,
        settings.redis_key_file,
    )
    shutdown = Shutdown(settings.stop_grace_s)
    _stop_on_signals(shutdown)
    settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    configure_logs(settings)
    lines = ExecutionLines()
    logging.getLogger().addHandler(lines)
    instance = f"{settings.name}@{socket.gethostname()}"
    telemetry = open_telemetry(settings.otlp_endpoint, "secretflow-worker", instance)
    journal = Journal(settings.state_dir)
    engine = Engine(settings.engine_settings())
    try:
        if settings.party and not settings.policy_files() and not settings.allow_no_policy:
            _log.warning("no policy_file: every task with parties elsewhere is refused")
        left = journal.load()
        rolled_forward = engine.start()
        shell = Shell(settings, address, journal, engine, shutdown, lines, telemetry)
        app = make_app(settings, address)
        app.shell, shell.backend = shell, cast(ResultBackend, app.backend)
        controller = Controller(
            app=app,
            hostname=host_format(f"{settings.name}@%h"),
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        shell.nodename = controller.hostname
        shell.broker = app.connection_for_write()
        shell.start()
        recover(shell, left, rolled_forward)
        _log.info("worker %s starts, process %d", controller.hostname, os.getpid())
        controller.start()
        shell.close()
    finally:
        engine.close()
        journal.close()
        telemetry.close()
    _log.info("worker stopped")
    return int(controller.exitcode or 0)


def _stop_on_signals(shutdown: Shutdown) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        shutdown.ask()
        state.should_stop = 0  # type: ignore[assignment]  # Celery's loop looks at it

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
