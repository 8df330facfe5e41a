"""How many rows of each bin have label 1, between the label holder and the features' owners.

The label goes in as shares, and so does each owner's map of rows to bins: (rows, bins), 0 or 1.
Their product is opened to the owner alone. All are integers, so nothing is rounded, in any ring.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jax import Array as Traced
from numpy.typing import NDArray

from secretflow_worker.tasks._parties import Parties, Secret
from secretflow_worker.tasks.ml._vertical import row_blocks
from secretflow_worker.tasks.stats._woe_bins import BinnedFeature

Counts = NDArray[np.int64]


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
    widths = parties.exchange(sum(len(feature.counts) for feature in own))
    others = [party for party in parties.names if party != label_party and widths[party]]
    opened = np.zeros(0, np.int64)
    for number, owner in enumerate(others):
        parties.progress(0.2 + 0.7 * number / len(others), f"bins of {owner}")
        found = _count_at(parties, label_party, label, owner, own, int(widths[owner]), rows)
        if found is not None:
            opened = found
    if label is not None:
        return [
            np.bincount(feature.codes[label == 1], minlength=len(feature.counts)) for feature in own
        ]
    ends = np.cumsum([len(feature.counts) for feature in own])
    return np.split(opened, ends[:-1]) if own else []


def _count_at(
    parties: Parties,
    label_party: str,
    label: NDArray[np.int32] | None,
    owner: str,
    own: Sequence[BinnedFeature],
    width: int,
    rows: int,
) -> Counts | None:
    """Count for one owner, a block of rows after the other; the counts reach the owner only."""
    spu = parties.spu
    total: Secret | None = None
    for block in row_blocks(rows, width):
        y = spu.share(label_party, None if label is None else label[np.newaxis, block])
        m = spu.share(owner, _map_of(own, block) if parties.me == owner else None)
        counts = spu.call(_count, y, m)
        spu.free(y, m)
        if total is not None:
            counts, parts = spu.call(_add, total, counts), (total, counts)
            spu.free(*parts)
        total = counts
    if total is None:
        return None
    opened = spu.reveal(total, owner)
    spu.free(total)
    return None if opened is None else opened[0].astype(np.int64)


def _map_of(own: Sequence[BinnedFeature], block: slice) -> NDArray[np.int8]:
    """Return which rows of the block are in which bin, (rows, bins of all features)."""
    maps = [feature.codes[block, np.newaxis] == np.arange(len(feature.counts)) for feature in own]
    joined: NDArray[np.int8] = np.concatenate(maps, axis=1).astype(np.int8)
    return joined


def _count(y: Traced, m: Traced) -> Traced:
    return y @ m.astype(y.dtype)


def _add(total: Traced, counts: Traced) -> Traced:
    return total + counts
