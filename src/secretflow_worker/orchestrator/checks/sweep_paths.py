"""A path that several nodes of a sweep would write: how to write it so that each has its own.

Nothing is put into a path unasked: what a chain writes stands in its document, where other
programs and people look for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from secretflow_worker.contract.chain import ChainTask
from secretflow_worker.contract.request import Loc
from secretflow_worker.orchestrator.checks.collector import name
from secretflow_worker.orchestrator.core.references import ReferenceFault, find_references

_ENDING = re.compile(r"\.[A-Za-z0-9]+$")
_IN_PATH = re.compile(r"[A-Za-z0-9._-]{1,64}")


def how_to_mend(task: ChainTask, loc: Loc) -> str:
    """Return what to write at a place of ``task_config`` where nodes of a sweep collide."""
    text = _text_at(task.task_params.task_config, loc)
    varying = [key for key, values in (task.for_each or {}).items() if len(values) > 1]
    if text is None:
        return "put ${each.<name>} into the path"
    missing = [key for key in varying if key not in _named(text)]
    if not missing:
        return "their values are the same as texts; leave one of them out"
    unfit = next((key for key in missing if not _fits((task.for_each or {})[key])), None)
    if unfit is not None:
        return (
            f"{name(unfit)} has values that cannot stand in a path: make each an object with "
            f"a name, as {{name: a, value: ...}}, put ${{each.{name(unfit)}.name}} into the path, "
            f"and ${{each.{name(unfit)}.value}} where the value is used"
        )
    ending = _ENDING.search(text)
    stem, rest = (text, "") if ending is None else (text[: ending.start()], ending[0])
    own = "".join(f"-${{each.{key}}}" for key in missing)
    return f'write "{stem}{own}{rest}"'


def _text_at(config: Mapping[str, Any], loc: Loc) -> str | None:
    value: Any = config
    for step in loc:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value if isinstance(value, str) else None


def _named(text: str) -> set[str]:
    try:
        return {each.path[0] for each in find_references(text) if each.source == "each"}
    except ReferenceFault:
        return set()


def _fits(values: Sequence[Any]) -> bool:
    """Say whether a parameter's values make distinct parts of a path."""
    texts = [each if isinstance(each, str) else json.dumps(each) for each in values]
    return len(set(texts)) == len(texts) and all(_IN_PATH.fullmatch(text) for text in texts)
