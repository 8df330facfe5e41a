"""``run_web``: one orchestrator, from its settings to its last answer."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

import uvicorn
from sqlalchemy.exc import OperationalError

from secretflow_worker.broker.address import read_address
from secretflow_worker.broker.logs import set_up_root
from secretflow_worker.broker.telemetry import Telemetry, open_telemetry
from secretflow_worker.orchestrator.api.app import create_app
from secretflow_worker.orchestrator.api.services import make_services
from secretflow_worker.orchestrator.connections import Bounded
from secretflow_worker.orchestrator.listening import listen_on
from secretflow_worker.orchestrator.services.local_access import (
    let_in_locally,
    let_nobody_in_locally,
)
from secretflow_worker.orchestrator.services.redis_claim import RedisClaim, check_at_start
from secretflow_worker.orchestrator.services.running import Services
from secretflow_worker.orchestrator.settings import WebSettings
from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.orchestrator.store.identity import identity_of
from secretflow_worker.orchestrator.store.patience import migrate_when_it_answers

_LAST_ANSWERS_S = 5


@dataclass(frozen=True)
class Started:
    """Where it answers, and how the first user signs in, where nobody can yet."""

    url: str
    link: str | None
    has_local_access: bool = False


def run_web(
    settings: WebSettings,
    tell: Callable[[Started], None],
    *,
    listening: socket.socket | None = None,
    local_token: str | None = None,
    takes_redis: bool = False,
) -> None:
    """Answer until SIGTERM or SIGINT; `tell` is told where, once calls are taken.

    It listens on host and port, unless `listening` is given. Who has `local_token` may call while
    this runs, see ``services.local_access``. `takes_redis` makes a Redis this database's that
    served another one.

    Raises:
        ConfigError: a setting does not fit, or Redis serves another database.
        ResourceBusy: the address cannot be listened on, or the database does not answer.
    """
    set_up_root(settings.log_level, settings.log_format)
    settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    address = read_address(settings.redis_url.get_secret_value())
    with listening or listen_on(settings.host, settings.port) as taken:
        database = Database.open(settings.database)
        migrate_when_it_answers(database)
        claim = RedisClaim(identity_of(database), takes_redis)
        check_at_start(claim, address)
        instance = f"{socket.gethostname()}:{os.getpid()}"
        telemetry = open_telemetry(settings.otlp_endpoint, "secretflow-orchestrator", instance)
        carrying = Services(
            database, address, patience_s=settings.patience_s, telemetry=telemetry, claim=claim
        )
        try:
            carrying.start()
            url = settings.public_url or f"http://{settings.host}:{taken.getsockname()[1]}"
            let_nobody_in_locally(database)  # that an earlier start, which was killed, let in
            has_access = local_token is not None and let_in_locally(
                database, local_token, time.time
            )
            started = Started(url, None, has_access)
            _serve(settings, database, carrying, telemetry, taken, started, tell)
        finally:
            carrying.stop()
            telemetry.close()
            with suppress(OperationalError):  # it is away; the next start sees to it
                let_nobody_in_locally(database)
            database.close()


def _serve(
    settings: WebSettings,
    database: Database,
    carrying: Services,
    telemetry: Telemetry,
    listening: socket.socket,
    started: Started,
    tell: Callable[[Started], None],
) -> None:
    services = make_services(
        settings.model_copy(update={"public_url": started.url}),  # the port may have been 0
        database,
        runs=carrying.runs,
        parties=carrying.parties,
        depths=carrying.depths_of,
        wake=carrying.wake,
        checks={"redis": carrying.ping},
        telemetry=telemetry,
    )
    carrying.observe_lag(services.metrics.event_lag.observe)
    carrying.observe_firings(services.metrics.observe_firing)
    carrying.runs.on_change.append(services.metrics.observe_change)
    carrying.runs.on_report.append(services.metrics.observe_event)
    secret = services.accounts.begin()
    tell(started if secret is None else replace(started, link=f"{started.url}/#{secret}"))
    config = uvicorn.Config(
        create_app(services),
        http=Bounded,
        log_config=None,
        access_log=False,
        proxy_headers=False,  # the setting trusted_proxies says whom to believe
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=_LAST_ANSWERS_S,
    )
    _Server(config).run([listening])


class _Server(uvicorn.Server):
    """Ends by a signal as by a call; uvicorn's own would end the process before its services."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        yield
