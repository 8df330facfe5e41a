"""SecretFlow's channel between parties, over a sub-link of ours.

A message is a pickle of ``{"seq_id": n, "payload": ...}``. An exception's text stays at its
party: SecretFlow would send it whole, and it may quote rows.
"""

from __future__ import annotations

from typing import Any

from secretflow.distributed.fed.exception import FedLocalError, FedRemoteError
from secretflow.distributed.fed.proxy.base import SenderReceiverProxy

from secretflow_worker.contract.errors import InternalError, PeerLost
from secretflow_worker.engine.link import Link
from secretflow_worker.engine.secretflow.admission import NotAdmitted, pack, unpack


class LinkChannel(SenderReceiverProxy):  # type: ignore[misc]
    """Takes the place of SecretFlow's proxies. One thread sends, another receives."""

    def __init__(self, link: Link, sublink: Any) -> None:
        """`sublink` is a spawn of the link's context."""
        self._link = link
        self._sublink = sublink
        self._waiting: dict[int, Any] = {}

    def concurrent(self) -> bool:
        """Say that one call at a time is all that it takes."""
        return False

    def start(self) -> None:
        """Do nothing: the link is up."""

    def stop(self) -> None:
        """Do nothing: the link ends with the party."""

    def send(self, dest_party: str, data: Any, seq_id: int) -> bool:
        """Send what SecretFlow has for a peer.

        Raises:
            PeerLost: naming the peer.
        """
        if isinstance(data, FedRemoteError):
            data = without_words(data)
        self._link.frames_sent += 1
        message = pack({"seq_id": seq_id, "payload": data})
        try:
            self._sublink.send(self._link.parties.index(dest_party), message)
        except (RuntimeError, OSError):
            raise PeerLost(f"party {dest_party} was lost", party=dest_party) from None
        return True

    def recv(self, src_party: str, seq_id: int) -> Any:
        """Wait for a peer's message with this number; those that come before it are kept.

        Raises:
            PeerLost: the peer is gone or silent, or spoke out of turn.
            InternalError: the peer sent a class that is not on the list.
        """
        while seq_id not in self._waiting:
            number, payload = self._receive(src_party)
            self._waiting[number] = payload
        return self._waiting.pop(seq_id)

    def _receive(self, sender: str) -> tuple[int, Any]:
        try:
            message = self._sublink.recv(self._link.parties.index(sender))
        except (RuntimeError, OSError):
            raise PeerLost(f"party {sender} was lost", party=sender) from None
        try:
            content = unpack(message)
        except NotAdmitted as fault:
            raise InternalError(
                f"party {sender} sent a {fault.name}, which the bridge does not take",
                hint="A task type names the classes that its functions send: "
                "parties.secretflow(accept=[...]).",
            ) from None
        except Exception:  # noqa: BLE001 - a bad pickle may raise anything
            content = None
        if not isinstance(content, dict) or content.keys() != {"seq_id", "payload"}:
            raise PeerLost(f"party {sender} sent what is not in the protocol", party=sender)
        number = content["seq_id"]
        if not isinstance(number, int):
            raise PeerLost(f"party {sender} sent what is not in the protocol", party=sender)
        return number, content["payload"]


def without_words(error: Any) -> Any:
    """Return a ``FedRemoteError`` that says of its cause only the class, and whose it was."""
    cause = error.cause()
    while isinstance(cause, FedLocalError | FedRemoteError):
        cause = cause.cause()
    return FedRemoteError(error.party(), RuntimeError(type(cause).__name__))
