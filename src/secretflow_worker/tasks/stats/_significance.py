"""The significance of a model's coefficients, on secret shares: Wald statistics.

The variances of the coefficients are the dispersion times the inverse of ``X'WX``, with the
curvatures W at the model's own scores. X is taken in every party's orthonormal basis (see
`_whitening`), so what is inverted is well conditioned unless columns of different parties follow
each other.

Blocks are (rows, own columns); they are ``2**exponent`` times orthonormal, about one in size.
`y`, scores and offset are (rows, 1), weights (columns + 1, 1) with the intercept last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import jax.numpy as jnp
from jax import Array, lax

from secretflow_worker.tasks.ml import _functions as functions
from secretflow_worker.tasks.stats._gram import SCALE, block_diagonal, newton

UNDETERMINED = 2**20
"""Stands in a statistic's place, far above any."""

_ROUNDS = 20
_FIRST = 1.5
"""Of the inverse of a matrix of Frobenius norm one, which has no eigenvalue above it."""
_NORM_UNIT = 2.0**-6
"""The norm is of so many times the matrix: squares neither vanish nor overflow."""


@dataclass(frozen=True)
class Family:
    """How scores become means and curvatures; the label was divided by about its size."""

    link: Literal["identity", "logit", "log", "reciprocal"]
    power: float
    """The variance is the mean to this power; logit has ``mean * (1 - mean)`` instead."""
    limit: float
    """Scores count up to ``+-limit``; those of the reciprocal link from ``1 / limit`` to it."""

    @property
    def has_dispersion(self) -> bool:
        """Whether the dispersion is estimated, and not one."""
        return self.link != "logit" and self.power != 1

    def curvature_and_residual(self, y: Array, z: Array) -> tuple[Array | None, Array | None]:
        """Return each row's W (None for one), and its Pearson residual where there is need."""
        if self.link == "identity":
            return None, y - z
        if self.link == "logit":
            return functions.Logistic(z, self.limit).sigmoid()[1], None
        low = 1 / self.limit if self.link == "reciprocal" else -self.limit
        z, _ = functions.clip(z, low, self.limit)
        if self.link == "reciprocal":
            mean = functions.reciprocal(z)
            return mean * mean, y * z - 1
        if self.power == 1:
            return functions.exp(z, self.limit), None
        if self.power == 2:
            return None, y * functions.exp(-z, self.limit) - 1
        half = self.power / 2
        if half == 0:
            root = functions.exp(z, self.limit)
            return root * root, y - root
        both = jnp.concatenate([z * -half, z * (1 - half)])
        inverse, root = jnp.split(functions.exp(both, self.limit), 2)
        return root * root, y * inverse - root


def same(weights: Array) -> Array:
    """Return a copy, which may be freed."""
    return weights + 0


def taken(weights: Array, *, rows: tuple[int, ...]) -> Array:
    """Return the weights of those rows."""
    return weights[jnp.array(rows)]


def slopes_of(weights: Array, factor: Array, shift: Array, *parts: Array) -> tuple[Array, Array]:
    """Return the intercept (1, 1) and the slopes (columns, 1) over the basis.

    `parts` are, for each party, what leads from its columns to its basis (own, own), then for
    each party its columns' means (own, 1). Scores of the divided label are `factor` times those
    of the label as it is, and `shift`.
    """
    count = len(parts) // 2
    slopes = weights[:-1]
    across = block_diagonal(parts[:count]) @ slopes
    means = jnp.concatenate(parts[count:])
    intercept = weights[-1:] + jnp.sum(means * slopes, axis=0, keepdims=True)
    return intercept * factor + shift, across * factor


def moments(
    intercept: Array, slopes: Array, y: Array, *blocks: Array, family: Family, exponent: int,
    has_offset: bool, ones: float,
) -> tuple[Array, Array]:  # fmt: skip
    """Return SCALE times ``X'WX`` of these rows, intercept first, and their squared residuals.

    The last block is the offset where there is one. `ones` is the intercept's column. The sum of
    squares, (1, 1), is divided by ``2**(2 * exponent)`` as the matrix is.
    """
    basis = jnp.concatenate(blocks[:-1] if has_offset else blocks, axis=1)
    z = basis @ slopes + intercept
    if has_offset:
        z = z + blocks[-1]
    curvature, residual = family.curvature_and_residual(y, z)
    x = jnp.concatenate([jnp.full((basis.shape[0], 1), ones, basis.dtype), basis], axis=1)
    matrix = (x if curvature is None else x * curvature).T @ x * (SCALE * 4.0**-exponent)
    if residual is None:
        return matrix, matrix[:1, :1] * 0
    small = 2.0 ** -max(0, exponent - 9)  # a constant below the ring's last bit would be zero
    residual = residual * small
    return matrix, residual.T @ residual * (4.0**-exponent / small**2)


def add_both(first: Array, second: Array, third: Array, fourth: Array) -> tuple[Array, Array]:
    """Return both sums, of two row blocks' moments."""
    return first + third, second + fourth


def wald(
    matrix: Array, squares: Array, weights: Array, factor: Array, known: Array, *parts: Array,
    family: Family, root_rows: float, per_degree: float,
) -> tuple[Array, Array]:  # fmt: skip
    """Return each coefficient's statistic and one by its standard error, (columns + 1,).

    The intercept comes first. `parts` are for each party its duals (own, own), the way to the
    intercept (own, 1), its columns' lengths over the root of their own inflation (own,), and its
    codes (own + 1,), whole numbers: 1 for what its columns determine, the intercept first, and 0
    for what becomes UNDETERMINED. `known` is one by the root of the dispersion, where that is not
    estimated.
    """
    count = len(parts) // 4
    duals = block_diagonal(parts[:count])
    to_intercept = jnp.concatenate(parts[count : 2 * count])
    lengths = jnp.concatenate(parts[2 * count : 3 * count])
    codes = parts[3 * count :]
    one = jnp.ones((1, 1), duals.dtype)
    ways = jnp.concatenate(
        [
            jnp.concatenate([one, jnp.zeros((1, duals.shape[1]), duals.dtype)], axis=1),
            jnp.concatenate([to_intercept, duals], axis=1),
        ]
    )
    determined = codes[0][:1]
    for code in codes[1:]:
        determined = determined * code[:1]
    determined = jnp.concatenate([determined, *(code[1:] for code in codes)])
    small = matrix * _NORM_UNIT
    by_norm = lax.rsqrt(jnp.sum(small * small)) * (SCALE * _NORM_UNIT)
    inverse = newton(matrix * by_norm, _FIRST, _ROUNDS)
    variances = jnp.sum(ways * (inverse @ ways), axis=0) * by_norm
    variances = variances * determined + (1 - determined)
    roots = _refined_rsqrt(variances)
    if family.has_dispersion:
        known = _refined_rsqrt(squares * per_degree)
    whole = jnp.concatenate([jnp.full((1,), root_rows, lengths.dtype), lengths])
    precision = whole * roots * (known * factor)[0] * determined
    in_order = jnp.concatenate([weights[-1:], weights[:-1]])[:, 0]
    return in_order * precision + (1 - determined) * UNDETERMINED, precision


def _refined_rsqrt(x: Array) -> Array:
    """Return one by the root; the runtime's own is 2e-4 off."""
    rough = lax.rsqrt(x)
    return rough * (1.5 - (x * rough) * (rough * 0.5))
