"""Chains written in Python; what comes out is the same document as in JSON or YAML.

::

    chain = Chain("Credit scoring", parties=["bank", "shop"])
    psi = chain.psi(keys=..., input_paths=..., output_paths=...)
    scaled = psi.standard_scaler(input_data=psi.result.output_paths, output_data=...)
    lr = scaled.ss_lr(train_data=scaled.result.output_paths, ...)
    xgb = scaled.ss_xgb(train_data=scaled.result.output_paths, ...)
    chain.biclassification_eval(after=[lr, xgb], ...)
    document = chain.document()

There is one method for each task type that is installed; ``task`` takes any. A step made from
another one follows it, and a task follows those whose results it refers to.
"""

from __future__ import annotations

import difflib
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from secretflow_worker.contract.chain import ChainTask, parse_chain
from secretflow_worker.contract.errors import ConfigError

_NAMED = re.compile(r"\$\{\s*tasks\.([A-Za-z0-9_-]+)")
_OF_TASK = set(ChainTask.model_fields) - {"task_id", "task_type", "depends_on", "task_params"}
_OF_PARAMS = {"sf_init_config", "spu_config", "heu_config"}


class Reference:
    """What a task will return, or one of a sweep's values; goes into a config or an f-string.

    ``step.result.reports[0].party`` is ``${tasks.<id>.result.reports.0.party}``.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    def __getattr__(self, field: str) -> Reference:
        if field.startswith("__"):
            raise AttributeError(field)
        return Reference(f"{self._path}.{field}")

    def __getitem__(self, field: str | int) -> Reference:
        return Reference(f"{self._path}.{field}")

    def __iter__(self) -> Iterator[Reference]:
        raise TypeError("how many there are is known only when the chain runs")

    def __str__(self) -> str:
        return f"${{{self._path}}}"

    __repr__ = __str__


each = Reference("each")
"""A sweep's values: ``each.rate`` is ``${each.rate}``."""


class _Maker(ABC):
    """One method for each installed task type."""

    @abstractmethod
    def task(
        self,
        task_type: str,
        /,
        *,
        task_id: str | None = None,
        after: Step | Iterable[Step] = (),
        **config: Any,
    ) -> Step:
        """Add a task of any type, installed here or not.

        Raises:
            ConfigError: the id is taken.
        """

    def __getattr__(self, name: str) -> Callable[..., Step]:
        if name.startswith("_"):
            raise AttributeError(name)
        known = _installed()
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}" if near else ""
            raise AttributeError(f"no installed task type is called {name}{hint}")

        def add(**config: Any) -> Step:
            return self.task(name, **config)

        return add

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *_installed()]


class Step(_Maker):
    """A task of a chain; its methods add tasks that follow it."""

    def __init__(self, chain: Chain, task_id: str, fields: dict[str, Any]) -> None:
        self._chain = chain
        self.task_id = task_id
        self._fields = fields

    @property
    def result(self) -> Reference:
        """What the task will return."""
        return Reference(f"tasks.{self.task_id}.result")

    @property
    def status(self) -> Reference:
        """How the task will have ended."""
        return Reference(f"tasks.{self.task_id}.status")

    def __getitem__(self, number: int) -> Reference:
        """Return one node of a sweep: ``step[1].result.model_paths``."""
        return Reference(f"tasks.{self.task_id}.{number}")

    def set(self, **fields: Any) -> Step:
        """Set fields beside the config: ``when``, ``for_each``, ``retry``, ``timeout_s``, ...

        Raises:
            ConfigError: a task has no such field.
        """
        unknown = sorted(set(fields) - _OF_TASK - _OF_PARAMS)
        if unknown:
            known = ", ".join(sorted(_OF_TASK | _OF_PARAMS))
            raise ConfigError(f"a task has no field {unknown[0]}; it has {known}")
        self._fields.update(fields)
        return self

    def task(
        self,
        task_type: str,
        /,
        *,
        task_id: str | None = None,
        after: Step | Iterable[Step] = (),
        **config: Any,
    ) -> Step:
        """Add a task that follows this one, and those of `after`."""
        others = [after] if isinstance(after, Step) else list(after)
        return self._chain.task(task_type, task_id=task_id, after=[self, *others], **config)

    def document(self) -> dict[str, Any]:
        """Return the document of the whole chain."""
        return self._chain.document()

    def _shown(self, task_ids: Iterable[str]) -> dict[str, Any]:
        fields = _plain(self._fields)
        params = {key: fields.pop(key) for key in [*_OF_PARAMS, "task_config"] if key in fields}
        depends_on = list(fields.pop("depends_on"))
        for named in _named_in([params, fields.get("when")]):
            if named in task_ids and named != self.task_id and named not in depends_on:
                depends_on.append(named)
        return {"task_id": self.task_id, **fields, "depends_on": depends_on, "task_params": params}


class Chain(_Maker):
    """A chain; `options` are those of the document: ``parties``, ``max_parallel``, ..."""

    def __init__(self, name: str, *, description: str | None = None, **options: Any) -> None:
        self._name = name
        self._description = description
        self._options = options
        self._steps: dict[str, Step] = {}

    def task(
        self,
        task_type: str,
        /,
        *,
        task_id: str | None = None,
        after: Step | Iterable[Step] = (),
        **config: Any,
    ) -> Step:
        """Add a task that follows those of `after`, and those that its config refers to."""
        if task_id is None:
            task_id = self._free_id(task_type)
        elif task_id in self._steps:
            raise ConfigError(f"the chain has a task {task_id} already")
        before = [after] if isinstance(after, Step) else list(after)
        fields = {
            "task_type": task_type,
            "depends_on": list(dict.fromkeys(step.task_id for step in before)),
            "task_config": config,
        }
        self._steps[task_id] = Step(self, task_id, fields)
        return self._steps[task_id]

    def document(self) -> dict[str, Any]:
        """Return the document, as plain JSON values.

        Raises:
            ConfigError: with every fault of its shape; the orchestrator checks the rest.
        """
        head: dict[str, Any] = {"chain_name": self._name}
        if self._description is not None:
            head["description"] = self._description
        document: dict[str, Any] = {
            **head,
            "tasks": [step._shown(self._steps) for step in self._steps.values()],
            "options": _plain(self._options),
        }
        parse_chain(document)
        return document

    def _free_id(self, task_type: str) -> str:
        stem = re.sub(r"[^A-Za-z0-9_-]", "_", task_type.partition("@")[0])[:56] or "task"
        number = 1
        while (task_id := stem if number == 1 else f"{stem}_{number}") in self._steps:
            number += 1
        return task_id


def _plain(value: Any) -> Any:
    """Return a value with references as strings, and containers as JSON has them."""
    if isinstance(value, Reference):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value


def _named_in(value: Any) -> Iterator[str]:
    """Yield the tasks that references in a plain value name."""
    if isinstance(value, str):
        yield from _NAMED.findall(value)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _named_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _named_in(inner)


def _installed() -> list[str]:
    from secretflow_worker.tasks import TaskDispatcher  # only where a type is asked for by name

    return sorted({name for task in TaskDispatcher.all() for name in (task.name, *task.aliases)})
