"""Chains of tasks that compute nothing, for the tests of what asks for them."""

from __future__ import annotations

from typing import Any

SHORT_MS = 1
LONG_MS = 60_000


def noop(task_id: str, *after: str, **config: Any) -> dict[str, Any]:
    """Return a task of the type ``noop``, by the party alice."""
    return {
        "task_id": task_id,
        "task_type": "noop",
        "depends_on": list(after),
        "task_params": {"task_config": {"sleep_ms": SHORT_MS, **config}},
    }


def chain(*tasks: dict[str, Any], name: str = "noop", **options: Any) -> dict[str, Any]:
    """Return a chain of them."""
    return {"chain_name": name, "tasks": list(tasks), "options": {"parties": ["alice"], **options}}
