"""SecretFlow's context of a run, which ends the task where SecretFlow ends the process.

SecretFlow notes an exception of a thread and looks at it later, or sends itself SIGINT and
leaves by ``os._exit``. Here the first failure is told to the engine at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from secretflow.distributed.fed import api, global_context
from secretflow.distributed.fed.exception import FedLocalError, FedRemoteError

from secretflow_worker.engine.lifeline import PeerFailed
from secretflow_worker.engine.secretflow.channel import LinkChannel

OnFailure = Callable[[BaseException], None]
"""Ends the party; called in any thread, and does not return."""


def install(channel: LinkChannel, on_failure: OnFailure) -> None:
    """Let SecretFlow's next ``init`` use the channel, and tell failures."""

    class TellingContext(global_context.GlobalContext):  # type: ignore[misc]
        def set_local_exception(self, exec: BaseException) -> None:
            super().set_local_exception(exec)
            on_failure(cause_of(exec))

        def set_remote_exception(self, exce: BaseException) -> None:
            super().set_remote_exception(exce)
            on_failure(cause_of(exce))

        def set_send_exception(self, exec: BaseException) -> None:
            super().set_send_exception(exec)
            on_failure(cause_of(exec))

        def _signal_exit(self) -> None:
            """Do nothing: the exception that leads here was told."""

    global_context.GlobalContext = TellingContext
    api.BrpcLinkProxy = lambda *_: channel
    api.setup_logger = lambda *_: None  # it would replace the party's own log


def cause_of(fault: BaseException) -> BaseException:
    """Return what SecretFlow's wrapping hides: this party's own exception, or a peer's end."""
    while isinstance(fault, FedLocalError):
        fault = fault.cause()
    if isinstance(fault, FedRemoteError):
        party = str(fault.party())
        return PeerFailed(f"party {party} failed", party=party)
    return fault


def shut_down() -> None:
    """Wait for what is still to be sent, and stop SecretFlow's threads."""
    context: Any = global_context.get_global_context(assert_none=False)
    if context is not None:
        global_context.clear_global_context(wait_for_sending=True)
