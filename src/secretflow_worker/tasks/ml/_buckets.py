"""Candidate splits of a party's own features, found and compared where the feature is.

Every feature gets the same number of candidates, so that the shapes which everybody sees
depend on the configuration only: a feature with fewer distinct values is filled up with
candidates at infinity, which send every row to the left and so split nothing. Where the parties
agree to tell how many candidates a feature has, only a constant is filled up, to one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def cut_points(values: NDArray[np.float64], buckets: int) -> list[float]:
    """Return at most ``buckets - 1`` ascending cuts; a row is left of a cut where it is below.

    Every value is a cut where there are no more than `buckets` of them. Otherwise each bucket
    takes its even share of the rows that are left, and a value is never torn apart.
    """
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) <= buckets:
        return [float(value) for value in distinct[1:]]
    rows_below = np.cumsum(counts) - counts
    cuts: list[float] = []
    start = 0.0
    for bucket in range(buckets - 1):
        share = (len(values) - start) / (buckets - bucket)
        index = int(np.searchsorted(rows_below, start + share))
        if index == len(distinct):
            break
        cuts.append(float(distinct[index]))
        start = float(rows_below[index])
    return cuts


def candidate_counts(cuts: Sequence[Sequence[float]], padded: int | None) -> list[int]:
    """Return how many candidates each feature has: as many as `padded` says, or its own."""
    return [padded if padded is not None else max(1, len(own)) for own in cuts]


def compare(
    features: NDArray[np.float64], cuts: Sequence[Sequence[float]], padded: int | None
) -> NDArray[np.int8]:
    """Return which rows are left of which candidate, (n, candidates of all features), 0 or 1."""
    counts = candidate_counts(cuts, padded)
    left = np.ones((len(features), sum(counts)), dtype=np.int8)
    first = 0
    for column, own, count in zip(features.T, cuts, counts, strict=True):
        left[:, first : first + len(own)] = column[:, np.newaxis] < np.asarray(own)
        first += count
    return left
