"""What is noted of every call: how long it took, a line in the log, and its id in both."""

from __future__ import annotations

import logging
import re
import time
import uuid
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from secretflow_worker.broker.logs import log_fields
from secretflow_worker.broker.telemetry import HEADER, Place, Span, within
from secretflow_worker.orchestrator.api.services import Services

_log = logging.getLogger("secretflow_worker.orchestrator.access")

_ID = "X-Request-ID"
_IS_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_OFTEN_ASKED = ("/healthz", "/readyz", "/metrics")
_METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}


@dataclass(frozen=True)
class _Call:
    method: str
    path: str
    status: int
    took_s: float

    def span(self, place: Place, parent: Place | None) -> Span:
        ended_at = time.time()
        attributes: dict[str, str | int | float | bool] = {
            "http.request.method": self.method,
            "http.route": self.path,
            "http.response.status_code": self.status,
        }
        return Span(
            f"{self.method} {self.path}",
            place,
            parent,
            ended_at - self.took_s,
            ended_at,
            attributes,
            kind="server",
            error=str(self.status) if self.status >= 500 else None,
        )


class Observed:
    """Measures calls under their path as it was declared; `prefix` is that of the API."""

    def __init__(self, app: ASGIApp, services: Services, prefix: str) -> None:
        self._app = app
        self._requests = services.metrics.requests
        self._telemetry = services.telemetry
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

        parent, place = self._places(scope)
        with log_fields(request_id=request_id), within(place):
            try:
                await self._app(scope, receive, noted)
            finally:
                took_s = time.perf_counter() - began
                method, path = self._declared(scope)
                self._requests.labels(method, path, str(status)).observe(took_s)
                self._write(scope, method, path, status, took_s)
                if place is not None:
                    call = _Call(method, path, status, took_s)
                    self._telemetry.tell(call.span(place, parent))

    def _places(self, scope: Scope) -> tuple[Place | None, Place | None]:
        """Return the caller's span and ours; a caller may say that it does not want one."""
        if not self._telemetry.is_on or scope["path"].endswith(_OFTEN_ASKED):
            return None, None
        given = Headers(scope=scope).get(HEADER)
        if given is None:
            return None, Place.new()
        parent = Place.read(given)
        return parent, None if parent is None else parent.child()

    def _declared(self, scope: Scope) -> tuple[str, str]:
        """Return method and path as declared: callers must not make new series, or tell values."""
        path = getattr(scope.get("route"), "path", None)
        if path is None:
            return "other", "other"
        is_below = scope["path"].startswith(self._prefix) and not path.startswith(self._prefix)
        # A route is also found for a method that it has not, and HTTP lets anybody make up one.
        method = scope["method"] if scope["method"] in _METHODS else "other"
        return method, f"{self._prefix}{path}" if is_below else path

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
