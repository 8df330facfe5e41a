"""Log lines for people or as JSON, with the fields of what they are about.

A record's fields are those that it was given (``extra``) and those of ``log_fields`` around it.
No line has a password of a URL, and a traceback has frames and kinds but no foreign text.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType, TracebackType
from typing import Literal

from secretflow_worker.broker.tracebacks import traceback_of
from secretflow_worker.contract.events import utc_now

LogFormat = Literal["console", "json"]
FIELDS = (
    "request_id", "chain_id", "run_id", "execution_id", "party", "task_type",
    "method", "path", "status", "duration_s", "user",
)  # fmt: skip
_PASSWORD = re.compile(r"(\b(?:rediss?|postgresql(?:\+psycopg)?)://[^:@/\s]*:)[^@/\s]+(?=@)")
_NONE: Mapping[str, object] = MappingProxyType({})
_around: ContextVar[Mapping[str, object]] = ContextVar("log_fields", default=_NONE)
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


@contextmanager
def log_fields(**fields: object) -> Iterator[None]:
    """Give every record within these fields; in threads too, where they copy the context."""
    token = _around.set({**_around.get(), **fields})
    try:
        yield
    finally:
        _around.reset(token)


class _Formatter(logging.Formatter):
    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - logging's name
        return "" if ei[1] is None else traceback_of(ei[1])


class ConsoleFormatter(_Formatter):
    """``time level logger: message [field=value ...]``, passwords of URLs masked."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        fields = " ".join(f"{name}={value}" for name, value in _fields_of(record).items())
        return without_password(super().format(record) + (f" [{fields}]" if fields else ""))


class JsonFormatter(_Formatter):
    """One object per line, passwords of URLs masked."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "timestamp": utc_now(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_fields_of(record),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return without_password(json.dumps(line, ensure_ascii=False, default=str))


def set_up_root(level: str, log_format: LogFormat) -> logging.Handler:
    """Let the root logger write to standard error, by one handler, which is returned."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else ConsoleFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Below INFO they write the bodies of messages.
    for name in ("celery", "kombu", "amqp"):
        logging.getLogger(name).setLevel(max(root.level, logging.INFO))
    logging.captureWarnings(True)
    return handler


def without_password(text: str) -> str:
    """Return a text with the passwords of its URLs masked."""
    return _PASSWORD.sub(r"\1***", text)


def _fields_of(record: logging.LogRecord) -> dict[str, object]:
    around = _around.get()
    present = {name: getattr(record, name, around.get(name)) for name in FIELDS}
    return {name: value for name, value in present.items() if value is not None and value != ""}
