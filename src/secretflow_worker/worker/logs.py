"""Logs to standard error, for people or as JSON lines, with the fields of the run.

Celery's own lines pass only at a level where they hold no arguments and no results.
"""

from __future__ import annotations

import json
import logging
import re
import sys

from secretflow_worker.contract.events import utc_now
from secretflow_worker.worker.settings import WorkerSettings

_FIELDS = ("execution_id", "party", "task_type")
_PASSWORD = re.compile(r"(\brediss?://[^:@/\s]*:)[^@/\s]+(?=@)")


class ConsoleFormatter(logging.Formatter):
    """``time level logger: message [field=value ...]``, passwords of URLs masked."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        fields = " ".join(f"{name}={value}" for name, value in _fields_of(record).items())
        return without_password(super().format(record) + (f" [{fields}]" if fields else ""))


class JsonFormatter(logging.Formatter):
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


class WithoutBodies(logging.Filter):
    """Cuts the contents off what Celery says of messages that it cannot use."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("celery.") and " body" in str(record.msg):
            record.msg = str(record.msg).split("%", 1)[0].split("\n", 1)[0].strip(" :[")
            record.args = ()
            record.exc_info = None
        return True


def configure_logs(settings: WorkerSettings) -> None:
    """Set up the root logger of this process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if settings.log_format == "json" else ConsoleFormatter())
    handler.addFilter(WithoutBodies())
    level = logging.getLevelName(settings.log_level)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # At DEBUG Celery logs arguments, and at INFO its tracer logs results.
    for name in ("celery", "kombu", "amqp"):
        logging.getLogger(name).setLevel(max(level, logging.INFO))
    logging.getLogger("celery.app.trace").setLevel(logging.WARNING)
    logging.getLogger("celery.worker.strategy").setLevel(logging.WARNING)
    logging.captureWarnings(True)


def _fields_of(record: logging.LogRecord) -> dict[str, object]:
    present = {name: getattr(record, name, None) for name in _FIELDS}
    return {name: value for name, value in present.items() if value}


def without_password(text: str) -> str:
    """Return a text with the passwords of its Redis URLs masked."""
    return _PASSWORD.sub(r"\1***", text)
