"""Chain documents for the tests of the orchestrator."""

from __future__ import annotations

from typing import Any

PARTIES = ["alice", "bob"]


def paths(name: str, *parties: str) -> dict[str, str]:
    """Return a path for each party."""
    return {party: f"/data/{party}/{name}" for party in parties or PARTIES}


def psi(task_id: str = "psi", /, *after: str, **more: Any) -> dict[str, Any]:
    """Return a task that intersects; its output is named after it."""
    config = {
        "keys": {party: ["uid"] for party in PARTIES},
        "input_paths": paths("raw.csv"),
        "output_paths": paths(f"{task_id}.csv"),
    }
    return task(task_id, "psi", *after, **{**config, **more})


def scaler(task_id: str, /, *after: str, **more: Any) -> dict[str, Any]:
    """Return a task that scales what psi has written."""
    config: dict[str, Any] = {
        "input_data": {party: f"${{tasks.psi.result.output_paths.{party}}}" for party in PARTIES},
        "output_data": paths(f"{task_id}.csv"),
        "columns": ["x1"],
    }
    return task(task_id, "standard_scaler", *after, **{**config, **more})


def task(task_id: str, task_type: str, /, *after: str, **config: Any) -> dict[str, Any]:
    """Return a task; fields beside its config are set on what is returned."""
    return {
        "task_id": task_id,
        "task_type": task_type,
        "depends_on": list(after),
        "task_params": {"task_config": config},
    }


def chain(*tasks: dict[str, Any], name: str = "test", **options: Any) -> dict[str, Any]:
    """Return a chain between alice and bob."""
    return {
        "chain_name": name,
        "tasks": list(tasks),
        "options": {"parties": PARTIES, **options} if "sf_init_config" not in options else options,
    }
