"""HTTP connections of strangers: there are not too many, and each says soon what it wants.

uvicorn waits for ever for the rest of a request, and takes connections until the process has no
file descriptor left for the database and Redis. A proxy in front does this better; this is for
where there is none, and keeps what runs beside the API running.
"""

from __future__ import annotations

import asyncio
import resource
import socket
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

_MOST = 10_000


def _half_of_descriptors() -> int:
    """Return how many connections there may be, so that all else has descriptors left."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST if allowed == resource.RLIM_INFINITY else min(_MOST, allowed // 2)


class Bounded(H11Protocol):
    """Hangs up on who does not send a request, or does not take its answer, in time."""

    most: ClassVar[int] = _half_of_descriptors()
    head_s: ClassVar[float] = 30.0
    """Until the head of a request is there, from the connection's begin or the last answer."""
    body_s: ClassVar[float] = 300.0
    """Until its body is there too: 8 MiB, also over a slow line."""
    answer_s: ClassVar[float] = 60.0
    """How long not one byte of an answer may be taken."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._hanging_up: asyncio.TimerHandle | None = None
        self._is_awaiting_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, unless there are too many."""
        super().connection_made(transport)
        if len(self.connections) > self.most:
            transport.abort()
            return
        taken = transport.get_extra_info("socket")
        if taken is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
            milliseconds = int(self.answer_s * 1000)
            taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
        self._hang_up_in(self.head_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._wait()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, and look whether the request is whole."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._is_awaiting_head = True
        self._hang_up_in(self.head_s)
        self._look()

    def _look(self) -> None:
        state = self.conn.their_state
        if state is h11.IDLE:
            return
        if state is not h11.SEND_BODY:
            self._wait()
        elif self._is_awaiting_head:
            self._is_awaiting_head = False
            self._hang_up_in(self.body_s)

    def _hang_up_in(self, seconds: float) -> None:
        self._wait()
        self._hanging_up = self.loop.call_later(seconds, self.transport.abort)

    def _wait(self) -> None:
        if self._hanging_up is not None:
            self._hanging_up.cancel()
            self._hanging_up = None
