"""Reads the FILE of ``sfw run`` and ``sfw submit``: one task message as JSON, ``-`` for stdin."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from secretflow_worker.cli.failure import CommandError

RequestFile = Annotated[Path, typer.Argument(help="A request as JSON; - reads standard input.")]


def read_request(file: Path) -> dict[str, Any]:
    """Return the JSON object in the file, unchecked.

    Raises:
        CommandError: the file cannot be read or holds no JSON object.
    """
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        document = json.loads(text)
    except UnicodeDecodeError:
        raise CommandError(f"{file}: the file is not UTF-8") from None
    except json.JSONDecodeError as fault:
        raise CommandError(
            f"{file}: not JSON: {fault.msg} at line {fault.lineno}, column {fault.colno}"
        ) from None
    if not isinstance(document, dict):
        raise CommandError(f"{file}: not a JSON object", hint="a request is an object")
    return document
