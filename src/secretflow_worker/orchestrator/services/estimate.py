"""How long a task takes, from past successes of its type; said only where there are any."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from sqlalchemy import select

from secretflow_worker.contract.chain import NodeStatus
from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.tasks import TaskType

_NEWEST = 200
_FEW = 5
"""Fewer past executions than these say little: their interval is made twice as wide each way."""
_ALIKE = 1.5
"""So many times more or fewer columns still count as about as many."""
_ENOUGH_ALIKE = 3


@dataclass(frozen=True)
class Estimate:
    """Seconds once it runs, without the wait for a free worker."""

    low_s: float
    median_s: float
    high_s: float
    count: int
    """From how many past executions."""
    by_columns: bool = False
    """Whether all of those had about as many columns."""


class Experience:
    """What past runs took. A type's executions are read once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._past: dict[str, list[tuple[float, int | None]]] = {}

    def of(self, task: TaskType, config: Mapping[str, Any]) -> Estimate | None:
        """Return how long a task of a type takes with a config; None without experience."""
        past = self._past_of(task)
        if not past:
            return None
        columns = count_columns(config)
        alike = [
            seconds
            for seconds, had in past
            if columns and had and 1 / _ALIKE <= had / columns <= _ALIKE
        ]
        if len(alike) >= _ENOUGH_ALIKE:
            return interval(alike, by_columns=True)
        return interval([seconds for seconds, _ in past])

    def _past_of(self, task: TaskType) -> list[tuple[float, int | None]]:
        if task.name not in self._past:
            nodes, attempts = t.chain_tasks.c, t.task_attempts.c
            words = [task.name, *task.aliases]
            spelled = [*words, *(f"{word}@{task.version}" for word in words)]
            query = (
                select(nodes.started_at, attempts.ended_at, attempts.request)
                .where(
                    nodes.task_type.in_(spelled),
                    attempts.run_id == nodes.run_id,
                    attempts.node_id == nodes.node_id,
                    attempts.attempt == nodes.attempt,
                    attempts.status == NodeStatus.SUCCESS.value,
                    attempts.ended_at.is_not(None),
                    nodes.started_at.is_not(None),
                )
                .order_by(attempts.ended_at.desc())
                .limit(_NEWEST)
            )
            with self._database.reading() as connection:
                self._past[task.name] = [
                    (row.ended_at - row.started_at, count_columns(row.request["task_config"]))
                    for row in connection.execute(query)
                ]
        return self._past[task.name]


def interval(seconds: Sequence[float], *, by_columns: bool = False) -> Estimate:
    """Return the median and where eight of ten executions lay; of few, all of them and more."""
    ordered = sorted(max(0.0, each) for each in seconds)
    count = len(ordered)
    if count < _FEW:
        low, high = ordered[0] / 2, ordered[-1] * 2
    else:
        low = ordered[math.floor(0.1 * (count - 1))]
        high = ordered[math.ceil(0.9 * (count - 1))]
    return Estimate(low, median(ordered), high, count, by_columns)


def count_columns(config: Mapping[str, Any]) -> int | None:
    """Return how many columns a config names to work on; None where it leaves that open."""
    named = config.get("features", config.get("columns"))
    if isinstance(named, Mapping):
        return sum(len(columns) for columns in named.values() if isinstance(columns, list)) or None
    return len(named) or None if isinstance(named, list) else None
