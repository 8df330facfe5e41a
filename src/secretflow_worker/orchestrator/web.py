"""``run_web``: one orchestrator, from its settings to its last answer."""

from __future__ import annotations

import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from secretflow_worker.broker.address import read_address
from secretflow_worker.contract.errors import ResourceBusy
from secretflow_worker.orchestrator.api.app import create_app
from secretflow_worker.orchestrator.api.services import make_services
from secretflow_worker.orchestrator.services.running import Services
from secretflow_worker.orchestrator.settings import WebSettings
from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.orchestrator.store.schema import migrate

_LAST_ANSWERS_S = 5


def run_web(settings: WebSettings, tell: Callable[[str], None]) -> None:
    """Answer until SIGTERM or SIGINT; `tell` is told where, and how the first user signs in.

    Raises:
        ConfigError: a setting does not fit.
        ResourceBusy: the address cannot be listened on.
    """
    logging.basicConfig(level=settings.log_level, format="%(levelname)s %(name)s: %(message)s")
    settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    address = read_address(settings.redis_url.get_secret_value())
    with _listen(settings) as listening:
        database = Database.open(settings.database)
        migrate(database)
        carrying = Services(database, address, patience_s=settings.patience_s)
        try:
            carrying.start()
            here = f"http://{settings.host}:{listening.getsockname()[1]}"
            _serve(settings, database, carrying, listening, settings.public_url or here, tell)
        finally:
            carrying.stop()
            database.close()


def _serve(
    settings: WebSettings,
    database: Database,
    carrying: Services,
    listening: socket.socket,
    url: str,
    tell: Callable[[str], None],
) -> None:
    services = make_services(
        settings.model_copy(update={"public_url": url}),  # the port may have been 0
        database,
        runs=carrying.runs,
        wake=carrying.wake,
        checks={"redis": carrying.ping},
    )
    carrying.observe_lag(services.metrics.event_lag.observe)
    tell(f"The API is at {url}/api/v1; its description at {url}/api/v1/openapi.json.")
    link = services.accounts.begin()
    if link is not None:
        tell(f"Nobody can sign in yet. The first user does once by this link: {url}/#{link}")
    config = uvicorn.Config(
        create_app(services),
        log_config=None,
        access_log=False,
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


def _listen(settings: WebSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((settings.host, settings.port))
    except OSError as fault:
        listening.close()
        raise ResourceBusy(
            f"host, port: cannot listen on {settings.host}:{settings.port}: {fault.strerror}",
            hint="Choose another port; 0 takes a free one.",
        ) from None
    return listening
