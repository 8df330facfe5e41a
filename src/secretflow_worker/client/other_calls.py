"""The calls about templates, task types and single tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from secretflow_worker.client import answers as a
from secretflow_worker.client.calls import Call, get, items_of, keyed, nothing, reads


def list_templates() -> Call[list[a.Template]]:
    """Return the templates, those of the package first; without their documents."""
    return get("/templates", items_of(a.Template))


def show_template(name: str) -> Call[a.Template]:
    """Return a template with its parameters and its document."""
    return get(_template(name), reads(a.Template))


def save_template(template: Mapping[str, Any]) -> Call[a.Template]:
    """Keep a new template."""
    return Call(
        "POST", "/templates", reads(a.Template), is_repeatable=False, json=dict(template)
    )  # fmt: skip


def delete_template(name: str) -> Call[None]:
    """Delete a saved template; chains that were made of it stay."""
    return Call("DELETE", _template(name), nothing, is_repeatable=False)


def render_template(name: str, values: Mapping[str, Any]) -> Call[dict[str, Any]]:
    """Return the chain document that a template makes of values."""
    return Call(
        "POST", f"{_template(name)}/render", reads(dict[str, Any]), is_repeatable=True,
        json=dict(values),
    )  # fmt: skip


def create_from_template(
    name: str, values: Mapping[str, Any], *, key: str | None = None
) -> Call[a.Created]:
    """Keep a new chain, made of a template and values."""
    return Call(
        "POST", f"{_template(name)}/chains", reads(a.Created), json=dict(values), **keyed(key)
    )  # fmt: skip


def list_types(*, group: str | None = None) -> Call[list[a.TaskType]]:
    """Return the task types, with the JSON Schemas of their configs and results."""
    return get("/tasks", items_of(a.TaskType), group=group)


def show_type(name: str) -> Call[a.TaskType]:
    """Return one task type: ``psi``, or one version of it, ``psi@1``."""
    return get(f"/tasks/{quote(name, safe='@')}", reads(a.TaskType))


def execute_task(
    task_type: str,
    task_config: Mapping[str, Any],
    *,
    parties: list[str] | None = None,
    key: str | None = None,
    **fields: Any,
) -> Call[a.Started]:
    """Run a single task, as a chain of one; `fields` are ``spu_config``, ``timeout_s``, ..."""
    given = {"task_type": task_type, "task_config": dict(task_config), **fields}
    body = given if parties is None else {**given, "parties": parties}
    return Call("POST", "/executions", reads(a.Started), json=body, **keyed(key))


def show_execution(chain_id: str) -> Call[a.TaskDetails]:
    """Return a single task: status, attempts, result."""
    return get(f"/executions/{quote(chain_id, safe='')}", reads(a.TaskDetails))


def _template(name: str) -> str:
    return f"/templates/{quote(name, safe='')}"
