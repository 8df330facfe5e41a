"""Boosted trees by a party's program: buckets at the owner, trees of `_trees` on shares."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secretflow_worker.contract.errors import InputError
from secretflow_worker.tasks._parties import Array, Parties, Secret
from secretflow_worker.tasks.ml import _trees as trees
from secretflow_worker.tasks.ml._buckets import candidate_counts, compare, cut_points
from secretflow_worker.tasks.ml._fixed_point import fixed_point
from secretflow_worker.tasks.ml._growing import Samples, Table, Tree, grow_tree
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

    @property
    def count(self) -> int:
        return self.splits.shape[0]


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


def train(
    parties: Parties,
    params: XgbParams,
    label_party: str,
    data: TrainingData,
    base: Forest | None = None,
) -> Forest:
    """Grow trees, on top of those of `base` where it is given; returns the shares of them all."""
    spu = parties.spu
    values = data.train.values
    cuts = base.cuts if base else [cut_points(column, params.buckets) for column in values.T]
    own = compare(values, cuts, params.padded_candidates)
    label = None if data.label is None else data.label[np.newaxis].astype(np.float32)
    maps = share_columns(parties, data.features, own)
    counts = _count_candidates(parties, params, cuts, data.features)
    table = Table(
        spu.call(trees.join_maps, *maps),
        spu.share(label_party, label),
        own,
        _place_blocks(data.features, counts),
    )
    spu.free(*maps)
    samples = Samples(params, data.train.count, counts, base.count if base else 0)
    margin: Secret | Array = np.full((1, data.train.count), params.base_score, np.float32)
    if base is not None:
        margin = _margins_so_far(parties, base, params, data.features, own)
    grown = []
    for number in range(params.num_boost_round):
        done = 0.95 * number / params.num_boost_round
        parties.progress(done, f"tree {number + 1} of {params.num_boost_round}")
        is_last = number == params.num_boost_round - 1
        tree = grow_tree(parties, params, table, margin, samples, enters_leaves=not is_last)
        grown.append(tree)
        before = margin
        if tree.members is not None:
            margin = spu.call(trees.add_tree, margin, tree.members, tree.weights)
            spu.free(tree.members)
        if isinstance(before, Secret) and before is not margin:
            spu.free(before)
    if isinstance(margin, Secret):
        spu.free(margin)
    spu.free(spu.call(trees.release, table.m), table.m, table.y)
    return _join(parties, base, grown, cuts)


def predict(
    parties: Parties,
    forest: Forest,
    params: XgbParams,
    features: Mapping[str, Sequence[str]],
    rows: Array,
    receiver: str,
) -> Array | None:
    """Return the predictions (n,) at the receiver; the sigmoid of the margin where logistic."""
    own = compare(rows, forest.cuts, params.padded_candidates)
    parts: list[Array] = []
    for margins in _margins(parties, forest, params, features, own):
        opened = parties.spu.reveal(margins, receiver)
        parties.spu.free(margins)
        if opened is not None:
            parts.append(opened[0].astype(np.float64))
    if parties.me != receiver:
        return None
    margin = np.concatenate(parts)
    return sr_sigmoid(margin) if params.objective == "logistic" else margin


def _margins(
    parties: Parties,
    forest: Forest,
    params: XgbParams,
    features: Mapping[str, Sequence[str]],
    own: NDArray[np.int8],
) -> Iterator[Secret]:
    """Yield the margins of blocks of rows, (1, rows of the block), from this party's map of all."""
    spu = parties.spu
    count, nodes, candidates = forest.splits.shape
    for block in row_blocks(len(own), max(candidates, count * (nodes + 1))):
        maps = share_columns(parties, features, own[block])
        margins: Secret = spu.call(
            trees.predict_trees, forest.splits, forest.weights, *maps, base_score=params.base_score
        )
        spu.free(*maps)
        yield margins


def _margins_so_far(
    parties: Parties,
    forest: Forest,
    params: XgbParams,
    features: Mapping[str, Sequence[str]],
    own: NDArray[np.int8],
) -> Secret:
    """Return the margins (1, n) of the training rows by the forest that is there."""
    blocks = list(_margins(parties, forest, params, features, own))
    joined: Secret = parties.spu.call(trees.join_margins, *blocks)
    parties.spu.free(*blocks)
    return joined


def _join(
    parties: Parties, base: Forest | None, grown: Sequence[Tree], cuts: list[list[float]]
) -> Forest:
    """Return all trees as one forest; what they were apart is forgotten."""
    spu = parties.spu
    splits = spu.call(trees.stack_trees, *(tree.splits for tree in grown))
    weights = spu.call(trees.stack_trees, *(tree.weights for tree in grown))
    for tree in grown:
        spu.free(tree.splits, tree.weights)
    if base is None:
        return Forest(splits, weights, cuts)
    forest = Forest(
        spu.call(trees.append_trees, base.splits, splits),
        spu.call(trees.append_trees, base.weights, weights),
        cuts,
    )
    spu.free(splits, weights, base.splits, base.weights)
    return forest


def _count_candidates(
    parties: Parties,
    params: XgbParams,
    cuts: Sequence[Sequence[float]],
    features: Mapping[str, Sequence[str]],
) -> list[int]:
    """Return the number of candidates of every feature; told only where they are not padded."""
    if params.padded_candidates is not None:
        return [params.padded_candidates] * sum(map(len, features.values()))
    told = parties.exchange(candidate_counts(cuts, None))
    return [int(count) for party in parties.names for count in told[party]]


def _place_blocks(
    features: Mapping[str, Sequence[str]], counts: Sequence[int]
) -> dict[str, tuple[int, int]]:
    """Return where each party's candidates start and stop among all."""
    edges = np.cumsum([0, *counts]).tolist()
    blocks, first = {}, 0
    for party, names in features.items():
        if names:
            blocks[party] = (edges[first], edges[first + len(names)])
        first += len(names)
    return blocks
