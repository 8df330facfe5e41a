"""The newest states of some runs in memory, so that an event need not read every node again.

Every transaction that changes a run writes a tag of its own into the run's row. A state is
remembered under the tag that it was written with, and taken only for a row that has it: the state
of a transaction that was rolled back, or that another process has overtaken, is never found.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping

from secretflow_worker.orchestrator.core.model import NodeState

Nodes = Mapping[str, NodeState]


def make_tag() -> str:
    """Return a tag that no other transaction writes."""
    return secrets.token_hex(8)


class RememberedStates:
    """Keeps the nodes of the `size` runs that were used last. Thread-safe."""

    def __init__(self, size: int = 64) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._by_run: OrderedDict[str, tuple[str, Nodes]] = OrderedDict()

    def find(self, run_id: str, tag: str | None) -> Nodes | None:
        """Return a run's nodes as they are in SQL, where they are known."""
        with self._lock:
            known = self._by_run.get(run_id)
            if known is None or known[0] != tag:
                return None
            self._by_run.move_to_end(run_id)
            return known[1]

    def keep(self, run_id: str, tag: str, nodes: Nodes) -> None:
        """Remember what a transaction writes with this tag."""
        with self._lock:
            self._by_run[run_id] = (tag, nodes)
            self._by_run.move_to_end(run_id)
            while len(self._by_run) > self._size:
                self._by_run.popitem(last=False)
