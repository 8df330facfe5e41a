"""Sweeps: how many nodes they make, and the names of their parameters."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from secretflow_worker.contract.chain import MAX_SWEEP, MAX_TASKS, ChainTask, Draft
from secretflow_worker.contract.request import Loc
from secretflow_worker.orchestrator.checks.collector import Faults, name
from secretflow_worker.orchestrator.checks.places import strings_of
from secretflow_worker.orchestrator.core.expand import combinations_of

Combinations = Mapping[int, list[dict[str, Any]]]
"""By a task's position: what each of its nodes takes for ``${each.<name>}``."""
_NAME = re.compile(r"[A-Za-z0-9_%@-]{1,64}")


def check_sweeps(draft: Draft, faults: Faults) -> Combinations:
    """Check every sweep; returns the combinations, one empty one for a task without a sweep."""
    combinations: dict[int, list[dict[str, Any]]] = {}
    total = 0
    for position, task in draft.tasks.items():
        place: Loc = ("tasks", position, "for_each")
        size = math.prod(len(values) for values in (task.for_each or {}).values())
        total += size
        if task.for_each is not None:
            _check_parameters(task.for_each, place, faults)
        if size > MAX_SWEEP:
            faults.add(place, f"makes {size} nodes; the most are {MAX_SWEEP}", "TOO_LARGE")
        combinations[position] = _first(task) if size > MAX_SWEEP else list(combinations_of(task))
    if total > MAX_TASKS:
        faults.add(("tasks",), f"make {total} nodes; the most are {MAX_TASKS}", "TOO_LARGE")
        return {position: of_task[:1] for position, of_task in combinations.items()}
    return combinations


def _first(task: ChainTask) -> list[dict[str, Any]]:
    return [next(combinations_of(task))]


def _check_parameters(sweep: Mapping[str, list[Any]], place: Loc, faults: Faults) -> None:
    for parameter, values in sweep.items():
        if not _NAME.fullmatch(parameter):
            message = f"{name(parameter)!r} fits in no reference; use letters, digits, _ and -"
            faults.add(place, message, "SWEEP")
        if not values:
            faults.add((*place, parameter), "is empty, so that the task would never run", "SWEEP")
        for inner, text in strings_of(values):
            if "${" in text:
                message = "is taken as it is; a sweep's values hold no references"
                faults.add((*place, parameter, *inner), message, "SWEEP")
