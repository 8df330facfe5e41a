"""Every node of a run as its worker will see it, so far as that is known before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from secretflow_worker.contract.chain import ChainOptions, ChainTask
from secretflow_worker.contract.request import Loc, TaskRequest, placed_faults
from secretflow_worker.orchestrator.checks.cluster import (
    Setting,
    faults_of_devices,
    faults_of_keys,
    read_setting,
)
from secretflow_worker.orchestrator.checks.collector import Faults
from secretflow_worker.orchestrator.checks.configs import check_config, path_places
from secretflow_worker.orchestrator.checks.files import NodeFile
from secretflow_worker.orchestrator.checks.places import replaced, touches
from secretflow_worker.orchestrator.checks.references import OpenText, parameters_of
from secretflow_worker.orchestrator.checks.results import stand_in
from secretflow_worker.orchestrator.core.expand import node_id_of
from secretflow_worker.orchestrator.core.references import ReferenceFault, render
from secretflow_worker.tasks import Config, TaskType

_OF_TASKS = re.compile(r"\$\{\s*tasks[^${}]*\}")
_UNKNOWN = Setting(None, False, None, None, ())


@dataclass(frozen=True)
class CheckedNode:
    """A node with its config typed, where it has no fault."""

    node_id: str
    task: ChainTask
    task_type: TaskType
    parties: tuple[str, ...]
    config: Config | None
    is_certain: bool
    """False where more than paths of the config depends on what earlier tasks will return."""
    files: tuple[NodeFile, ...]


class NodeChecks:
    """Checks nodes one after the other; what many of them share is read once."""

    def __init__(self, options: ChainOptions | None, faults: Faults) -> None:
        self._knows_defaults = options is not None
        self._options = options or ChainOptions()
        self._faults = faults
        self._of_parties = None
        if self._options.parties is not None:
            self._of_parties = {"parties": self._options.parties, "address": "local"}
        self._settings: dict[tuple[int, int, int], Setting] = {}
        self._timeouts: set[float] = set()

    def check(
        self,
        task: ChainTask,
        position: int,
        task_type: TaskType,
        texts: Sequence[OpenText],
        combinations: Sequence[Mapping[str, Any]],
    ) -> Iterator[CheckedNode]:
        """Check all nodes of a task."""
        self._check_timeout(task, position)
        shared = [text for text in texts if text.loc[0] != "task_config"]
        own = [text for text in texts if text.loc[0] == "task_config"]
        for number, each in enumerate(combinations):
            setting = self._setting(task, shared, each)
            for loc, message, code in setting.faults:
                self._add(task, position, loc, message, code)
            for loc, message, code in faults_of_devices(setting, task_type):
                self._add(task, position, loc, message, code)
            yield self._check_node(task, position, number, task_type, setting, own, each)

    def _check_node(
        self,
        task: ChainTask,
        position: int,
        number: int,
        task_type: TaskType,
        setting: Setting,
        texts: Sequence[OpenText],
        each: Mapping[str, Any],
    ) -> CheckedNode:
        parties = setting.parties
        values: dict[Loc, Any] = {}
        unknown: list[Loc] = []
        for index, text in enumerate(texts):
            name = f"/reference/{position}.{number}.{index}"
            try:
                values[text.loc[1:]] = _value(text, each, parties or (), name)
            except ReferenceFault as fault:
                self._faults.add(("tasks", position, "task_params", *text.loc), str(fault),
                                 "REFERENCE")  # fmt: skip
                values[text.loc[1:]] = name
                unknown.append(text.loc[1:])
                continue
            if text.needs_results or not text.is_sound:
                unknown.append(text.loc[1:])
        own = task.task_params.task_config
        config, found = check_config(
            task_type, replaced(own, values) if values else own, unknown, parties
        )
        if config is not None:
            found += faults_of_keys(setting, task_type, config)
        swept = [text.loc for text in texts if task.for_each and not text.needs_results]
        for loc, message, code in found:
            where = f" (combination {number})" if touches(loc, swept) else ""
            self._add(task, position, loc, message + where, code)
        files: tuple[NodeFile, ...] = ()
        if config is not None:
            files = tuple(_files(task, position, number, config, setting, unknown))
        is_certain = config is not None and path_places(config).issuperset(unknown)
        return CheckedNode(
            node_id_of(task, number), task, task_type, parties or (), config, is_certain, files
        )

    def _setting(
        self, task: ChainTask, texts: Sequence[OpenText], each: Mapping[str, Any]
    ) -> Setting:
        own, options = task.task_params, self._options
        if any(text.needs_results or not text.is_sound for text in texts):
            return _UNKNOWN
        if not self._knows_defaults:
            return _UNKNOWN
        cluster = own.sf_init_config or options.sf_init_config or self._of_parties
        spu = own.spu_config or options.spu_config
        heu = own.heu_config or options.heu_config
        if texts:
            try:
                return read_setting(*(render(part, {}, each) for part in (cluster, spu, heu)))
            except ReferenceFault:
                return _UNKNOWN
        key = (id(cluster), id(spu), id(heu))
        if key not in self._settings:
            self._settings[key] = read_setting(cluster, spu, heu)
        return self._settings[key]

    def _check_timeout(self, task: ChainTask, position: int) -> None:
        """Check against the message, which allows an attempt less than a chain its tasks."""
        if task.timeout_s is None or task.timeout_s in self._timeouts:
            return
        message = {
            "task_id": "c", "subtask_id": "t", "execution_id": "e", "task_config": {},
            "sf_init_config": {"parties": ["p"]}, "timeout_s": task.timeout_s,
        }  # fmt: skip
        try:
            TaskRequest.model_validate(message)
        except ValidationError as fault:
            for loc, text in placed_faults(fault, message):
                self._faults.add(("tasks", position, *loc), text)
        else:
            self._timeouts.add(task.timeout_s)

    def _add(self, task: ChainTask, position: int, loc: Loc, message: str, code: str) -> None:
        """Add a fault of the parameters at the place that they came from."""
        part = str(loc[0])
        own = parameters_of(task)[part]
        if own or part == "task_config" or not getattr(self._options, part, None):
            if not own and part == "sf_init_config" and self._options.parties is not None:
                self._faults.add(("options", *(loc[1:] or ("parties",))), message, code)
                return
            self._faults.add(("tasks", position, "task_params", *loc), message, code)
        else:
            self._faults.add(("options", *loc), message, code)


def _value(text: OpenText, each: Mapping[str, Any], parties: Sequence[str], name: str) -> Any:
    if not text.is_sound:
        return name
    if not text.needs_results:
        return render(text.text, {}, each)
    if text.field is not None:
        return stand_in(text.field, parties, name)
    if _OF_TASKS.fullmatch(text.text):
        return name
    return render(_OF_TASKS.sub("1", text.text), {}, each)


def _files(
    task: ChainTask,
    position: int,
    number: int,
    config: Config,
    setting: Setting,
    unknown: Sequence[Loc],
) -> Iterator[NodeFile]:
    for file in config.files():
        place: Loc = (file.field,) if file.party is None else (file.field, file.party)
        if touches(place, unknown):
            continue
        loc: Loc = ("tasks", position, "task_params", "task_config", *place)
        machines: tuple[str, ...] = ("",)
        if setting.is_network:
            machines = (setting.parties or ()) if file.party is None else (file.party,)
        for machine in machines:
            yield NodeFile(loc, task, number, machine, file.path, file.role.is_input)
