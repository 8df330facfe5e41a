"""References: whether they lead to something, in a task that comes before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from secretflow_worker.contract.chain import ChainTask, Draft
from secretflow_worker.contract.request import Loc
from secretflow_worker.orchestrator.checks.collector import Faults, name
from secretflow_worker.orchestrator.checks.order import Order
from secretflow_worker.orchestrator.checks.places import names_of, strings_of
from secretflow_worker.orchestrator.checks.results import NoSuchField, Schema, field_at
from secretflow_worker.orchestrator.core.references import (
    Reference,
    ReferenceFault,
    find_references,
)
from secretflow_worker.tasks import TaskType


@dataclass(frozen=True)
class OpenText:
    """A string of ``task_params`` that is known only when its task starts."""

    loc: Loc
    """Its place inside ``task_params``."""
    text: str
    is_sound: bool
    field: Schema | None = None
    """Where the string is one reference to a result: what is there."""
    needs_results: bool = True
    """False where a sweep's own values are all that it refers to."""


@dataclass(frozen=True)
class Known:
    """What references are checked against."""

    draft: Draft
    tasks: Mapping[str, tuple[ChainTask, TaskType | None, int]]
    """By id: the task, its type if it has one, and how many nodes it makes."""
    order: Order | None


def check_references(
    task: ChainTask, position: int, known: Known, faults: Faults
) -> list[OpenText]:
    """Check every reference of a task's parameters; returns the strings that have any."""
    params = parameters_of(task)
    place: Loc = ("tasks", position, "task_params")
    for loc, key in names_of(params):
        if "${" in key:
            message = "has a name with a reference; only values may refer"
            faults.add((*place, *loc), message, "REFERENCE")
    return [
        _open_text(task, (*place, *loc), loc, text, known, faults)
        for loc, text in strings_of(params)
        if "${" in text
    ]


def check_options(draft: Draft, faults: Faults) -> None:
    """Check that the options refer to nothing: they are the same for every task."""
    options = {
        part: getattr(draft.options, part, None)
        for part in ("sf_init_config", "spu_config", "heu_config")
    }
    for loc, text in strings_of(options):
        if "${" in text:
            message = "the options are for every task and hold no references"
            faults.add(("options", *loc), message, "REFERENCE")


def parameters_of(task: ChainTask) -> dict[str, Any]:
    """Return a task's own ``task_params`` as the document has them."""
    own = task.task_params
    return {
        "sf_init_config": own.sf_init_config,
        "spu_config": own.spu_config,
        "heu_config": own.heu_config,
        "task_config": own.task_config,
    }


def _open_text(
    task: ChainTask, place: Loc, loc: Loc, text: str, known: Known, faults: Faults
) -> OpenText:
    try:
        found = list(find_references(text))
    except ReferenceFault as fault:
        faults.add(place, str(fault), "REFERENCE")
        return OpenText(loc, text, is_sound=False)
    is_sound, field = True, None
    for reference in found:
        messages = list(_faults_of(reference, task, known))
        for message in messages:
            faults.add(place, message, "REFERENCE")
        is_sound = is_sound and not messages
        is_whole = reference.text == text and reference.source == "tasks"
        if is_whole and not messages and reference.path[0] in known.tasks:
            field = _field_of(reference, known)
    needs_results = any(reference.source == "tasks" for reference in found)
    return OpenText(loc, text, is_sound, field, needs_results)


def _faults_of(reference: Reference, task: ChainTask, known: Known) -> Iterator[str]:
    if reference.source == "each":
        if reference.path[0] not in (task.for_each or {}):
            yield f"{name(reference.text)}: the task's for_each has no {name(reference.path[0])!r}"
        return
    named = reference.path[0]
    before = list(not_before(named, task, known))
    yield from (f"{name(reference.text)}: {message}" for message in before)
    if named in known.tasks:
        try:
            _field_of(reference, known)
        except NoSuchField as fault:
            yield f"{name(reference.text)}: {fault}"


def not_before(named: str, task: ChainTask, known: Known) -> Iterator[str]:
    """Yield why a task that another one names has not always ended when that one starts."""
    if named not in known.tasks:
        if named not in known.draft.broken:
            yield f"there is no task {name(named)}"
    elif known.order is not None and not known.order.comes_before(named, task.task_id):
        yield f"{named} does not come before this task; add it to depends_on"


def _field_of(reference: Reference, known: Known) -> Schema | None:
    """Return what a reference leads to, None where the task's type is not known.

    Raises:
        NoSuchField: it leads to nothing.
    """
    named, *path = reference.path
    task, of_type, count = known.tasks[named]
    if task.for_each is not None:
        if not path:
            return {"type": "array"}
        number = path.pop(0)
        if not number.isdecimal() or len(number) > 9 or int(number) >= count:
            raise NoSuchField(f"{named} is a sweep of {count}: write tasks.{named}.0.result...")
    if not path:
        return {"type": "object"}
    if path[0] == "status" and len(path) == 1:
        return {"type": "string"}
    if path[0] != "result":
        raise NoSuchField(f"a task has status and result, and no {name(path[0])!r}")
    return None if of_type is None else field_at(of_type, path[1:])
