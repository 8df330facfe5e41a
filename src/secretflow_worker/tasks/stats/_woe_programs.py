"""Counts of positive rows by bin, inside the SPU."""

from __future__ import annotations

from jax import Array


def sum_positive(y: Array, m: Array) -> Array:
    """Return how many rows of label 1 (1, n) each column of bin memberships (n, bins) has."""
    return y @ m


def add(total: Array, sums: Array) -> Array:
    """Return the sum, of two row blocks' counts."""
    return total + sums
