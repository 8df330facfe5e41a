"""A party's own features as bins, for weight of evidence: at their owner, in plaintext.

A column of numbers is cut into intervals, any other column has a bin per category. Missing
values are a bin of their own. No bin may hold fewer than a minimum of rows: an interval joins
the smaller neighbour, small categories join each other, and few missing values join the
smallest bin there is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from secretflow_worker.contract.errors import InputError
from secretflow_worker.tasks._bins import (
    bin_labels,
    cuts_of,
    equal_width_edges,
    find_bins,
    quantile_edges,
    require_finite,
)
from secretflow_worker.tasks._cells import is_missing, not_numbers, number
from secretflow_worker.tasks._tables import collect, require_columns, scan
from secretflow_worker.tasks.preprocessing._categories import category, sort_categories

Codes = NDArray[np.int32]


@dataclass(frozen=True)
class Binning:
    """How bins are found; the same at every party."""

    method: Literal["quantile", "equal_width"]
    bin_num: int
    edges: Mapping[str, Sequence[float]]
    """Edges of the request's own, by feature."""
    max_categories: int
    min_count: int


@dataclass(frozen=True)
class BinnedFeature:
    """One feature of this party; either `cuts` or `groups` says what its bins are."""

    name: str
    codes: Codes
    """The bin of every row, (rows,), from 0."""
    counts: NDArray[np.int64]
    """Rows per bin."""
    cuts: list[float] | None
    """Between intervals, which are closed on the right; None where the bins are categories."""
    groups: list[list[str]] | None
    missing: int
    """The bin of missing values; -1 where there are none."""

    def labels(self, write: Callable[[float], str] = repr) -> list[str]:
        """Name the bins; `write` says how a cut is written."""
        if self.cuts is not None:
            labels = bin_labels(self.cuts, write)
        else:
            labels = [", ".join(group) for group in self.groups or []]
        if self.missing == len(labels):
            return [*labels, "missing"]
        if self.missing >= 0:
            labels[self.missing] += " or missing"
        return labels


def bin_features(path: Path, names: Sequence[str], how: Binning) -> list[BinnedFeature]:
    """Read and bin this party's features, in the order of `names`.

    Raises:
        InputError: a column that is missing, holds NaN or infinity, holds text where edges are
            given, or has too many categories.
    """
    require_columns(path, names, "task_config.features")
    if not names:
        return []
    frame = scan(path)
    schema = frame.collect_schema()
    numbers = {name: number(name, schema[name]) for name in names}
    strange = (numbers[name].is_null() & ~is_missing(name, schema[name]) for name in names)
    holds_text = collect(
        frame.select(each.any().alias(name) for name, each in zip(names, strange, strict=True)),
        path,
    ).row(0, named=True)
    for name in how.edges:
        if holds_text.get(name):
            raise not_numbers(path, name, "text")
    columns = collect(
        frame.select(
            category(path, frame, name) if holds_text[name] else numbers[name] for name in names
        ),
        path,
    )
    return [
        _by_category(path, columns[name], how)
        if holds_text[name]
        else _by_interval(path, columns[name], how)
        for name in names
    ]


def _by_interval(path: Path, column: pl.Series, how: Binning) -> BinnedFeature:
    values = column.to_numpy()
    known = values[column.is_not_null().to_numpy()]
    if not np.isfinite(known).all():
        raise not_numbers(path, column.name, "NaN or infinity")
    if column.name in how.edges:
        edges = list(how.edges[column.name])
    elif how.method == "quantile":
        edges = quantile_edges(known, how.bin_num)
    elif known.size:
        edges = equal_width_edges(float(known.min()), float(known.max()), how.bin_num)
    else:
        edges = []
    require_finite(path.name, column.name, edges)
    cuts = cuts_of(edges)
    codes = find_bins(values, cuts)
    group_of = join_neighbours(np.bincount(codes[~np.isnan(values)], minlength=len(cuts) + 1), how)
    kept = [cut for cut, (a, b) in zip(cuts, pairwise(group_of), strict=True) if a != b]
    return _with_missing(
        column.name, np.array(group_of)[codes], np.isnan(values), how, kept, groups=None
    )


def _by_category(path: Path, column: pl.Series, how: Binning) -> BinnedFeature:
    counted = dict(column.drop_nulls().value_counts().iter_rows())
    if len(counted) > how.max_categories:
        raise InputError(
            f"{path.name}: column {column.name!r} has more than {how.max_categories} categories",
            hint="Leave the column out, group its values, or raise max_categories.",
        )
    groups = join_rare(sort_categories(counted), counted, how)
    place = {text: index for index, group in enumerate(groups) for text in group}
    codes = column.replace_strict(
        list(place), list(place.values()), default=None, return_dtype=pl.Int32
    )
    return _with_missing(
        column.name, codes.fill_null(0).to_numpy(), column.is_null().to_numpy(), how, None, groups
    )


def join_neighbours(counts: NDArray[np.int64], how: Binning) -> list[int]:
    """Return each interval's bin: the smallest joins its smaller neighbour until none is small."""
    groups, sizes = [[index] for index in range(len(counts))], [int(count) for count in counts]
    while len(groups) > 1 and min(sizes) < how.min_count:
        small = sizes.index(min(sizes))
        beside = [index for index in (small - 1, small + 1) if 0 <= index < len(groups)]
        into = min(beside, key=lambda index: sizes[index])
        low, high = min(small, into), max(small, into)
        groups[low] += groups.pop(high)
        sizes[low] += sizes.pop(high)
    return [number for number, group in enumerate(groups) for _ in group]


def join_rare(
    categories: Sequence[str], counts: Mapping[str, int], how: Binning
) -> list[list[str]]:
    """Return the categories by bins: each its own, and the rare ones together in the last."""
    frequent = [[name] for name in categories if counts[name] >= how.min_count]
    rare = [name for name in categories if counts[name] < how.min_count]
    while rare and frequent and sum(counts[name] for name in rare) < how.min_count:
        smallest = min(frequent, key=lambda group: counts[group[0]])
        frequent.remove(smallest)
        rare += smallest
    return [*frequent, rare] if rare else frequent


def _with_missing(
    name: str,
    codes: Codes,
    is_missing: NDArray[np.bool_],
    how: Binning,
    cuts: list[float] | None,
    groups: list[list[str]] | None,
) -> BinnedFeature:
    """Give missing values their bin, which is the last, or join them with what is too small."""
    bins = len(groups) if groups is not None else len(cuts or []) + 1
    counts = np.bincount(codes[~is_missing], minlength=bins)
    gaps = int(is_missing.sum())
    missing = -1
    if gaps:
        is_alone = gaps >= how.min_count and (bins == 0 or counts.min() >= how.min_count)
        missing = bins if is_alone or bins == 0 else int(counts.argmin())
        codes = np.where(is_missing, missing, codes)
    counts = np.bincount(codes, minlength=max(bins, missing + 1))
    return BinnedFeature(name, codes.astype(np.int32), counts, cuts, groups, missing)
