"""K-means by a party's program: first centres by a public seed, steps of `_lloyd` on shares."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from secretflow_worker.contract.errors import ConfigError, InputError
from secretflow_worker.tasks._parties import Array, Parties, Secret
from secretflow_worker.tasks.ml import _lloyd as lloyd
from secretflow_worker.tasks.ml._fixed_point import fixed_point
from secretflow_worker.tasks.ml._params import KmeansParams
from secretflow_worker.tasks.ml._vertical import (
    TrainingData,
    check_magnitude,
    row_blocks,
    share_columns,
)

SAMPLE_ROWS = 512
"""Among so many rows k-means++ chooses: its rounds and the size of its sums depend on it."""


@dataclass(frozen=True)
class Clusters:
    """What a training makes; the last three at those who are told, None elsewhere."""

    centers: Secret
    """(k, features)."""
    assigned: Array | None
    """The cluster of each training row, (n,)."""
    sizes: list[int] | None
    inertia: float | None


def value_limit(width: int, field: str) -> float:
    """Return how large a feature may be, for products of `width` features to fit.

    A squared distance is up to ``4 * width * limit**2``. Summed over the rows among which
    k-means++ draws, and times a draw's number, it still is ``2**18`` times smaller than the ring.
    """
    return math.sqrt(fixed_point(field).product_limit / (4 * width))


def check_numbers(params: KmeansParams, data: TrainingData, party: str, field: str) -> None:
    """Check the number of rows and this party's own features against the limits of the ring.

    A centre moves by a sum over its rows of up to ``2 * limit`` each, which the division doubles.

    Raises:
        ConfigError: more clusters than rows.
        InputError: no features, too many rows, or a feature beyond its limit.
    """
    rows, fixed = data.train.count, fixed_point(field)
    if params.n_clusters > rows:
        raise ConfigError(
            f"task_config.params.n_clusters: {params.n_clusters} clusters of {rows} rows",
            hint="Ask for at most as many clusters as there are rows.",
        )
    if rows > fixed.divisor_limit:
        raise InputError(
            f"{data.train.path.name}: more than {int(fixed.divisor_limit)} rows do not fit in the "
            f"sums of {field}",
            hint="Use FM128, or fewer rows.",
        )
    limit = min(value_limit(data.width, field), fixed.product_limit / (4 * rows))
    names = data.features[party]
    check_magnitude(data.train.path.name, names, data.train.values, limit)
    if data.test is not None:
        rows_limit = value_limit(data.width, field)
        check_magnitude(data.test.path.name, names, data.test.values, rows_limit)


def train(
    parties: Parties,
    params: KmeansParams,
    data: TrainingData,
    assigned_to: str | None,
    sizes_to: str | None,
) -> Clusters:
    """Find the centres; tell the two receivers, where there are any, of the training rows."""
    spu = parties.spu
    own = data.train.values.astype(np.float32)
    blocks = share_columns(parties, data.features, own)
    x = spu.call(lloyd.join_features, *blocks)
    spu.free(*blocks)
    random = np.random.default_rng(params.seed)
    best: tuple[Secret, Secret] | None = None
    for start in range(params.n_init):
        centers = _first_centers(parties, params, data, random)
        for step in range(params.max_iter):
            done = (start * params.max_iter + step) / (params.n_init * params.max_iter)
            of_start = f"start {start + 1} of {params.n_init}, " if params.n_init > 1 else ""
            message = f"{of_start}step {step + 1} of {params.max_iter}"
            parties.progress(0.95 * done, message)
            before = centers
            centers = spu.call(lloyd.move_centers, x, before)
            spu.free(before)
        if params.n_init > 1:
            best = _better(parties, best, centers, spu.call(lloyd.cost_of, x, centers))
    if best is not None:
        centers, cost = best
        spu.free(cost)
    clusters = _describe(parties, data, x, centers, assigned_to, sizes_to)
    spu.free(spu.call(lloyd.release, x), x)
    return clusters


def predict(
    parties: Parties,
    centers: Secret,
    features: Mapping[str, Sequence[str]],
    rows: Array,
    receiver: str,
) -> Array | None:
    """Return the cluster of each row (n,) at the receiver.

    Raises:
        InputError: a feature beyond its limit.
    """
    spu = parties.spu
    count, width = centers.shape
    check_magnitude("the rows", features[parties.me], rows, value_limit(width, spu.field))
    parts: list[Array] = []
    for block in row_blocks(len(rows), max(width, 2 * count)):
        columns = share_columns(parties, features, rows[block].astype(np.float32))
        clusters = spu.call(lloyd.predict_clusters, centers, *columns)
        opened = spu.reveal(clusters, receiver)
        spu.free(clusters, *columns)
        if opened is not None:
            parts.append(opened.astype(np.int64))
    return np.concatenate(parts) if parties.me == receiver else None


def draw_rows(random: np.random.Generator, params: KmeansParams, rows: int) -> tuple[Array, Array]:
    """Draw the rows among which the first centres are chosen, and the numbers that choose them."""
    wanted = params.n_clusters if params.init == "random" else min(rows, SAMPLE_ROWS)
    sample = random.permutation(rows)[:wanted]
    draws = random.integers(0, lloyd.DRAWS, params.n_clusters - 1, dtype=np.int32)
    return sample, draws


def _first_centers(
    parties: Parties, params: KmeansParams, data: TrainingData, random: np.random.Generator
) -> Secret:
    spu = parties.spu
    sample, draws = draw_rows(random, params, data.train.count)
    if params.n_clusters == 1:
        sample = sample[:1]
    own = data.train.values[sample].astype(np.float32)
    blocks = share_columns(parties, data.features, own)
    rows: Secret = spu.call(lloyd.join_blocks, *blocks)
    spu.free(*blocks)
    if params.init == "random" or params.n_clusters == 1:
        return rows
    centers: Secret = spu.call(lloyd.spread_centers, rows, draws, lloyd.sums_up_to(len(sample)))
    spu.free(rows)
    return centers


def _better(
    parties: Parties, best: tuple[Secret, Secret] | None, centers: Secret, cost: Secret
) -> tuple[Secret, Secret]:
    if best is None:
        return centers, cost
    better = parties.spu.call(lloyd.keep_better, *best, centers, cost)
    parties.spu.free(*best, centers, cost)
    return better[0], better[1]


def _describe(
    parties: Parties,
    data: TrainingData,
    x: Secret,
    centers: Secret,
    assigned_to: str | None,
    sizes_to: str | None,
) -> Clusters:
    """Open to each receiver what it is to know of the training rows, and nothing else."""
    if assigned_to is None and sizes_to is None:
        return Clusters(centers, None, None, None)
    spu = parties.spu
    own = np.sum(np.square(data.train.values.astype(np.float32), dtype=np.float64))
    squares = [
        spu.share(party, np.array([[own]], np.float32) if party == parties.me else None)
        for party in parties.names
    ]
    assigned, sizes, inertia = spu.call(lloyd.describe, x, centers, *squares)
    clusters = Clusters(
        centers,
        None if assigned_to is None else spu.reveal(assigned, assigned_to),
        *_told(parties, sizes, inertia, sizes_to),
    )
    spu.free(assigned, sizes, inertia, *squares)
    return clusters


def _told(
    parties: Parties, sizes: Secret, inertia: Secret, to: str | None
) -> tuple[list[int] | None, float | None]:
    if to is None:
        return None, None
    counts, total = parties.spu.reveal(sizes, to), parties.spu.reveal(inertia, to)
    if counts is None or total is None:
        return None, None
    return [int(count) for count in counts], max(0.0, float(total.item()))
