"""How many rows of each bin have label 1, between the label holder and the features' owners.

The label goes in as shares, and so does each owner's map of rows to bins. Their product is
opened to the owner alone. All are integers, so nothing is rounded, in any ring.

A count is at most the number of rows, far less than what a ring element holds. So a column of
the map stands for several bins: a row of bin `b` has ``base**b`` there, where `base` is the
number of rows and one, and the counts are the digits of the sum. This takes a quarter of the
columns with 10,000 rows, and a third with a million.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jax.experimental import enable_x64
from numpy.typing import NDArray

from secretflow_worker.tasks._parties import Parties, Secret
from secretflow_worker.tasks.ml._vertical import row_blocks
from secretflow_worker.tasks.stats import _woe_programs as programs
from secretflow_worker.tasks.stats._woe_bins import BinnedFeature

Counts = NDArray[np.int64]
Integers = NDArray[np.signedinteger[Any]]


@dataclass(frozen=True)
class Packing:
    """How many counts below `base` one number holds, and of which type such numbers are."""

    base: int
    digits: int
    dtype: type[np.int32] | type[np.int64]

    @classmethod
    def of(cls, rows: int, field: str) -> Packing:
        """Return what fits in a ring for counts up to `rows`."""
        dtype = np.int32 if field == "FM32" else np.int64
        largest, base, digits = np.iinfo(dtype).max, rows + 1, 1
        while base ** (digits + 1) <= largest:
            digits += 1
        return cls(base, digits, dtype)

    def columns(self, bins: int) -> int:
        return -(-bins // self.digits)

    def pack(self, own: Sequence[BinnedFeature], block: slice) -> Integers:
        """Return the map of a block of rows, (rows, columns)."""
        rows = len(own[0].codes[block])
        packed: Integers = np.zeros((rows, self.columns(count_bins_of(own))), self.dtype)
        powers = np.array([self.base**digit for digit in range(self.digits)], self.dtype)
        first = 0
        for feature in own:
            bins = first + feature.codes[block]
            packed[np.arange(rows), bins // self.digits] += powers[bins % self.digits]
            first += len(feature.counts)
        return packed

    def unpack(self, sums: Integers, bins: int) -> Counts:
        """Return the counts, (bins,), of the sums over a map's columns."""
        left, found = sums.astype(np.int64), []
        for _ in range(self.digits):
            left, digit = np.divmod(left, self.base)
            found.append(digit)
        counts: Counts = np.stack(found, axis=1).ravel()[:bins]
        return counts


def count_bins_of(own: Sequence[BinnedFeature]) -> int:
    """Return the number of bins of all features together."""
    return sum(len(feature.counts) for feature in own)


def count_positives(
    parties: Parties,
    label_party: str,
    label: NDArray[np.int32] | None,
    own: Sequence[BinnedFeature],
    rows: int,
) -> list[Counts]:
    """Return the positive rows of each bin of this party's own features.

    `label` (rows,) is 0 or 1, and None but at its holder, who counts in plaintext.
    """
    packing = Packing.of(rows, parties.spu.field)
    widths = parties.exchange(packing.columns(count_bins_of(own)))
    others = [party for party in parties.names if party != label_party and widths[party]]
    opened = np.zeros(0, np.int64)
    for number, owner in enumerate(others):
        parties.progress(0.2 + 0.7 * number / len(others), f"bins of {owner}")
        blocks = row_blocks(rows, int(widths[owner]))
        sums = _sum_at(parties, label_party, label, owner, own, blocks, packing)
        if sums is not None:
            opened = packing.unpack(sums, count_bins_of(own))
    if label is not None:
        return [
            np.bincount(feature.codes[label == 1], minlength=len(feature.counts)) for feature in own
        ]
    ends = np.cumsum([len(feature.counts) for feature in own])
    return np.split(opened, ends[:-1]) if own else []


def _sum_at(
    parties: Parties,
    label_party: str,
    label: NDArray[np.int32] | None,
    owner: str,
    own: Sequence[BinnedFeature],
    blocks: Sequence[slice],
    packing: Packing,
) -> Integers | None:
    """Sum one owner's map over the positive rows, block by block; it reaches the owner only."""
    spu = parties.spu
    total: Secret | None = None
    for block in blocks:
        label_block = None if label is None else label[np.newaxis, block].astype(packing.dtype)
        y = spu.share(label_party, label_block)
        m = spu.share(owner, packing.pack(own, block) if parties.me == owner else None)
        with enable_x64():
            sums = spu.call(programs.sum_positive, y, m)
            spu.free(y, m)
            if total is not None:
                parts = (total, sums)
                sums = spu.call(programs.add, *parts)
                spu.free(*parts)
        total = sums
    if total is None:
        return None
    opened = spu.reveal(total, owner)
    spu.free(total)
    return None if opened is None else opened[0]
