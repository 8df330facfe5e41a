"""From a chain's document to the plan of a run: defaults filled in, sweeps spread out."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from secretflow_worker.contract.chain import ChainDocument, ChainOptions, ChainTask
from secretflow_worker.orchestrator.core.conditions import tasks_in
from secretflow_worker.orchestrator.core.graph import in_order
from secretflow_worker.orchestrator.core.model import NodePlan, RunPlan
from secretflow_worker.orchestrator.core.references import find_references


def make_plan(document: ChainDocument, run_id: str, chain_id: str) -> RunPlan:
    """Return what a run of a valid document does."""
    tasks = {task.task_id: task for task in document.tasks}
    nodes_of = {task.task_id: node_ids_of(task) for task in document.tasks}
    nodes: dict[str, NodePlan] = {}
    needed: set[str] = set()
    for task_id in in_order({task.task_id: task.depends_on for task in document.tasks}):
        task = tasks[task_id]
        depends_on = tuple(node for before in task.depends_on for node in nodes_of[before])
        params = params_of(task, document.options)
        for node_id, each in zip(nodes_of[task_id], combinations_of(task), strict=True):
            nodes[node_id] = _node(task, document.options, node_id, depends_on, params, each)
        for referred in tasks_referred(task, params):
            needed.update(nodes_of.get(referred, ()))
    return RunPlan(
        run_id=run_id,
        chain_id=chain_id,
        nodes=nodes,
        stop_on_error=document.options.stop_on_error,
        max_parallel=document.options.max_parallel,
        timeout_s=document.options.timeout,
        priority=document.options.priority,
        needed=frozenset(needed),
    )


def node_ids_of(task: ChainTask) -> list[str]:
    """Return the ids of a task's nodes: its own, or one for each combination of its sweep."""
    return [node_id_of(task, number) for number, _ in enumerate(combinations_of(task))]


def node_id_of(task: ChainTask, number: int) -> str:
    """Return the id of one of a task's nodes."""
    return task.task_id if task.for_each is None else f"{task.task_id}[{number}]"


def combinations_of(task: ChainTask) -> Iterator[dict[str, Any]]:
    """Yield every combination of a sweep's parameters, the last one changing fastest."""
    sweep = task.for_each or {}
    for values in itertools.product(*sweep.values()):
        yield dict(zip(sweep, values, strict=True))


def params_of(task: ChainTask, options: ChainOptions) -> dict[str, Any]:
    """Return what a worker is sent but for the ids, with the options' defaults filled in."""
    own = task.task_params
    cluster = own.sf_init_config or options.sf_init_config
    if cluster is None and options.parties is not None:
        cluster = {"parties": options.parties, "address": "local"}
    parts = {
        "sf_init_config": cluster,
        "spu_config": own.spu_config or options.spu_config,
        "heu_config": own.heu_config or options.heu_config,
        "task_config": {"task_type": task.task_type, **own.task_config},
    }
    return {name: value for name, value in parts.items() if value is not None}


def tasks_referred(task: ChainTask, params: Mapping[str, Any]) -> set[str]:
    """Return the ids of the tasks whose results a task's parameters or condition name."""
    named = {found.path[0] for found in find_references(params) if found.source == "tasks"}
    return named | (tasks_in(task.when) if task.when is not None else set())


def _node(
    task: ChainTask,
    options: ChainOptions,
    node_id: str,
    depends_on: tuple[str, ...],
    params: Mapping[str, Any],
    each: Mapping[str, Any],
) -> NodePlan:
    parties = params.get("sf_init_config", {}).get("parties")
    return NodePlan(
        node_id=node_id,
        task_id=task.task_id,
        task_type=task.task_type,
        depends_on=depends_on,
        trigger_rule=task.trigger_rule,
        when=task.when,
        retry=task.retry or options.retry_policy,
        timeout_s=task.timeout_s,
        queue_timeout_s=task.queue_timeout_s,
        parties=tuple(parties) if isinstance(parties, Mapping) else (),
        params=params,
        each=each,
    )
