"""What is noted of every call: how long it took, a line in the log, and its id in both."""

from __future__ import annotations

import logging
import re
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from secretflow_worker.broker.logs import log_fields
from secretflow_worker.orchestrator.api.services import Services

_log = logging.getLogger("secretflow_worker.orchestrator.access")

_ID = "X-Request-ID"
_IS_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_OFTEN_ASKED = ("/healthz", "/readyz", "/metrics")


class Observed:
    """Measures calls under their path as it was declared; `prefix` is that of the API."""

    def __init__(self, app: ASGIApp, services: Services, prefix: str) -> None:
        self._app = app
        self._requests = services.metrics.requests
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(_ID, "")
        request_id = given if _IS_ID.fullmatch(given) else uuid.uuid4().hex
        began, status = time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[_ID] = request_id
            await send(message)

        with log_fields(request_id=request_id):
            try:
                await self._app(scope, receive, noted)
            finally:
                took_s = time.perf_counter() - began
                method, path = self._declared(scope)
                self._requests.labels(method, path, str(status)).observe(took_s)
                self._write(scope, method, path, status, took_s)

    def _declared(self, scope: Scope) -> tuple[str, str]:
        """Return method and path as declared: callers must not make new series, or tell values."""
        path = getattr(scope.get("route"), "path", None)
        if path is None:
            return "other", "other"
        is_below = scope["path"].startswith(self._prefix) and not path.startswith(self._prefix)
        return scope["method"], f"{self._prefix}{path}" if is_below else path

    def _write(self, scope: Scope, method: str, path: str, status: int, took_s: float) -> None:
        level = logging.DEBUG if path.endswith(_OFTEN_ASKED) else logging.INFO
        fields = {
            "method": method,
            "path": path,
            "status": status,
            "duration_s": round(took_s, 4),
            "user": scope.get("state", {}).get("user"),
        }
        chain_id = scope.get("path_params", {}).get("chain_id", "")
        if _IS_ID.fullmatch(chain_id):
            fields["chain_id"] = chain_id
        _log.log(level, "call", extra=fields)
