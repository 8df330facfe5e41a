"""Boosted trees by a party's program: buckets at the owner, trees of `_trees` on shares."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secretflow_worker.contract.errors import InputError
from secretflow_worker.tasks._parties import Array, Parties, Secret
from secretflow_worker.tasks.ml import _trees as trees
from secretflow_worker.tasks.ml._buckets import compare, cut_points
from secretflow_worker.tasks.ml._fixed_point import fixed_point
from secretflow_worker.tasks.ml._params import XgbParams
from secretflow_worker.tasks.ml._predictions import sr_sigmoid
from secretflow_worker.tasks.ml._vertical import (
    TrainingData,
    check_magnitude,
    row_blocks,
    share_columns,
)


@dataclass(frozen=True)
class Forest:
    """A trained model: secret splits and leaf weights, and this party's own cuts."""

    splits: Secret
    """(trees, splits, candidates), one-hot."""
    weights: Secret
    """(trees, 1, leaves)."""
    cuts: list[list[float]]


def check_numbers(params: XgbParams, data: TrainingData, label: str, field: str) -> None:
    """Check row count and label against the limits of the ring.

    A node's sums reach the number of rows (linear) or a quarter of it (logistic) in the
    divisor, and a gain reaches that times the square of the label, which the residuals may
    exceed twice. Features are only compared, at their owner, and may have any size.

    Raises:
        InputError: too many rows, or a label beyond its limit.
    """
    fixed = fixed_point(field)
    is_linear = params.objective == "linear"
    most = int(fixed.divisor_limit) * (1 if is_linear else 4)
    if data.train.count > most:
        raise InputError(
            f"{data.train.path.name}: more than {most} rows do not fit in the sums of {field}",
            hint="Use FM128, or fewer rows.",
        )
    if is_linear and data.label is not None:
        limit = math.sqrt(fixed.product_limit / data.train.count) / 2
        check_magnitude(data.train.path.name, [label], data.label[:, np.newaxis], limit)


def train(parties: Parties, params: XgbParams, label_party: str, data: TrainingData) -> Forest:
    """Grow the trees, each one program; returns the shares of the model."""
    spu = parties.spu
    values = data.train.values
    cuts = [cut_points(column, params.buckets) for column in values.T]
    maps = share_columns(parties, data.features, compare(values, cuts, params.buckets))
    label = None if data.label is None else data.label[np.newaxis].astype(np.float32)
    y = spu.share(label_party, label)
    start = np.full((1, data.train.count), params.base_score, np.float32)
    margin = spu.share(label_party, start if parties.me == label_party else None)
    m = spu.call(trees.join_maps, *maps)
    spu.free(*maps)
    samples = _Samples(params, data.train.count, data.width)
    weights, splits = [], []
    for number in range(params.num_boost_round):
        done = 0.95 * number / params.num_boost_round
        parties.progress(done, f"tree {number + 1} of {params.num_boost_round}")
        before = margin
        margin, leaf_weights, tree_splits = spu.call(
            trees.grow_tree,
            m,
            y,
            margin,
            samples.rows(),
            samples.candidates(),
            depth=params.max_depth,
            objective=params.objective,
            reg_lambda=params.reg_lambda,
            learning_rate=params.learning_rate,
        )
        spu.free(before)
        weights.append(leaf_weights)
        splits.append(tree_splits)
    forest = Forest(
        spu.call(trees.stack_trees, *splits), spu.call(trees.stack_trees, *weights), cuts
    )
    spu.free(spu.call(trees.release, m), m, y, margin, *weights, *splits)
    return forest


def predict(
    parties: Parties,
    forest: Forest,
    params: XgbParams,
    features: Mapping[str, Sequence[str]],
    rows: Array,
    receiver: str,
) -> Array | None:
    """Return the predictions (n,) at the receiver; the sigmoid of the margin where logistic."""
    spu = parties.spu
    count, nodes, candidates = forest.splits.shape
    own = compare(rows, forest.cuts, params.buckets)
    parts: list[Array] = []
    for block in row_blocks(len(rows), max(candidates, count * (nodes + 1))):
        maps = share_columns(parties, features, own[block])
        margins = spu.call(
            trees.predict_trees,
            forest.splits,
            forest.weights,
            *maps,
            base_score=params.base_score,
        )
        opened = spu.reveal(margins, receiver)
        spu.free(margins, *maps)
        if opened is not None:
            parts.append(opened[0].astype(np.float64))
    if parties.me != receiver:
        return None
    margin = np.concatenate(parts)
    return sr_sigmoid(margin) if params.objective == "logistic" else margin


class _Samples:
    """Which rows and features each tree may use: public, from the seed, the same everywhere."""

    def __init__(self, params: XgbParams, rows: int, width: int) -> None:
        self._params = params
        self._rows = rows
        self._width = width
        self._random = np.random.default_rng(params.seed)

    def rows(self) -> NDArray[np.int32]:
        """Return the next tree's rows, (1, n)."""
        return self._chosen(self._rows, self._params.subsample)[np.newaxis]

    def candidates(self) -> NDArray[np.int32]:
        """Return the next tree's candidates, (1, c); no split is always one."""
        features = self._chosen(self._width, self._params.colsample_by_tree)
        candidates = np.repeat(features, self._params.buckets - 1)
        return np.append(candidates, np.int32(1))[np.newaxis]

    def _chosen(self, count: int, share: float) -> NDArray[np.int32]:
        chosen = np.zeros(count, np.int32)
        chosen[self._random.permutation(count)[: math.ceil(count * share)]] = 1
        return chosen
