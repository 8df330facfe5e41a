"""The lines that party processes have logged of one execution.

Only lines of this program's own loggers are told: they are written never to hold a value. What
libraries print into the same file, and tracebacks, stay at the party.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

from secretflow_worker.contract.asks import LogLine

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_LONGEST_BYTES = 1 << 20
"""Of a log that is read; of a longer one, its end."""
_LONGEST_MESSAGE = 2_000
_LINE = re.compile(
    r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(\d{3}) (DEBUG|INFO|WARNING|ERROR|CRITICAL) "
    r"(secretflow_worker(?:\.\w+)*) \[([^ \]]+) ([^ \]]+)\] (.*)"
)


def read_lines(logs_dir: Path, execution_id: str, party: str, level: str) -> list[LogLine]:
    """Return what a party's processes logged of an execution at a level and above, oldest first."""
    found: list[LogLine] = []
    for attempt, folder in sorted(_attempts(logs_dir, execution_id)):
        path = folder / f"{party}.log"
        found += _lines_of(path, execution_id, party, level, attempt)
    return found


def is_at_least(level: str, asked: str) -> bool:
    """Return whether a line of one level is told where another is asked for."""
    return level not in LEVELS or LEVELS.index(level) >= LEVELS.index(asked)


def _attempts(logs_dir: Path, execution_id: str) -> Iterator[tuple[int, Path]]:
    """Yield the attempts' folders: the id and a number, so one id's are never another's."""
    begin = f"{execution_id.replace(':', '+')}."
    try:
        folders = list(logs_dir.iterdir())
    except FileNotFoundError:
        return
    for folder in folders:
        number = folder.name.removeprefix(begin)
        if folder.name.startswith(begin) and number.isascii() and number.isdecimal():
            yield int(number), folder


def _utc(second: str, millisecond: str) -> str:
    """Return a line's time, which is this machine's, as the wire writes times."""
    at = datetime.fromisoformat(second).astimezone(timezone.utc)
    return f"{at.replace(tzinfo=None).isoformat()}.{millisecond}Z"


def _lines_of(
    path: Path, execution_id: str, party: str, level: str, attempt: int
) -> Iterator[LogLine]:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _LONGEST_BYTES))
            text = file.read(_LONGEST_BYTES).decode("utf-8", "replace")
    except OSError:  # dropped just now, being old
        return
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if match is None or (match[5], match[6]) != (execution_id, party):
            continue
        if is_at_least(match[3], level):
            yield LogLine(
                at=_utc(match[1], match[2]),
                level=match[3],
                logger=match[4],
                message=match[7][:_LONGEST_MESSAGE],
                attempt=attempt,
            )
