"""What differs between two versions of a chain, task by task and field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Json = Any


@dataclass(frozen=True)
class Change:
    """One difference; tasks are named by their ids: ``tasks.lr.task_params.task_config.label``.

    `before` or `after` is None where the place was added or removed. Of a reordering they are
    the ids of the tasks that both versions have.
    """

    kind: Literal["added", "removed", "changed", "reordered"]
    path: str
    before: Json = None
    after: Json = None


def differences(before: Mapping[str, Json], after: Mapping[str, Json]) -> list[Change]:
    """Return what differs between two valid documents, in their order."""
    old, new = _tasks(before), _tasks(after)
    rest = _compare(_without_tasks(before), _without_tasks(after), "")
    found = [*rest, *_compare(old, new, "tasks")]
    kept_before = [task_id for task_id in old if task_id in new]
    kept_after = [task_id for task_id in new if task_id in old]
    if kept_before != kept_after:
        found.append(Change("reordered", "tasks", kept_before, kept_after))
    return found


def _tasks(document: Mapping[str, Json]) -> dict[str, Json]:
    return {task["task_id"]: task for task in document["tasks"]}


def _without_tasks(document: Mapping[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in document.items() if key != "tasks"}


def _compare(before: Json, after: Json, path: str) -> Iterator[Change]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*before, *after]):
            place = f"{path}.{key}" if path else key
            if key not in after:
                yield Change("removed", place, before=before[key])
            elif key not in before:
                yield Change("added", place, after=after[key])
            else:
                yield from _compare(before[key], after[key], place)
    elif before != after or isinstance(before, bool) is not isinstance(after, bool):
        yield Change("changed", path, before, after)
