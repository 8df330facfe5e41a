"""Notes the models and rules files that a success has made, with their lineage."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, select

from secretflow_worker.contract.errors import WorkerError
from secretflow_worker.orchestrator.core.model import RunPlan
from secretflow_worker.orchestrator.store import models, traces
from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.tasks import TaskDispatcher, TaskType
from secretflow_worker.tasks._config import DeclaredFile, FileRole

_KINDS = {FileRole.OUTPUT_MODEL: "model", FileRole.OUTPUT_RULES: "rules"}


def note_models(
    connection: Connection, plan: RunPlan, node_id: str, execution_id: str, now: float
) -> None:
    """Write what an execution that has just succeeded has saved, if anything."""
    if not may_save(plan.nodes[node_id].task_type):
        return
    attempts, runs = t.task_attempts, t.chain_runs
    row = connection.execute(
        select(attempts, runs.c.started_by)
        .join(runs, runs.c.run_id == attempts.c.run_id)
        .where(attempts.c.execution_id == execution_id)
    ).one_or_none()
    for values in _models_of(row, plan, node_id, now) if row is not None else ():
        models.put_model(connection, values)


@lru_cache(maxsize=512)
def may_save(task_type: str) -> bool:
    """Return whether a task type has a field for a model or rules file that it writes."""
    try:
        kind = TaskDispatcher.resolve({"task_type": task_type})
    except WorkerError:  # a shared alias, which its config decides, or a plugin that is gone
        return True
    return any(kind.config.role_of(name) in _KINDS for name in kind.config.model_fields)


def _models_of(
    row: Row[Any], plan: RunPlan, node_id: str, now: float
) -> Iterator[Mapping[str, Any]]:
    task_config = row.request.get("task_config") or {}
    parties = _parties(row.request)
    try:
        kind = TaskDispatcher.resolve(task_config)
        files = list(kind.parse(task_config, tuple(parties)).files())
    except WorkerError:  # this orchestrator's types are not the worker's
        return
    prints = traces.prints_in(row.outcomes)
    for field, kept in _by_field(files).items():
        digest = hashlib.sha256(f"{row.execution_id}\0{field}".encode()).hexdigest()
        holders = {file.party or parties[0]: file.path for file in kept}
        yield {
            "model_id": f"m-{digest[:24]}",
            "kind": _KINDS[kept[0].role],
            "chain_id": plan.chain_id,
            "run_id": plan.run_id,
            "node_id": node_id,
            "execution_id": row.execution_id,
            "task_type": kind.name,
            "task_version": _version(row.outcomes, kind),
            "parties": parties,
            "holders": holders,
            "parameters": _parameters(task_config, files),
            "inputs": {party: dict(told.get("inputs") or {}) for party, told in prints.items()},
            "outputs": {
                party: {path: (told.get("outputs") or {}).get(path)}
                for party, path in holders.items()
                if (told := prints.get(party)) is not None
            },
            "created_at": row.ended_at or now,
            "created_by": row.started_by,
        }


def _by_field(files: list[DeclaredFile]) -> dict[str, list[DeclaredFile]]:
    found: dict[str, list[DeclaredFile]] = {}
    for file in files:
        if file.role in _KINDS:
            found.setdefault(file.field, []).append(file)
    return found


def _parameters(task_config: Mapping[str, Any], files: list[DeclaredFile]) -> dict[str, Any]:
    """Return what was asked for, without the files: hyperparameters, columns, label."""
    named = {file.field for file in files}
    return {key: value for key, value in task_config.items() if key not in named}


def _parties(request: Mapping[str, Any]) -> list[str]:
    cluster = request.get("sf_init_config")
    return sorted(map(str, cluster.get("parties") or ())) if isinstance(cluster, Mapping) else []


def _version(outcomes: Any, kind: TaskType) -> int:
    """Return the version that the worker ran."""
    return versions_in(outcomes).get(kind.name, kind.version)


def versions_in(outcomes: Any) -> dict[str, int]:
    """Return the task type that the workers say they ran, with its version."""
    found: dict[str, int] = {}
    for event in outcomes.values() if isinstance(outcomes, Mapping) else ():
        for key in ("result", "task_metadata"):
            event = event.get(key) if isinstance(event, Mapping) else None
        if isinstance(event, Mapping):
            name, version = event.get("task_type"), event.get("task_version")
            if isinstance(name, str) and isinstance(version, int):
                found[name] = version
    return found
