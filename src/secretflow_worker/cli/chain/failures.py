"""What a refused call or a failed chain is on the command line: a line, and an exit code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

from secretflow_worker.cli.failure import BAD_INPUT, CommandError
from secretflow_worker.cli.visible import visible
from secretflow_worker.client.errors import (
    ClientError,
    Fault,
    Forbidden,
    Invalid,
    Unauthenticated,
)

_HINTS: dict[type[ClientError], str] = {
    Unauthenticated: "give a token that is good by SFW_TOKEN, or let `sfw up` make one",
    Forbidden: "an admin can change the role of this machine's user `local` on the page",
}


@contextmanager
def explained(file: Path | None = None) -> Iterator[None]:
    """Turn the client's errors into the command line's; `file` is what was sent."""
    try:
        yield
    except Invalid as fault:
        show_faults(fault.faults)
        about = f"{fault.code}: " if file is None else f"{file}: "
        raise CommandError(
            f"{about}{fault.message}", hint=fault.hint, exit_code=BAD_INPUT
        ) from None
    except ClientError as fault:
        hint = fault.hint or _HINTS.get(type(fault), "")
        raise CommandError(f"{fault.code}: {fault.message}", hint=hint) from None


def show_faults(faults: Sequence[Fault]) -> None:
    """Print each place that is wrong, on standard error."""
    for fault in faults:
        typer.echo(visible(str(fault)), err=True)
