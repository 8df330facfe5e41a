"""An API over an empty SQLite database, served, with a user of each role and their tokens."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvicorn
from httpx import Client, Response

from secretflow_worker.orchestrator.api.app import create_app
from secretflow_worker.orchestrator.api.services import Services, make_services
from secretflow_worker.orchestrator.api.site import STATIC
from secretflow_worker.orchestrator.errors import Conflict
from secretflow_worker.orchestrator.services.sign_in import Caller
from secretflow_worker.orchestrator.settings import WebSettings
from secretflow_worker.orchestrator.store.accounts import Role
from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.orchestrator.store.tables import metadata
from tests.conftest import eventually

V1 = "/api/v1"


class Site:
    """The application behind a real server, a client, and a token for each user."""

    def __init__(self, folder: Path, static: Path = STATIC, **settings: Any) -> None:
        self.settings = WebSettings(state_dir=folder, **settings)
        self.database = Database.open(self.settings.database)
        metadata.create_all(self.database.engine)
        self.woken = 0
        self.services: Services = make_services(self.settings, self.database, wake=self._wake)
        self.app = create_app(self.services, static)
        self.url = self._serve()
        self.client = Client(base_url=self.url, timeout=30)
        self.link = self.services.accounts.begin() or ""
        self.tokens: dict[str, str] = {}
        for name, role in (
            ("ann", Role.ADMIN), ("olga", Role.OPERATOR), ("otto", Role.OPERATOR),
            ("vera", Role.VIEWER),
        ):  # fmt: skip
            with suppress(Conflict):  # another site over the same database has made them
                self.services.accounts.create(name, role, by="-")
            _, self.tokens[name] = self.services.tokens.create(Caller(name, role), "t", role, None)

    def _wake(self) -> None:
        self.woken += 1

    def ask(self, who: str | None, method: str, path: str, **more: Any) -> Response:
        """Call as a user, or as nobody; the path is below ``/api/v1``."""
        headers = dict(more.pop("headers", {}))
        if who is not None:
            headers["Authorization"] = f"Bearer {self.tokens[who]}"
        self.client.cookies.clear()
        return self.client.request(method, V1 + path, headers=headers, **more)

    def close(self) -> None:
        """End the server; open streams do not keep it."""
        self.client.close()
        self._server.should_exit = True
        self._thread.join(60)
        self._listening.close()
        self.database.close()
        assert not self._thread.is_alive(), "the server did not end"

    def _serve(self) -> str:
        self._listening = socket.socket()
        self._listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            self.app,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=2,
            ws="none",
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, args=([self._listening],), daemon=True
        )
        self._thread.start()
        eventually(lambda: self._server.started)
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"
