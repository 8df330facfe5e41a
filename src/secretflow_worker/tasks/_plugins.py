"""Task types of other packages: the entry points of the group ``secretflow_worker.tasks``.

An entry point names a module whose import registers types. One that fails takes nothing with it:
what it registered is taken back, its types are unknown, and ``sfw doctor`` and the log say why.
A plugin may not take a name, an alias or a new version of a type that is there before it: a
request for ``psi`` means the ``psi`` that everybody knows.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

import secretflow_worker

if TYPE_CHECKING:
    from secretflow_worker.tasks._task import Registry

GROUP = "secretflow_worker.tasks"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plugin:
    """One entry point, and the types that it registered; `fault` says why there are none."""

    name: str
    package: str
    types: tuple[str, ...] = ()
    fault: str = ""


class Unfit(Exception):
    """A plugin that this worker does not take; the message says why."""


def load_plugins(registry: Registry) -> Iterator[Plugin]:
    """Load every entry point, in the order of their names; log those that fail."""
    for entry in sorted(entry_points(group=GROUP), key=lambda each: (each.name, each.value)):
        package = "an unknown package" if entry.dist is None else entry.dist.name
        before = registry.copy()
        try:
            _check_version(entry)
            entry.load()
            _check_names(before, registry)
        except (Exception, SystemExit) as fault:  # noqa: BLE001 - other people's code, at import
            registry.restore(before)
            said = str(fault) if isinstance(fault, Unfit) else f"{type(fault).__name__}: {fault}"
            _log.error("plugin %s of %s is left out: %s", entry.name, package, said)
            yield Plugin(entry.name, package, fault=said)
        else:
            types = tuple(sorted(set(registry.by_name) - set(before.by_name)))
            yield Plugin(entry.name, package, types)


def _check_version(entry: EntryPoint) -> None:
    """Compare this package's version with what the plugin's package asks for."""
    for line in (None if entry.dist is None else entry.dist.requires) or ():
        need = Requirement(line)
        own = secretflow_worker.__version__
        if need.name == "secretflow-worker" and not need.specifier.contains(own, prereleases=True):
            raise Unfit(f"it is for secretflow-worker {need.specifier}, and this is {own}")


def _check_names(before: Registry, after: Registry) -> None:
    taken = {*before.by_name, *before.aliases, *before.shared_aliases}
    added = {name for name in after.by_name if after.by_name[name] != before.by_name.get(name)}
    for kept, now in (
        (before.aliases, after.aliases),
        (before.shared_aliases, after.shared_aliases),
    ):
        added |= {alias for alias, meaning in now.items() if meaning != kept.get(alias)}
    if odd := sorted(taken & added):
        raise Unfit(f"it takes the name {odd[0]!r}, which another type has")
