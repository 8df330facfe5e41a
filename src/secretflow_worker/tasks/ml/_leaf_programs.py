"""Margins from the parties' own leaf memberships, inside the SPU."""

from __future__ import annotations

from jax import Array


def sum_leaves(weighted: Array, *memberships: Array) -> Array:
    """Return the margins (n,); each argument is (n, leaves).

    Memberships are whole numbers: a product with them needs no truncation.
    """
    for members in memberships:
        weighted = weighted * members
    return weighted.sum(axis=1)
