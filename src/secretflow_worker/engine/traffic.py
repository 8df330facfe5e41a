"""Bytes that this process has really put on its TCP connections, asked of the kernel.

Counts everything: shares, MPC, PSI, TLS and HTTP framing. libspu has no counter of its own.
"""

from __future__ import annotations

import socket
import struct
from pathlib import Path

_BYTES_ACKED_OFFSET = 120  # struct tcp_info of linux/tcp.h: tcpi_bytes_acked, since Linux 4.1
_U64 = struct.Struct("<Q")


def bytes_sent() -> int:
    """Sum what the peers have acknowledged on every open TCP connection of this process."""
    return sum(_acknowledged(int(entry.name)) for entry in Path("/proc/self/fd").iterdir())


def _acknowledged(descriptor: int) -> int:
    try:
        connection = socket.socket(fileno=descriptor)
    except OSError:
        return 0
    try:
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    except OSError:
        return 0
    finally:
        connection.detach()  # it is the link's, not ours to close
    if len(info) < _BYTES_ACKED_OFFSET + _U64.size:
        return 0
    return int(_U64.unpack_from(info, _BYTES_ACKED_OFFSET)[0])
