"""Rules files: what a preprocessing task fitted, saved at the party that owns the columns.

::

    {"task_type": "standard_scaler", "task_version": 1,
     "columns": {"age": {"center": 35.5, "scale": 11.4}}}

JSON, so that it can be read, compared and applied to new data. What a column's entry holds
is the affair of the task type and its version. The columns stand in the order of the table.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from secretflow_worker.contract.errors import InputError


class Rules(BaseModel):
    """What one party fitted on its own columns."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    task_type: str
    task_version: int
    columns: dict[str, dict[str, Any]]


def save_rules(rules: Rules, path: Path) -> None:
    """Write a rules file."""
    path.write_text(rules.model_dump_json(indent=2) + "\n", encoding="utf-8")


def load_rules(path: Path) -> Rules:
    """Read a rules file.

    Raises:
        InputError: the file is no rules file; its contents are not quoted.
    """
    try:
        return Rules.model_validate_json(path.read_bytes())
    except ValidationError:
        raise InputError(
            f"{path.name}: this is no rules file",
            hint="Use a file that a preprocessing task wrote as its rules_output, unaltered.",
        ) from None
