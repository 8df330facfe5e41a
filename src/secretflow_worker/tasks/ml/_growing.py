"""One boosted tree by a party's program: which rows and candidates it may use, and its levels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secretflow_worker.tasks._parties import Array, Parties, Secret
from secretflow_worker.tasks.ml import _trees as trees
from secretflow_worker.tasks.ml._params import XgbParams


@dataclass(frozen=True)
class Table:
    """The training rows on shares, and what this party knows of them itself."""

    m: Secret
    """(n, c): which rows are left of which candidate."""
    y: Secret
    """(1, n)."""
    own: NDArray[np.int8]
    """(n, own candidates): this party's part of `m`."""
    blocks: dict[str, tuple[int, int]]
    """Where in `m` each party's candidates start and stop; not of a party without features."""


@dataclass(frozen=True)
class Tree:
    """A grown tree; `members` is None where the rows did not enter its leaves."""

    splits: Secret
    """(splits, c), one-hot."""
    weights: Secret
    """(1, leaves)."""
    members: Secret | None
    """(leaves, n)."""


class Samples:
    """Which rows and features each tree may use: public, from the seed, the same everywhere.

    `counts` has the number of candidates of each feature. A training that goes on draws what one
    training would have drawn: it skips the trees that there are.
    """

    def __init__(self, params: XgbParams, rows: int, counts: Sequence[int], trees: int) -> None:
        self._params = params
        self._rows = rows
        self._counts = counts
        self._random = np.random.default_rng(params.seed)
        for _ in range(trees):
            self.rows()
            self.candidates()

    def rows(self) -> NDArray[np.int32]:
        """Return the next tree's rows, (1, n)."""
        return self._chosen(self._rows, self._params.subsample)[np.newaxis]

    def candidates(self) -> NDArray[np.int32]:
        """Return the next tree's candidates, (1, c); no split is always one."""
        features = self._chosen(len(self._counts), self._params.colsample_by_tree)
        candidates = np.repeat(features, self._counts)
        return np.append(candidates, np.int32(1))[np.newaxis]

    def _chosen(self, count: int, share: float) -> NDArray[np.int32]:
        chosen = np.zeros(count, np.int32)
        chosen[self._random.permutation(count)[: math.ceil(count * share)]] = 1
        return chosen


def grow_tree(
    parties: Parties,
    params: XgbParams,
    table: Table,
    margin: Secret | Array,
    samples: Samples,
    *,
    enters_leaves: bool,
) -> Tree:
    """Grow one tree on the margins so far (1, n), which are public before the first."""
    spu, floor = parties.spu, {"reg_lambda": params.reg_lambda}
    g = spu.call(trees.find_gradients, table.y, margin, objective=params.objective)
    rows = samples.rows()
    if not rows.all():
        all_rows = g
        g = spu.call(trees.choose_rows, all_rows, rows)
        spu.free(all_rows)
    candidates = samples.candidates()
    sums, splits = spu.call(trees.split_root, table.m, g, candidates, **floor)
    levels = [splits]
    members: Secret | None = None
    for _ in range(1, params.max_depth):
        members = _descend(parties, params, table, members, splits)
        parents = sums
        sums, splits = spu.call(
            trees.split_nodes, table.m, g, members, parents, candidates, **floor
        )
        spu.free(parents)
        levels.append(splits)
    rate = params.learning_rate
    weights = spu.call(trees.weigh_leaves, sums, splits, learning_rate=rate, **floor)
    if enters_leaves:
        members = _descend(parties, params, table, members, splits)
    elif members is not None:
        spu.free(members)
    whole = spu.call(trees.join_levels, *levels)
    spu.free(g, sums, *levels)
    return Tree(whole, weights, members if enters_leaves else None)


def _descend(
    parties: Parties,
    params: XgbParams,
    table: Table,
    members: Secret | None,
    splits: Secret,
) -> Secret:
    """Return which rows are in which child, from the parents' rows, which are forgotten."""
    spu = parties.spu
    if params.reveal_splits:
        left = _find_left_at_owners(parties, table, splits)
    else:
        left = spu.call(trees.find_left, table.m, splits)
    if members is None:
        root: Secret = spu.call(trees.enter_root, left)
        spu.free(left)
        return root
    children: Secret = spu.call(trees.enter_children, members, left)
    spu.free(members, left)
    return children


def _find_left_at_owners(parties: Parties, table: Table, splits: Secret) -> Secret:
    """Let every party learn its own splits, (k, own candidates), and share who is left of them."""
    spu = parties.spu
    parts = []
    for party, (start, stop) in table.blocks.items():
        block = spu.call(trees.take_block, splits, start=start, stop=stop)
        opened = spu.reveal(block, party)
        spu.free(block)
        found = None if opened is None else (opened.astype(np.int8) @ table.own.T)
        parts.append(spu.share(party, found))
    left: Secret = spu.call(trees.join_left, splits, *parts)
    spu.free(*parts)
    return left
