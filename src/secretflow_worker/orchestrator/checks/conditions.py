"""The conditions of a chain's tasks: what they name is there, and they can be true or false."""

from __future__ import annotations

from functools import cache
from typing import Any

from secretflow_worker.contract.chain import NodeStatus
from secretflow_worker.contract.request import Loc
from secretflow_worker.orchestrator.checks.collector import Faults
from secretflow_worker.orchestrator.checks.expressions import Reader, ViewOf
from secretflow_worker.orchestrator.checks.references import Known, not_before
from secretflow_worker.orchestrator.checks.results import Schema, schema_of
from secretflow_worker.orchestrator.core.conditions import ConditionFault
from secretflow_worker.tasks import TaskType

MOST_CONDITIONS = 1000
"""Different ones in a chain: reading each takes milliseconds."""
_ENDS = [status.value for status in NodeStatus if status.is_terminal]


def check_conditions(known: Known, faults: Faults) -> None:
    """Check the ``when`` of every task."""
    read: dict[str, tuple[list[str], list[str]]] = {}

    @cache
    def view_of(task_id: str) -> Schema | None:
        found = known.tasks.get(task_id)
        if found is None:
            return None
        other, task_type, count = found
        return _view(task_type, None if other.for_each is None else count)

    for position, task in known.draft.tasks.items():
        if task.when is None:
            continue
        place: Loc = ("tasks", position, "when")
        if task.when not in read and len(read) == MOST_CONDITIONS:
            message = f"there are more than {MOST_CONDITIONS} different conditions"
            faults.add(place, message, "TOO_LARGE")
            return
        if task.when not in read:
            read[task.when] = _read(task.when, view_of)
        messages, named = read[task.when]
        for message in messages:
            faults.add(place, message, "CONDITION")
        for other in named:
            for message in not_before(other, task, known):
                faults.add(place, message, "CONDITION")


def _read(text: str, view_of: ViewOf) -> tuple[list[str], list[str]]:
    """Return a condition's own faults, and the tasks that it names."""
    try:
        reader = Reader(text, view_of)
    except ConditionFault as fault:
        return [str(fault)], []
    return reader.faults, sorted(reader.named)


def _view(task_type: TaskType | None, count: int | None) -> Schema:
    """Return what a condition sees of a task, or of a sweep of so many nodes, as a JSON Schema."""
    whole: Schema = {} if task_type is None else schema_of(task_type)
    one: dict[str, Any] = {
        "type": "object",
        "properties": {
            "status": {"type": "string", "enum": _ENDS},
            "result": {"anyOf": [whole, {"type": "null"}]},
        },
        "$defs": whole.get("$defs", {}),
    }
    if count is None:
        return one
    return {"type": "array", "prefixItems": [one] * count, "$defs": one["$defs"]}
