"""What sgb computes, in plain numpy on the joined table: one table, one party, no encryption.

Gradients are rounded to ``2**-20`` as they are before they are encrypted, so that the same
splits are found; everything else is double precision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.tasks.plain_models import Numbers, sigmoid


@dataclass
class PlainForest:
    """`trees` are nodes, ``{number: (feature, cut) or weight}``, the root 1, children 2k, 2k+1."""

    base_score: float = 0.0
    trees: list[dict[int, Any]] = field(default_factory=list)
    gains: list[tuple[int, float]] = field(default_factory=list)
    """Feature and gain of every split."""

    def margins(self, x: Numbers) -> Numbers:
        margin = np.full(len(x), self.base_score)
        for tree in self.trees:
            for row, values in enumerate(x):
                node = 1
                while isinstance(tree[node], tuple):
                    feature, cut = tree[node]
                    node = 2 * node + int(values[feature] >= cut)
                margin[row] += tree[node]
        return margin


def secureboost(
    x: Numbers,
    y: Numbers,
    cuts: Sequence[Sequence[float]],
    *,
    trees: int,
    depth: int,
    learning_rate: float,
    reg_lambda: float,
    gamma: float = 0.0,
    base_score: float = 0.0,
    is_linear: bool = False,
    start: PlainForest | None = None,
) -> PlainForest:
    """Grow trees, greedily; of equally good splits the first feature's lowest cut is taken."""
    forest = PlainForest(base_score)
    if start is not None:
        forest.trees += start.trees
        forest.gains += start.gains
    for _ in range(trees):
        margin = forest.margins(x)
        p = margin if is_linear else sigmoid(margin)
        g = p - y
        h = np.ones(len(y)) if is_linear else p * (1 - p)
        unit = 2.0 ** np.ceil(np.log2(max(np.abs(g).max(), 2.0**-200))) if is_linear else 1.0
        g, h = np.rint(g / unit * 2**20) / 2**20, np.rint(h * 2**20) / 2**20
        tree: dict[int, Any] = {}
        _grow(tree, 1, np.arange(len(y)), x, g, h, cuts, depth, reg_lambda, gamma, unit, forest)
        for node, leaf in tree.items():
            if not isinstance(leaf, tuple):
                tree[node] = leaf * learning_rate
        forest.trees.append(tree)
    return forest


def _grow(
    tree: dict[int, Any],
    node: int,
    rows: Any,
    x: Numbers,
    g: Numbers,
    h: Numbers,
    cuts: Sequence[Sequence[float]],
    depth: int,
    reg_lambda: float,
    gamma: float,
    unit: float,
    forest: PlainForest,
) -> None:
    whole = g[rows].sum() ** 2 / (h[rows].sum() + reg_lambda)
    best, split = max(1e-6, gamma / unit**2), None
    for feature, own in enumerate(cuts) if node < 2**depth else ():
        for cut in own:
            left = x[rows, feature] < cut
            gain = sum(
                g[side].sum() ** 2 / (h[side].sum() + reg_lambda)
                for side in (rows[left], rows[~left])
            )
            if gain - whole > best:
                best, split = gain - whole, (feature, cut)
    if split is None:
        tree[node] = -unit * g[rows].sum() / (h[rows].sum() + reg_lambda)
        return
    tree[node] = split
    forest.gains.append((split[0], best * unit**2))
    left = x[rows, split[0]] < split[1]
    for child, part in ((2 * node, rows[left]), (2 * node + 1, rows[~left])):
        _grow(tree, child, part, x, g, h, cuts, depth, reg_lambda, gamma, unit, forest)
