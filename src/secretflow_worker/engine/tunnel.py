"""Mutual TLS around the link, because libspu's own is none: its listener takes plaintext, too.

::

    alice's link --file--> alice's tunnel ==mutual TLS==> bob's tunnel --file--> bob's link

Each party's link listens on a socket file in the party's own folder (mode 0700), where only
its tunnel comes to. The tunnel alone listens on the configured address, and lets in whoever
shows the pinned certificate of a party. What passes is the link's own bytes.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from secretflow_worker.engine.gate import HANDSHAKE_S, listen, split_address
from secretflow_worker.engine.tls import TlsFiles

_BLOCK = 256 * 2**10
_AGAIN_S = 0.005
_OWN_FILE = "link.sock"
"""Relative to the party's folder, where it works: a path of a socket has 108 bytes at most."""


class Tunnel:
    """The TLS ends of one party, in threads that live as long as its process."""

    def __init__(
        self,
        parties: tuple[str, ...],
        rank: int,
        addresses: tuple[str, ...],
        tls: TlsFiles,
        timeout_s: float,
    ) -> None:
        """Listen on the own address and on a file for each peer.

        Raises:
            ResourceBusy: the own address cannot be listened on.
        """
        self._tls = tls
        self._patient_until = time.monotonic() + timeout_s
        self._server, self._client = tls.context(is_server=True), tls.context(is_server=False)
        _serve(listen(addresses[rank], parties[rank]), self._carry_in)
        self.link_addresses = tuple(
            f"unix:{_OWN_FILE if other == rank else self._file_to(parties[other], address)}"
            for other, address in enumerate(addresses)
        )

    def settle(self) -> None:
        """Wait for nobody any more: the link is up, and who refuses now has gone."""
        self._patient_until = 0.0

    def _file_to(self, party: str, address: str) -> str:
        """Listen on the file by which this party's link reaches a peer."""
        file = f"to-{party}.sock"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(file)
        listener.listen()
        _serve(listener, lambda local: self._carry_out(local, party, address))
        return file

    def _carry_in(self, plain: socket.socket) -> None:
        """Let a peer in to the link."""
        plain.settimeout(HANDSHAKE_S)
        with (
            self._server.wrap_socket(plain, server_side=True) as secure,
            self._until_there(lambda: _connect_file(_OWN_FILE)) as local,
        ):
            _join(secure, local)

    def _carry_out(self, local: socket.socket, party: str, address: str) -> None:
        """Bring the link to a peer."""
        plain = self._until_there(
            lambda: socket.create_connection(split_address(address), timeout=HANDSHAKE_S)
        )
        with local, self._client.wrap_socket(plain) as secure:
            if self._tls.is_of(secure, party):
                _join(secure, local)

    def _until_there(self, connect: Callable[[], socket.socket]) -> socket.socket:
        """Connect to who is about to listen: all parties have passed the gate."""
        while True:
            try:
                return connect()
            except OSError:
                if time.monotonic() > self._patient_until:
                    raise
                time.sleep(_AGAIN_S)


def _serve(listener: socket.socket, carry: Callable[[socket.socket], None]) -> None:
    """Carry what each connection says, in a thread of its own."""

    def one(connection: socket.socket) -> None:
        with connection, suppress(OSError):  # a stranger, or an end of either side
            carry(connection)

    def forever() -> None:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    threading.Thread(target=forever, name="tunnel", daemon=True).start()


def _connect_file(file: str) -> socket.socket:
    local = socket.socket(socket.AF_UNIX)
    try:
        local.connect(file)
    except OSError:
        local.close()
        raise
    return local


def _join(secure: ssl.SSLSocket, local: socket.socket) -> None:
    """Pass on what either side says, until one of them ends."""
    secure.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    secure.setblocking(False)
    local.setblocking(True)
    lock = threading.Lock()  # an SSL object is not for two threads at once

    def inwards() -> None:
        with suppress(OSError):
            while block := _receive(secure, lock):
                local.sendall(block)
        _hang_up(local)

    thread = threading.Thread(target=inwards, daemon=True)
    thread.start()
    with suppress(OSError):
        while block := local.recv(_BLOCK):
            _send(secure, lock, block)
    _hang_up(secure)
    thread.join()


def _receive(secure: ssl.SSLSocket, lock: threading.Lock) -> bytes:
    while True:
        with lock:
            try:
                return secure.recv(_BLOCK)
            except ssl.SSLWantReadError:
                pass
        _wait(secure, select.POLLIN)


def _send(secure: ssl.SSLSocket, lock: threading.Lock, block: bytes) -> None:
    left = memoryview(block)
    while left:
        with lock:
            try:
                left = left[secure.send(left) :]
                continue
            except ssl.SSLWantWriteError:
                pass
        _wait(secure, select.POLLOUT)


def _wait(connection: socket.socket, event: int) -> None:
    poll = select.poll()
    poll.register(connection, event)
    poll.poll()


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
