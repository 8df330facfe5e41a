"""Files of tasks that may run at the same time: none may write what another writes or reads."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from secretflow_worker.contract.chain import ChainTask
from secretflow_worker.contract.request import Loc
from secretflow_worker.orchestrator.checks.collector import Faults
from secretflow_worker.orchestrator.checks.order import Order
from secretflow_worker.orchestrator.checks.sweep_paths import how_to_mend

_Key = tuple[str, str]
_OF_CONFIG = 4
"""Where a file's place goes on inside of the config: ``tasks.0.task_params.task_config.``"""


@dataclass(frozen=True)
class NodeFile:
    """A file that one node of a run reads or writes."""

    loc: Loc
    task: ChainTask
    number: int
    """Which of the task's nodes."""
    machine: str
    """In cluster mode the party; in local mode all parties share one machine, called ``""``."""
    path: str
    is_input: bool

    @property
    def task_id(self) -> str:
        return self.task.task_id

    @property
    def key(self) -> _Key:
        return self.machine, posixpath.normpath("/" + self.path.lstrip("/"))


def check_files(files: Sequence[NodeFile], order: Order, faults: Faults) -> None:
    """Check every file of a chain against those who write it."""
    writers: dict[_Key, list[NodeFile]] = defaultdict(list)
    masks: dict[_Key, int] = defaultdict(int)
    for file in files:
        if not file.is_input:
            writers[file.key].append(file)
            masks[file.key] |= order.bit(file.task_id)
    for file in files:
        for key in _with_parents(file.key):
            if key not in masks:
                continue
            beside = order.beside(file.task_id, masks[key])
            if beside:
                faults.add(file.loc, _message(file, beside), "COLLISION")
    for same in writers.values():
        _check_one_writer(same, faults)
    _check_nested(files, writers, faults)


def _message(file: NodeFile, beside: list[str]) -> str:
    named = ", ".join(beside)
    if file.is_input:
        return f"{file.path} is written by {named}, which may run at the same time; depend on it"
    return f"{file.path} is also written by {named}, which may run at the same time"


def _check_one_writer(same: Sequence[NodeFile], faults: Faults) -> None:
    """Check that a file that a task writes is written once, by one of its nodes."""
    seen: dict[str, NodeFile] = {}
    for file in same:
        first = seen.setdefault(file.task_id, file)
        if first is file:
            continue
        if first.number == file.number:
            faults.add(file.loc, f"{file.path} is another output of the task already", "COLLISION")
        else:
            mend = how_to_mend(file.task, file.loc[_OF_CONFIG:])
            message = f"several combinations of for_each write {file.path}; {mend}"
            faults.add(file.loc, message, "COLLISION")


def _check_nested(
    files: Sequence[NodeFile], writers: dict[_Key, list[NodeFile]], faults: Faults
) -> None:
    """Check that no node writes one output into another of its own."""
    for file in files:
        if file.is_input:
            continue
        for key in list(_with_parents(file.key))[1:]:
            for outer in writers.get(key, ()):
                if (outer.task_id, outer.number) == (file.task_id, file.number):
                    message = f"{file.path} lies inside of another output of the task"
                    faults.add(file.loc, message, "COLLISION")


def _with_parents(key: _Key) -> Iterator[_Key]:
    machine, path = key
    while path != "/":
        yield machine, path
        path = posixpath.dirname(path)
