"""The gate before the link: nobody connects before everybody is about to listen.

libspu's transport takes a refused first connection badly: it looks again after 100 ms, and then
only after 3 s. So the parties meet for a moment on the same addresses with plain sockets (TLS
with pinned certificates where the link has it): every other rank knocks at rank 0, which says
"go" to all at once, or says who is missing. No data passes here. The connections stay open, see
``lifeline``.
"""

from __future__ import annotations

import selectors
import socket
import ssl
import time
from contextlib import suppress

from secretflow_worker.contract.errors import PeerLost, ResourceBusy
from secretflow_worker.engine.tls import TlsFiles

_KNOCK_EVERY_S = 0.01
HANDSHAKE_S = 2.0
"""How long a stranger may take to show who it is."""
_GO = 255
"""The answer of rank 0; any other byte is the rank of a party that did not come."""


def meet(
    parties: tuple[str, ...],
    rank: int,
    addresses: tuple[str, ...],
    tls: TlsFiles | None,
    timeout_s: float,
    listener: socket.socket | None = None,
) -> dict[int, socket.socket]:
    """Return at about the same moment at every party.

    A `listener` on the own address may be given; it is closed.

    Returns the connections by the rank at their other end: all others at rank 0, at each
    other rank the one to rank 0.

    Raises:
        ResourceBusy: the own address cannot be listened on.
        PeerLost: a party did not come in time; names it.
    """
    listener = listener or listen(addresses[rank], parties[rank])
    if rank != 0:
        listener.close()
        answer, lines = _knock(parties[0], addresses[0], rank, tls, timeout_s)
    else:
        with listener:
            answer, lines = _gather(listener, parties, tls, timeout_s)
    if answer == _GO:
        return lines
    for line in lines.values():
        line.close()
    lost = parties[answer] if answer < len(parties) else None
    raise PeerLost(f"party {lost or 'unknown'} did not come within {timeout_s:g} s", party=lost)


def split_address(address: str) -> tuple[str, int]:
    """Split ``host:port`` or ``[v6]:port``."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def listen(address: str, party: str) -> socket.socket:
    """Listen on a party's own address.

    Raises:
        ResourceBusy: naming it.
    """
    host, port = split_address(address)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(16)
    except OSError as fault:
        listener.close()
        raise ResourceBusy(
            f"party {party} cannot listen on {address}: {fault.strerror or fault}", party=party
        ) from None
    return listener


def _gather(
    listener: socket.socket, parties: tuple[str, ...], tls: TlsFiles | None, timeout_s: float
) -> tuple[int, dict[int, socket.socket]]:
    """Wait at rank 0 until every other rank has knocked, and answer them all."""
    deadline = time.monotonic() + timeout_s
    context = None if tls is None else tls.context(is_server=True)
    here: dict[int, socket.socket] = {}
    with selectors.DefaultSelector() as ready:
        ready.register(listener, selectors.EVENT_READ)
        while len(here) < len(parties) - 1 and (left := deadline - time.monotonic()) > 0:
            if not ready.select(left):
                break
            knocker = _admit(listener, context)
            rank = None if knocker is None else _rank_of(knocker, parties, tls)
            if knocker is not None and rank is not None:
                if rank in here:
                    here[rank].close()
                here[rank] = knocker
    answer = next((rank for rank in range(1, len(parties)) if rank not in here), _GO)
    for knocker in here.values():
        with suppress(OSError):
            knocker.sendall(bytes([answer]))
    return answer, here


def _admit(listener: socket.socket, context: ssl.SSLContext | None) -> socket.socket | None:
    """Accept one connection; a stranger without a pinned certificate is sent away."""
    connection, _ = listener.accept()
    connection.settimeout(HANDSHAKE_S)
    try:
        return connection if context is None else context.wrap_socket(connection, server_side=True)
    except OSError:
        connection.close()
        return None


def _rank_of(knocker: socket.socket, parties: tuple[str, ...], tls: TlsFiles | None) -> int | None:
    """Read who knocks; a stranger without a rank, or with another's, is sent away."""
    with suppress(OSError):
        said = knocker.recv(1)
        if said and 0 < said[0] < len(parties) and _is_of(knocker, parties[said[0]], tls):
            return said[0]
    knocker.close()
    return None


def _is_of(connection: socket.socket, party: str, tls: TlsFiles | None) -> bool:
    if tls is None or not isinstance(connection, ssl.SSLSocket):
        return tls is None
    return tls.is_of(connection, party)


def _knock(
    first: str, address: str, rank: int, tls: TlsFiles | None, timeout_s: float
) -> tuple[int, dict[int, socket.socket]]:
    """Knock at rank 0 until it answers; a missing rank 0 is its own answer."""
    deadline = time.monotonic() + timeout_s
    context = None if tls is None else tls.context(is_server=False)
    while (left := deadline - time.monotonic()) > 0:
        with suppress(OSError):
            gate = socket.create_connection(split_address(address), timeout=left)
            try:
                gate = gate if context is None else context.wrap_socket(gate)
                gate.sendall(bytes([rank]))
                # Rank 0 has come, so it answers within its own limit, which may end after ours.
                gate.settimeout(timeout_s + HANDSHAKE_S)
                answer = gate.recv(1) if _is_of(gate, first, tls) else b""
            except OSError:
                gate.close()
                raise
            if answer:
                return answer[0], {0: gate}
            gate.close()
        time.sleep(_KNOCK_EVERY_S)
    return 0, {}
