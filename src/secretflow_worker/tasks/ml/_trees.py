"""Gradient boosted trees inside the SPU: a whole tree is one program, and nothing is opened.

The method is SecretFlow's SS-XGB (Fang et al., "Large-scale secure XGB for vertical federated
learning", 2021), with these differences. A split is kept as a secret one-hot vector over all
candidates of all parties, so nobody learns which of its own features a tree uses, and the rows
of a left child are the product of the map with that vector. The gradient sums of all nodes of
a level are one product, and the right child is what the left one leaves of its parent. Maps
and one-hots are integers: an integer times a fixed-point number needs no truncation.

`m` is the map (n, c): whether a row is left of a candidate. Its last candidate takes every row,
which is no split. Nodes of a level stand in order, left child before right; a tree of depth d
has ``2**d - 1`` splits and ``2**d`` leaves.
"""

from __future__ import annotations

from typing import Literal

import jax.numpy as jnp
from jax import Array, lax
from spu.experimental import drop_cached_var, make_cached_var

Objective = Literal["logistic", "linear"]

LAMBDA_FLOOR = 1e-3
"""Keeps the division away from zero where `reg_lambda` is zero and a node is empty."""

_NEVER = -1.0
"""Below every gain: gains are sums of squares over positive numbers."""


def join_maps(*blocks: Array) -> Array:
    """Join the parties' maps and the candidate that is no split, masked once for all products."""
    nothing = jnp.ones((blocks[0].shape[0], 1), blocks[0].dtype)
    return make_cached_var(jnp.concatenate([*blocks, nothing], axis=1))


def release(m: Array) -> Array:
    """Give back the memory that `join_maps` took for its masks."""
    return drop_cached_var(m)[:1, :1]


def grow_tree(
    m: Array,
    y: Array,
    margin: Array,
    rows: Array,
    candidates: Array,
    *,
    depth: int,
    objective: Objective,
    reg_lambda: float,
    learning_rate: float,
) -> tuple[Array, Array, Array]:
    """Grow one tree on the margins so far.

    `y` and `margin` are (1, n). `rows` (1, n) and `candidates` (1, c) are public, 1 for what
    this tree may use. Returns the new margins, the leaf weights (1, leaves), and the splits
    (splits, c), one-hot, level after level.
    """
    gradients = _gradients(y, margin, objective) * rows
    floor = max(reg_lambda, LAMBDA_FLOOR)
    sums = gradients @ m
    left = _find_splits(sums, candidates, floor)
    splits, members = [left], _children(None, m, left)
    for _ in range(1, depth):
        of_left = members[0::2]
        nodes, n = of_left.shape
        selected = (gradients[:, None, :] * of_left[None]).reshape(2 * nodes, n)
        left_sums = (selected @ m).reshape(2, nodes, -1)
        parents = sums.reshape(2, nodes, -1)
        pairs = jnp.stack([left_sums, parents - left_sums], axis=2)
        sums = pairs.reshape(4 * nodes, -1)
        left = _find_splits(sums, candidates, floor)
        splits.append(left)
        members = _children(members, m, left)
    leaves = gradients @ members.T
    weights = leaves[:1] / (leaves[1:] + floor) * -learning_rate
    return margin + weights @ members, weights, jnp.concatenate(splits)


def predict_trees(splits: Array, weights: Array, *blocks: Array, base_score: float) -> Array:
    """Return the margins (1, n) of new rows.

    `splits` is (trees, splits, c), `weights` (trees, leaves), each block a party's map of the
    rows in the model's order.
    """
    trees, nodes, candidates = splits.shape
    nothing = jnp.ones((blocks[0].shape[0], 1), blocks[0].dtype)
    m = jnp.concatenate([*blocks, nothing], axis=1)
    left = (m @ splits.reshape(trees * nodes, candidates).T).T.reshape(trees, nodes, -1)
    members = jnp.stack([left[:, 0], 1 - left[:, 0]], axis=1)
    first = 1
    while first < nodes:
        width = first + 1
        to_left = members * left[:, first : first + width]
        pairs = jnp.stack([to_left, members - to_left], axis=2)
        members = pairs.reshape(trees, 2 * width, -1)
        first += width
    return weights.reshape(1, -1) @ members.reshape(trees * (nodes + 1), -1) + base_score


def stack_trees(*parts: Array) -> Array:
    """Stack the splits, or the leaf weights, of all trees."""
    return jnp.stack(parts)


def sr_sigmoid(x: Array) -> Array:
    """Return ``0.5 + 0.5 * x / sqrt(1 + x * x)``, which SecretFlow's SS-XGB has for a sigmoid."""
    return 0.5 * (x * lax.rsqrt(1 + x * x)) + 0.5


def _gradients(y: Array, margin: Array, objective: Objective) -> Array:
    """Return the first and second derivatives of the loss, (2, n)."""
    if objective == "linear":
        return jnp.concatenate([margin - y, jnp.ones_like(margin)])
    p = sr_sigmoid(margin)
    return jnp.concatenate([p - y, p * (1 - p)])


def _find_splits(sums: Array, candidates: Array, floor: float) -> Array:
    """Return the best candidate of every node as one-hot rows, from the left sums (2 k, c)."""
    nodes = sums.shape[0] // 2
    right = sums[:, -1:] - sums
    g = jnp.concatenate([sums[:nodes], right[:nodes]])
    h = jnp.concatenate([sums[nodes:], right[nodes:]])
    halves = g / (h + floor) * g
    gains = halves[:nodes] + halves[nodes:]
    return onehot_argmax(gains * candidates + (candidates - 1).astype(jnp.float32) * -_NEVER)


def _children(members: Array | None, m: Array, left: Array) -> Array:
    """Return which rows are in which child, (2 k, n), from the parents' rows and splits."""
    goes_left = (m @ left.T).T
    if members is None:
        return jnp.concatenate([goes_left, 1 - goes_left])
    nodes, n = members.shape
    to_left = members * goes_left
    return jnp.stack([to_left, members - to_left], axis=1).reshape(2 * nodes, n)


def onehot_argmax(values: Array) -> Array:
    """Return the one-hot of each row's maximum, by a knock-out of ``log2(c)`` rounds.

    Every round compares pairs and carries the one-hot of the winner along. Of equal values the
    first wins.
    """
    rows, count = values.shape
    size = 1 << (count - 1).bit_length()
    rest = jnp.full((rows, size - count), _NEVER, values.dtype)
    values = jnp.concatenate([values, rest], axis=1)
    onehot = jnp.ones((rows, size, 1), jnp.int32)
    width = 1
    while values.shape[1] > 1:
        first, second = values[:, 0::2], values[:, 1::2]
        wins = (first < second).astype(jnp.int32)
        values = first + wins * (second - first)
        if width == 1:
            onehot = jnp.stack([1 - wins, wins], axis=-1)
        else:
            pairs = onehot.reshape(rows, -1, 2, width)
            won = wins[:, :, None] * jnp.concatenate([pairs[:, :, 0], pairs[:, :, 1]], axis=-1)
            kept = pairs[:, :, 0] - won[:, :, :width]
            onehot = jnp.concatenate([kept, won[:, :, width:]], axis=-1)
        width *= 2
    return onehot.reshape(rows, size)[:, :count]
