"""What a party process tells its own supervisor: JSON lines over a pipe, never pickle."""

from __future__ import annotations

import threading
from multiprocessing.connection import Connection
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from secretflow_worker.contract.errors import ErrorReport
from secretflow_worker.contract.events import Stage


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Beat(_Message):
    """The party is alive."""

    kind: Literal["beat"] = "beat"


class Progress(_Message):
    """`done` is the share (0 to 1) of the stage."""

    kind: Literal["progress"] = "progress"
    stage: Stage
    done: float = 0.0
    message: str = ""


class Figures(_Message):
    """Durations in seconds, sizes in bytes."""

    cluster_init_s: float = 0.0
    device_init_s: float = 0.0
    algorithm_s: float = 0.0
    peak_rss_bytes: int = 0
    bytes_sent: int = 0
    messages_sent: int = 0


class Done(_Message):
    """The party has finished and staged its outputs; `report` is its task type's report."""

    kind: Literal["done"] = "done"
    report: dict[str, Any]
    figures: Figures
    used_spu: bool
    used_heu: bool = False


class Failed(_Message):
    kind: Literal["failed"] = "failed"
    error: ErrorReport


Message = Annotated[Beat | Progress | Done | Failed, Field(discriminator="kind")]
_MESSAGE: TypeAdapter[Beat | Progress | Done | Failed] = TypeAdapter(Message)


class ControlChannel:
    """The party's end; several threads may speak."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def tell(self, message: Beat | Progress | Done | Failed) -> None:
        """Send one message.

        Raises:
            OSError: the supervisor is gone.
        """
        with self._lock:
            self._connection.send_bytes(message.model_dump_json().encode())

    def await_end(self, timeout_s: float) -> None:
        """Wait until the supervisor is gone or speaks, or the time is over."""
        self._connection.poll(timeout_s)

    def hear(self) -> ErrorReport:
        """Wait for the one thing that a supervisor says: that the party has to end, and why.

        Raises:
            EOFError, OSError: the supervisor is gone.
        """
        return ErrorReport.model_validate_json(self._connection.recv_bytes())


def tell_end(connection: Connection, error: ErrorReport) -> None:
    """Tell a party that it has to end, and why.

    Raises:
        OSError: it has ended.
    """
    connection.send_bytes(error.model_dump_json().encode())


def read_message(connection: Connection) -> Beat | Progress | Done | Failed:
    """Read one message at the supervisor's end.

    Raises:
        EOFError: the party has closed its end.
    """
    return _MESSAGE.validate_json(connection.recv_bytes())
