"""What a policy says of one point of a request, and the error that a refusal is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from secretflow_worker.contract.errors import PolicyError

_NAMED_AT_MOST = 5


@dataclass(frozen=True)
class Verdict:
    """`rule` is the place in the policy file, `what` the part of the request that it judges.

    `ask` says what the operator would have to write, where it is refused. None of them holds a
    value from a party's file.
    """

    rule: str
    what: str
    is_allowed: bool
    ask: str = ""


class PolicyRefusal(PolicyError):
    """A refusal by a party's own policy; `rules` are the places in it that say no."""

    def __init__(self, party: str, refused: Iterable[Verdict]) -> None:
        verdicts = list(refused)
        self.verdicts = tuple(verdicts)
        self.rules = [verdict.rule for verdict in verdicts]
        told = verdicts[:_NAMED_AT_MOST]
        lines = [f"{verdict.rule} does not allow {verdict.what}" for verdict in told]
        if len(verdicts) > len(told):
            lines.append(f"and {len(verdicts) - len(told)} more")
        asks = list(dict.fromkeys(verdict.ask for verdict in told if verdict.ask))
        super().__init__(
            f"the policy of party {party} refuses: " + "; ".join(lines),
            hint=f"Ask the operator of {party}: " + "; ".join(asks) if asks else None,
            party=party,
        )


def raise_if_refused(party: str, verdicts: Iterable[Verdict]) -> None:
    """Raise for what is refused, if anything is.

    Raises:
        PolicyRefusal: naming the rules.
    """
    refused = [verdict for verdict in verdicts if not verdict.is_allowed]
    if refused:
        raise PolicyRefusal(party, refused)
