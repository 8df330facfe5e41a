"""Figures for Prometheus, in a registry of our own.

What happens in this process is observed as it happens; what is stored, and what workers announce,
is asked for when somebody looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from secretflow_worker.contract.events import StatusEvent
from secretflow_worker.orchestrator.api.metrics_stored import Stored
from secretflow_worker.orchestrator.api.metrics_workers import Depths, Workers
from secretflow_worker.orchestrator.services.changes import Change, outcome_of
from secretflow_worker.orchestrator.services.parties import Parties
from secretflow_worker.orchestrator.services.runs import Clock
from secretflow_worker.orchestrator.store.database import Database

_SHORT = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_LONG = (0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600)
_BYTES = tuple(2.0**power for power in range(26, 38))


class Metrics:
    """The registry. `depths` counts what waits in queues of Redis."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        parties: Parties | None = None,
        depths: Depths | None = None,
    ) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(Stored(database, clock))
        self._registry.register(Workers(database, parties, depths))
        self.requests = self._histogram(
            "sfw_http_request_seconds", "How long calls took.", _SHORT, "method", "path", "status"
        )
        self.event_lag = self._histogram(
            "sfw_event_lag_seconds",
            "From a worker's event to the transaction that took it.",
            _SHORT,
        )
        self._runs = self._histogram("sfw_run_seconds", "How long runs took.", _LONG, "status")
        self._tasks = self._histogram(
            "sfw_task_seconds", "How long attempts of tasks ran.", _LONG, "task_type", "status"
        )
        self._waits = self._histogram(
            "sfw_task_wait_seconds", "From an attempt's message to its start.", _LONG, "task_type"
        )
        self._memory = self._histogram(
            "sfw_party_peak_memory_bytes",
            "The most memory of each party's process in tasks that succeeded.",
            _BYTES,
            "task_type",
        )
        self._firings = Counter(
            "sfw_schedule_firings",
            "Due times of schedules that this orchestrator took.",
            ["outcome"],
            registry=self._registry,
        )
        self._firing_lag = self._histogram(
            "sfw_schedule_lag_seconds", "From a due time to the run that it started.", _SHORT
        )

    def observe_change(self, change: Change) -> None:
        """Note how long what has ended took."""
        plan = change.plan
        for node_id, node in change.started():
            if node.started_at is not None and node.queued_at is not None:
                waited_s = max(0.0, node.started_at - node.queued_at)
                self._waits.labels(plan.nodes[node_id].task_type).observe(waited_s)
        for node_id, was, node in change.ended():
            begun = was.started_at if was.started_at is not None else node.started_at
            if begun is not None:
                labels = plan.nodes[node_id].task_type, outcome_of(node).value
                self._tasks.labels(*labels).observe(max(0.0, change.at - begun))
        if change.has_ended and change.after.started_at is not None:
            took_s = max(0.0, change.at - change.after.started_at)
            self._runs.labels(change.after.status.value).observe(took_s)

    def observe_event(self, event: StatusEvent, task_type: str) -> None:
        """Note how much memory the parties of a task that ended had at most."""
        for peak in _peaks_in(event.data):
            self._memory.labels(task_type).observe(peak)

    def observe_firing(self, outcome: str, late_s: float) -> None:
        """Note what came of a schedule's due time."""
        self._firings.labels(outcome).inc()
        if outcome == "started":
            self._firing_lag.observe(max(0.0, late_s))

    def render(self) -> bytes:
        """Return everything as Prometheus reads it."""
        return generate_latest(self._registry)

    def _histogram(
        self, name: str, words: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(name, words, labels, buckets=buckets, registry=self._registry)


def _peaks_in(data: Mapping[str, Any]) -> list[float]:
    found: Any = data
    for name in ("result", "performance_metrics", "peak_rss_bytes"):
        found = found.get(name) if isinstance(found, Mapping) else None
    if not isinstance(found, Mapping):
        return []
    return [float(peak) for peak in found.values() if isinstance(peak, int | float) and peak > 0]
