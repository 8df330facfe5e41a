"""Linear and logistic regression inside the SPU: mini-batch SGD on secret shares.

The semantics are those of SecretFlow's ``SSRegression`` with ``naive_sgd``: weights start at
zero, the last one is the bias, rows are taken in their order, and the last batch of an epoch
is left out where it is not full. What is done to need fewer rounds of messages: an epoch is
one program with one loop, the features are masked once for all products (`cached`), and both
comparisons of the sigmoid are one vector.

Every function here is compiled for the SPU. The features `xs` are one block (n, k) with the column
of ones last or, where a product with a value that stays at its owner is cheaper (CHEETAH), every
party's own columns. `y` and scores are (n, 1), weights are (k, 1), the bias last.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from spu.experimental import drop_cached_var, make_cached_var

from secretflow_worker.tasks.ml._functions import fit, polynomial

Link = Literal["logistic", "linear"]
Penalty = Literal["none", "l1", "l2"]

BLOCK_ROWS = {"CHEETAH": 512}
"""By protocol, how many rows to take at a time, up to four numbers of each; 0, or not here: all.

From 2,049 comparisons or truncations at once on, CHEETAH sets up a second source of oblivious
transfers: 2,200 messages, and seconds, each time that a task starts. What is done once for all
rows does not pay that back.
"""

_MOST_BLOCKS = 32

_LOSS_LIMIT = 8.0
_LOSS_TAIL = fit(lambda v: np.log1p(np.exp(-_LOSS_LIMIT / 2 * (v + 1))), -1.0, 1.0)
"""``log(1 + exp(-a))`` for a in [0, 8], of ``a / 4 - 1``; within 4e-4."""


@dataclass(frozen=True)
class Sgd:
    """The constants of a training's steps. `norm` weighs the penalty.

    `unit` is what one unit of a trained weight stands for: a power of two that is below one
    where ``learning_rate / batch_size`` would have too few of the ring's fraction bits (and two
    factors do not help: the runtime multiplies neighbouring constants first).
    """

    link: Link
    penalty: Penalty
    norm: float
    learning_rate: float
    batch_size: int
    fraction_bits: int

    @property
    def rate(self) -> float:
        return self.learning_rate / self.batch_size

    @property
    def unit(self) -> float:
        return float(2.0 ** min(0, math.floor(math.log2(self.rate * 2**self.fraction_bits / 1000))))

    def scores(self, xs: Sequence[Array], weights: Array) -> Array:
        z = times(xs, weights)
        return z if self.unit == 1.0 else z * self.unit

    def step(self, weights: Array, xs: Sequence[Array], error: Array) -> Array:
        """Return ``weights - rate * (gradient + penalty)``; the bias has no penalty."""
        move = transposed_times(xs, error) * (self.rate / self.unit)
        if self.penalty == "l2":
            decay = weights[:-1] * (self.rate * self.norm)
            move = move + jnp.concatenate([decay, jnp.zeros((1, 1), decay.dtype)])
        moved = weights - move
        if self.penalty == "l1":
            shrunk = _shrink(moved[:-1], self.rate * self.norm / self.unit)
            moved = jnp.concatenate([shrunk, moved[-1:]])
        return moved


def join_features(*blocks: Array) -> Array:
    """Join the parties' columns and the column of ones, masked once for all later products."""
    ones = jnp.ones((blocks[0].shape[0], 1), blocks[0].dtype)
    return make_cached_var(jnp.concatenate([*blocks, ones], axis=1))


def times(xs: Sequence[Array], weights: Array) -> Array:
    """Return ``X @ weights``."""
    if len(xs) == 1:
        return xs[0] @ weights
    z, first = weights[-1:], 0
    for block in xs:
        last = first + block.shape[1]
        z = z + block @ weights[first:last]
        first = last
    return z


def transposed_times(xs: Sequence[Array], rows: Array) -> Array:
    """Return ``X.T @ rows``."""
    if len(xs) == 1:
        return xs[0].T @ rows
    sums = jnp.sum(rows, axis=0, keepdims=True)
    return jnp.concatenate([*(block.T @ rows for block in xs), sums])


def release(x: Array) -> Array:
    """Give back the memory that `join_features` took for its masks."""
    return drop_cached_var(x)[:1, :1]


def train_epoch(y: Array, w: Array, *features: Array, sgd: Sgd) -> Array:
    """Return the weights after one epoch, by SecretFlow's ``t1`` sigmoid where logistic."""

    def body(batch: int, weights: Array) -> Array:
        xs = [batch_of(block, batch, sgd.batch_size) for block in features]
        ys = batch_of(y, batch, sgd.batch_size)
        z = sgd.scores(xs, weights)
        return sgd.step(weights, xs, (z if sgd.link == "linear" else t1_sigmoid(z)) - ys)

    return lax.fori_loop(0, y.shape[0] // sgd.batch_size, body, w)


def begin(w: Array, *, sgd: Sgd) -> Array:
    """Return weights in units of one as those of a training."""
    return w * (1 / sgd.unit)


def finish(w: Array, *, sgd: Sgd) -> Array:
    """Return trained weights in units of one."""
    return w * sgd.unit


def any_of(count: Array) -> Array:
    """Turn a secret count into one secret bit."""
    return (count > 0).astype(jnp.int32)


def scores_of(w: Array, *blocks: Array) -> Array:
    """Return the linear scores of new rows, from the parties' columns in the model's order."""
    return jnp.concatenate(blocks, axis=1) @ w[:-1] + w[-1:]


def log_loss(y: Array, w: Array, *features: Array, block: int) -> Array:
    """Return the sum of the rows' logistic losses, (1, 1), each within 4e-4 of the true one."""

    def loss(ys: Array, *xs: Array) -> Array:
        return _log_loss(times(xs, w), ys)

    return sum_of_blocks(loss, block, y, *features)


def _log_loss(z: Array, y: Array) -> Array:
    sides = jnp.concatenate([-z, z - _LOSS_LIMIT, -z - _LOSS_LIMIT], axis=1) > 0
    negative, high, low = jnp.split(sides.astype(jnp.int32), 3, axis=1)
    size = z * (1 - 2 * negative)
    v = size * (2 / _LOSS_LIMIT) - 1
    tail = polynomial(_LOSS_TAIL, v)
    softplus = z * (1 - negative) + tail * (1 - high - low)
    return jnp.sum(softplus - y * z, axis=0, keepdims=True)


def squared_loss(y: Array, w: Array, *features: Array, block: int) -> Array:
    """Return the sum of the rows' squared errors, (1, 1)."""

    def loss(ys: Array, *xs: Array) -> Array:
        error = times(xs, w) - ys
        return jnp.sum(error * error, axis=0, keepdims=True)

    return sum_of_blocks(loss, block, y, *features)


def t1_sigmoid(z: Array) -> Array:
    """Return ``clip(0.5 + z / 4, 0, 1)``, with both comparisons in one vector."""
    line = 0.5 + z * 0.25
    outside = jnp.concatenate([line, 1 - line], axis=1) < 0
    below, above = jnp.split(outside.astype(jnp.int32), 2, axis=1)
    return line * (1 - below - above) + above


def sum_of_blocks(function: Callable[..., Array], block: int, *columns: Array) -> Array:
    """Return the sum of what `function` returns of at most `block` rows of the columns at a time.

    All at once where `block` is 0, or there would be many blocks.
    """
    taken = row_blocks(columns[0].shape[0], block)
    parts = [function(*(column[rows] for column in columns)) for rows in taken]
    return sum(parts[1:], parts[0])


def row_blocks(rows: int, block: int) -> list[slice]:
    """Return the rows in blocks of `block`; all at once where that is 0, or they are many."""
    if block == 0 or rows > _MOST_BLOCKS * block:
        return [slice(0, rows)]
    return [slice(start, start + block) for start in range(0, rows, block)]


def batch_of(rows: Array, index: int, size: int) -> Array:
    return lax.dynamic_slice(rows, (index * size, 0), (size, rows.shape[1]))


def _shrink(w: Array, threshold: float) -> Array:
    """Return the proximal step of the L1 penalty: towards zero by `threshold`, and not past it."""
    outside = jnp.concatenate([w - threshold, -w - threshold], axis=1) > 0
    above, below = jnp.split(outside.astype(jnp.int32), 2, axis=1)
    return (w - threshold) * above + (w + threshold) * below
