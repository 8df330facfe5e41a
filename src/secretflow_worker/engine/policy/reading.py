"""Reading policy files: every fault with its place, and the newest text at each task.

A worker reads the file anew for each task, so an edit counts from the next one on. A faulty
edit refuses tasks; it never falls back to what was there before.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

import tomli
from pydantic import ValidationError

from secretflow_worker.contract.errors import ConfigError
from secretflow_worker.contract.request import list_faults
from secretflow_worker.engine.policy.model import EVERYONE, POLICY_VERSION, Policy
from secretflow_worker.tasks import TaskDispatcher

_HINT = "`sfw policy check FILE` lists every fault; docs/guides/policy.md has every rule."
_SIZE_LIMIT_BYTES = 1 << 20


@dataclass(frozen=True)
class LoadedPolicy:
    """A policy, the file that it came from, and the SHA-256 of its text."""

    policy: Policy
    path: Path
    sha256: str


def read_policy(path: Path) -> LoadedPolicy:
    """Read a policy file.

    Raises:
        ConfigError: naming the file and every fault in it, with its place.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(_SIZE_LIMIT_BYTES + 1)
    except OSError as fault:
        raise ConfigError(f"policy {path}: {fault.strerror}", hint=_HINT) from None
    if mode & stat.S_IWOTH:
        raise ConfigError(
            f"policy {path}: every user of this machine may write it", hint=f"chmod o-w {path}"
        )
    if len(text) > _SIZE_LIMIT_BYTES:
        raise ConfigError(f"policy {path}: larger than {_SIZE_LIMIT_BYTES} bytes", hint=_HINT)
    policy = _parse(text, path)
    return LoadedPolicy(policy, path, hashlib.sha256(text).hexdigest())


def read_policy_of(party: str, path: Path) -> LoadedPolicy:
    """Read the policy file of a party.

    Raises:
        ConfigError: as ``read_policy``, and where the file says that it is another party's.
    """
    loaded = read_policy(path)
    if loaded.policy.party not in (None, party):
        raise ConfigError(
            f"policy {path}: party: this is the policy of {loaded.policy.party}, not of {party}",
            hint=_HINT,
        )
    return loaded


def unknown_tasks(policy: Policy) -> list[str]:
    """Return what ``tasks.allow`` names and this worker does not have."""
    known = {EVERYONE}
    for task in TaskDispatcher.all():
        known |= {task.name, f"{task.name}@{task.version}"}
    return [name for name in policy.tasks.allow if name not in known]


def _parse(text: bytes, path: Path) -> Policy:
    try:
        document = tomli.loads(text.decode("utf-8"))
    except UnicodeDecodeError:
        raise ConfigError(f"policy {path}: the file is not UTF-8", hint=_HINT) from None
    except tomli.TOMLDecodeError as fault:
        raise ConfigError(f"policy {path}: {fault}", hint=_HINT) from None
    version = document.get("version")
    if version != POLICY_VERSION or isinstance(version, bool):
        found = "is missing" if version is None else "is none that this worker knows"
        raise ConfigError(
            f"policy {path}: version: {found}; it must be {POLICY_VERSION}", hint=_HINT
        )
    try:
        return Policy.model_validate(document)
    except ValidationError as fault:
        raise ConfigError(f"policy {path}: {list_faults(fault)}", hint=_HINT) from None
