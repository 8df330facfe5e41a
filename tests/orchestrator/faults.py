"""The faults of a chain's document, as tests of them look at them."""

from __future__ import annotations

from typing import Any

from secretflow_worker.orchestrator.services.validate import validate

CONFIG = "tasks.{}.task_params.task_config"
SECRET = "4242-4242"


def found(document: object) -> dict[str, str]:
    """Return the faults' messages by place."""
    return {fault.path: fault.message for fault in validate(document)}


def codes(document: object) -> set[tuple[str, str]]:
    return {(fault.path, fault.code) for fault in validate(document)}


def with_fields(of: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {**of, **fields}
