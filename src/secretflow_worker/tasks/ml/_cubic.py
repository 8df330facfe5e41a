"""Logistic regression inside the SPU by a cubic sigmoid, which needs no comparison in its steps.

That every score was inside of the cubic's interval is found out afterwards, for many epochs at
once: comparisons cost most in bytes, and each round of them as much time for a few as for many.
Shapes are those of `_linear`.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from secretflow_worker.tasks.ml._functions import fit, polynomial
from secretflow_worker.tasks.ml._linear import (
    Sgd,
    any_of,
    batch_of,
    row_blocks,
    sum_of_blocks,
    times,
)

LIMIT = 5.0
"""The cubic sigmoid is within 0.05 of the sigmoid up to here, and turns back past about 7."""

_LAST_LIMIT = 6.0
"""Of the scores that the last step leads to, which no step has seen."""

_EVEN = fit(lambda v: np.log(2 * np.cosh(_LAST_LIMIT / 2 * np.sqrt((v + 1) / 2))), -1.0, 1.0)
"""``log(exp(z / 2) + exp(-z / 2))`` for z in [-6, 6], of ``z * z / 18 - 1``; within 2e-4."""


def train_epoch(y: Array, w: Array, *features: Array, sgd: Sgd) -> tuple[Array, Array]:
    """Return the weights after one epoch, and the squares (rows, 1) of the scores of its steps."""
    batches = y.shape[0] // sgd.batch_size

    def body(batch: int, state: tuple[Array, Array]) -> tuple[Array, Array]:
        weights, squares = state
        xs = [batch_of(block, batch, sgd.batch_size) for block in features]
        ys = batch_of(y, batch, sgd.batch_size)
        z = sgd.scores(xs, weights)
        square = z * z
        probability = 0.5 + z * (0.197 - 0.004 * square)
        squares = lax.dynamic_update_slice(squares, square, (batch * sgd.batch_size, 0))
        return sgd.step(weights, xs, probability - ys), squares

    moved: tuple[Array, Array] = lax.fori_loop(
        0, batches, body, (w, y[: batches * sgd.batch_size] * 0)
    )
    return moved


def count_outside(*squares: Array, block: int) -> Array:
    """Return how many squared scores (n, 1) are outside of the cubic's interval, (1, 1)."""

    def outside(some: Array) -> Array:
        return jnp.sum((some > LIMIT**2).astype(jnp.int32), axis=0, keepdims=True)

    return sum_of_blocks(outside, 4 * block, jnp.concatenate(squares))


def close(
    y: Array, w: Array, *parts: Array, blocks: int, counts: int, block: int
) -> tuple[Array, Array]:
    """Return whether any score strayed, as a bit, and the sum of the rows' logistic losses.

    `parts` are so many `blocks` of features, so many `counts` of before, and the squares that
    were not counted yet. The loss, (1, 1), is right where no score strayed: then it is a
    polynomial of the score's square and needs no comparison of its own.
    """
    features, counted, squares = (
        parts[:blocks],
        parts[blocks : blocks + counts],
        parts[blocks + counts :],
    )
    losses, last = [], []
    for rows in row_blocks(y.shape[0], block):
        z = times([each[rows] for each in features], w)
        square = z * z
        even = polynomial(_EVEN, square * (2 / _LAST_LIMIT**2) - 1)
        losses.append(jnp.sum(even + z * (0.5 - y[rows]), axis=0, keepdims=True))
        last.append(square * (LIMIT / _LAST_LIMIT) ** 2)
    count = count_outside(*last, *squares, block=block)
    return any_of(sum(counted, count)), sum(losses[1:], losses[0])
