"""What the parties of ``heu_probe`` add up, for its tests to compare with."""

from __future__ import annotations

from typing import Any

import numpy as np

ROWS, FEATURES, BUCKETS, SLOT_BITS = 5000, 3, 7, 60


def table(rank: int) -> tuple[Any, Any]:
    """Return which rows are members, (n,), and their buckets, (n, f); the last one is empty."""
    random = np.random.default_rng(rank)
    return random.random(ROWS) < 0.3, random.integers(0, BUCKETS - 1, (ROWS, FEATURES), np.int8)


def numbers() -> list[int]:
    return [int(number) for number in np.random.default_rng(99).integers(-(2**40), 2**40, ROWS)]
