"""What ``sfw up`` hands to the orchestrator that it starts, and how that answers.

The listening socket is the parent's: calls that come while the orchestrator is started again wait
in it. Over a socket pair the token goes down, which no list of processes must show, and one line
of JSON comes up once the orchestrator takes calls.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from secretflow_worker.orchestrator.web import Started

_PR_SET_PDEATHSIG = 1
_LONGEST_LINE = 4096


@dataclass(frozen=True)
class Handover:
    """Descriptors that the child inherits, and the process that it ends with."""

    parent_pid: int
    listening_fd: int
    channel_fd: int

    def write(self) -> str:
        """Return the value of the flag."""
        return ":".join(map(str, asdict(self).values()))

    @classmethod
    def parse(cls, text: str) -> Handover:
        """Read the value of the flag."""
        return cls(*map(int, text.split(":")))

    def end_with_parent(self) -> None:
        """Let the kernel end this process with its parent, however that one ends.

        By SIGKILL: the orchestrator may die at any statement, and nothing must stay behind.
        """
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != self.parent_pid:
            sys.exit(1)  # it had ended before

    def listening(self) -> socket.socket:
        """Return the socket that calls come in at."""
        return socket.socket(fileno=self.listening_fd)

    def token(self) -> str:
        """Return the token of this machine's command line."""
        with socket.socket(fileno=os.dup(self.channel_fd)) as channel:
            return str(read_line(channel)["token"])

    def tell(self, started: Started) -> None:
        """Tell the parent that calls are taken."""
        with socket.socket(fileno=self.channel_fd) as channel:
            write_line(channel, asdict(started))


def write_line(channel: socket.socket, document: dict[str, Any]) -> None:
    """Send one line."""
    channel.sendall(json.dumps(document).encode() + b"\n")


def read_line(channel: socket.socket) -> dict[str, Any]:
    """Wait for one line.

    Raises:
        EOFError: the other side has gone.
    """
    text = b""
    while not text.endswith(b"\n"):
        more = channel.recv(_LONGEST_LINE)
        if not more:
            raise EOFError
        text += more
    document: dict[str, Any] = json.loads(text)
    return document
