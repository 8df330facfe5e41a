"""Every rule of a policy, applied to one request: what is allowed, what refused, and where."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from secretflow_worker.contract.errors import WorkerError
from secretflow_worker.engine.policy.columns import judge_tables
from secretflow_worker.engine.policy.model import EVERYONE, SENDER, Peer, Policy
from secretflow_worker.engine.policy.subject import Subject
from secretflow_worker.engine.policy.verdict import Verdict
from secretflow_worker.tasks._marks import Receives


def judge(policy: Policy, subject: Subject) -> Iterator[Verdict]:
    """Judge a request by all rules that can be applied before anything starts.

    ``limits`` are applied in the party's process too, see ``at_party``.
    """
    yield from judge_task(policy, subject)
    yield from judge_peers(policy, subject)
    folders = list(judge_folders(policy, subject))
    yield from folders
    if all(verdict.is_allowed for verdict in folders):  # no look into a file that it may not read
        yield from judge_tables(policy, subject)
    yield from judge_receivers(policy, subject)
    yield from judge_dealer(policy, subject)
    yield from judge_limits(policy, subject)


def judge_task(policy: Policy, subject: Subject) -> Iterator[Verdict]:
    name = f"{subject.task.name}@{subject.task.version}"
    is_allowed = policy.tasks.allows(subject.task.name, subject.task.version)
    yield Verdict("tasks.allow", f"task type {name}", is_allowed, f'add "{name}" to tasks.allow')


def judge_peers(policy: Policy, subject: Subject) -> Iterator[Verdict]:
    """A peer on this machine by its name; one elsewhere by its pinned certificate."""
    for party in subject.peers:
        peer = policy.peer(party)
        ask = f'add [[peers]] with party = "{party}" and the fingerprint that `sfw certs show` says'
        if peer is None:
            yield Verdict("peers", f"party {party}", False, ask)
        elif not (subject.is_network and subject.is_linked):
            yield Verdict(f'peers."{peer.party}"', f"party {party}", True)
        else:
            yield _judge_certificate(peer, party, subject.certs_dir, ask)


def _judge_certificate(peer: Peer, party: str, certs_dir: Path | None, ask: str) -> Verdict:
    rule = f'peers."{peer.party}".fingerprint'
    if peer.fingerprint is None:
        return Verdict(rule, f"party {party} on another machine", False, ask)
    if certs_dir is None:
        what = f"party {party} without TLS, where no certificate says who it is"
        return Verdict(rule, what, False, "set certs_dir")
    what = f"party {party} with the certificate {party}.crt in certs_dir"
    return Verdict(rule, what, peer.fingerprint == _fingerprint(certs_dir, party), ask)


def judge_folders(policy: Policy, subject: Subject) -> Iterator[Verdict]:
    for declared, real in subject.files:
        key = "read" if declared.role.is_input else "write"
        folders = policy.folders.read if declared.role.is_input else policy.folders.write
        is_allowed = any(real.is_relative_to(folder.resolve()) for folder in folders)
        verb = "reading" if declared.role.is_input else "writing"
        yield Verdict(
            f"folders.{key}",
            f"{verb} {declared.path} (task_config.{declared.field})",
            is_allowed,
            f'add "{real.parent}" to folders.{key}',
        )


def judge_receivers(policy: Policy, subject: Subject) -> Iterator[Verdict]:
    """Who is given what of this party's data; the party itself may have all of it."""
    if not subject.gives_data:
        return
    given = {
        (each.what, each.party, each.field)
        for each in subject.config.declared_receivers(subject.parties)
        if each.party != subject.party
    }
    for what, party, field in sorted(given):
        allowed = policy.receivers.of(what)
        yield Verdict(
            f"receivers.{what.value}",
            f"party {party} (task_config.{field})",
            party in allowed or EVERYONE in allowed,
            f'add "{party}" to receivers.{what.value}',
        )
    if subject.tells_statistics and any(line.outside for line in subject.task.learns):
        yield Verdict(
            "receivers.statistics",
            "who sent the request or reads its report",
            SENDER in policy.receivers.statistics,
            f'add "{SENDER}" to receivers.statistics',
        )


def judge_dealer(policy: Policy, subject: Subject) -> Iterator[Verdict]:
    """SEMI2K's first party deals the triples and could learn all; CHEETAH and ABY3 have none."""
    dealer = subject.dealer
    if dealer is None or dealer == subject.party or not subject.is_network:
        return
    peer = policy.peer(dealer)
    name = dealer if peer is None else peer.party
    yield Verdict(
        f'peers."{name}".trusted_dealer',
        f"SEMI2K, in which party {dealer} deals the triples and could learn all",
        subject.is_dealer_allowed or (peer is not None and peer.trusted_dealer),
        "use CHEETAH between two or ABY3 among three parties, or trust it by trusted_dealer = true",
    )


def judge_limits(policy: Policy, subject: Subject) -> Iterator[Verdict]:
    """An intersection that others learn must be one whose size this party learns too."""
    limit = policy.limits.min_intersection
    if limit is None or not subject.gives_data:
        return
    learners = {
        given.party
        for given in subject.config.declared_receivers(subject.parties)
        if given.what is Receives.INTERSECTION
    }
    others = sorted(learners - {subject.party})
    if others:
        yield Verdict(
            "limits.min_intersection",
            f"an intersection that party {others[0]} learns and {subject.party} does not",
            subject.party in learners,
            "let every party learn the intersection (broadcast_result), or set no limit",
        )


def _fingerprint(certs_dir: Path, party: str) -> str | None:
    from secretflow_worker.engine import certs

    try:
        return certs.read(certs_dir / f"{party}.crt").fingerprint.replace(":", "").lower()
    except WorkerError:
        return None
