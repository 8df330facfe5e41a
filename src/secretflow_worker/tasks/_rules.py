"""Rules files: what a preprocessing task fitted, saved at the party that owns the columns.

::

    {"task_type": "standard_scaler", "task_version": 1,
     "columns": {"age": {"center": 35.5, "scale": 11.4}}, "sha256": "5f0c..."}

JSON, so that it can be read, compared and applied to new data. What a column's entry holds
is the affair of the task type and its version. The columns stand in the order of the table.
A number is written with all its digits, so what is read is what was fitted. ``sha256`` is that of
the rest, so a file that was altered, by hand or by a bad disk, is refused. It is no signature.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from secretflow_worker.contract.errors import InputError

_HINT = "Use a file that a preprocessing task wrote as its rules_output, unaltered."


class Rule(BaseModel):
    """Base of a column's entry: one subclass per task type and version."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Rules(BaseModel):
    """What one party fitted on its own columns."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    task_type: str
    task_version: int
    columns: dict[str, dict[str, Any]]


class _RulesFile(Rules):
    sha256: str


RuleT = TypeVar("RuleT", bound=Rule)


def make_rules(task_type: str, task_version: int, columns: Mapping[str, Rule]) -> Rules:
    """Return the rules of fitted columns."""
    entries = {name: rule.model_dump(mode="json") for name, rule in columns.items()}
    return Rules(task_type=task_type, task_version=task_version, columns=entries)


def read_rules(rules: Rules, kind: type[RuleT]) -> dict[str, RuleT]:
    """Return the entries typed, in the order of the file.

    Raises:
        InputError: an entry is not such as the task type writes; its contents are not quoted.
    """
    read: dict[str, RuleT] = {}
    for column, entry in rules.columns.items():
        try:
            read[column] = kind.model_validate(entry)
        except ValidationError:
            raise InputError(
                f"task_config.rules: the entry of column {column!r} is none that "
                f"{rules.task_type} writes",
                hint=_HINT,
            ) from None
    return read


def save_rules(rules: Rules, path: Path) -> None:
    """Write a rules file."""
    text = json.dumps(document_of(rules), indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def load_rules(path: Path) -> Rules:
    """Read a rules file.

    Raises:
        InputError: the file is no rules file, or was altered; its contents are not quoted.
    """
    try:
        read = _RulesFile.model_validate_json(path.read_bytes())
    except ValidationError:
        raise InputError(f"{path.name}: this is no rules file", hint=_HINT) from None
    rules = Rules.model_validate(read.model_dump(exclude={"sha256"}))
    if document_of(rules)["sha256"] != read.sha256:
        raise InputError(f"{path.name}: this rules file was altered since it was saved", hint=_HINT)
    return rules


def document_of(rules: Rules) -> dict[str, Any]:
    """Return what a rules file holds."""
    document = rules.model_dump(mode="json")
    canonical = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
    return {**document, "sha256": digest}
