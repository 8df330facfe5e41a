"""What a caller of the orchestrator did that cannot be done; never a value of a party's file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Fault:
    """One place of a document that is wrong: ``tasks.2.task_params.task_config.label``."""

    path: str
    message: str
    code: str = "CONFIG_INVALID"


class CallFault(Exception):
    """The root: `message` says what and where, `hint` how to mend it."""

    code: ClassVar[str] = "INVALID"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class NotFound(CallFault):
    """There is no such thing, or the caller may not know of it."""

    code = "NOT_FOUND"


class Conflict(CallFault):
    """It does not fit with the state that things are in."""

    code = "CONFLICT"


class Invalid(CallFault):
    """What was asked for is wrong in itself; `faults` lists every place."""

    code = "CONFIG_INVALID"

    def __init__(self, message: str, *, hint: str = "", faults: Sequence[Fault] = ()) -> None:
        super().__init__(message, hint=hint)
        self.faults = tuple(faults)


class Unauthenticated(CallFault):
    """Nobody is signed in, or what they showed is no longer good."""

    code = "UNAUTHENTICATED"


class Forbidden(CallFault):
    """The caller's role does not allow it."""

    code = "FORBIDDEN"


class TooManyAttempts(CallFault):
    """Signing in failed too often; `retry_after_s` says when to try again."""

    code = "TOO_MANY_ATTEMPTS"

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message, hint=f"Try again in {retry_after_s} seconds.")
        self.retry_after_s = retry_after_s


class NotReady(CallFault):
    """Something that it needs does not answer now."""

    code = "NOT_READY"


class StaleVersion(CallFault):
    """Somebody changed it since the caller read it."""

    code = "STALE_VERSION"
