"""The one channel among the parties of a task: a libspu link, with frames on it.

Mutual TLS with pinned certificates around it (``tunnel``), a listener on the configured
address only, retry intervals short enough that links come up at once.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from spu import libspu

from secretflow_worker.contract.errors import PeerLost, WorkerError
from secretflow_worker.engine.frames import (
    Frame,
    FrameError,
    Kind,
    decode,
    decode_value,
    encode,
    encode_value,
)
from secretflow_worker.engine.gate import meet, split_address
from secretflow_worker.engine.lifeline import Lifeline
from secretflow_worker.engine.tls import TlsFiles
from secretflow_worker.engine.tunnel import Tunnel

_TEXT_LIMIT = 128


@dataclass(frozen=True)
class LinkPlan:
    """Who meets where. `addresses` are by rank; this party's own is the one it listens on."""

    parties: tuple[str, ...]
    rank: int
    addresses: tuple[str, ...]
    tls: TlsFiles | None
    connect_timeout_s: float
    silence_timeout_s: float


class Link:
    """Sends and receives frames by party name. ``context`` is for libspu's own programs."""

    def __init__(self, plan: LinkPlan, on_bad_end: Callable[[WorkerError], None]) -> None:
        """Connect to every peer; `on_bad_end` is called in a thread when one ends or aborts.

        Raises:
            ResourceBusy: the own address cannot be listened on.
            PeerLost: a peer did not come within the time limit; names it.
        """
        self._plan = plan
        self.parties = plan.parties
        self.rank = plan.rank
        self.frames_sent = 0
        lines = meet(plan.parties, plan.rank, plan.addresses, plan.tls, plan.connect_timeout_s)
        self._lifeline = Lifeline(plan.parties, plan.rank, lines, on_bad_end)
        tunnel = None
        if plan.tls is not None:
            tunnel = Tunnel(
                plan.parties, plan.rank, plan.addresses, plan.tls, plan.connect_timeout_s
            )
        addresses = tunnel.link_addresses if tunnel else plan.addresses
        try:
            self.context = libspu.link.create_brpc(_description(plan, addresses), plan.rank)
            if tunnel:
                tunnel.settle()
        except (RuntimeError, OSError) as fault:
            raise self._lost(fault, "did not come to the link") from None

    def send(self, to: str, frame: Frame) -> None:
        """Send one frame.

        Raises:
            PeerLost: naming the peer.
        """
        self.frames_sent += 1
        try:
            self.context.send(self.parties.index(to), encode(frame))
        except (RuntimeError, OSError) as fault:
            raise self._lost(fault, "was lost", to) from None

    def receive(self, sender: str, kind: Kind) -> Frame:
        """Wait for one frame of that kind.

        Raises:
            PeerLost: the peer is gone or silent, or spoke out of turn.
        """
        try:
            message = self.context.recv(self.parties.index(sender))
        except (RuntimeError, OSError) as fault:
            raise self._lost(fault, "was lost", sender) from None
        try:
            frame = decode(message)
            if frame.kind is not kind:
                raise FrameError(f"expected {kind.name}, got {frame.kind.name}")
        except FrameError as fault:
            raise PeerLost(
                f"party {sender} sent what is not in the protocol: {fault}", party=sender
            ) from None
        return frame

    def exchange(self, value: object) -> dict[str, Any]:
        """Tell every party a small public value and return what each told, own included."""
        me = self.parties[self.rank]
        for peer in self._peers():
            self.send(peer, encode_value(value))
        answers: dict[str, Any] = {}
        for party in self.parties:
            if party == me:
                answers[party] = value
                continue
            try:
                answers[party] = decode_value(self.receive(party, Kind.VALUE))
            except FrameError as fault:
                raise PeerLost(f"party {party}: {fault}", party=party) from None
        return answers

    def exchange_text(self, value: str) -> dict[str, str]:
        """As ``exchange``, where a peer that tells anything but a short text is out of turn."""
        answers = self.exchange(value)
        for party, answer in answers.items():
            if not isinstance(answer, str) or len(answer) > _TEXT_LIMIT:
                raise PeerLost(f"party {party} sent what is not in the protocol", party=party)
        return answers

    def abort(self, error: WorkerError) -> None:
        """Tell the peers that this party failed: its code only."""
        self._lifeline.abort(error)

    def finish(self) -> None:
        """Wait until every party has come to its end.

        Raises:
            WorkerError: what ended the task of a party that has not.
        """
        self._lifeline.finish()

    def _peers(self) -> Sequence[str]:
        return [party for rank, party in enumerate(self.parties) if rank != self.rank]

    def lost_peer(self, hint: object = "") -> str | None:
        """Guess which peer is gone: one that refuses connections, else the one a text names."""
        for rank, party in enumerate(self.parties):
            if rank != self.rank and not _listens(self._plan.addresses[rank]):
                return party
        named = re.search(r"rank[ =:]*(\d+)", str(hint))
        if named and int(named[1]) < len(self.parties) and int(named[1]) != self.rank:
            return self.parties[int(named[1])]
        peers = self._peers()
        return peers[0] if len(peers) == 1 else None

    def _lost(self, fault: object, how: str, peer: str | None = None) -> WorkerError:
        lost = peer or self.lost_peer(fault)
        return PeerLost(f"party {lost or 'unknown'} {how}", party=lost)


def _description(plan: LinkPlan, addresses: tuple[str, ...]) -> Any:
    desc = libspu.link.Desc()
    desc.id = "sfw"  # the ids of the workers' messages may differ; the parties compare configs
    for party, address in zip(plan.parties, addresses, strict=True):
        desc.add_party(party, address)
    desc.connect_retry_interval_ms = 10
    desc.connect_retry_times = max(1, int(plan.connect_timeout_s * 1000 / 20))
    desc.recv_timeout_ms = int(plan.silence_timeout_s * 1000)
    desc.http_timeout_ms = int(min(plan.silence_timeout_s, 120) * 1000)
    retry = desc.retry_opts  # the default, 1 s and growing, made one refused connect cost a second
    retry.retry_interval_ms = 10
    retry.retry_interval_incr_ms = 10
    retry.max_retry_interval_ms = 200
    retry.max_retry = 10
    return desc


def _listens(address: str) -> bool:
    try:
        with socket.create_connection(split_address(address), timeout=0.5):
            return True
    except OSError:
        return False
