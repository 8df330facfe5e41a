"""Foreign words stay out of a party's log: SecretFlow writes exceptions and objects into its own.

A record of its packages keeps its place in the code and its level; what it says is left out.
"""

from __future__ import annotations

import logging
import sys
import threading
from pathlib import Path

from secretflow_worker.broker.tracebacks import traceback_of

_FOREIGN = {"secretflow", "sml", "spu", "heu", "jax", "pandas", "numpy"}
_log = logging.getLogger(__name__)


def leave_out() -> None:
    """Do it for every handler of the party's log, and for exceptions that end a thread."""
    for handler in logging.getLogger().handlers:
        handler.addFilter(_without_words)
    logging.raiseExceptions = False  # it would print a record that cannot be formatted
    threading.excepthook = _log_thread


def _without_words(record: logging.LogRecord) -> bool:
    parts = Path(record.pathname).parts
    found = [index for index, part in enumerate(parts) if part in _FOREIGN]
    if found and "secretflow_worker" not in parts:
        place = "/".join(parts[found[0] :])
        record.msg, record.args = f"(left out) at {place}:{record.lineno}", ()
        record.exc_info, record.exc_text, record.stack_info = None, None, None
    return True


def _log_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None and not sys.is_finalizing():
        _log.error("a thread of SecretFlow ended\n%s", traceback_of(ended.exc_value))
