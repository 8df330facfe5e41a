"""Whether a chain can run: every fault of its document at once, each with its place."""

from __future__ import annotations

from dataclasses import dataclass

from secretflow_worker.contract.chain import ChainTask, Draft, read_draft
from secretflow_worker.orchestrator.checks.collector import Faults
from secretflow_worker.orchestrator.checks.conditions import check_conditions
from secretflow_worker.orchestrator.checks.files import check_files
from secretflow_worker.orchestrator.checks.nodes import CheckedNode, NodeChecks
from secretflow_worker.orchestrator.checks.order import check_order
from secretflow_worker.orchestrator.checks.references import (
    Known,
    check_options,
    check_references,
)
from secretflow_worker.orchestrator.checks.sweeps import Combinations, check_sweeps
from secretflow_worker.orchestrator.checks.types import type_of
from secretflow_worker.orchestrator.checks.values import check_values
from secretflow_worker.orchestrator.errors import Fault
from secretflow_worker.tasks import TaskType


@dataclass(frozen=True)
class Examination:
    """What is wrong with a document, and what of it would run."""

    faults: list[Fault]
    nodes: list[CheckedNode]


def validate(document: object) -> list[Fault]:
    """Return every fault of a chain's document; none means that it can run.

    What only a worker knows stays open: whether files exist, what policies and settings say. So
    does what a type checks over a whole config in which results of earlier tasks will stand.
    """
    return examine(document).faults


def examine(document: object) -> Examination:
    """Check a chain's document, and return its nodes as far as they could be read."""
    faults = Faults()
    check_values(document, faults)
    if faults:  # the other checks go down into values, and count on JSON
        return Examination(faults.listed(), [])
    draft, of_shape = read_draft(document)
    for loc, text in of_shape:
        faults.add(loc, text, "SHAPE")
    order = check_order(draft, faults)
    combinations = check_sweeps(draft, faults)
    types = _types(draft, combinations, faults)
    known = Known(draft, _by_id(draft, types, combinations), order)
    check_options(draft, faults)
    check_conditions(known, faults)
    checks = NodeChecks(draft.options, faults)
    nodes: list[CheckedNode] = []
    for position, task in draft.tasks.items():
        texts = check_references(task, position, known, faults)
        task_type = types[position]
        if task.is_callback and not task.depends_on:
            message = "a callback waits for other tasks; name them in depends_on"
            faults.add(("tasks", position, "is_callback"), message, "CALLBACK")
        if task_type is not None:
            nodes += checks.check(task, position, task_type, texts, combinations[position])
    if order is not None:
        certain = [node for node in nodes if known.tasks[node.task.task_id][0] is node.task]
        check_files([file for node in certain for file in node.files], order, faults)
    return Examination(faults.listed(), nodes)


def _types(draft: Draft, combinations: Combinations, faults: Faults) -> dict[int, TaskType | None]:
    return {
        position: type_of(task, position, next(iter(combinations[position]), {}), faults)
        for position, task in draft.tasks.items()
    }


def _by_id(
    draft: Draft, types: dict[int, TaskType | None], combinations: Combinations
) -> dict[str, tuple[ChainTask, TaskType | None, int]]:
    found: dict[str, tuple[ChainTask, TaskType | None, int]] = {}
    for position, task in draft.tasks.items():
        found.setdefault(task.task_id, (task, types[position], len(combinations[position])))
    return found
