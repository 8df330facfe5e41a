"""Bins of a numeric column: their edges, and which bin a value is in.

`edges` of k bins are k + 1 ascending numbers. Bins are closed on the right, the lowest edge is
in the first bin, and what lies outside of all edges is in the first or the last bin; so only
the edges between bins decide. A column with one value has one bin (both edges are the value),
one without values has none. A missing value is in no bin.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from secretflow_worker.contract.errors import InputError

Numbers = NDArray[np.float64]


def quantile_edges(values: Numbers, bins: int) -> list[float]:
    """Return the edges of ``pandas.qcut(values, bins, duplicates="drop")``.

    They are quantiles by linear interpolation; where some are equal there are fewer bins.
    `values` (n,) are finite; the edges are not where these are near the end of float64.
    """
    if not values.size:
        return []
    with np.errstate(over="ignore", invalid="ignore"):
        return _distinct(np.quantile(values, np.linspace(0, 1, bins + 1)))


def equal_width_edges(low: float | None, high: float | None, bins: int) -> list[float]:
    """Return the edges of ``pandas.cut(values, bins)`` for values from `low` to `high`.

    A constant column has one bin, where pandas makes `bins` around it. Edges that float64 cannot
    tell apart make one.
    """
    if low is None or high is None:
        return []
    with np.errstate(over="ignore", invalid="ignore"):
        return _distinct(np.linspace(low, high, bins + 1))


def require_finite(where: str, column: str, edges: Sequence[float]) -> None:
    """Check fitted edges.

    Raises:
        InputError: they overflowed.
    """
    if not np.isfinite(edges).all():
        raise InputError(
            f"{where}: column {column!r} holds numbers too large to bin",
            hint="Divide the column by a power of ten first.",
        )


def count_bins(edges: Sequence[float]) -> int:
    """Return the number of bins."""
    return max(0, len(edges) - 1)


def cuts_of(edges: Sequence[float]) -> list[float]:
    """Return the edges between bins."""
    return list(edges[1:-1])


def find_bins(values: Numbers, cuts: Sequence[float]) -> NDArray[np.int32]:
    """Return each value's bin, from 0; a NaN gets the last one."""
    return np.searchsorted(np.array(cuts), values, side="left").astype(np.int32)


def bin_index(column: pl.Expr, cuts: Sequence[float]) -> pl.Expr:
    """Return the expression of a float64 column's bins, int32, null where missing."""

    def find(values: pl.Series) -> pl.Series:
        return pl.Series(find_bins(values.to_numpy(), cuts))

    index = column.map_batches(find, return_dtype=pl.Int32, is_elementwise=True)
    return pl.when(column.is_not_null()).then(index)


def bin_labels(cuts: Sequence[float], write: Callable[[float], str] = repr) -> list[str]:
    """Name the bins by what is in them, as ``(1.5, 4.0]``; the outer ones are open to infinity."""
    between = [write(cut) for cut in cuts]
    low, high = ["-inf", *between], [*between, "inf"]
    closed = ["]"] * len(between) + [")"]
    return [f"({a}, {b}{end}" for a, b, end in zip(low, high, closed, strict=True)]


def _distinct(edges: Numbers) -> list[float]:
    found: list[float] = (np.unique(edges) + 0.0).tolist()  # the sum makes -0.0 a plain zero
    return found * 2 if len(found) == 1 else found
