"""What is stored, counted by indexes when somebody looks."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import ColumnElement, Connection, func, select

from secretflow_worker.contract.chain import ChainStatus, NodeStatus
from secretflow_worker.orchestrator.services.runs import Clock
from secretflow_worker.orchestrator.store import schedules as s
from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.orchestrator.store.database import Database


class Stored(Collector):
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def describe(self) -> list[Metric]:
        """Nothing: the database is not asked before somebody looks."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Count chains, tasks, schedules, and what waits."""
        with self._database.reading() as connection:
            yield _by_status(
                connection, "sfw_chains", "Chains by status.", t.task_chains.c.status, ChainStatus
            )
            yield _by_status(
                connection, "sfw_tasks", "Tasks of runs by status.", t.chain_tasks.c.status,
                NodeStatus,
            )  # fmt: skip
            yield from self._outbox(connection)
            yield from self._schedules(connection)

    def _outbox(self, connection: Connection) -> Iterator[Metric]:
        waiting = select(func.count(), func.min(t.outbox.c.created_at))
        count, oldest = connection.execute(waiting.where(t.outbox.c.sent_at.is_(None))).one()
        yield GaugeMetricFamily("sfw_outbox_messages", "Messages not sent yet.", value=count)
        yield GaugeMetricFamily(
            "sfw_outbox_age_seconds", "Age of the oldest of them.", value=self._age(oldest)
        )
        parked = select(func.count()).where(t.inbox.c.parked.is_not(None))
        yield GaugeMetricFamily(
            "sfw_parked_events", "Events that nobody can read.",
            value=connection.execute(parked).scalar() or 0,
        )  # fmt: skip

    def _schedules(self, connection: Connection) -> Iterator[Metric]:
        due_at = s.schedules.c.due_at
        count, next_due = connection.execute(select(func.count(due_at), func.min(due_at))).one()
        yield GaugeMetricFamily("sfw_schedules", "Schedules that will be due.", value=count)
        yield GaugeMetricFamily(
            "sfw_schedule_overdue_seconds", "How late the oldest due time is.",
            value=self._age(next_due),
        )  # fmt: skip

    def _age(self, moment: float | None) -> float:
        return 0.0 if moment is None else max(0.0, self._clock() - moment)


def _by_status(
    connection: Connection,
    name: str,
    words: str,
    status: ColumnElement[str],
    kinds: type[Enum],
) -> Metric:
    rows = connection.execute(select(status, func.count()).group_by(status)).all()
    found = {row[0]: row[1] for row in rows}
    family = GaugeMetricFamily(name, words, labels=["status"])
    for kind in kinds:
        family.add_metric([kind.value], found.get(kind.value, 0))
    return family
