"""Gradient boosted trees inside the SPU, level by level; nothing is opened.

The method is SecretFlow's SS-XGB (Fang et al., "Large-scale secure XGB for vertical federated
learning", 2021), with these differences. A split is kept as a secret one-hot vector over all
candidates of all parties, so nobody learns which of its own features a tree uses, and the rows
of a left child are the product of the map with that vector. The gradient sums of all nodes of
a level are one product, and the right child is what the left one leaves of its parent. Maps
and one-hots are integers: an integer times a fixed-point number needs no truncation. The sums
of the leaves are among those of the last splits, so the last tree ends with its last splits.

`m` is the map (n, c): whether a row is left of a candidate. Its last candidate takes every row,
which is no split. Nodes of a level stand in order, left child before right; a tree of depth d
has ``2**d - 1`` splits and ``2**d`` leaves. `gradients` are (2, n), first and second. The `sums`
of a level of k nodes are (2 k, c), first all gradients of the first kind.
"""

from __future__ import annotations

from typing import Literal

import jax.numpy as jnp
from jax import Array, lax
from spu.experimental import drop_cached_var, make_cached_var

from secretflow_worker.tasks.ml._knockout import onehot_argmax

Objective = Literal["logistic", "linear"]

LAMBDA_FLOOR = 1e-3
"""Keeps the division away from zero where `reg_lambda` is zero and a node is empty."""


def join_maps(*blocks: Array) -> Array:
    """Join the parties' maps and the candidate that is no split, masked once for all products."""
    nothing = jnp.ones((blocks[0].shape[0], 1), blocks[0].dtype)
    return make_cached_var(jnp.concatenate([*blocks, nothing], axis=1))


def release(m: Array) -> Array:
    """Give back the memory that `join_maps` took for its masks."""
    return drop_cached_var(m)[:1, :1]


def find_gradients(y: Array, margin: Array, *, objective: Objective) -> Array:
    """Return the derivatives of the loss; `y` and `margin` are (1, n).

    The first tree's margin is public, so its sigmoid costs nothing.
    """
    if objective == "linear":
        return jnp.concatenate([margin - y, jnp.ones_like(y)])
    p = sr_sigmoid(margin)
    return jnp.concatenate([p - y, p * (1 - p)])


def choose_rows(gradients: Array, rows: Array) -> Array:
    """Return the gradients of the `rows` (1, n), which are public, and zero for the others."""
    return gradients * rows


def split_root(
    m: Array, gradients: Array, candidates: Array, *, reg_lambda: float
) -> tuple[Array, Array]:
    """Return the root's sums and its best candidate, (1, c), one-hot.

    `candidates` (1, c) are public, 1 for what the tree may use.
    """
    sums = gradients @ m
    return sums, _best(sums, candidates, reg_lambda)


def find_left(m: Array, splits: Array) -> Array:
    """Return which rows are left of which node's split, (k, n), whether they are in it or not."""
    return (m @ splits.T).T


def take_block(splits: Array, *, start: int, stop: int) -> Array:
    """Return the columns of a party's own candidates."""
    return splits[:, start:stop]


def join_left(splits: Array, *parts: Array) -> Array:
    """Return what `find_left` does, from the rows that each party finds left of its own splits.

    A party has zeros for a node that it does not split. The last candidate is no split.
    """
    return sum(part.astype(jnp.int32) for part in parts) + splits[:, -1:]


def enter_root(left: Array) -> Array:
    """Return which rows are left and right of the root's split, (2, n)."""
    return jnp.concatenate([left, 1 - left])


def split_nodes(
    m: Array,
    gradients: Array,
    members: Array,
    parents: Array,
    candidates: Array,
    *,
    reg_lambda: float,
) -> tuple[Array, Array]:
    """Return the sums of the nodes with rows `members` (k, n), and their best candidates (k, c).

    `parents` are the sums of the level above.
    """
    of_left = members[0::2]
    pairs, n = of_left.shape
    selected = (gradients[:, None, :] * of_left[None]).reshape(2 * pairs, n)
    left = (selected @ m).reshape(2, pairs, -1)
    both = jnp.stack([left, parents.reshape(2, pairs, -1) - left], axis=2)
    sums = both.reshape(4 * pairs, -1)
    return sums, _best(sums, candidates, reg_lambda)


def enter_children(members: Array, left: Array) -> Array:
    """Return which rows are in which child, (2 k, n), from those in the parents and left there."""
    nodes, n = members.shape
    to_left = members * left
    return jnp.stack([to_left, members - to_left], axis=1).reshape(2 * nodes, n)


def weigh_leaves(sums: Array, splits: Array, *, reg_lambda: float, learning_rate: float) -> Array:
    """Return the weights of the leaves (1, 2 k) below the last splits."""
    nodes, candidates = splits.shape
    of_nodes = sums.reshape(2, nodes, candidates)
    left = jnp.sum(of_nodes * splits[None], axis=2)
    g, h = jnp.stack([left, of_nodes[:, :, -1] - left], axis=2).reshape(2, 1, 2 * nodes)
    return g / (h + max(reg_lambda, LAMBDA_FLOOR)) * -learning_rate


def add_tree(margin: Array, members: Array, weights: Array) -> Array:
    """Return the margins (1, n) with those of a tree, of whose leaves the rows are `members`."""
    return margin + weights @ members


def predict_trees(splits: Array, weights: Array, *blocks: Array, base_score: float) -> Array:
    """Return the margins (1, n) of new rows.

    `splits` is (trees, splits, c), `weights` (trees, 1, leaves), each block a party's map of the
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


def join_margins(*blocks: Array) -> Array:
    """Join the margins of blocks of rows."""
    return jnp.concatenate(blocks, axis=1)


def join_levels(*splits: Array) -> Array:
    """Join the splits of a tree's levels, (splits, c)."""
    return jnp.concatenate(splits)


def stack_trees(*parts: Array) -> Array:
    """Stack the splits, or the leaf weights, of all trees."""
    return jnp.stack(parts)


def append_trees(base: Array, more: Array) -> Array:
    """Append stacked splits or weights to those of a forest before."""
    return jnp.concatenate([base, more])


def sr_sigmoid(x: Array) -> Array:
    """Return ``0.5 + 0.5 * x / sqrt(1 + x * x)``, which SecretFlow's SS-XGB has for a sigmoid."""
    return 0.5 * (x * lax.rsqrt(1 + x * x)) + 0.5


def _best(sums: Array, candidates: Array, reg_lambda: float) -> Array:
    """Return the best candidate of every node as one-hot rows, from the left sums (2 k, c)."""
    nodes = sums.shape[0] // 2
    right = sums[:, -1:] - sums
    g = jnp.concatenate([sums[:nodes], right[:nodes]])
    h = jnp.concatenate([sums[nodes:], right[nodes:]])
    halves = g / (h + max(reg_lambda, LAMBDA_FLOOR)) * g
    gains = halves[:nodes] + halves[nodes:]
    # Gains are no less than zero, so what may not be used is below every gain.
    onehot, _ = onehot_argmax(gains * candidates + (candidates - 1).astype(jnp.float32))
    return onehot
