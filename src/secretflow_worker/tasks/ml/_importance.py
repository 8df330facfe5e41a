"""How much each feature gained, for the label holder alone.

The label holder knows what each split gained, and its owner by which feature it is. The gains
are encrypted for the owner, who adds them up by feature and opens the sums. So the owner learns
no gain, and the label holder only how often and for how much a feature splits in all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from secretflow_worker.tasks._parties import Parties
from secretflow_worker.tasks.ml._forest import Forest, count_gains

_GAIN_BITS = 30


class Importance(BaseModel):
    """Of one feature: how often it splits a node, and what that gains in all and on average."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    party: str
    feature: str
    weight: int
    total_gain: float
    gain: float


def importances(
    parties: Parties, forest: Forest, features: Mapping[str, Sequence[str]], label_party: str
) -> list[Importance] | None:
    """Return every feature's importance, the most important first; None but at the label holder."""
    found: list[Importance] = []
    gained = count_gains(forest.trees)
    for party in parties.names:
        names = features[party]
        if party == label_party and parties.me == label_party:
            by_feature = _own(forest, len(names), party)
        elif party == label_party or not names or parties.me not in (party, label_party):
            continue
        elif parties.me == party:
            _add_up(parties, forest, len(names))
            continue
        else:
            by_feature = _open(
                parties, [gain for _, _, gain in gained.get(party, [])], party, names
            )
        found += [
            Importance(
                party=party,
                feature=name,
                weight=weight,
                total_gain=float(f"{total:.6g}"),
                gain=float(f"{total / max(weight, 1):.6g}"),
            )
            for name, (weight, total) in zip(names, by_feature, strict=True)
        ]
    if parties.me != label_party:
        return None
    return sorted(found, key=lambda each: -each.total_gain)


def _own(forest: Forest, width: int, party: str) -> list[tuple[int, float]]:
    weight, total = [0] * width, [0.0] * width
    for tree in forest.trees:
        for node, gained in tree.gains.items():
            if gained.party == party:
                weight[tree.splits[node].feature] += 1
                total[tree.splits[node].feature] += gained.gain
    return list(zip(weight, total, strict=True))


def _open(
    parties: Parties, gains: Sequence[float], party: str, names: Sequence[str]
) -> list[tuple[int, float]]:
    """Return ``(weight, total gain)`` of each feature of a party that has so many splits."""
    if not gains:
        return [(0, 0.0)] * len(names)
    unit = max(gains)
    low_bits, slot_bits = _layout(len(gains))
    values = [(round(gain / unit * 2**_GAIN_BITS) << low_bits) + 1 for gain in gains]
    parties.heu.encrypt(values, len(values), [party])
    opened = parties.heu.open(None, None, party, len(names), slot_bits) or []
    mask = (1 << low_bits) - 1
    return [(value & mask, (value >> low_bits) / 2**_GAIN_BITS * unit) for value in opened]


def _add_up(parties: Parties, forest: Forest, width: int) -> None:
    used = [tree.splits[node].feature for tree in forest.trees for node in sorted(tree.splits)]
    if not used:
        return
    values = parties.heu.encrypt(None, len(used), [parties.me])
    elsewhere = np.array(used)[:, np.newaxis] != np.arange(width)
    sums = parties.heu.bucket_sums(values, np.ones(len(used), bool), elsewhere, 2)
    _, slot_bits = _layout(len(used))
    parties.heu.open(sums, [2 * feature for feature in range(width)], parties.me, width, slot_bits)


def _layout(count: int) -> tuple[int, int]:
    """Return the bits of a number of splits, and of a sum of gains and such a number."""
    low = count.bit_length() + 1
    return low, _GAIN_BITS + 2 * low + 1
