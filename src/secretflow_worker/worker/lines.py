"""The worker's own log lines, kept a while by execution, for who asks what became of one."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict, deque
from datetime import datetime, timezone

from secretflow_worker.broker.logs import without_password
from secretflow_worker.contract.asks import LogLine
from secretflow_worker.engine.offers.log_lines import is_at_least

_EXECUTIONS = 500
_LINES = 200
"""Of one execution, the newest."""


class ExecutionLines(logging.Handler):
    """Keeps lines that name an execution, the newest executions only."""

    def __init__(self) -> None:
        super().__init__()
        self._by_execution: OrderedDict[str, deque[LogLine]] = OrderedDict()
        self._guard = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        execution_id = getattr(record, "execution_id", None)
        if not isinstance(execution_id, str) or not execution_id:
            return
        # The first line only: a traceback stays in the worker's log.
        message = record.getMessage().partition("\n")[0]
        at = datetime.fromtimestamp(record.created, timezone.utc)
        line = LogLine(
            at=at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            level=record.levelname,
            logger=record.name,
            message=without_password(message),
        )
        with self._guard:
            kept = self._by_execution.setdefault(execution_id, deque(maxlen=_LINES))
            kept.append(line)
            self._by_execution.move_to_end(execution_id)
            while len(self._by_execution) > _EXECUTIONS:
                self._by_execution.popitem(last=False)

    def of(self, execution_id: str, level: str) -> list[LogLine]:
        """Return the lines of one execution at a level and above, oldest first."""
        with self._guard:
            kept = list(self._by_execution.get(execution_id, ()))
        return [line for line in kept if is_at_least(line.level, level)]
