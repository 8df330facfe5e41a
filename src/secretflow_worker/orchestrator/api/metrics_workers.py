"""What workers announce of themselves, and what waits for them in Redis."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError
from sqlalchemy import select

from secretflow_worker.contract.names import QUEUE, STATUS_QUEUE, party_queue
from secretflow_worker.contract.nodes import Node
from secretflow_worker.orchestrator.errors import NotReady
from secretflow_worker.orchestrator.services.parties import Parties
from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.orchestrator.store.database import Database

Depths = Callable[[Sequence[str]], Mapping[str, int]]
"""Counts what waits in lists of Redis."""


class Workers(Collector):
    """Silent while Redis is away: then `sfw_redis_up` is 0."""

    def __init__(self, database: Database, parties: Parties | None, depths: Depths | None) -> None:
        self._database = database
        self._parties = parties
        self._depths = depths

    def describe(self) -> list[Metric]:
        """Nothing: Redis is not asked before somebody looks."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Ask for announcements and lengths."""
        if self._parties is None or self._depths is None:
            return
        try:
            nodes = self._parties.nodes()
            depths = self._depths([*self._queues(nodes), STATUS_QUEUE])
        except (NotReady, RedisError):
            yield GaugeMetricFamily("sfw_redis_up", "Whether Redis answers.", value=0)
            return
        yield GaugeMetricFamily("sfw_redis_up", "Whether Redis answers.", value=1)
        yield GaugeMetricFamily(
            "sfw_events_waiting", "Workers' events not taken yet.",
            value=depths.get(STATUS_QUEUE, 0),
        )  # fmt: skip
        queues = GaugeMetricFamily(
            "sfw_queue_messages", "Messages that wait for a worker.", labels=["queue"]
        )
        for queue, depth in depths.items():
            if queue != STATUS_QUEUE:
                queues.add_metric([queue], depth)
        yield queues
        yield from _of(nodes)

    def _queues(self, nodes: Sequence[Node]) -> list[str]:
        """Return the queue of local mode, those of workers, and those with something to send."""
        unsent = select(t.outbox.c.queue).where(t.outbox.c.sent_at.is_(None)).distinct()
        with self._database.reading() as connection:
            waiting = connection.execute(unsent).scalars().all()
        of_parties = [party_queue(node.party) for node in nodes if node.party is not None]
        return sorted({QUEUE, *of_parties, *waiting})


def _of(nodes: Sequence[Node]) -> Iterator[Metric]:
    figures: list[tuple[str, str, Callable[[Node], float]]] = [
        ("sfw_worker_slots", "Tasks that a worker runs at a time.", lambda node: node.slots),
        ("sfw_worker_tasks", "Tasks that it runs now.", lambda node: len(node.running)),
        ("sfw_worker_memory_bytes", "Its own memory.", lambda node: node.memory_bytes),
        (
            "sfw_parties_memory_bytes",
            "The memory of the parties that it runs now.",
            lambda node: node.party_memory_bytes,
        ),
    ]
    for name, words, figure in figures:
        family = GaugeMetricFamily(name, words, labels=["worker", "party"])
        for node in nodes:
            family.add_metric([node.worker_id, node.party or ""], figure(node))
        yield family
