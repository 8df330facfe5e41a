"""K-means inside the SPU: Lloyd's steps on secret rows and centres; nothing is opened.

A step is two matrix products and one comparison per row and centre. The assignment of rows to
centres is a matrix of zeros and ones, (n, k): as integers, for an integer times a fixed-point
number needs no truncation. A centre moves by the mean of what its rows differ from it, so that
it stays where it is without rows, and the rounding of the division fades with the moves.

`x` is (n, d) and cached, centres are (k, d).
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray
from spu.experimental import drop_cached_var, make_cached_var

from secretflow_worker.tasks.ml._knockout import onehot_argmax

DRAWS = 2**9
"""So many public numbers there are by which k-means++ draws."""


def join_features(*blocks: Array) -> Array:
    """Join the parties' columns, masked once for all later products."""
    return make_cached_var(jnp.concatenate(blocks, axis=1))


def release(x: Array) -> Array:
    """Give back the memory that `join_features` took for its masks."""
    return drop_cached_var(x)[:1, :1]


def join_blocks(*blocks: Array) -> Array:
    """Join the parties' columns of few rows."""
    return jnp.concatenate(blocks, axis=1)


def spread_centers(sample: Array, draws: Array, up_to: Array) -> Array:
    """Return k rows of `sample` (m, d), in random order, that k-means++ chooses.

    The first is the first row. Each of `draws` (k - 1,), public whole numbers below `DRAWS`,
    then draws a row with a probability in proportion to its squared distance
    from the nearest centre so far (Arthur and Vassilvitskii 2007). Every row gets a little on
    top, which orders the sums of distances even where rounding would not, and draws any row
    where all of them are centres. `up_to` is what `sums_up_to` gives: the compiler would take a
    constant for fixed-point numbers, whose products have to be truncated and could overflow.
    """
    halves = 0.5 * jnp.sum(sample * sample, axis=1)[None]
    chosen = sample[:1]
    centers = [chosen]
    nearest = None
    for number in range(draws.shape[0]):
        far = halves + 0.5 * jnp.sum(chosen * chosen) - chosen @ sample.T + _MARGIN
        nearest = far if nearest is None else jnp.minimum(nearest, far)
        total = jnp.sum(nearest, axis=1, keepdims=True)
        passed = (nearest @ up_to <= total * draws[number]).astype(jnp.int32)
        first, last = jnp.ones((1, 1), jnp.int32), jnp.zeros((1, 1), jnp.int32)
        drawn = jnp.concatenate([first, passed], axis=1) - jnp.concatenate([passed, last], axis=1)
        chosen = drawn @ sample
        centers.append(chosen)
    return jnp.concatenate(centers)


def sums_up_to(rows: int) -> NDArray[np.int32]:
    """Return the matrix that makes `DRAWS` times the sums up to each row but the last."""
    return np.triu(np.full((rows, rows - 1), DRAWS, np.int32))


def move_centers(x: Array, centers: Array) -> Array:
    """Return the centres after one step."""
    belongs, _ = _assign(x, centers)
    counts = jnp.sum(belongs, axis=0)[:, None]
    moves = belongs.T @ x - counts * centers
    return centers + moves / (counts + (counts < 1)).astype(jnp.float32)


def cost_of(x: Array, centers: Array) -> Array:
    """Return, (1, 1), half of the squared distances of rows to their centres, less a constant.

    The constant is half of the sum of the rows' squares.
    """
    _, nearest = _assign(x, centers)
    return -jnp.sum(nearest, axis=0, keepdims=True)


def keep_better(centers: Array, cost: Array, others: Array, other: Array) -> tuple[Array, Array]:
    """Return the centres of the lower cost, and that cost."""
    is_better = (other < cost).astype(jnp.int32)
    return centers + is_better * (others - centers), cost + is_better * (other - cost)


def describe(x: Array, centers: Array, *squares: Array) -> tuple[Array, Array, Array]:
    """Return each row's centre (n,), the rows of each centre (k,), and the inertia (1, 1).

    `squares` are the parties' sums of all their squared values, (1, 1) each.
    """
    belongs, nearest = _assign(x, centers)
    numbers = np.arange(centers.shape[0], dtype=np.int32)
    halves = jnp.sum(nearest, axis=0, keepdims=True)
    return belongs @ numbers, jnp.sum(belongs, axis=0), sum(squares) - (halves + halves)


def predict_clusters(centers: Array, *blocks: Array) -> Array:
    """Return the centre of each new row, (n,), from the parties' columns in the model's order."""
    belongs, _ = _assign(jnp.concatenate(blocks, axis=1), centers)
    numbers = np.arange(centers.shape[0], dtype=np.int32)
    return belongs @ numbers


def _assign(x: Array, centers: Array) -> tuple[Array, Array]:
    """Return who belongs to whom, (n, k), one-hot, and how near that is, (n, 1)."""
    nearness = x @ centers.T - 0.5 * jnp.sum(centers * centers, axis=1)[None]
    return onehot_argmax(nearness)


_MARGIN = 2.0**-13
"""Above the rounding of a squared distance, which is a few units of ``2**-18`` at most."""
