"""SecureBoost at a party that has features and no label."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from secretflow_worker.contract.errors import PeerLost
from secretflow_worker.tasks._parties import Parties
from secretflow_worker.tasks.ml import _splits as splits
from secretflow_worker.tasks.ml._forest import ROOT, Split, Tree, leaves_of
from secretflow_worker.tasks.ml._params import SgbParams

if TYPE_CHECKING:
    from secretflow_worker.tasks.ml._secureboost import Candidates

Rows = NDArray[np.bool_]

_SHUFFLER = random.SystemRandom()


class Follower:
    """Takes part in the growth of one tree after the other."""

    def __init__(
        self, parties: Parties, params: SgbParams, leader: str, candidates: Candidates
    ) -> None:
        self._parties = parties
        self._params = params
        self._leader = leader
        self._candidates = candidates

    def grow(self, rows: Rows, features: list[int]) -> Tree:
        """Take part in a tree on some rows and own features; returns the own splits of it."""
        own = self._candidates.of(features)
        self._parties.send(self._leader, np.array([len(own)], np.int32))
        found: dict[int, Split] = {}
        nodes = self._grow(rows, features, own, found) if own else []
        told = self._parties.receive(self._leader, "int32", (None,)).tolist()
        if not told or min(told) < ROOT or (own and told != leaves_of(nodes)):
            raise self._out_of_turn()
        return Tree(splits=found, leaves=[int(leaf) for leaf in told])

    def _grow(
        self,
        rows: Rows,
        features: list[int],
        own: list[tuple[int, int]],
        found: dict[int, Split],
    ) -> list[int]:
        """Return the nodes of the tree that were split; fills in the own splits."""
        parties, leader, depth = self._parties, self._leader, self._params.max_depth
        count = int(rows.sum())
        _, slot_bits = splits.slot_layout(count)
        encrypted = parties.heu.encrypt(None, count, [parties.me])
        bins = np.ascontiguousarray(self._candidates.bins[rows][:, features])
        buckets = 1 + max(len(self._candidates.cuts[feature]) for feature in features)
        order = list(range(len(own)))
        _SHUFFLER.shuffle(order)
        column = {feature: place for place, feature in enumerate(features)}
        sums_of = [column[own[place][0]] * buckets + own[place][1] for place in order]
        node = np.full(len(rows), ROOT, np.int32)
        asked, all_split = [ROOT], []
        for level in range(depth):
            for each in asked:
                members = node[rows] == each
                sums = parties.heu.bucket_sums(encrypted, members, bins, buckets)
                parties.heu.open(sums, sums_of, parties.me, len(own), slot_bits)
            split = parties.receive(leader, "int32", (None,))
            wins = parties.receive(leader, "int32", (None, 2))
            self._check(split, wins, level, len(own))
            if len(wins):
                parties.send(leader, self._part(node, wins, order, own, found))
            all_split += split.tolist()
            if not len(split) or level == depth - 1:
                break
            left = parties.receive(leader, "bool", (len(rows),))
            asked = parties.receive(leader, "int32", (len(split),)).tolist()
            node = np.where(np.isin(node, split), 2 * node + 1 - left, node)
        return all_split

    def _part(
        self,
        node: NDArray[np.int32],
        wins: NDArray[np.int32],
        order: list[int],
        own: list[tuple[int, int]],
        found: dict[int, Split],
    ) -> Rows:
        """Return which rows go left in the nodes that are split by an own feature, (n,).

        Of candidates that are equally good, the first feature's lowest cut is taken.
        """
        left = np.zeros(len(node), bool)
        for each in sorted({int(number) for number in wins[:, 0]}):
            places = wins[wins[:, 0] == each, 1]
            feature, cut = own[min(order[place] for place in places)]
            found[each] = Split(feature=feature, cut=self._candidates.cuts[feature][cut])
            left |= (node == each) & self._candidates.left(feature, cut)
        return left

    def _check(
        self, split: NDArray[np.int32], wins: NDArray[np.int32], level: int, count: int
    ) -> None:
        """Check what the label holder chose.

        Raises:
            PeerLost: nodes that are not of this level, or candidates that there are not.
        """
        is_level = ((split >= 2**level) & (split < 2 ** (level + 1))).all()
        known = np.isin(wins[:, 0], split).all()
        in_range = ((wins[:, 1] >= 0) & (wins[:, 1] < count)).all()
        if not (is_level and known and in_range) or len(np.unique(split)) != len(split):
            raise self._out_of_turn()

    def _out_of_turn(self) -> PeerLost:
        return PeerLost(
            f"party {self._leader} sent what is not in the protocol", party=self._leader
        )
