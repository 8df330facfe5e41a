"""Which tables have columns that are named after values, as ``onehot_encoder`` names them.

Their columns are told to nobody. The note of a table goes along to every table that a task makes
of it, and outlives the worker. Only a copy that somebody makes by hand is not known.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Collection
from pathlib import Path

_log = logging.getLogger(__name__)

_FILE = "named-by-values.json"
_KEPT = 50_000


class NamedByValues:
    """Thread-safe; one worker's."""

    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir / _FILE
        self._guard = threading.Lock()
        self._known: dict[str, None] = {}
        try:
            self._known = dict.fromkeys(map(str, json.loads(self._path.read_bytes())))
        except (OSError, ValueError, TypeError):
            return

    def includes(self, table: Path) -> bool:
        """Return whether a table's columns, by its real path, may be named after values."""
        return str(table) in self._known

    def note(
        self, made: Collection[Path], read: Collection[Path], *, by_task: bool, is_done: bool
    ) -> None:
        """Note what a task makes of what; `by_task` if it may itself name columns so.

        Before the tables are there, and once more when it `is_done`: only then a table that is
        no longer named so is forgotten.
        """
        is_named = by_task or any(self.includes(path) for path in read)
        paths = {str(path) for path in made}
        with self._guard:
            new = [path for path in paths if is_named and path not in self._known]
            is_new = is_done and not is_named
            gone = [path for path in paths if is_new and path in self._known]
            if not new and not gone:
                return
            self._known.update(dict.fromkeys(new))
            for path in [*gone, *list(self._known)[: max(0, len(self._known) - _KEPT)]]:
                self._known.pop(path, None)
            self._save()

    def _save(self) -> None:
        fresh = self._path.with_suffix(".new")
        try:
            fresh.write_text(json.dumps(list(self._known)), encoding="utf-8")
            fresh.replace(self._path)
        except OSError as fault:
            _log.error("the list of tables named by values cannot be kept: %s", fault.strerror)
