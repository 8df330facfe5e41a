"""Where the orchestrator is: flags, environment, or the ``sfw up`` of a state folder."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from secretflow_worker.cli.failure import CommandError
from secretflow_worker.cli.options import StateDir, read_settings

if TYPE_CHECKING:
    from secretflow_worker.client import Client

Url = Annotated[str | None, typer.Option("--url", help="Of the orchestrator. [SFW_URL]")]
TokenFlag = Annotated[
    str | None, typer.Option("--token", help="An API token; others see flags. [SFW_TOKEN]")
]
AsJson = Annotated[bool, typer.Option("--json", help="As data, on standard output.")]
ChainId = Annotated[str, typer.Argument(metavar="CHAIN", help="Its id, as `sfw chain ls` shows.")]
_STARTS_WITHIN_S = 10.0
_HINT = "start one with `sfw up`, or name yours with --url and SFW_TOKEN"

__all__ = ["AsJson", "ChainId", "StateDir", "TokenFlag", "Url", "connected"]


@dataclass(frozen=True)
class _Announced:
    """The ``up.json`` of a running ``sfw up``, read anew for every call: it may start again."""

    path: Path
    url: str
    first: str

    def token(self) -> str:
        """Return the token as it is now; waits for a ``sfw up`` that is starting again."""
        until = time.monotonic() + _STARTS_WITHIN_S
        while (told := _read(self.path)) is None and time.monotonic() < until:
            time.sleep(0.2)
        if told is None or told.get("url") != self.url:
            return self.first
        return str(told.get("token") or self.first)


@contextmanager
def connected(
    url: str | None, token: str | None, state_dir: Path | None, file: Path | None = None
) -> Iterator[Client]:
    """Yield a client; what a call ends with becomes a line that says how to mend it.

    `file` is what the block sends, to be named where it is wrong.

    Raises:
        CommandError: no orchestrator or token is known, or a call of the block has failed.
    """
    from secretflow_worker.cli.chain.failures import explained
    from secretflow_worker.client import Client

    with explained(file):
        place, secret = _find(url, token, state_dir)
        with Client(place, secret) as client:
            yield client


def _find(url: str | None, token: str | None, state_dir: Path | None) -> tuple[str, Any]:
    url = url or os.environ.get("SFW_URL")
    token = token or os.environ.get("SFW_TOKEN")
    if url and token:
        return url, token
    from secretflow_worker.cli.up.announcement import UP_FILE

    path = read_settings(None, None, state_dir=state_dir).state_dir / UP_FILE
    told = _read(path)
    # The token of this machine's own goes to no other address.
    if told is None or "url" not in told or (url and url.rstrip("/") != told["url"]):
        missing = f"no token for {url}" if url else f"no orchestrator is known: there is no {path}"
        raise CommandError(missing, hint=_HINT)
    if token:
        return str(told["url"]), token
    if not told.get("token"):
        raise CommandError(
            "the user `admin`, whose token this machine has, is disabled at the orchestrator",
            hint="let an admin enable it and start `sfw up` again, or give a token by SFW_TOKEN",
        )
    return str(told["url"]), _Announced(path, str(told["url"]), str(told["token"])).token


def _read(path: Path) -> dict[str, Any] | None:
    try:
        told = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    return told if isinstance(told, dict) else None
