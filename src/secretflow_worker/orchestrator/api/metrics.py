"""Figures for Prometheus, in a registry of our own. What is stored is counted when asked for."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, SummaryMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import ColumnElement, Connection, cast, extract, func, select
from sqlalchemy.types import Float

from secretflow_worker.contract.chain import ChainStatus, NodeStatus
from secretflow_worker.orchestrator.services.runs import Clock
from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.orchestrator.store.database import Database

_SHORT = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The registry, and what is observed as it happens."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Stored(database, clock))
        self.requests = Histogram(
            "sfw_http_request_seconds",
            "How long calls took.",
            ["method", "path", "status"],
            buckets=_SHORT,
            registry=self._registry,
        )
        self.event_lag = Histogram(
            "sfw_event_lag_seconds",
            "From a worker's event to the transaction that took it.",
            buckets=_SHORT,
            registry=self._registry,
        )

    def render(self) -> bytes:
        """Return everything as Prometheus reads it."""
        return generate_latest(self._registry)


class _Stored(Collector):
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def describe(self) -> list[Metric]:
        """Nothing: the database is not asked before somebody looks."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Count chains, tasks and what waits to be sent."""
        with self._database.reading() as connection:
            yield self._chains(connection)
            yield self._tasks(connection)
            yield from self._durations(connection)
            yield from self._outbox(connection)

    def _chains(self, connection: Connection) -> Metric:
        family = GaugeMetricFamily("sfw_chains", "Chains by status.", labels=["status"])
        status = t.task_chains.c.status
        rows = connection.execute(select(status, func.count()).group_by(status)).all()
        found = {row[0]: row[1] for row in rows}
        for kind in ChainStatus:
            family.add_metric([kind.value], found.get(kind.value, 0))
        return family

    def _tasks(self, connection: Connection) -> Metric:
        family = GaugeMetricFamily("sfw_tasks", "Tasks of runs by status.", labels=["status"])
        status = t.chain_tasks.c.status
        rows = connection.execute(select(status, func.count()).group_by(status)).all()
        found = {row[0]: row[1] for row in rows}
        for kind in NodeStatus:
            family.add_metric([kind.value], found.get(kind.value, 0))
        return family

    def _durations(self, connection: Connection) -> Iterator[Metric]:
        runs = SummaryMetricFamily("sfw_run_seconds", "How long runs took.", labels=["status"])
        took = _seconds(self._database, t.chain_runs.c.started_at, t.chain_runs.c.ended_at)
        status = t.chain_runs.c.status
        query = select(status, func.count(took), func.sum(took)).where(took.is_not(None))
        for name, count, total in connection.execute(query.group_by(status)):
            runs.add_metric([name], count, float(total))
        yield runs
        tasks = SummaryMetricFamily(
            "sfw_task_seconds", "How long tasks took.", labels=["task_type", "status"]
        )
        nodes = t.chain_tasks.c
        took = _seconds(self._database, nodes.started_at, nodes.completed_at)
        by_type = select(nodes.task_type, nodes.status, func.count(took), func.sum(took))
        by_type = by_type.where(took.is_not(None)).group_by(nodes.task_type, nodes.status)
        for task_type, name, count, total in connection.execute(by_type):
            tasks.add_metric([task_type, name], count, float(total))
        yield tasks

    def _outbox(self, connection: Connection) -> Iterator[Metric]:
        waiting = select(func.count(), func.min(t.outbox.c.created_at))
        count, oldest = connection.execute(waiting.where(t.outbox.c.sent_at.is_(None))).one()
        age = 0.0 if oldest is None else max(0.0, self._clock() - oldest)
        yield GaugeMetricFamily("sfw_outbox_messages", "Messages not sent yet.", value=count)
        yield GaugeMetricFamily("sfw_outbox_age_seconds", "Age of the oldest of them.", value=age)
        parked = select(func.count()).where(t.inbox.c.parked.is_not(None))
        yield GaugeMetricFamily(
            "sfw_parked_events", "Events that nobody can read.",
            value=connection.execute(parked).scalar() or 0,
        )  # fmt: skip


def _seconds(
    database: Database, start: ColumnElement[float], end: ColumnElement[float]
) -> ColumnElement[float]:
    """The time between two moments, as each database computes it."""
    if database.is_postgresql:
        return cast(extract("epoch", end) - extract("epoch", start), Float)
    days = func.julianday(end, type_=Float) - func.julianday(start, type_=Float)
    return days * 86400.0
