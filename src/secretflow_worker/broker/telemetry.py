"""Traces: which spans there are, and who is told of them. Off unless an endpoint is set.

A span is told once, when it has ended. Its place is known before: where spans that belong
together are told by several processes, each works a place out from a name that all of them know,
such as an execution's id. Attributes are ids, types and states, never a value or a config.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Literal, Protocol

HEADER = "traceparent"
_FORM = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


@dataclass(frozen=True)
class Place:
    """Where a span stands: in which trace, and its id there."""

    trace_id: str
    span_id: str

    @staticmethod
    def new() -> Place:
        """Return the place of the first span of a new trace."""
        return Place(secrets.token_hex(16), secrets.token_hex(8))

    @staticmethod
    def read(header: object) -> Place | None:
        """Read a W3C ``traceparent``; None where it is none, or its trace is not recorded."""
        found = _FORM.fullmatch(header) if isinstance(header, str) else None
        if found is None or not int(found[3], 16) & 1:
            return None
        place = Place(found[1], found[2])
        return place if int(place.trace_id, 16) and int(place.span_id, 16) else None

    def write(self) -> str:
        """Return it as a ``traceparent``."""
        return f"00-{self.trace_id}-{self.span_id}-01"

    def child(self) -> Place:
        """Return a place of its own in the same trace."""
        return Place(self.trace_id, secrets.token_hex(8))

    def named(self, name: str) -> Place:
        """Return the place in the same trace that `name` has, whoever asks."""
        return Place(self.trace_id, hashlib.sha256(name.encode()).hexdigest()[:16])


@dataclass(frozen=True)
class Span:
    """Something that began and has ended, in seconds since the epoch. `error` is a code."""

    name: str
    place: Place
    parent: Place | None
    began_at: float
    ended_at: float
    attributes: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    kind: Literal["internal", "server", "producer", "consumer"] = "internal"
    error: str | None = None


class Telemetry(Protocol):
    """Takes spans; never raises, never waits."""

    @property
    def is_on(self) -> bool: ...

    def tell(self, span: Span) -> None:
        """Send a span, some time."""

    def close(self) -> None:
        """Send what is left, for a few seconds at most."""


class _Off:
    is_on = False

    def tell(self, span: Span) -> None:
        pass

    def close(self) -> None:
        pass


OFF: Telemetry = _Off()
_here: ContextVar[Place | None] = ContextVar("span", default=None)


def here() -> Place | None:
    """Return the place of the span around; None where nothing is traced."""
    return _here.get()


@contextmanager
def within(place: Place | None) -> Iterator[None]:
    """Let a span be around; in threads too, where they copy the context."""
    token = _here.set(place)
    try:
        yield
    finally:
        _here.reset(token)


def open_telemetry(endpoint: str | None, service: str, instance: str) -> Telemetry:
    """Return who sends spans to an OTLP/HTTP endpoint, such as ``http://127.0.0.1:4318``.

    Raises:
        ConfigError: the extra ``telemetry`` is not installed.
    """
    if not endpoint:
        return OFF
    from secretflow_worker.broker.otlp import Otlp

    return Otlp(endpoint, service, instance)
