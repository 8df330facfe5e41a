"""Which task type a task is of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from secretflow_worker.contract.chain import ChainTask
from secretflow_worker.contract.errors import ConfigError
from secretflow_worker.contract.request import Loc
from secretflow_worker.orchestrator.checks.collector import Faults
from secretflow_worker.orchestrator.core.references import ReferenceFault, render
from secretflow_worker.tasks import TaskDispatcher, TaskType


def type_of(
    task: ChainTask, position: int, each: Mapping[str, Any], faults: Faults
) -> TaskType | None:
    """Return the type of a task's node, or None with a fault."""
    config = _plain(task.task_params.task_config, each)
    inside: Loc = ("tasks", position, "task_params", "task_config")
    try:
        found = TaskDispatcher.resolve({**config, "task_type": task.task_type})
    except ConfigError as fault:
        field, _, text = fault.message.removeprefix("task_config.").partition(": ")
        place = ("tasks", position, field) if field == "task_type" else (*inside, field)
        faults.add(place, text, fault.code)
        return None
    if "task_type" in config and not _is_same(config, found):
        faults.add((*inside, "task_type"), "is not the task's own task_type")
        return None
    return found


def _is_same(config: Mapping[str, Any], found: TaskType) -> bool:
    try:
        return TaskDispatcher.resolve(config) is found
    except ConfigError:
        return False


def _plain(config: Mapping[str, Any], each: Mapping[str, Any]) -> dict[str, Any]:
    """Return a config with a sweep's values in its uppermost fields, which decide on the type."""
    plain = dict(config)
    for key, value in config.items():
        if isinstance(value, str) and "${each." in value:
            try:
                plain[key] = render(value, {}, each)
            except ReferenceFault:
                continue
    return plain
