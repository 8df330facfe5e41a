"""How a worker that refuses its part of a task says so to the parties that wait for it.

They wait at the gate for a party of this worker that will never be started, and would take it
for lost after a while. So the worker goes to the gate itself, in a thread, meets them as the
party would have, and ends at once as a party does whose task failed: with one line of the
lifeline that holds the error's code and the party, nothing else. Their ends are then told within
moments of their coming.
"""

from __future__ import annotations

import json
import logging
import socket
import threading
from contextlib import suppress

from secretflow_worker.contract.errors import WorkerError
from secretflow_worker.engine.gate import listen, meet
from secretflow_worker.engine.spec import LinkSpec
from secretflow_worker.engine.tls import TlsFiles

_log = logging.getLogger(__name__)

_AT_MOST = 16
"""Tasks whose peers are being told; who is told of one more waits for its time limit."""
_HEARD_S = 2.0


def tls_of(link: LinkSpec) -> TlsFiles | None:
    """Return the certificates of a link; None where it is plain."""
    if link.certificate is None or link.private_key is None:
        return None
    return TlsFiles(link.certificate, link.private_key, {path.stem: path for path in link.pinned})


class Refusals:
    """What an engine has refused and not yet told everybody."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, socket.socket] = {}
        self._count = 0

    def tell(self, link: LinkSpec, party: str, error: WorkerError) -> None:
        """Tell the peers, as they come, that `party` will not; returns at once."""
        self.give_way(link, party)
        with self._lock:
            if self._count >= _AT_MOST:
                return
            self._count += 1
        named = error.party or party
        line = json.dumps({"code": error.code, "party": named}).encode() + b"\n"
        threading.Thread(
            target=self._tell, args=(link, party, line), name="refusal", daemon=True
        ).start()

    def give_way(self, link: LinkSpec, party: str) -> None:
        """Free the address of `party` for a task that runs; who was not yet told, is not."""
        with self._lock:
            waiting = self._waiting.pop(link.addresses[link.parties.index(party)], None)
        if waiting is not None:
            with suppress(OSError):
                waiting.shutdown(socket.SHUT_RDWR)
            waiting.close()

    def _tell(self, link: LinkSpec, party: str, line: bytes) -> None:
        rank = link.parties.index(party)
        address = link.addresses[rank]
        listener = None
        try:
            listener = self._listen(address, party) if rank == 0 else None
            lines = meet(
                tuple(link.parties),
                rank,
                tuple(link.addresses),
                tls_of(link),
                link.connect_timeout_s,
                listener,
            )
            for each in lines.values():
                _say(each, line)
        except (WorkerError, OSError, ValueError) as fault:  # ValueError: gave way in a select
            _log.debug("peers of %s were not told of its refusal: %s", party, fault)
        finally:
            with self._lock:
                self._count -= 1
                if listener is not None and self._waiting.get(address) is listener:
                    del self._waiting[address]

    def _listen(self, address: str, party: str) -> socket.socket:
        listener = listen(address, party)
        with self._lock:
            self._waiting[address] = listener
        return listener


def _say(line: socket.socket, message: bytes) -> None:
    """Say it, and leave only when the other has, so that nothing of it is lost."""
    with line, suppress(OSError):
        line.settimeout(_HEARD_S)
        line.sendall(message)
        while line.recv(1024):
            pass
