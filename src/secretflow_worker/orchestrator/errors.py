"""What a caller of the orchestrator did that cannot be done; never a value of a party's file."""

from __future__ import annotations

from typing import ClassVar


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
