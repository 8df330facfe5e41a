"""The connections that the gate leaves open: how a party learns that a peer has ended.

libspu's link does not notice that a peer is gone: a party that waits for it waits until the
silence limit, and one that sends dies natively. So the gate's connections (a star around rank
0) stay open beside the link, and a thread watches them. Each carries one line of JSON at most
in each direction: ``{"code": ..., "party": ...}`` when the sender's task failed, ``{}`` when it
has finished; an end without either is a death. Rank 0 passes a bad end on to the others, and
says that it has finished when all others have.

No data passes here.
"""

from __future__ import annotations

import json
import selectors
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from secretflow_worker.contract.errors import ERRORS_BY_CODE, PeerLost, WorkerError

_LINE_LIMIT = 1024
_KEEPALIVE = (
    (socket.TCP_KEEPIDLE, 15),  # a peer's host that is gone is noticed within 35 s
    (socket.TCP_KEEPINTVL, 5),
    (socket.TCP_KEEPCNT, 4),
)


class PeerFailed(PeerLost):
    """A peer has said elsewhere that it failed; of what, it is about to say on the lifeline."""


class Lifeline:
    """Watches the lines `lines` (by rank) of a party until all have finished or one has not."""

    def __init__(
        self,
        parties: tuple[str, ...],
        rank: int,
        lines: Mapping[int, socket.socket],
        on_bad_end: Callable[[WorkerError], None],
    ) -> None:
        """`on_bad_end` is called in the watching thread, once, with what ended the task."""
        self._parties = parties
        self._rank = rank
        self._lines = lines
        self._on_bad_end = on_bad_end
        self._lock = threading.Lock()  # an SSL object is not for two threads at once
        self._said = False
        self._failed = False
        self._all_finished = threading.Event()
        self._bad_end: WorkerError | None = None
        for line in lines.values():
            line.setblocking(False)
            line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for option, value in _KEEPALIVE:
                line.setsockopt(socket.IPPROTO_TCP, option, value)
        threading.Thread(target=self._watch, name="lifeline", daemon=True).start()

    def finish(self) -> None:
        """Return when every party has finished; from then on their ends count for nothing.

        Raises:
            WorkerError: what ended the task of a party that had not.
        """
        if self._rank != 0:
            self._say({})
        self._all_finished.wait()
        if self._bad_end is not None:
            raise self._bad_end
        self._say({})

    def abort(self, error: WorkerError) -> None:
        """Tell the peers that this party's task failed: the code and the party only.

        The caller ends this process: how the peers end from here on is not told to anybody.
        """
        self._failed = True
        self._say({"code": error.code, "party": error.party})

    def _say(self, message: dict[str, str | None]) -> None:
        with self._lock:
            if self._said:
                return
            self._said = True
            for line in self._lines.values():
                with suppress(OSError):
                    line.sendall(json.dumps(message).encode() + b"\n")

    def _watch(self) -> None:
        with selectors.DefaultSelector() as ready:
            for rank, line in self._lines.items():
                ready.register(line, selectors.EVENT_READ, rank)
            read = dict.fromkeys(self._lines, b"")
            while ready.get_map():
                for key, _ in ready.select():
                    rank = key.data
                    block = self._read(self._lines[rank])
                    if block is None:
                        continue
                    read[rank] += block
                    if block and b"\n" not in read[rank] and len(read[rank]) <= _LINE_LIMIT:
                        continue
                    ready.unregister(key.fileobj)
                    error = self._error_of(self._parties[rank], read[rank])
                    if error is None:
                        continue
                    if self._failed:
                        return  # the peer ended because of this party, which says so itself
                    self._bad_end = error
                    self.abort(error)
                    self._all_finished.set()
                    self._on_bad_end(error)
                    return
        self._all_finished.set()

    def _read(self, line: socket.socket) -> bytes | None:
        """Return what has come, nothing at its end, None where it was no data of ours."""
        with self._lock:
            try:
                return line.recv(_LINE_LIMIT)
            except (ssl.SSLWantReadError, BlockingIOError):
                return None
            except OSError:
                return b""

    def _error_of(self, peer: str, text: bytes) -> WorkerError | None:
        """Read a peer's last line; None says that it has finished."""
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            return PeerLost(f"the process of party {peer} ended", party=peer)
        return None if not message else self._failure(peer, message)

    def _failure(self, peer: str, message: Mapping[str, Any]) -> WorkerError:
        code, named = message.get("code"), message.get("party")
        kind = ERRORS_BY_CODE.get(code, PeerLost) if isinstance(code, str) else PeerLost
        known = named in self._parties and named != self._parties[self._rank]
        party = named if known else peer
        if kind is PeerLost:
            return PeerLost(f"party {party} was lost", party=party)
        return kind(
            f"party {party} ended the task with {kind.code}; its own worker has the details",
            party=party,
        )
