"""Logs to standard error, for people or as JSON lines, with the fields of the run.

Celery's own lines pass only at a level where they hold no arguments and no results.
"""

from __future__ import annotations

import logging

from billiard.exceptions import RestartFreqExceeded
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import TimeoutError as RedisSilent

from secretflow_worker.broker.logs import set_up_root
from secretflow_worker.worker.settings import WorkerSettings

_OUTAGES = (RedisAway, RedisSilent, RestartFreqExceeded, OSError)


class WithoutBodies(logging.Filter):
    """Cuts the contents off what Celery says of messages that it cannot use."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("celery.") and " body" in str(record.msg):
            record.msg = str(record.msg).split("%", 1)[0].split("\n", 1)[0].strip(" :[")
            record.args = ()
            record.exc_info = None
        return True


class WithoutOutages(logging.Filter):
    """Makes one line of what Celery says of a connection that was lost: it is no bug of its own."""

    def filter(self, record: logging.LogRecord) -> bool:
        fault = record.exc_info[1] if record.exc_info else None
        if record.name.startswith(("celery.", "kombu.")) and isinstance(fault, _OUTAGES):
            record.exc_info = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


def configure_logs(settings: WorkerSettings) -> None:
    """Set up the root logger of this process."""
    handler = set_up_root(settings.log_level, settings.log_format)
    handler.addFilter(WithoutBodies())
    handler.addFilter(WithoutOutages())
    # It would name our transport's class; our consumer says where it is connected.
    logging.getLogger("celery.worker.consumer.connection").setLevel(logging.WARNING)
    # At INFO Celery's tracer logs results.
    logging.getLogger("celery.app.trace").setLevel(logging.WARNING)
    logging.getLogger("celery.worker.strategy").setLevel(logging.WARNING)
