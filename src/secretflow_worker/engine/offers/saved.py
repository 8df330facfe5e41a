"""What a saved model or a rules file says of itself; its parameters and shares stay unread."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from secretflow_worker.contract.asks import SavedAnswer
from secretflow_worker.contract.errors import InputError, InputNotFound

_LIMIT_BYTES = 64 << 20


def describe_saved(
    real: Path, path: str, party: str, *, is_named_by_values: bool = False
) -> SavedAnswer:
    """Describe a model directory, or a rules file; `path` is its name in requests.

    Columns are told of this party alone, and not where they may be named after values.

    Raises:
        InputNotFound: there is nothing.
        InputError: it is neither of them; its contents are not quoted.
    """
    try:
        is_model = real.is_dir()
        told = _model(real / "manifest.json", party) if is_model else _rules(real, party)
    except FileNotFoundError:
        raise InputNotFound(f"{path} does not exist", party=party) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InputError(f"{path} is no model and no rules file", party=party) from None
    return told.model_copy(update={"features": {}}) if is_named_by_values else told


def _model(manifest: Path, party: str) -> SavedAnswer:
    content = _read(manifest)
    found: Mapping[str, Any] = json.loads(content)
    return _checked(
        kind="model",
        task_type=found["task_type"],
        task_version=found["task_version"],
        digest=hashlib.sha256(content).hexdigest(),
        features={party: found["features"].get(party, [])},
        model_id=found["model_id"],
        parties=found["parties"],
        label=found["label"],
        label_party=found["label_party"],
        protocol=f"{found['device']['protocol']}/{found['device']['field']}",
        created_at=found["created_at"],
    )


def _rules(file: Path, party: str) -> SavedAnswer:
    found: Mapping[str, Any] = json.loads(_read(file))
    made = datetime.fromtimestamp(file.stat().st_mtime, timezone.utc)
    return _checked(
        kind="rules",
        task_type=found["task_type"],
        task_version=found["task_version"],
        digest=found["sha256"],
        features={party: list(found["columns"])},
        parties=[party],
        created_at=made.isoformat(timespec="seconds").replace("+00:00", "Z"),
    )


def _checked(**fields: Any) -> SavedAnswer:
    try:
        return SavedAnswer.model_validate(fields)
    except ValidationError:
        raise ValueError("not such as this worker writes") from None


def _read(path: Path) -> bytes:
    if path.stat().st_size > _LIMIT_BYTES:
        raise ValueError("too large")
    return path.read_bytes()
