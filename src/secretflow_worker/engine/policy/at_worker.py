"""What a worker does before anything starts: it applies the policy of each party of its own."""

from __future__ import annotations

import os
from pathlib import Path

from secretflow_worker.contract.cluster import NetworkCluster
from secretflow_worker.contract.errors import PathForbidden
from secretflow_worker.contract.request import TaskRequest
from secretflow_worker.engine.paths import inside
from secretflow_worker.engine.policy.in_force import policy_in_force
from secretflow_worker.engine.policy.reading import LoadedPolicy
from secretflow_worker.engine.policy.rules import judge
from secretflow_worker.engine.policy.subject import Subject
from secretflow_worker.engine.policy.verdict import raise_if_refused
from secretflow_worker.engine.settings import EngineSettings
from secretflow_worker.tasks import Config, TaskType
from secretflow_worker.tasks._config import DeclaredFile


def apply_policies(
    request: TaskRequest,
    task: TaskType,
    config: Config,
    own: tuple[str, ...],
    dealer: str | None,
    settings: EngineSettings,
) -> dict[str, LoadedPolicy]:
    """Return the policies of the own parties, which all allow the request.

    Raises:
        PathForbidden: a file lies outside the data root, or is one of the worker's own.
        PolicyRefusal: naming the rules.
    """
    _check_places(config, own, settings)
    policies = {}
    is_network = isinstance(request.sf_init_config, NetworkCluster)
    for party in own:
        loaded = policy_in_force(settings, party, is_network=is_network)
        if loaded is not None:
            subject = subject_of(party, request, task, config, dealer, settings)
            raise_if_refused(party, judge(loaded.policy, subject))
            policies[party] = loaded
    return policies


def subject_of(
    party: str,
    request: TaskRequest,
    task: TaskType,
    config: Config,
    dealer: str | None,
    settings: EngineSettings,
) -> Subject:
    """Return what the policy of a party judges."""
    return Subject(
        party=party,
        task=task,
        config=config,
        parties=tuple(sorted(request.parties)),
        is_network=isinstance(request.sf_init_config, NetworkCluster),
        dealer=dealer,
        is_dealer_allowed=settings.allow_semi2k_dealer,
        certs_dir=settings.certs_dir,
    )


def root_of(declared: DeclaredFile, own: tuple[str, ...], settings: EngineSettings) -> Path:
    """Return the folder in which a file of an own party, or of none, must lie."""
    if declared.party is None:
        return settings.shared_root_of(own)
    return settings.root_of(declared.party)


def _check_places(config: Config, own: tuple[str, ...], settings: EngineSettings) -> None:
    """Check where the files of the own parties lie, and look into none of them."""
    kept = [settings.audits_dir, *settings.policy_files()]
    reserved = [Path(os.path.realpath(path)) for path in kept]
    for declared in config.files():
        if declared.party is not None and declared.party not in own:
            continue
        real = inside(declared, root_of(declared, own, settings), declared.party or own[0])
        if any(real == path or path in real.parents or real in path.parents for path in reserved):
            raise PathForbidden(
                f"task_config.{declared.field}: {declared.path} is the worker's own",
                party=declared.party or own[0],
            )
