"""SecureBoost at the label holder: what it encrypts, opens, picks and tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from secretflow_worker.contract.errors import PeerLost
from secretflow_worker.tasks._parties import Parties
from secretflow_worker.tasks.ml import _splits as splits
from secretflow_worker.tasks.ml._forest import ROOT, Gain, Split, Tree, leaves_of
from secretflow_worker.tasks.ml._params import SgbParams

if TYPE_CHECKING:
    from secretflow_worker.tasks.ml._secureboost import Candidates

Rows = NDArray[np.bool_]
Numbers = NDArray[np.float64]

CANDIDATE_LIMIT = 2_000_000
"""Of one party and tree: 16,000 features of 125 buckets."""


@dataclass(frozen=True)
class _Choice:
    """The best split of a node: all that are equally good, by their places at their owner."""

    party: str
    places: list[int]
    gain: float


@dataclass
class _Growth:
    """A tree while it grows. `counts` are the candidates of each party that takes part."""

    grads: splits.Gradients
    rows: Rows
    own: list[tuple[int, int]]
    counts: dict[str, int]
    node: NDArray[np.int32]
    """Of each row."""
    sums: dict[int, Numbers] = field(default_factory=dict)
    """Of each open node: left of every candidate, own ones first, then by party, (c, 2)."""
    choices: dict[int, _Choice] = field(default_factory=dict)

    def in_node(self, node: int) -> Rows:
        inside: Rows = self.rows & (self.node == node)
        return inside


class Leader:
    """Grows one tree after the other; `margin` is of every row, after the trees so far."""

    def __init__(
        self,
        parties: Parties,
        params: SgbParams,
        others: Sequence[str],
        candidates: Candidates,
        label: Numbers,
        margin: Numbers,
    ) -> None:
        self._parties = parties
        self._params = params
        self._others = others
        self._candidates = candidates
        self._label = label
        self.margin = margin.copy()

    def grow(self, rows: Rows, features: list[int]) -> Tree:
        """Grow a tree on some rows and own features, and move the margins of all rows by it."""
        params = self._params
        grads = splits.gradients(self._label, self.margin, params.objective)
        counts = {party: count for party in self._others if (count := self._hear_count(party))}
        node = np.full(len(rows), ROOT, np.int32)
        growth = _Growth(grads, rows, self._candidates.of(features), counts, node)
        self._encrypt(growth)
        tree = Tree(splits={}, leaves=[ROOT])
        opened, asked = [ROOT], [ROOT]
        for level in range(params.max_depth):
            self._add_up(growth, asked)
            chosen = self._choose(growth, opened)
            left = self._part(growth, chosen, tree.splits)
            was_split = np.isin(growth.node, list(chosen))
            growth.node = np.where(was_split, 2 * growth.node + 1 - left, growth.node)
            if not chosen or level == params.max_depth - 1:
                break
            opened = [child for parent in chosen for child in (2 * parent, 2 * parent + 1)]
            asked = [self._smaller(growth, parent) for parent in chosen]
            for party in counts:
                self._parties.send(party, left)
                self._parties.send(party, np.array(asked, np.int32))
        return self._finish(growth, tree)

    def _hear_count(self, party: str) -> int:
        count = int(self._parties.receive(party, "int32", (1,))[0])
        if not 0 <= count <= CANDIDATE_LIMIT:
            raise PeerLost(f"party {party} sent what is not in the protocol", party=party)
        return count

    def _encrypt(self, growth: _Growth) -> None:
        if growth.counts:
            low_bits, _ = splits.slot_layout(int(growth.rows.sum()))
            values = splits.pack(growth.grads, growth.rows, low_bits)
            self._parties.heu.encrypt(values, len(values), list(growth.counts))

    def _add_up(self, growth: _Growth, asked: Sequence[int]) -> None:
        """Find the sums of the nodes `asked`, and by subtraction those of their siblings."""
        bins = self._candidates.bins
        features = sorted({feature for feature, _ in growth.own})
        cuts = [len(self._candidates.cuts[feature]) for feature in features]
        parts = {
            node: [splits.own_sums(growth.grads, bins[:, features], cuts, growth.in_node(node))]
            for node in asked
        }
        low_bits, slot_bits = splits.slot_layout(int(growth.rows.sum()))
        for party, count in growth.counts.items():
            for node in asked:
                opened = self._parties.heu.open(None, None, party, count, slot_bits)
                parts[node].append(splits.unpack(opened or [], low_bits))
        for node in asked:
            growth.sums[node] = np.concatenate(parts[node])
            if node != ROOT:
                growth.sums[node ^ 1] = growth.sums.pop(node // 2) - growth.sums[node]

    def _choose(self, growth: _Growth, opened: Sequence[int]) -> dict[int, _Choice]:
        """Pick the best split of each open node that is worth one."""
        params, grads = self._params, growth.grads
        owners = [self._parties.me, *growth.counts]
        ends = np.cumsum([len(growth.own), *growth.counts.values()])
        chosen: dict[int, _Choice] = {}
        for node in opened:
            rows = growth.in_node(node)
            total = np.array([grads.first[rows].sum(), grads.second[rows].sum()])
            _check_sums(growth.sums[node], float(total[1]), ends, owners)
            best, gain = splits.best_candidates(
                growth.sums[node], total, params.reg_lambda, params.gamma, grads.unit
            )
            if not len(best):
                del growth.sums[node]
                continue
            owner = int(np.searchsorted(ends, best[0], side="right"))
            start = int(ends[owner - 1]) if owner else 0
            places = [int(place) - start for place in best if place < ends[owner]]
            chosen[node] = _Choice(owners[owner], places, gain)
        growth.choices.update(chosen)
        return chosen

    def _part(
        self, growth: _Growth, chosen: dict[int, _Choice], own: dict[int, Split]
    ) -> NDArray[np.bool_]:
        """Tell the parties what was chosen, and return which rows go left, (n,)."""
        parties, me = self._parties, self._parties.me
        for party in growth.counts:
            wins = [
                (node, place)
                for node, choice in chosen.items()
                if choice.party == party
                for place in choice.places
            ]
            parties.send(party, np.array(list(chosen), np.int32))
            parties.send(party, np.array(wins, np.int32).reshape(-1, 2))
        left = np.zeros(len(growth.node), bool)
        for node, choice in chosen.items():
            if choice.party == me:
                feature, cut = growth.own[choice.places[0]]
                own[node] = Split(feature=feature, cut=self._candidates.cuts[feature][cut])
                left |= (growth.node == node) & self._candidates.left(feature, cut)
        for party in {choice.party for choice in chosen.values()} - {me}:
            nodes = [node for node, choice in chosen.items() if choice.party == party]
            told = parties.receive(party, "bool", (len(left),))
            left |= told & np.isin(growth.node, nodes)
        return left

    def _smaller(self, growth: _Growth, parent: int) -> int:
        left, right = (int(growth.in_node(child).sum()) for child in (2 * parent, 2 * parent + 1))
        return 2 * parent if left <= right else 2 * parent + 1

    def _finish(self, growth: _Growth, tree: Tree) -> Tree:
        params = self._params
        leaves = leaves_of(list(growth.choices))
        for party in self._others:
            self._parties.send(party, np.array(leaves, np.int32))
        weights = [
            splits.leaf_weight(
                growth.grads, growth.in_node(leaf), params.reg_lambda, params.learning_rate
            )
            for leaf in leaves
        ]
        self.margin += np.array(weights)[np.searchsorted(leaves, growth.node)]
        gains = {
            node: Gain(party=choice.party, gain=choice.gain)
            for node, choice in growth.choices.items()
        }
        return Tree(splits=tree.splits, leaves=leaves, weights=weights, gains=gains)


def _check_sums(
    left: Numbers, total: float, ends: NDArray[np.int64], owners: Sequence[str]
) -> None:
    """Check that no sum of second orders is beyond its node's; they are exact, and not negative.

    Raises:
        PeerLost: naming the party whose sums cannot be.
    """
    beyond = np.flatnonzero((left[:, 1] < 0) | (left[:, 1] > total))
    if len(beyond):
        party = owners[int(np.searchsorted(ends, beyond[0], side="right"))]
        raise PeerLost(f"party {party} sent what is not in the protocol", party=party)
