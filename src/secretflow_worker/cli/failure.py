"""What the user sees when a command cannot do its work: one line that says what and how to mend."""

from __future__ import annotations

BAD_INPUT = 2
"""The exit code where what was given is wrong, a flag or a file; all other failures are 1."""


class CommandError(Exception):
    """A command ends here. `hint` says how to mend it."""

    def __init__(self, message: str, *, hint: str = "", exit_code: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code

    def __str__(self) -> str:
        text = " ".join(self.message.split())
        return f"{text} ({self.hint})" if self.hint else text

    @classmethod
    def of(cls, fault: BaseException) -> CommandError:
        """Turn any of ``expected_errors`` into the line that is shown."""
        from secretflow_worker.contract.errors import WorkerError

        if isinstance(fault, CommandError):
            return fault
        if isinstance(fault, WorkerError):
            return cls(f"{fault.code}: {fault.message}", hint=fault.hint)
        if isinstance(fault, OSError) and fault.filename is not None:
            return cls(f"{fault.filename}: {fault.strerror}")
        return cls(str(fault))


def expected_errors() -> tuple[type[BaseException], ...]:
    """Return what is the user's to mend; imported only once something went wrong."""
    from secretflow_worker.contract.errors import WorkerError

    return CommandError, WorkerError, OSError
