"""Whether every party has the same, inside the SPU."""

from __future__ import annotations

from jax import Array


def all_same(first: Array, *others: Array) -> Array:
    """Return whether every array equals the first: the sum of squared differences is zero."""
    differences = sum(((first - other) ** 2).sum() for other in others)
    return differences == 0
