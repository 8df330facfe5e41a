"""What takes more than one exchange, without I/O: steps that a driver carries out.

A program is a generator. It yields a step, gets its outcome sent in, and has a lost connection
thrown in as ``httpx.TransportError``. So there is one text of it for both clients: the one that
blocks and the one that awaits.

Nothing is asked for twice unless twice is the same as once: a call that only reads or has an
idempotency key is repeated after a lost connection, any other only where it was never sent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import httpx

from secretflow_worker.client import chain_calls
from secretflow_worker.client.answers import Chain, Event
from secretflow_worker.client.calls import Call, Document
from secretflow_worker.client.errors import (
    ChainCancelled,
    ChainFailed,
    NotReady,
    Unauthenticated,
    Unreachable,
    WaitTimeout,
    refusal,
)
from secretflow_worker.client.sse import EventReader, read_events
from secretflow_worker.contract.chain import ChainStatus

T = TypeVar("T")
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 5.0


@dataclass(frozen=True)
class Exchange:
    """Send a call; the outcome is the whole ``httpx.Response``."""

    call: Call[Any]


@dataclass(frozen=True)
class Open:
    """Open a stream; the outcome is its response. At most one is open in a program."""

    call: Call[Any]


@dataclass(frozen=True)
class NextLine:
    """Wait for the stream's next line; None at its end."""


@dataclass(frozen=True)
class Close:
    """Close the stream, if one is open."""


@dataclass(frozen=True)
class Sleep:
    seconds: float


@dataclass(frozen=True)
class Tell:
    """Tell the caller of an event."""

    event: Event


Step = Exchange | Open | NextLine | Close | Sleep | Tell
Program = Generator[Step, Any, T]


@dataclass(frozen=True)
class Patience:
    """How often a call is repeated, and how long waiting bears that nobody answers."""

    place: str
    retries: int
    silence_s: float
    bears_s: float = 0.0
    """For so long a call is repeated that may be, however often."""
    renews_token: bool = False
    """Each call asks for the token, which another may have been put in the place of."""

    @property
    def while_waiting(self) -> Patience:
        return replace(self, bears_s=self.silence_s)

    @property
    def without_retries(self) -> Patience:
        return replace(self, retries=0, bears_s=0.0)


def ask(call: Call[T], patience: Patience) -> Program[T]:
    """Make one call.

    Raises:
        Refused, Unreachable: see ``errors``.
    """
    tried, began_at = 0, time.monotonic()
    may_renew = patience.renews_token
    while True:
        try:
            response = yield Exchange(call)
            if response.is_success:
                return call.read(response.content)
            fault = refusal(response.status_code, response.content, patience.place)
            may_repeat = call.is_repeatable and isinstance(fault, NotReady)
            if may_renew and isinstance(fault, Unauthenticated):
                may_renew = False
                yield Sleep(_FIRST_PAUSE_S)
                continue
        except httpx.TransportError as lost:
            fault = _unreachable(lost, patience)
            was_sent = not isinstance(lost, (httpx.ConnectError, httpx.ConnectTimeout))
            may_repeat = call.is_repeatable or not was_sent
        except ValueError:  # pydantic's too: something else answers there
            raise Unreachable(f"what answers at {patience.place} is no orchestrator") from None
        is_enough = tried >= patience.retries
        if not may_repeat or (is_enough and time.monotonic() - began_at >= patience.bears_s):
            raise fault from None
        yield Sleep(_pause_s(tried))
        tried += 1


def watch(
    chain_id: str,
    after: int,
    patience: Patience,
    is_last: Callable[[Event], bool] = lambda event: False,
    deadline: float | None = None,
) -> Program[int]:
    """Tell of a chain's events until the last one, or until a time of ``time.monotonic``.

    Where the stream breaks or is not given, what happened meanwhile is asked for, and the stream
    again after the last event told: no event is missed and none is told twice. Returns the id of
    the last event told.

    Raises:
        Refused: the orchestrator says no.
        Unreachable: nobody has answered for longer than the patience.
    """
    silent_since: float | None = None
    tried = 0
    while deadline is None or time.monotonic() < deadline:
        try:
            stream = yield Open(chain_calls.follow(chain_id, after, _read_timeout_s(deadline)))
            if stream.is_success:
                silent_since, tried = None, 0
                reader = EventReader()
                while (line := (yield NextLine())) is not None:
                    if (event := reader.take(line)) is not None:
                        after = event.id
                        yield Tell(event)
                        if is_last(event):
                            return after
                    if deadline is not None and time.monotonic() >= deadline:
                        return after
            else:
                refused = refusal(stream.status_code, stream.content, patience.place)
                if not isinstance(refused, (NotReady, Unauthenticated)):
                    raise refused  # those two are seen again below, or pass
        except httpx.TransportError:
            pass  # whether anybody answers is seen next
        yield Close()
        try:
            missed = yield from ask(chain_calls.so_far(chain_id, after), patience.without_retries)
            silent_since = None
            for event in read_events(missed.decode().split("\n")):
                after = event.id
                yield Tell(event)
                if is_last(event):
                    return after
        except (Unreachable, NotReady) as fault:
            silent_since = silent_since or time.monotonic()
            if time.monotonic() - silent_since > patience.silence_s:
                raise fault from None
        yield Sleep(_pause_s(tried))
        tried += 1
    return after


def look(chain_id: str, after: int, patience: Patience) -> Program[int]:
    """Tell of what has happened to a chain after an event."""
    lines = yield from ask(chain_calls.so_far(chain_id, after), patience)
    for event in read_events(lines.decode().split("\n")):
        after = event.id
        yield Tell(event)
    return after


def wait(
    chain_id: str, patience: Patience, *, after: int = 0, timeout_s: float | None = None
) -> Program[Chain]:
    """Wait for the end of a chain's newest run, and return it.

    Events are hints: whether it has ended is what the chain itself says.

    Raises:
        ChainFailed, ChainCancelled: it ended so.
        WaitTimeout: it has not ended in time.
        Refused, Unreachable: as ``watch``.
    """
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    chain = yield from ask(chain_calls.show(chain_id), patience.while_waiting)
    while not chain.status.is_terminal:
        if deadline is not None and time.monotonic() >= deadline:
            raise WaitTimeout(chain_id, timeout_s or 0.0)
        ends = partial(_ends, chain.celery_chain_id)
        after = yield from watch(chain_id, after, patience, ends, deadline)
        chain = yield from ask(chain_calls.show(chain_id), patience.while_waiting)
    if chain.status is ChainStatus.FAILURE:
        raise ChainFailed(chain)
    if chain.status is ChainStatus.CANCELLED:
        raise ChainCancelled(chain)
    return chain


def run(
    document: Document, patience: Patience, *, key: str, timeout_s: float | None = None
) -> Program[Chain]:
    """Make a chain, run it, and wait for its end; the same `key` does so once.

    Raises:
        Invalid: with every fault of the document.
        ChainFailed, ChainCancelled, WaitTimeout, Refused, Unreachable: as ``wait``.
    """
    made = yield from ask(chain_calls.create(document, key=key), patience)
    yield from ask(chain_calls.execute(made.chain_id, key=key), patience)
    return (yield from wait(made.chain_id, patience, timeout_s=timeout_s))


def _ends(run_id: str | None, event: Event) -> bool:
    if event.kind != "chain" or event.run_id != run_id or event.status is None:
        return False
    return ChainStatus(event.status).is_terminal


def _unreachable(lost: httpx.TransportError, patience: Patience) -> Unreachable:
    words = str(lost) or type(lost).__name__
    return Unreachable(
        f"{patience.place} does not answer: {words}",
        hint="start it with `sfw up` or `sfw web`, or correct the address",
    )


def _read_timeout_s(deadline: float | None) -> float:
    longest = chain_calls.BEAT_TIMEOUT_S
    return longest if deadline is None else min(longest, max(0.05, deadline - time.monotonic()))


def _pause_s(tried: int) -> float:
    return float(min(_FIRST_PAUSE_S * 2**tried, _LONGEST_PAUSE_S))
