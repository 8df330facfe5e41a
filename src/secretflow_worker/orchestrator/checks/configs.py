"""A task's config against its type, so far as it is known before the chain runs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from secretflow_worker.contract.errors import WorkerError
from secretflow_worker.contract.request import Loc, placed_faults
from secretflow_worker.orchestrator.checks.cluster import Placed
from secretflow_worker.orchestrator.checks.places import touches
from secretflow_worker.tasks import Config, TaskType

_FIELD = re.compile(
    r"(sf_init_config|spu_config|heu_config|task_config)((?:\.[\w-]+)*): (.*)", re.S
)


def check_config(
    task: TaskType, config: Mapping[str, Any], unknown: Sequence[Loc], parties: Sequence[str] | None
) -> tuple[Config | None, list[Placed]]:
    """Return a config typed, and its faults with their places in ``task_params``.

    At the places in `unknown` stand-ins are, of which nothing is said. Where anything but a
    file's path is unknown, what the type checks as a whole is left to the run.
    """
    try:
        typed = task.config.model_validate({**config, "task_type": task.name})
    except ValidationError as fault:
        return None, [
            (("task_config", *loc), text, "CONFIG_INVALID")
            for loc, text in placed_faults(fault, config)
            if not touches(loc, unknown)
        ]
    if parties is None or not task.parties[0] <= len(parties) <= task.parties[1]:
        return typed, []
    if not path_places(typed).issuperset(unknown):
        return typed, []
    try:
        task.parse(config, tuple(parties))
    except WorkerError as error:
        return typed, [_placed(error)]
    return typed, []


def path_places(config: Config) -> set[Loc]:
    """Return the places of a config's paths, inside the config."""
    return {
        (file.field,) if file.party is None else (file.field, file.party) for file in config.files()
    }


def _placed(error: WorkerError) -> Placed:
    match = _FIELD.fullmatch(error.message)
    if match is None:
        return ("task_config",), error.message.removeprefix("task_config."), error.code
    return (match[1], *match[2].split(".")[1:]), match[3], error.code
