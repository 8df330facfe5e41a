"""Watches the party processes of one attempt, from fork to the last exit.

The first bad end stops all. The root cause wins: a party's own error before the loss of a
peer that it caused, and the party that was killed before those that died of it. When
``watch`` returns or raises, no process of the attempt is left.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess

from pydantic import ValidationError

from secretflow_worker.contract.errors import (
    InternalError,
    OutOfMemory,
    PeerLost,
    TaskTimeout,
    WorkerError,
)
from secretflow_worker.contract.events import Stage
from secretflow_worker.engine.control import Done, Failed, Progress, read_message, tell_end
from secretflow_worker.engine.launcher import await_exit, forget
from secretflow_worker.engine.processes import end_group, memory_of

_LOOK_EVERY_S = 0.1
_GRACE_S = 0.5
"""How long after the first bad end the others may still tell theirs."""
_BLAMED_GRACE_S = 5.0
"""How long a party may take to say what went wrong, when its peer was told that it failed."""
_DYING_S = 2.0
"""How long a party's process may take to end by itself before it is killed."""
_KILLED_S = 10.0
"""How long a killed process may take to be gone; only a stopped launcher makes it longer."""
_NATIVE_CRASHES = {-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS, -signal.SIGILL, -signal.SIGFPE}
"""Exit codes of native code that its peer may have upset; other signals come from outside."""


@dataclass(frozen=True)
class RunProgress:
    """Where a run is; `progress` is of the whole run, 0 to 1."""

    stage: Stage
    progress: float
    party: str | None
    message: str = ""


class StopRequest:
    """Asks a run to end with an error; the first request counts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.error: WorkerError | None = None

    def set(self, error: WorkerError) -> None:
        with self._lock:
            if self.error is None:
                self.error = error

    def is_set(self) -> bool:
        return self.error is not None


@dataclass
class WatchedParty:
    """One party process as its supervisor sees it."""

    name: str
    process: ForkServerProcess
    control: Connection
    done: Done | None = None
    failed: WorkerError | None = None
    failed_at: float | None = None
    ended_at: float | None = None
    last_sign: float = field(default_factory=time.monotonic)

    @property
    def died(self) -> bool:
        """Ended without saying how."""
        return self.ended_at is not None and self.done is None and self.failed is None

    @property
    def failed_by_itself(self) -> bool:
        """Told of its own failure; a peer that heard of it on the link tells only the code."""
        if self.failed is None or isinstance(self.failed, PeerLost):
            return False
        return self.failed.party in (None, self.name)

    @property
    def was_killed(self) -> bool:
        """Died of a signal that somebody sent, which is never the consequence of a peer's end."""
        code = await_exit(self.process, _GRACE_S) if self.died else None
        return code is not None and code < 0 and code not in _NATIVE_CRASHES


@dataclass(frozen=True)
class Limits:
    """Durations in seconds, memory in bytes."""

    timeout_s: float
    silence_s: float
    memory_bytes: int | None
    all_parties_here: bool
    """Peers elsewhere may still wait for a last acknowledgement: ended parties linger then."""


class Supervisor:
    """Watches `parties` until all have done their part or the attempt has failed."""

    def __init__(
        self,
        parties: list[WatchedParty],
        limits: Limits,
        stop: StopRequest,
        on_progress: Callable[[RunProgress], None],
    ) -> None:
        self._parties = parties
        self._limits = limits
        self._stop = stop
        self._on_progress = on_progress
        self._deadline = time.monotonic() + limits.timeout_s
        self._furthest = 0.0
        self._next_look = 0.0

    def watch(self) -> dict[str, Done]:
        """Return every party's report.

        Raises:
            WorkerError: the root cause, naming the party where one is to blame.
        """
        try:
            while not all(party.done is not None for party in self._parties):
                self._take_messages(_LOOK_EVERY_S)
                self._raise_root_cause_if_ended()
                self._enforce_limits()
            if not self._limits.all_parties_here:
                self._await_exits()
            return {party.name: party.done for party in self._parties if party.done is not None}
        except WorkerError as error:
            if not self._limits.all_parties_here:
                self._let_peers_know(error)
            raise
        finally:
            self.end_all()

    def end_all(self) -> None:
        """Kill what still runs and collect it."""
        for party in self._parties:
            if party.process.pid is not None:
                end_group(party.process.pid, leads=await_exit(party.process, 0) is None)
        for party in self._parties:
            await_exit(party.process, _KILLED_S)
            forget(party.process)
            party.control.close()

    def _take_messages(self, timeout_s: float) -> None:
        open_ends = [party.control for party in self._parties if party.ended_at is None]
        ready = wait(open_ends, timeout_s)
        for party in self._parties:
            if party.control in ready:
                self._take_message(party)

    def _take_message(self, party: WatchedParty) -> None:
        try:
            message = read_message(party.control)
        except (EOFError, OSError):
            party.ended_at = time.monotonic()
            return
        except ValidationError:
            party.failed = InternalError(f"party {party.name} spoke nonsense", party=party.name)
            return
        party.last_sign = time.monotonic()
        if isinstance(message, Done):
            party.done = message
        elif isinstance(message, Failed) and party.failed is None:  # the first of two threads
            party.failed = WorkerError.from_report(message.error)
            party.failed_at = time.monotonic()
        elif isinstance(message, Progress):
            self._furthest = max(self._furthest, message.stage.progress(message.done))
            self._on_progress(
                RunProgress(message.stage, self._furthest, party.name, message.message)
            )

    def _raise_root_cause_if_ended(self) -> None:
        if not any(party.failed or party.died for party in self._parties):
            return
        start = time.monotonic()
        while not self._has_own_error():
            grace_s = _BLAMED_GRACE_S if self._blames_who_is_silent() else _GRACE_S
            if time.monotonic() > start + grace_s:
                break
            if all(p.ended_at is not None for p in self._parties):
                break
            self._take_messages(0.02)
        raise self._root_cause()

    def _blames_who_is_silent(self) -> bool:
        """Return whether a party here was told of another's failure that has not said it yet."""
        blamed = {
            p.failed.party for p in self._parties if p.failed and not isinstance(p.failed, PeerLost)
        }
        return any(
            p.name in blamed and p.failed is None and p.ended_at is None for p in self._parties
        )

    def _has_own_error(self) -> bool:
        return any(p.failed_by_itself for p in self._parties)

    def _root_cause(self) -> WorkerError:
        first = min((p for p in self._parties if p.failed or p.died), key=_distance_from_the_cause)
        if first.failed is not None:
            return first.failed
        code = await_exit(first.process, _GRACE_S) or 0
        how = f" of signal {-code}" if code < 0 else ""
        return PeerLost(f"the process of party {first.name} died{how}", party=first.name)

    def _enforce_limits(self) -> None:
        if self._stop.error is not None:
            raise self._stop.error
        now = time.monotonic()
        if now > self._deadline:
            raise TaskTimeout(f"the task did not finish within {self._limits.timeout_s:g} s")
        if now < self._next_look:
            return
        self._next_look = now + _LOOK_EVERY_S
        for party in self._parties:
            if party.done is None and now - party.last_sign > self._limits.silence_s:
                raise PeerLost(f"the process of party {party.name} hangs", party=party.name)
            self._check_memory(party)

    def _check_memory(self, party: WatchedParty) -> None:
        ceiling = self._limits.memory_bytes
        if ceiling is None or party.process.pid is None or party.ended_at is not None:
            return
        if memory_of(party.process.pid) > ceiling:
            raise OutOfMemory(
                f"party {party.name} passed its memory ceiling of {ceiling} bytes",
                party=party.name,
            )

    def _let_peers_know(self, error: WorkerError) -> None:
        """Have the own party tell its peers elsewhere why it ends, and wait until it has."""
        for party in self._parties:
            with suppress(OSError):
                tell_end(party.control, error.report())
        self._await_exits()

    def _await_exits(self) -> None:
        until = time.monotonic() + _DYING_S
        for party in self._parties:
            await_exit(party.process, max(0.0, until - time.monotonic()))


def _distance_from_the_cause(party: WatchedParty) -> tuple[int, float]:
    """Order bad ends: what only the party itself can bring about, then what a peer's end may."""
    at = party.failed_at or party.ended_at or float("inf")
    if party.failed is None:
        return (2 if party.was_killed else 3), at
    if isinstance(party.failed, PeerLost):
        return 5, at
    if isinstance(party.failed, InternalError):
        return (3 if party.failed_by_itself else 4), at
    return (0 if party.failed_by_itself else 1), at
