"""What a party's policy lets its worker tell of itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from secretflow_worker.contract.errors import ConfigError, PathForbidden, PolicyError
from secretflow_worker.engine.paths import inside_root
from secretflow_worker.engine.policy.in_force import policy_in_force
from secretflow_worker.engine.policy.model import EVERYONE, SENDER, Policy, Share
from secretflow_worker.engine.settings import EngineSettings

Kind = Literal["tables", "models", "reports", "logs", "fingerprints"]
KINDS: tuple[Kind, ...] = ("tables", "models", "reports", "logs", "fingerprints")
_OPEN = Share(tables=True, models=True, reports=True, logs=True)


@dataclass(frozen=True)
class Sharing:
    """What one party tells. Without a policy it goes by the data root alone."""

    party: str
    settings: EngineSettings
    share: Share
    policy: Policy | None

    def shares(self, kind: Kind) -> bool:
        return bool(getattr(self.share, kind))

    def require(self, kind: Kind) -> None:
        """Refuse what this party does not tell.

        Raises:
            PolicyError: naming the key of its policy.
        """
        if not self.shares(kind):
            raise PolicyError(
                f"party {self.party} does not share its {kind}",
                hint=f"Its operator may allow it by share.{kind} in the party's policy.",
                party=self.party,
            )

    def place_of(self, path: str) -> Path:
        """Return the real path of a file that requests of this party may name.

        Raises:
            PathForbidden: outside the data root or the policy's folders, or the worker's own.
        """
        real = inside_root(path, self.settings.root_of(self.party), party=self.party)
        if not self.is_open_to_tasks(real):
            raise PathForbidden(f"{path} is not open to tasks of this party", party=self.party)
        return real

    def is_open_to_tasks(self, real: Path) -> bool:
        """Return whether a task of this party may read or write at this real path."""
        if any(real == own or own in real.parents for own in own_places(self.settings)):
            return False
        if self.policy is None:
            return True
        folders = (*self.policy.folders.read, *self.policy.folders.write)
        return any(real.is_relative_to(os.path.realpath(folder)) for folder in folders)

    def in_words(self) -> list[str] | None:
        """Return the policy in words, without its folders, tables and columns; None: kept."""
        if not self.share.policy:
            return None
        if self.policy is None:
            return ["no policy: what requests name within the data root"]
        return list(_words(self.policy))


def sharing_of(settings: EngineSettings, party: str) -> Sharing:
    """Return what a party of this worker tells now; its policy is read anew.

    Raises:
        ConfigError: this worker runs another party.
        PolicyRefusal: the policy is faulty, or there should be one.
    """
    if settings.party is not None and party != settings.party:
        raise ConfigError(f"this is the worker of {settings.party}, not of {party}")
    loaded = policy_in_force(settings, party, is_network=settings.party is not None)
    return sharing_in(settings, party, None if loaded is None else loaded.policy)


def sharing_in(settings: EngineSettings, party: str, policy: Policy | None) -> Sharing:
    """Return what a party tells where its policy is at hand."""
    if policy is not None:
        return Sharing(party, settings, policy.share, policy)
    # Who runs several parties by one worker is the operator of all of them; a party that meets
    # others elsewhere tells nothing that its operator has not asked for.
    return Sharing(party, settings, _OPEN if settings.party is None else Share(), None)


def own_places(settings: EngineSettings) -> list[Path]:
    """Return the real paths of what is the worker's own, wherever the data roots lie."""
    kept = [
        settings.state_dir,
        settings.audits_dir,
        *settings.policy_files(),
        *([settings.certs_dir] if settings.certs_dir else []),
    ]
    roots = [os.path.realpath(root) for root in _roots(settings)]
    places = [Path(os.path.realpath(path)) for path in kept]
    # `sfw up` keeps its data root inside of the state folder; the folder as a whole is not meant.
    return [
        place for place in places if not any(Path(root).is_relative_to(place) for root in roots)
    ]


def _roots(settings: EngineSettings) -> Iterator[Path]:
    yield settings.data_root
    yield from settings.party_data_roots.values()


def _words(policy: Policy) -> Iterator[str]:
    yield f"task types: {', '.join(policy.tasks.allow) or 'none'}"
    peers = ["any on this machine" if p.party == EVERYONE else p.party for p in policy.peers]
    yield f"peers: {', '.join(peers) or 'none'}"
    for what in ("intersection", "predictions", "statistics"):
        named = [_who(each) for each in getattr(policy.receivers, what)]
        yield f"{what} may go to: {', '.join(named) or 'nobody else'}"
    if policy.limits.min_rows is not None:
        yield f"smallest table: {policy.limits.min_rows} rows"
    if policy.limits.min_intersection is not None:
        yield f"smallest intersection: {policy.limits.min_intersection} rows"


def _who(somebody: str) -> str:
    return {EVERYONE: "every party", SENDER: "who sent the request"}.get(somebody, somebody)
