"""SecureBoost: trees grown by the label holder, who opens sums of encrypted gradients.

For each tree the label holder encrypts the gradients of every row and sends them to each party
with features. Level after level it says which child of each new pair of nodes is the smaller;
the parties add up the gradients left of their candidates in that child alone, and open the sums
to the label holder, who subtracts them from the parent's. It picks the best split of each node
and tells its owner which candidates those are; the owner says which rows go left. Own features
of the label holder are added up in plaintext.

The candidates of a party stand in an order that is random for each tree, so that the label
holder sees neither features nor cuts. SecretFlow draws a new order for each node. But a node's
sums are those of its two children added up, so who sees all three can match the candidates of
one order with those of the other; the order of a tree is as much as there is to hide.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secretflow_worker.tasks._parties import Parties
from secretflow_worker.tasks.ml._buckets import cut_points
from secretflow_worker.tasks.ml._forest import Forest, Tree
from secretflow_worker.tasks.ml._params import SgbParams
from secretflow_worker.tasks.ml._secureboost_follow import Follower
from secretflow_worker.tasks.ml._secureboost_lead import Leader
from secretflow_worker.tasks.ml._vertical import TrainingData, check_magnitude

LABEL_LIMIT = 1e30
"""A linear label beyond it squares to what no float holds."""


@dataclass(frozen=True)
class Candidates:
    """A party's own candidate splits, and the bucket of each row, (n, features)."""

    cuts: list[list[float]]
    bins: NDArray[np.int8]

    def of(self, features: list[int]) -> list[tuple[int, int]]:
        """Return the candidates of some features: ``(feature, number of the cut)``."""
        return [(feature, cut) for feature in features for cut in range(len(self.cuts[feature]))]

    def left(self, feature: int, cut: int) -> NDArray[np.bool_]:
        """Return which rows are left of a candidate."""
        left: NDArray[np.bool_] = self.bins[:, feature] <= cut
        return left


def find_candidates(values: NDArray[np.float64], buckets: int) -> Candidates:
    """Return the candidates of own features; a constant feature has none."""
    cuts = [cut_points(column, buckets) for column in values.T]
    bins = np.zeros(values.shape, np.int8)
    for feature, own in enumerate(cuts):
        bins[:, feature] = np.searchsorted(own, values[:, feature], side="right")
    return Candidates(cuts, bins)


class Samples:
    """Which rows and own features each tree may use: drawn alike at every party, from the seed."""

    def __init__(self, params: SgbParams, data: TrainingData, me: str, first_tree: int) -> None:
        self._params = params
        self._rows = data.train.count
        self._width = data.width
        before = list(data.features)[: list(data.features).index(me)]
        self._start = sum(len(data.features[party]) for party in before)
        self._own = len(data.features[me])
        self._random = np.random.default_rng([params.seed, first_tree])

    def draw(self) -> tuple[NDArray[np.bool_], list[int]]:
        """Return the next tree's rows, (n,), and those of the own features that it may use."""
        rows = self._chosen(self._rows, self._params.subsample)
        features = self._chosen(self._width, self._params.colsample_by_tree)
        own = features[self._start : self._start + self._own]
        return rows, [int(index) for index in np.flatnonzero(own)]

    def _chosen(self, count: int, share: float) -> NDArray[np.bool_]:
        chosen = np.zeros(count, bool)
        chosen[self._random.permutation(count)[: math.ceil(count * share)]] = True
        return chosen


def check_numbers(params: SgbParams, data: TrainingData, label: str) -> None:
    """Check the label of a linear training; features are only compared and may have any size.

    Raises:
        InputError: it holds a value beyond ``LABEL_LIMIT``.
    """
    if params.objective == "linear" and data.label is not None:
        check_magnitude(data.train.path.name, [label], data.label[:, np.newaxis], LABEL_LIMIT)


def train(
    parties: Parties,
    params: SgbParams,
    label_party: str,
    data: TrainingData,
    base: Forest,
    start: NDArray[np.float64] | None,
) -> Forest:
    """Grow trees after those of `base`; `start` are the margins so far, at the label holder.

    Raises:
        PeerLost: a peer sent what is not in the protocol.
    """
    me, trees = parties.me, list(base.trees)
    others = [party for party in parties.names if data.features[party] and party != label_party]
    if others:
        parties.heu  # noqa: B018 - the keys are made by all parties at once
    candidates = find_candidates(data.train.values, params.buckets)
    samples = Samples(params, data, me, len(trees))
    grower: Leader | Follower | None = None
    if data.label is not None and start is not None:
        grower = Leader(parties, params, others, candidates, data.label, start)
    elif data.features[me]:
        grower = Follower(parties, params, label_party, candidates)
    for number in range(params.num_boost_round):
        done = 0.95 * number / params.num_boost_round
        parties.progress(done, f"tree {number + 1} of {params.num_boost_round}")
        rows, own = samples.draw()
        trees.append(Tree(splits={}, leaves=[1]) if grower is None else grower.grow(rows, own))
    return Forest(trees)
