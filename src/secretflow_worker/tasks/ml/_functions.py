"""Exponential, sigmoid and their like inside the SPU, by few rounds of multiplications.

The runtime's own exponential is 3 % off at 4. These are polynomials of degree 7 of which three
rounds of messages are needed: all products of a round are one vector. What is inside of them
is a column of secrets, (n, 1).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.polynomial import Chebyshev, Polynomial
from numpy.typing import NDArray

_EXP_REACH = 0.7


def fit(function: Callable[..., object], low: float, high: float) -> NDArray[np.float64]:
    """Return the coefficients, from the constant on, for `polynomial`: by Chebyshev's nodes."""
    fitted: Chebyshev = Chebyshev.interpolate(function, 7, domain=[low, high])  # type: ignore[no-untyped-call]
    plain = fitted.convert(kind=Polynomial, domain=[-1, 1], window=[-1, 1])  # type: ignore[no-untyped-call]
    return np.asarray(plain.coef, float)


_EXP = fit(np.exp, -_EXP_REACH, _EXP_REACH)
"""Within 2e-9."""
_INVERSE_OF_ONE_PLUS = fit(lambda e: 1 / (1 + e), 0.0, 1.0)
"""Within 2e-6."""
_LOG_OF_ONE_PLUS = fit(np.log1p, 0.0, 1.0)
"""Within 2e-7."""


def polynomial(coefficients: NDArray[np.float64], x: Array) -> Array:
    """Return a polynomial of degree 7 at `x`, by three rounds of products."""
    parts = x * coefficients[1::2].astype(np.float32) + coefficients[0::2].astype(np.float32)
    p0, p1, p2, p3 = jnp.split(parts, 4, axis=1)
    square = x * x
    of_square = jnp.concatenate([square, p1, p3], axis=1) * square
    fourth, p1, p3 = jnp.split(of_square, 3, axis=1)
    return p0 + p1 + (p2 + p3) * fourth


def exp(x: Array, limit: float) -> Array:
    """Return ``exp(x)`` for ``|x| <= limit``; the relative error grows with the limit.

    It is the exponential of a part of `x`, squared as often as `x` was halved.
    """
    halvings = max(0, math.ceil(math.log2(limit / _EXP_REACH)))
    power = polynomial(_EXP, x * 2.0**-halvings if halvings else x)
    for _ in range(halvings):
        power = power * power
    return power


def clip(x: Array, low: float, high: float) -> tuple[Array, Array]:
    """Return `x` cut off at both limits, and where it was cut off, 0 or 1."""
    outside = jnp.concatenate([low - x, x - high], axis=1) > 0
    below, above = jnp.split(outside.astype(jnp.int32), 2, axis=1)
    cut = below + above
    return x * (1 - cut) + (below * low + above * high), cut


class Logistic:
    """Sigmoid and log-loss of scores; beyond the limit they count as the limit."""

    def __init__(self, z: Array, limit: float) -> None:
        sides = jnp.concatenate([-z, z - limit, -z - limit], axis=1) > 0
        negative, high, low = jnp.split(sides.astype(jnp.int32), 3, axis=1)
        # The sign, or 0 beyond the limit: `low` is 1 only where `negative` is.
        size = z * (1 - high + low - 2 * negative) + (high + low) * limit
        self._z = z
        self._negative = negative
        self._tail = exp(-size, limit)

    def sigmoid(self) -> tuple[Array, Array]:
        """Return the sigmoid, and its derivative."""
        larger = polynomial(_INVERSE_OF_ONE_PLUS, self._tail)
        smaller = 1 - larger
        return larger + self._negative * (smaller - larger), larger * smaller

    def softplus(self) -> Array:
        """Return ``log(1 + exp(z))``; beyond the limit the tail is that of the limit."""
        return self._z * (1 - self._negative) + polynomial(_LOG_OF_ONE_PLUS, self._tail)


def reciprocal(x: Array) -> Array:
    """Return ``1 / x`` of a positive column: the runtime's own, made exact by one more step."""
    rough = 1 / x
    return rough * (2 - x * rough)
