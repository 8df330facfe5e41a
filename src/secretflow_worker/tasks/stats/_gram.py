"""Products of the parties' columns, and the inverse of their matrix, on secret shares.

The ring's few fraction bits are used in full: columns are shared ``2**12`` times their length 1,
so a product of two is ``2**24`` times a correlation, which has 42 significant bits on FM64 and
whose rounding is far below 1e-6. The matrix of a Newton iteration is ``2**12`` times itself.

Every function with an upper limit on its numbers says so; none of them fails beyond it.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
from jax import Array, lax

SCALE = 2.0**12
"""Of a shared column, and of the matrix that is inverted."""

DOUBLINGS = 18
"""Steps of the Newton iteration; each doubles the correct bits, or the inverse where it is
singular: no entry passes ``2**19``."""


def cross_products(*blocks: Array) -> Array:
    """Return the products between columns of different parties, (columns, columns).

    Blocks are (rows, own columns), one per party; the diagonal blocks of the result are zero.
    """
    widths = [block.shape[1] for block in blocks]
    width = sum(widths)
    total = jnp.zeros((width, width), blocks[0].dtype)
    start = 0
    for index, block in enumerate(blocks[:-1]):
        stop = start + widths[index]
        products = block.T @ jnp.concatenate(blocks[index + 1 :], axis=1)
        total = lax.dynamic_update_slice(total, products, (start, stop))
        total = lax.dynamic_update_slice(total, products.T, (stop, start))
        start = stop
    return total


def add(first: Array, second: Array) -> Array:
    """Return the sum, of two row blocks' products."""
    return first + second


def with_own(products: Array, *own: Array) -> Array:
    """Return the products with each party's own ones on the diagonal."""
    return products + block_diagonal(own)


def block_diagonal(blocks: Sequence[Array]) -> Array:
    """Return the blocks, each (rows, columns), along the diagonal of zeros."""
    width = sum(block.shape[1] for block in blocks)
    rows, start = [], 0
    for block in blocks:
        before = jnp.zeros((block.shape[0], start), block.dtype)
        after = jnp.zeros((block.shape[0], width - start - block.shape[1]), block.dtype)
        rows.append(jnp.concatenate([before, block, after], axis=1))
        start += block.shape[1]
    return jnp.concatenate(rows, axis=0)


def inverse(matrix: Array, *, largest: int) -> Array:
    """Return the inverse of a symmetric matrix, given as SCALE times itself.

    Its eigenvalues lie between 0 and `largest`. Newton's iteration by Schulz, ``X <- X(2I - AX)``,
    which needs products only (G. Schulz, Iterative Berechnung der reziproken Matrix, 1933). The
    inverse is right where it is below about ``2**DOUBLINGS / (5 * largest)``, and beyond it is
    large, without overflowing.
    """
    return newton(matrix, min(1.0, 2.0 / largest), DOUBLINGS)


def newton(matrix: Array, first: float, rounds: int) -> Array:
    """Return what Newton's iteration makes of `first` times the identity; see `inverse`.

    `matrix` is SCALE times itself. No eigenvalue times `first` may be above 2.
    """
    eye = jnp.eye(matrix.shape[0], dtype=matrix.dtype)
    start = matrix * 0 + eye * first

    def step(_: int, x: Array) -> Array:
        return x @ (2 * eye - (matrix @ x) * (1 / SCALE))

    return lax.fori_loop(0, rounds, step, start)


def inflations(products: Array, *parts: Array, largest: int) -> Array:
    """Return each column's variance inflation, (columns,).

    `products` are those of orthonormal columns. `parts` are, for each party, its duals (own, own),
    then for each party its own inflations as whole numbers (own,), then its codes (own,): what
    to return for a column whose dual is zero.
    """
    count = len(parts) // 3
    duals = block_diagonal(parts[:count])
    own, codes = jnp.concatenate(parts[count : 2 * count]), jnp.concatenate(parts[2 * count :])
    eye = jnp.eye(products.shape[0], dtype=products.dtype)
    inverted = inverse(products * (1 / SCALE) + eye * SCALE, largest=largest)
    across = jnp.sum(duals * (inverted @ duals), axis=0)
    return across * own + codes
