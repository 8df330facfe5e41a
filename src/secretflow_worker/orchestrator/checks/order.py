"""What stands before what: unknown dependencies, doubled ids, cycles, and the order without them.

Which tasks are before and after each one is kept as bits of integers: for 10,000 tasks that is
a few megabytes, and a question takes a microsecond.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from secretflow_worker.contract.chain import ChainTask, Draft
from secretflow_worker.orchestrator.checks.collector import Faults, name
from secretflow_worker.orchestrator.core.graph import find_cycle, followers_of, in_order

_MOST_CYCLES = 20
_MOST_NAMED = 10


class Order:
    """Of the tasks of a graph without a cycle: which must have ended before which starts."""

    def __init__(self, graph: Mapping[str, list[str]]) -> None:
        self._bit = {task_id: number for number, task_id in enumerate(graph)}
        self._ids = list(graph)
        ordered = in_order(graph)
        followers = followers_of(graph)
        self._before = self._closure(ordered, graph)
        self._after = self._closure(reversed(ordered), followers)

    def comes_before(self, first: str, second: str) -> bool:
        """Say whether `first` has always ended when `second` starts."""
        return bool(self._before[second] >> self._bit[first] & 1)

    def bit(self, task_id: str) -> int:
        """Return the bit of a task, for sets of tasks."""
        return 1 << self._bit[task_id]

    def beside(self, task_id: str, others: int) -> list[str]:
        """Return which of a set of other tasks may run at the same time as a task."""
        left = others & ~(self._before[task_id] | self._after[task_id] | self.bit(task_id))
        found: list[str] = []
        while left and len(found) < _MOST_NAMED:
            lowest = left & -left
            found.append(self._ids[lowest.bit_length() - 1])
            left ^= lowest
        return found

    def _closure(self, ordered: Iterable[str], edges: Mapping[str, list[str]]) -> dict[str, int]:
        closed: dict[str, int] = {}
        for task_id in ordered:
            bits = 0
            for other in edges[task_id]:
                bits |= closed[other] | 1 << self._bit[other]
            closed[task_id] = bits
        return closed


def check_order(draft: Draft, faults: Faults) -> Order | None:
    """Check ids and dependencies; returns the order, where there is one.

    Where a task itself could not be read, or a cycle is in the way, nothing certain can be said.
    """
    first = _first_of_each(draft, faults)
    graph: dict[str, list[str]] = {}
    for task_id, position in first.items():
        graph[task_id] = _known(draft.tasks[position], position, draft, first, faults)
    for position, task in draft.tasks.items():
        if first[task.task_id] != position:
            _known(task, position, draft, first, faults)
    has_cycle = _check_cycles(graph, first, faults)
    return None if has_cycle or draft.broken else Order(graph)


def _first_of_each(draft: Draft, faults: Faults) -> dict[str, int]:
    first: dict[str, int] = {}
    for position, task in draft.tasks.items():
        earlier = first.setdefault(task.task_id, position)
        if earlier != position:
            message = f"{task.task_id} is the task_id of tasks.{earlier} already"
            faults.add(("tasks", position, "task_id"), message, "DUPLICATE_ID")
    return first


def _known(
    task: ChainTask, position: int, draft: Draft, first: Mapping[str, int], faults: Faults
) -> list[str]:
    found: list[str] = []
    for index, before in enumerate(task.depends_on):
        place = ("tasks", position, "depends_on", index)
        if before == task.task_id:
            faults.add(place, "the task waits for itself", "CYCLE")
        elif before in first:
            found.append(before)
        elif before not in draft.broken:
            faults.add(place, f"there is no task {name(before)}", "UNKNOWN_DEPENDENCY")
    return found


def _check_cycles(graph: Mapping[str, list[str]], first: Mapping[str, int], faults: Faults) -> bool:
    """Name every cycle; each is opened where it was found, to see the next one."""
    open_graph = {task_id: list(before) for task_id, before in graph.items()}
    for count in range(_MOST_CYCLES):
        cycle = find_cycle(open_graph)
        if not cycle:
            return count > 0
        named = cycle if len(cycle) <= _MOST_NAMED else [*cycle[:_MOST_NAMED], "..."]
        faults.add(
            ("tasks", first[cycle[0]], "depends_on"),
            "there is a cycle, each waits for the next: " + " -> ".join([*named, cycle[0]]),
            "CYCLE",
        )
        follower = cycle[1] if len(cycle) > 1 else cycle[0]
        open_graph[cycle[0]] = [each for each in open_graph[cycle[0]] if each != follower]
    return True
