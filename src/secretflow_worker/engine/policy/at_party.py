"""What only the party's own process can see: its tables as it reads them, and what came out.

A refusal here comes after the link is up and before the task's program reads a row, or, for an
intersection, before any output gets its name. Nothing of it can undo what a peer has computed
by then: a peer that keeps to its program writes nothing, one that does not may keep it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from secretflow_worker.engine.policy.columns import judge_tables
from secretflow_worker.engine.policy.model import EVERYONE, Policy
from secretflow_worker.engine.policy.subject import Subject
from secretflow_worker.engine.policy.verdict import Verdict, raise_if_refused


def check_tables(policy: Policy, subject: Subject) -> None:
    """Judge the columns again, by the headers that this process reads, and count rows.

    Raises:
        PolicyRefusal: naming the rules. No count is told.
        InputError: a table is not well-formed.
    """
    raise_if_refused(subject.party, judge_tables(policy, subject))
    raise_if_refused(subject.party, _judge_rows(policy, subject))


def _judge_rows(policy: Policy, subject: Subject) -> Iterator[Verdict]:
    limit = policy.limits.min_rows
    if limit is None or not (subject.is_linked or subject.tells_statistics):
        return
    from secretflow_worker.tasks._tables import count_rows

    for declared, real in subject.tables:
        yield Verdict(
            "limits.min_rows",
            f"a table of so few rows (task_config.{declared.field})",
            count_rows(real) >= limit,
            "give it a larger table",
        )


class IntersectionGuard:
    """Stands around ``Parties.intersect``, for every task type that calls it."""

    def __init__(self, policy: Policy | None, party: str, parties: Sequence[str]) -> None:
        self._policy = policy
        self._party = party
        self._parties = parties

    def before(self, receiver: str | None) -> None:
        """Judge who learns the intersection, whatever the config said.

        Raises:
            PolicyRefusal: naming the rules.
        """
        if self._policy is None:
            return
        allowed = self._policy.receivers.intersection
        is_checkable = receiver in (None, self._party)
        verdicts = [
            Verdict(
                "receivers.intersection",
                f"party {party}",
                party in allowed or EVERYONE in allowed,
                f'add "{party}" to receivers.intersection',
            )
            for party in self._others(receiver)
        ]
        if self._policy.limits.min_intersection is not None and not is_checkable:
            verdicts.append(
                Verdict("limits.min_intersection", f"one that only {receiver} learns", False)
            )
        raise_if_refused(self._party, verdicts)

    def after(self, receiver: str | None, count: int) -> None:
        """Judge the size of an intersection that another party has learned.

        Raises:
            PolicyRefusal: it is too small. Its size is not told.
        """
        limit = None if self._policy is None else self._policy.limits.min_intersection
        if limit is None or not self._others(receiver):
            return
        what = "an intersection of so few rows for another party"
        verdict = Verdict("limits.min_intersection", what, count >= limit, "intersect more rows")
        raise_if_refused(self._party, [verdict])

    def _others(self, receiver: str | None) -> list[str]:
        learners = self._parties if receiver is None else [receiver]
        return [party for party in learners if party != self._party]
