"""Versions of a type side by side, aliases that several types share, and what does not fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from secretflow_worker.contract.errors import ConfigError, ModelInvalid, UnknownTask
from secretflow_worker.tasks import Config, Parties, Report, Result, TaskDispatcher, TaskType
from secretflow_worker.tasks._task import Registry
from tests.conftest import RunTask, write_csv
from tests.tasks.test_predict import LR, prediction
from tests.tasks.vertical_data import make_split, training, write_split


class Dispatcher(TaskDispatcher):
    """A registry of its own, which nothing else sees."""

    _registry = Registry(loaded=True)


def register(name: str, version: int, shared_alias: tuple[str, str, str] | None = None) -> TaskType:
    @Dispatcher.register(
        name,
        version=version,
        summary="Nothing.",
        group="Prepare",
        config=Config,
        report=Report,
        result=Result,
        learns=[],
        shared_alias=shared_alias,
        example={},
    )
    def run(parties: Parties, config: Config) -> Report:
        return Report()

    return run


OLD, NEW = register("measure", 1), register("measure", 2)
WIDE = register("wide", 1, ("cut", "by", "width"))
EVEN = register("even", 3, ("cut", "by", "count"))


@pytest.mark.parametrize(
    ("task_config", "expected"),
    [
        ({"task_type": "measure"}, NEW),
        ({"task_type": "measure@1"}, OLD),
        ({"task_type": "measure@2"}, NEW),
        ({"task_type": "measure", "task_version": 1}, OLD),
        ({"task_type": "measure@1", "task_version": 1}, OLD),
        ({"task_type": "cut", "by": "width"}, WIDE),
        ({"task_type": "cut@3", "by": "count"}, EVEN),
    ],
)
def test_a_config_names_type_and_version(task_config: dict[str, Any], expected: TaskType) -> None:
    assert Dispatcher.resolve(task_config) is expected


@pytest.mark.parametrize(
    ("task_config", "error", "message"),
    [
        ({"task_type": "measure@3"}, UnknownTask, "no version 3; one of .*measure@1, measure@2"),
        ({"task_type": "measure@"}, ConfigError, "whole number"),
        ({"task_type": "measure@-1"}, ConfigError, "whole number"),
        ({"task_type": "measure@²"}, ConfigError, "whole number"),
        ({"task_type": "measure@" + "9" * 5000}, ConfigError, "whole number"),
        ({"task_type": "measure@1", "task_version": 2}, ConfigError, "task_version"),
        ({"task_type": "measure", "task_version": True}, ConfigError, "task_version"),
        ({"task_type": "cut"}, ConfigError, "task_config.by: cut needs it, one of count, width"),
        ({"task_type": "cut", "by": "colour"}, ConfigError, "one of count, width"),
        ({"task_type": "nothing@1"}, UnknownTask, "'nothing' is not one of"),
        ({"task_type": "@1"}, ConfigError, "task_type"),
    ],
)
def test_what_cannot_be_found_is_refused_with_what_can(
    task_config: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        Dispatcher.resolve(task_config)


def test_a_version_is_registered_once() -> None:
    with pytest.raises(ValueError, match="measure@2 is registered twice"):
        register("measure", 2)


def test_a_request_with_a_version_runs(run_task: RunTask, tmp_path: Path) -> None:
    outcome = run_task(
        {
            "task_type": "standard_scaler@1",
            "input_data": {"alice": write_csv(tmp_path / "a.csv", {"x": [1, 2, 3]})},
            "output_data": {"alice": str(tmp_path / "b.csv")},
        },
        ("alice",),
    )
    assert outcome.task_metadata.task_type == "standard_scaler"
    assert outcome.task_metadata.task_version == 1


def test_a_model_of_a_version_that_this_worker_lacks_is_refused(
    run_task: RunTask, tmp_path: Path
) -> None:
    split = make_split(40, 4, trained=30)
    write_split(tmp_path, split)
    run_task(training(tmp_path, "ss_lr", split, LR))
    for path in tmp_path.rglob("manifest.json"):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"task_version": 99}))
    with pytest.raises(ModelInvalid, match=r"ss_lr@99.*has ss_lr@1"):
        run_task(prediction(tmp_path))
