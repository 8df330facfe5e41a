"""What surrounds every call: the limit of its body, and the headers of its answer."""

from __future__ import annotations

import re
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from secretflow_worker.orchestrator.api.problems import make_problem

SMALL_BODY_BYTES = 64 * 1024
"""Of calls that take no document: FastAPI parses these before it asks who calls."""
_NAMES_BYTES = 256 * 1024
"""Of a retry, which may name ten thousand tasks."""
_DOCUMENTS = re.compile(
    r"/api/v1/(chains/?|chains/[^/]+|executions|templates|templates/[^/]+/(render|chains))"
)
_NAMES = re.compile(r"/api/v1/chains/[^/]+/retry")

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
}


def limit_of(path: str, most: int) -> int:
    """Return how large a body a call may have; one of a document, read by who may, has `most`."""
    if _DOCUMENTS.fullmatch(path):
        return most
    return min(_NAMES_BYTES if _NAMES.fullmatch(path) else SMALL_BODY_BYTES, most)


class BoundedBody:
    """Refuses a body that is too large: by its announced length, or while it comes in."""

    def __init__(self, app: ASGIApp, limit_of: Callable[[str], int]) -> None:
        self._app = app
        self._limit_of = limit_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_of(scope["path"])
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and (len(announced) > 18 or int(announced) > limit):
            await _refuse(scope, receive, send, limit)
            return
        taken = 0

        async def bounded() -> Message:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > limit:
                    raise HTTPException(413, _words(limit))
            return message

        await self._app(scope, bounded, send)


async def _refuse(scope: Scope, receive: Receive, send: Send, limit: int) -> None:
    headers = {"Connection": "close"}
    await make_problem("TOO_LARGE", _words(limit), headers=headers)(scope, receive, send)


def _words(limit: int) -> str:
    return f"a body of this call has at most {limit} bytes"


class SafeHeaders:
    """Adds to every answer what keeps browsers from doing more with it than is meant."""

    def __init__(self, app: ASGIApp, is_https: bool) -> None:
        self._app = app
        self._headers = dict(_HEADERS)
        if is_https:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)
