"""The example on each task type's page: it runs, on tables as a reader would have them.

What one example reads and another one writes, a model or rules, is made by running that one
first. So the examples of all types fit together.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from secretflow_worker.tasks import TaskDispatcher, TaskType
from secretflow_worker.tasks._config import DeclaredFile, FileRole
from tests.conftest import RunTask, write_csv

ROWS = 60
ROOT = "/app/data"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Stands for ``/app/data``, with every table that an example reads."""
    for task in TaskDispatcher.all():
        for declared in files_of(task, parties_of(task)):
            if declared.role is FileRole.INPUT_TABLE and declared.party is not None:
                place = Path(declared.path.replace(ROOT, str(tmp_path)))
                write_csv(place, table_of(declared.party))
    return tmp_path


def table_of(party: str) -> Mapping[str, Any]:
    """Return the party's columns, the same rows at every party; numbers have mean 0, spread 1."""
    rng = np.random.default_rng(sum(party.encode()))
    shared = np.random.default_rng(1).normal(size=ROWS)
    numbers = rng.normal(size=(ROWS, 3)).round(4)
    label = (shared + numbers[:, 0] > 0).astype(int)
    uid = [f"u{number:03}" for number in range(ROWS)]
    if party != "alice":
        kinds = [("red", "green", "blue")[number % 3] for number in range(ROWS)]
        return {
            "uid": uid,
            "log_exposure": numbers[:, 2] / 4,
            "x3": numbers[:, 0],
            "balance": numbers[:, 1],
            "spend": numbers[:, 2],
            "housing": kinds,
            "purpose": kinds,
        }
    return {
        "uid": uid,
        "x1": numbers[:, 0],
        "x2": shared.round(4),
        "age": rng.integers(20, 70, ROWS),
        "income": numbers[:, 2],
        "category": [("a", "b")[number % 2] for number in range(ROWS)],
        "city": [("north", "south")[number % 2] for number in range(ROWS)],
        "y": label,
        "claims": rng.poisson(np.exp(0.3 * shared)),
        "pred_prob": np.clip(0.5 + 0.2 * shared, 0, 1).round(4),
    }


def parties_of(task: TaskType) -> tuple[str, ...]:
    """Return the parties that an example names, as its page's request has them."""
    named = {
        party
        for value in task.example.values()
        if isinstance(value, Mapping)
        for party in value
        if party in ("alice", "bob", "carol")
    }
    low = task.parties[0]
    return tuple(sorted(named | set(("alice", "bob", "carol")[:low])))


def files_of(task: TaskType, parties: tuple[str, ...]) -> Iterator[DeclaredFile]:
    yield from task.parse(task.example, parties).files()


def makers() -> dict[str, TaskType]:
    """Return, for each path that an example writes, the type whose example does."""
    return {
        declared.path: task
        for task in TaskDispatcher.all()
        for declared in files_of(task, parties_of(task))
        if declared.role in (FileRole.OUTPUT_MODEL, FileRole.OUTPUT_RULES)
    }


def run_example(task: TaskType, folder: Path, run_task: RunTask) -> dict[str, Any]:
    """Run a type's example, and first those whose models or rules it reads."""
    parties = parties_of(task)
    needed = [
        declared.path
        for declared in files_of(task, parties)
        if declared.role in (FileRole.INPUT_MODEL, FileRole.INPUT_RULES)
    ]
    made_by = makers()
    for path in needed:
        assert path in made_by, f"no example writes {path}, which that of {task.name} reads"
        if not Path(path.replace(ROOT, str(folder))).exists():
            run_example(made_by[path], folder, run_task)
    config = json.loads(json.dumps(dict(task.example)).replace(ROOT, str(folder)))
    return dict(run_task({**config, "task_type": task.name}, parties).result)


@pytest.mark.parametrize("name", sorted({task.name for task in TaskDispatcher.all()}))
def test_the_example_of_a_page_runs(name: str, folder: Path, run_task: RunTask) -> None:
    task = TaskDispatcher.find(name)
    before = set(folder.rglob("*"))
    result = run_example(task, folder, run_task)
    task.result.model_validate(result)
    declared = files_of(task, parties_of(task))
    reports = [file.path for file in declared if file.role is FileRole.OUTPUT_REPORT]
    for path in reports:
        report = json.loads(Path(path.replace(ROOT, str(folder))).read_text())
        assert (report["task_type"], report["task_version"]) == (name, task.version)
    assert set(folder.rglob("*")) > before, "the example wrote nothing"
