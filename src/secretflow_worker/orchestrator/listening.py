"""The socket that the API is answered on; light, so that ``sfw up`` can hold it."""

from __future__ import annotations

import socket

from secretflow_worker.contract.errors import ResourceBusy


def listen_on(host: str, port: int) -> socket.socket:
    """Return a socket that takes calls; port 0 is a free one.

    Raises:
        ResourceBusy: the address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen()  # who calls before all is ready waits, and is not refused
    except OSError as fault:
        listening.close()
        raise ResourceBusy(
            f"host, port: cannot listen on {host}:{port}: {fault.strerror}",
            hint="Choose another port; 0 takes a free one.",
        ) from None
    return listening
