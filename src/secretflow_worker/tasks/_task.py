"""The registry of task types: one decorator makes a run function a task type.

::

    @TaskDispatcher.register(
        "standard_scaler", version=1, config=ScalerConfig, report=ScalerReport,
        result=ScalerResult, learns=[Learns(...)], parties=(1, 5), link=False,
    )
    def run(parties: Parties, config: ScalerConfig) -> ScalerReport: ...

    @run.combine
    def combine(config, reports): ...   # {party: report} -> Result

In local mode `combine` sees every party's report, in cluster mode only this worker's own.
Third parties register theirs through the entry point group ``secretflow_worker.tasks``.
"""

from __future__ import annotations

import importlib
import pkgutil
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import ValidationError

from secretflow_worker.contract.errors import ConfigError, UnknownTask
from secretflow_worker.contract.request import list_faults
from secretflow_worker.tasks._config import Config, Report, Result
from secretflow_worker.tasks._fields import field_uses
from secretflow_worker.tasks._parties import Array, Model, Parties
from secretflow_worker.tasks._plugins import Plugin, load_plugins
from secretflow_worker.tasks._rules import Rules

Group = Literal["Intersect", "Prepare", "Learn", "Understand", "Evaluate"]


@dataclass(frozen=True)
class Learns:
    """One line of the disclosure statement: `who` learns `what` beyond their own input.

    `when` names the condition, in terms of the config, or is empty for always. `disclosed`
    decides it for one config and party; None stands for always, to every party. A line that is
    `outside` is about somebody who need not be a party: who sent the request, or reads a report;
    `disclosed` is asked with an empty name then.
    """

    who: str
    what: str
    about: str
    when: str = ""
    disclosed: Callable[[Any, str], bool] | None = None
    outside: bool = False

    def reaches(self, config: Config, party: str) -> bool:
        return not self.outside and (self.disclosed is None or self.disclosed(config, party))


BRIDGE = "secretflow"
"""The device of types that call ``parties.secretflow()``; a worker needs the extra for them."""

RunFunction = Callable[[Parties, Any], Report]
CombineFunction = Callable[[Any, Mapping[str, Any]], Result]
PredictFunction = Callable[[Parties, Model, Array, str], Array | None]
"""Takes this party's columns of the rows (n, own features) in the model's order, and the receiver;
returns the predictions (n,) there, and None at every other party."""


ApplyFunction = Callable[[Path, Rules, Path], list[str]]
"""Applies fitted rules at their owner: ``(table, rules, target)``, both of them local paths.

Writes `target` and returns the table's columns that the rules were applied to, in its order; the
name of a new column may hold a value, and stays out. The columns that the rules name are there.
"""


@dataclass
class TaskType:
    """A task type as the registry holds it."""

    name: str
    version: int
    summary: str
    group: Group
    config: type[Config]
    report: type[Report]
    result: type[Result]
    learns: Sequence[Learns]
    parties: tuple[int, int]
    link: bool
    """Whether the parties meet; without it each party works alone on its own data."""
    devices: tuple[str, ...]
    aliases: tuple[str, ...]
    example: Mapping[str, Any]
    run: RunFunction
    combine_function: CombineFunction | None = None
    predict_function: PredictFunction | None = None
    apply_function: ApplyFunction | None = None
    report_document: Callable[[Any, Mapping[str, Any]], Any] | None = None
    """Builds the merged JSON of a ``ReportPath`` field from the parties' reports, or None."""

    def combine(self, function: CombineFunction) -> CombineFunction:
        """Register how the parties' reports become the result."""
        self.combine_function = function
        return function

    def document(self, function: Callable[[Any, Mapping[str, Any]], Any]) -> Any:
        """Register what the report file of this type holds."""
        self.report_document = function
        return function

    def predictor(self, function: PredictFunction) -> PredictFunction:
        """Register how a saved model of this type predicts (used by the type ``predict``)."""
        self.predict_function = function
        return function

    def applier(self, function: ApplyFunction) -> ApplyFunction:
        """Register how rules of this type apply to new data (used by the type ``apply_rules``)."""
        self.apply_function = function
        return function

    def parse(self, task_config: Mapping[str, Any], parties: tuple[str, ...]) -> Config:
        """Check a ``task_config`` and return it typed.

        Raises:
            ConfigError: with every fault and its place.
        """
        low, high = self.parties
        if not low <= len(parties) <= high:
            count = f"{low}" if low == high else f"{low} to {high}"
            raise ConfigError(
                f"sf_init_config.parties: {self.name} takes {count} parties, got {len(parties)}"
            )
        try:
            config = self.config.model_validate({**task_config, "task_type": self.name})
        except ValidationError as fault:
            raise ConfigError(f"task_config: {list_faults(fault, task_config)}") from None
        for declared in config.files():
            if declared.party is not None and declared.party not in parties:
                raise ConfigError(
                    f"task_config.{declared.field}: {declared.party!r} is not a party of this task"
                )
        config.check(parties)
        return config

    def describe(self) -> dict[str, Any]:
        """Return what ``sfw tasks`` and the API show of this type."""
        return {
            "name": self.name,
            "version": self.version,
            "summary": self.summary,
            "group": self.group,
            "aliases": list(self.aliases),
            "parties": list(self.parties),
            "devices": list(self.devices),
            "config_schema": self.config.model_json_schema(),
            "fields": [use.model_dump() for use in field_uses(self.config, self.result)],
            "result_schema": self.result.model_json_schema(mode="serialization"),
            "disclosure": [
                {"who": line.who, "what": line.what, "about": line.about, "when": line.when}
                for line in self.learns
            ],
            "example": dict(self.example),
        }


@dataclass
class Registry:
    """What types there are, by name and version."""

    by_name: dict[str, dict[int, TaskType]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    shared_aliases: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    """By alias: the field that decides, and the type for each of its values."""
    loading: threading.RLock = field(default_factory=threading.RLock)
    loaded: bool = False
    plugins: tuple[Plugin, ...] = ()

    def copy(self) -> Registry:
        """Return a registry of the same types that does not change with this one."""
        return Registry(
            {name: dict(versions) for name, versions in self.by_name.items()},
            dict(self.aliases),
            {alias: (field, dict(of)) for alias, (field, of) in self.shared_aliases.items()},
        )

    def restore(self, kept: Registry) -> None:
        """Go back to the types of a copy."""
        self.by_name, self.aliases = kept.by_name, kept.aliases
        self.shared_aliases = kept.shared_aliases


class TaskDispatcher:
    """Finds the task type of a request."""

    _registry: ClassVar[Registry] = Registry()

    @classmethod
    def register(
        cls,
        name: str,
        *,
        version: int,
        summary: str,
        group: Group,
        config: type[Config],
        report: type[Report],
        result: type[Result],
        learns: Sequence[Learns],
        parties: tuple[int, int] = (2, 5),
        link: bool = True,
        devices: tuple[str, ...] = (),
        aliases: tuple[str, ...] = (),
        shared_alias: tuple[str, str, str] | None = None,
        example: Mapping[str, Any],
    ) -> Callable[[RunFunction], TaskType]:
        """Register a run function as a task type; the name and version must be new.

        `shared_alias` is ``(alias, field, value)``: the alias means this type where the config's
        field has that value. The type's config must accept the field.
        """

        def decorate(function: RunFunction) -> TaskType:
            versions = cls._registry.by_name.setdefault(name, {})
            if version in versions:
                raise ValueError(f"task type {name}@{version} is registered twice")
            versions[version] = TaskType(
                name, version, summary, group, config, report, result, learns, parties, link,
                devices, aliases, example, function,
            )  # fmt: skip
            cls._registry.aliases.update(dict.fromkeys(aliases, name))
            if shared_alias is not None:
                alias, field_name, value = shared_alias
                decided = cls._registry.shared_aliases.setdefault(alias, (field_name, {}))
                decided[1][value] = name
            return versions[version]

        return decorate

    @classmethod
    def load(cls) -> None:
        """Import every shipped task file and every entry point, once."""
        # A worker's first tasks come to several threads at once; none may see half a registry.
        with cls._registry.loading:
            if cls._registry.loaded:
                return
            for module in shipped_modules():
                if "._" not in module:
                    importlib.import_module(module)
            cls._registry.plugins = tuple(load_plugins(cls._registry))
            cls._registry.loaded = True

    @classmethod
    def plugins(cls) -> tuple[Plugin, ...]:
        """Every entry point of other packages, also those that could not be loaded."""
        cls.load()
        return cls._registry.plugins

    @classmethod
    def find(cls, name: object, version: int | None = None) -> TaskType:
        """Return a task type by name or alias; the newest version where none is asked for.

        Raises:
            UnknownTask: naming what this worker can run.
        """
        cls.load()
        known = ", ".join(f"{t.name}@{t.version}" for t in cls.all())
        if not isinstance(name, str) or not name:
            raise ConfigError(f"task_config.task_type: required field is missing; one of {known}")
        versions = cls._registry.by_name.get(cls._registry.aliases.get(name, name))
        if versions is None:
            broken = ", ".join(plugin.name for plugin in cls.plugins() if plugin.fault)
            raise UnknownTask(
                f"task_config.task_type: {name[:64]!r} is not one of {known}",
                hint=f"`sfw doctor` says why these plugins are left out: {broken}."
                if broken
                else None,
            )
        if version is not None and version not in versions:
            raise UnknownTask(
                f"task_config.task_version: {name} has no version {version}; one of "
                f"{', '.join(f'{name}@{each}' for each in sorted(versions))}"
            )
        return versions[max(versions) if version is None else version]

    @classmethod
    def resolve(cls, task_config: Mapping[str, Any]) -> TaskType:
        """Return the task type that a ``task_config`` asks for.

        ``task_type`` may be a name, an alias, or either with a version: ``psi@1``. An alias that
        several types share is decided by one more field, such as ``binning`` by ``method``.

        Raises:
            UnknownTask, ConfigError: naming what this worker can run.
        """
        name, version = task_config.get("task_type"), task_config.get("task_version")
        if version is not None and (not isinstance(version, int) or isinstance(version, bool)):
            raise ConfigError("task_config.task_version: must be a whole number")
        if isinstance(name, str) and "@" in name:
            name, _, text = name.partition("@")
            if not (text.isascii() and text.isdigit()) or len(text) > 9:
                raise ConfigError("task_config.task_type: a version is a whole number, as in psi@1")
            if version not in (None, int(text)):
                raise ConfigError("task_config.task_version: is not the version of task_type")
            version = int(text)
        cls.load()
        shared = cls._registry.shared_aliases.get(name) if isinstance(name, str) else None
        if shared:
            field_name, by_value = shared
            value = task_config.get(field_name)
            if not isinstance(value, str) or value not in by_value:
                named = ", ".join(sorted(by_value))
                raise ConfigError(f"task_config.{field_name}: {name} needs it, one of {named}")
            name = by_value[value]
        return cls.find(name, version)

    @classmethod
    def all(cls) -> list[TaskType]:
        """Every task type in every version, by name."""
        cls.load()
        return [
            versions[number]
            for _, versions in sorted(cls._registry.by_name.items())
            for number in sorted(versions)
        ]


def shipped_modules() -> list[str]:
    """Return the names of all modules of this package; those with an underscore hold no type."""
    package = importlib.import_module("secretflow_worker.tasks")
    return [
        info.name
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if not info.ispkg
    ]
