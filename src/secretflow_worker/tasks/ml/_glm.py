"""Generalised linear models inside the SPU: Newton's steps and SGD on secret shares.

A step of IRLS in the form of Fisher's scoring, ``w + (X'WX)^-1 X's``: where it comes to rest
depends on the gradient ``X's`` alone, which fixed point holds well, and not on how exactly the
matrix was inverted. The inverse is by Newton and Schulz (two products of small matrices a round),
instead of an elimination with a division for every feature.

`x` is (n, k) with the column of ones last; `y`, scores, offset and row weights are (n, 1), model
weights (k, 1). `y` was scaled by its holder, so means are near one. `extras` are those of offset,
row weights and penalty (1, 1) that there are, in this order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from secretflow_worker.tasks.ml import _functions as functions
from secretflow_worker.tasks.ml._linear import Sgd

_STRIP = 6

Link = Literal["identity", "logit", "log", "reciprocal"]


@dataclass(frozen=True)
class Glm:
    """The constants of a model's programs."""

    link: Link
    power: float
    """The variance is the mean to this power; logit has ``mean * (1 - mean)`` instead."""
    limit: float
    """Scores count up to ``+-limit``; those of the reciprocal link from ``1 / limit`` to it."""
    unit: float
    """Sums over rows are multiplied by this power of two, about one by the number of rows."""
    rounds: int
    """Of the inverse, which is exact for condition numbers up to about two to this power."""
    has_offset: bool
    has_weight: bool
    has_penalty: bool
    is_cut: bool
    """Whether ``X'WX`` is computed in strips, which no multiplication under encryption gains by."""

    @property
    def is_constant(self) -> bool:
        """Whether ``X'WX`` is the same for all model weights."""
        return self.link == "identity" or (self.link == "log" and self.power == 2)

    @property
    def is_bounded(self) -> bool:
        """Whether scores that end beyond the limit make the model wrong."""
        return self.link in ("log", "reciprocal")

    def offset(self, extras: tuple[Array, ...]) -> Array | None:
        return extras[0] if self.has_offset else None

    def weight(self, extras: tuple[Array, ...]) -> Array | None:
        return extras[int(self.has_offset)] if self.has_weight else None

    def penalty(self, extras: tuple[Array, ...]) -> Array | None:
        return extras[-1] if self.has_penalty else None

    def scores(self, x: Array, w: Array, offset: Array | None) -> Array:
        z = x @ w
        return z if offset is None else z + offset

    def derivatives(self, y: Array, z: Array) -> tuple[Array | None, Array]:
        """Return each row's curvature W (None for one) and slope s of the log-likelihood."""
        if self.link == "identity":
            return None, y - z
        if self.link == "logit":
            mean, curvature = functions.Logistic(z, self.limit).sigmoid()
            return curvature, y - mean
        if self.link == "reciprocal":
            mean = functions.reciprocal(self._within(z)[0])
            return mean * mean, mean - y
        z, _ = self._within(z)
        if self.power == 2:
            return None, y * functions.exp(-z, self.limit) - 1
        lower, upper = self._powers(z)
        return upper, (y - upper if lower is None else y * lower - upper)

    def half_deviance(self, y: Array, z: Array) -> tuple[Array, Array | None]:
        """Return half of each row's deviance but for what depends on `y` alone.

        And where scores that make the model wrong are beyond the limit, 0 or 1.
        """
        if self.link == "identity":
            error = y - z
            return error * error * 0.5, None
        if self.link == "logit":
            return functions.Logistic(z, self.limit).softplus() - y * z, None
        z, outside = self._within(z)
        if self.link == "reciprocal":
            return y * z - jnp.log(z), outside
        if self.power == 2:
            return y * functions.exp(-z, self.limit) + z, outside
        if self.power == 0:
            error = y - functions.exp(z, self.limit)
            return error * error * 0.5, outside
        lower, upper = self._powers(z)
        if lower is None:
            return upper - y * z, outside
        p = self.power
        return upper * (1 / (2 - p)) - y * lower * (1 / (1 - p)), outside

    def _within(self, z: Array) -> tuple[Array, Array]:
        low = 1 / self.limit if self.link == "reciprocal" else -self.limit
        return functions.clip(z, low, self.limit)

    def _powers(self, z: Array) -> tuple[Array | None, Array]:
        """Return the mean to the power of ``1 - p`` (None for one) and ``2 - p``."""
        if self.power == 1:
            return None, functions.exp(z, self.limit)
        if self.power == 0:
            mean = functions.exp(z, self.limit)
            return mean, mean * mean
        both = jnp.concatenate([z * (1 - self.power), z * (2 - self.power)])
        lower, upper = jnp.split(functions.exp(both, self.limit), 2)
        return lower, upper


def first_weights(x: Array, curvature: Array, target: Array, *extras: Array, glm: Glm) -> Array:
    """Return the weights after the first step, from means that the label's holder starts with.

    `target` is the curvature times the working response of those means.
    """
    offset, weight = glm.offset(extras), glm.weight(extras)
    if offset is not None:
        target = target - curvature * offset
    if weight is not None:
        target, curvature = target * weight, curvature * weight
    inverse = _inverse(x, curvature, extras, glm)
    return inverse @ (x.T @ target * glm.unit)


def constant_inverse(x: Array, *extras: Array, glm: Glm) -> Array:
    """Return the inverse that all steps share where every curvature is one."""
    return _inverse(x, glm.weight(extras), extras, glm)


def first_weights_by(inverse: Array, x: Array, target: Array, *extras: Array, glm: Glm) -> Array:
    """Return what `first_weights` does, where every curvature is one."""
    offset, weight = glm.offset(extras), glm.weight(extras)
    if offset is not None:
        target = target - offset
    if weight is not None:
        target = target * weight
    return inverse @ (x.T @ target * glm.unit)


def newton_step(
    x: Array, y: Array, w: Array, *extras: Array, glm: Glm, tolerance: float
) -> tuple[Array, Array]:
    """Return the weights after a step, and how many of them moved by more than the tolerance."""
    offset, weight = glm.offset(extras), glm.weight(extras)
    curvature, slope = glm.derivatives(y, glm.scores(x, w, offset))
    if weight is not None and curvature is not None:
        both = jnp.concatenate([curvature, slope], axis=1) * weight
        curvature, slope = jnp.split(both, 2, axis=1)
    inverse = _inverse(x, curvature, extras, glm)
    return _moved(w, inverse @ _gradient(x, slope, w, extras, glm), tolerance)


def newton_step_by(
    inverse: Array, x: Array, y: Array, w: Array, *extras: Array, glm: Glm, tolerance: float
) -> tuple[Array, Array]:
    """Return what `newton_step` does, where every curvature is one."""
    offset, weight = glm.offset(extras), glm.weight(extras)
    _, slope = glm.derivatives(y, glm.scores(x, w, offset))
    if weight is not None:
        slope = slope * weight
    return _moved(w, inverse @ _gradient(x, slope, w, extras, glm), tolerance)


def sgd_epoch(x: Array, y: Array, w: Array, *extras: Array, glm: Glm, sgd: Sgd) -> Array:
    """Return the weights, in the units of `sgd`, after one epoch of mini-batches."""

    def batch_of(rows: Array, batch: int) -> Array:
        return lax.dynamic_slice(rows, (batch * sgd.batch_size, 0), (sgd.batch_size, rows.shape[1]))

    offset, weight, penalty = glm.offset(extras), glm.weight(extras), glm.penalty(extras)

    def body(batch: int, weights: Array) -> Array:
        xs, ys = batch_of(x, batch), batch_of(y, batch)
        z = sgd.scores([xs], weights)
        if offset is not None:
            z = z + batch_of(offset, batch)
        _, slope = glm.derivatives(ys, z)
        if weight is not None:
            slope = slope * batch_of(weight, batch)
        moved = sgd.step(weights, [xs], -slope)
        if penalty is not None:
            moved = moved - _without_intercept(weights * penalty) * sgd.learning_rate
        return moved

    return lax.fori_loop(0, x.shape[0] // sgd.batch_size, body, w)


def evaluate(x: Array, y: Array, w: Array, *extras: Array, glm: Glm) -> tuple[Array, Array]:
    """Return half of the deviance, but for its constants, times `unit`, (1, 1).

    And how many scores are beyond the limit, where that makes the model wrong.
    """
    weight = glm.weight(extras)
    halves, outside = glm.half_deviance(y, glm.scores(x, w, glm.offset(extras)))
    none = jnp.zeros((1, 1), jnp.int32)
    count = none if outside is None else jnp.sum(outside, axis=0, keepdims=True)
    return _total(halves, weight) * glm.unit, count


def weighted_totals(rows: Array, weight: Array, factor: Array, *, unit: float) -> Array:
    """Return the weighted sums of columns that the label's holder knows, times `unit`."""
    return weight.T @ rows * unit * factor


def product(a: Array, b: Array) -> Array:
    """Return the product of secrets that two parties hold."""
    return a * b


def as_of_label(
    w: Array, factor: Array, shift: Array, *, is_scaled: bool, offset_at: int | None
) -> Array:
    """Return weights of the label as it is, the offset's among them, which is one."""
    scaled = w * factor if is_scaled else w
    scaled = jnp.concatenate([scaled[:-1], scaled[-1:] + shift])
    if offset_at is None:
        return scaled
    return jnp.concatenate([scaled[:offset_at], jnp.ones((1, 1), w.dtype), scaled[offset_at:]])


def _gradient(x: Array, slope: Array, w: Array, extras: tuple[Array, ...], glm: Glm) -> Array:
    gradient = x.T @ slope * glm.unit
    penalty = glm.penalty(extras)
    return gradient if penalty is None else gradient - _without_intercept(w * penalty)


def _inverse(x: Array, curvature: Array | None, extras: tuple[Array, ...], glm: Glm) -> Array:
    """Return the inverse of ``X'WX`` and the penalty, both times `unit`."""
    bent = x if curvature is None else x * curvature
    matrix = (_symmetric(bent, x) if glm.is_cut else bent.T @ x) * glm.unit
    eye = jnp.eye(matrix.shape[0], dtype=jnp.int32)
    penalty = glm.penalty(extras)
    if penalty is not None:
        matrix = matrix + eye.at[-1, -1].set(0) * penalty
    # All eigenvalues of the matrix by its trace are at most one, so the rounds converge.
    start = eye * (1 / jnp.sum(matrix * eye))

    def body(_: int, inverse: Array) -> Array:
        return inverse @ (2.0 * eye - matrix @ inverse)

    return lax.fori_loop(0, glm.rounds, body, start)


def _symmetric(bent: Array, x: Array) -> Array:
    """Return ``bent.T @ x``, which is symmetric, from strips of its upper half.

    libspu's product of integers starts threads from 8 rows on, and what they cost each other
    where all cores are taken is twenty times the product.
    """
    size = x.shape[1]
    strips, is_mirrored = [], np.zeros((size, size), np.int32)
    for first in range(0, size, _STRIP):
        strip = bent[:, first : first + _STRIP].T @ x[:, first:]
        strips.append(jnp.pad(strip, ((0, 0), (first, 0))))
        is_mirrored[first : first + _STRIP, first + _STRIP :] = 1
    upper = jnp.concatenate(strips)
    return upper + (upper * is_mirrored).T


def _moved(w: Array, step: Array, tolerance: float) -> tuple[Array, Array]:
    if tolerance == 0:
        return w + step, jnp.zeros((1, 1), jnp.int32)
    beyond = jnp.concatenate([step - tolerance, -step - tolerance], axis=1) > 0
    return w + step, jnp.sum(beyond.astype(jnp.int32)).reshape(1, 1)


def _without_intercept(w: Array) -> Array:
    return jnp.concatenate([w[:-1], jnp.zeros((1, 1), w.dtype)])


def _total(rows: Array, weight: Array | None) -> Array:
    return jnp.sum(rows, axis=0, keepdims=True) if weight is None else weight.T @ rows
