"""Sums of one party's numbers over another party's groups, under the numbers' owner's key.

On SecretFlow's devices; every party runs the same lines, and a function of a PYU runs at its
party alone:

1. The owner encrypts each number and its square, exactly, as whole numbers.
2. The group party adds up ciphertexts group by group, and adds an encrypted mask to each sum.
3. The owner decrypts masked sums, of which it learns nothing, and sends them back.
4. The group party takes the masks off.

Okamoto-Uchiyama at 2048 bits holds plaintexts of some 680 bits; a masked sum has fewer than 400.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secretflow_worker.tasks._parties import Parties

LIMIT = 2.0**60
"""Of a number's size."""
_FRACTION_BITS = 64
"""A float times 2**64 is a whole number, or is rounded to one by less than 2**-65."""
_MASK_BITS = 2 * (60 + _FRACTION_BITS) + 32 + 80
"""A sum of squares of 2**32 rows, and 80 bits that hide it."""
_ENCODING = {"encoder": "BigintEncoder", "encoder_args": {}}

Column = tuple[str, str]
"""Party and name."""


@dataclass(frozen=True)
class Moments:
    """Of one column in one group."""

    sum: float
    mean: float
    std: float | None
    """The sample's; None for one row."""


def moments_by_group(
    parties: Parties,
    group_party: str,
    columns: Mapping[str, Sequence[str]],
    own: NDArray[np.float64],
    groups: Sequence[NDArray[np.int64]],
) -> dict[Column, list[Moments]]:
    """Return each column's moments by group at the group party, and nothing elsewhere.

    `columns` are every value party's, `own` is this party's part of them (rows, own columns), and
    `groups` the rows of each group; only the group party has any.
    """
    bridge = parties.secretflow()
    import secretflow  # after the bridge, which counts the seconds that it takes

    at_groups = bridge.pyu(group_party)
    rows_of = at_groups(lambda: [rows.tolist() for rows in groups])()
    kept: dict[Column, tuple[_Sums, _Sums]] = {}
    waits: list[Any] = []
    for owner, names in columns.items():
        heu = bridge.heu(owner, [group_party], encoding=_ENCODING)
        for index, name in enumerate(names):
            numbers = own[:, index] if parties.me == owner else own
            kept[owner, name] = (_Sums(), _Sums())
            for power, sums in enumerate(kept[owner, name], 1):
                encrypted = bridge.pyu(owner)(_whole_powers)(numbers, power).to(heu)
                masks = at_groups(sums.mask)(rows_of).to(heu)
                masked = (encrypted.batch_select_sum(rows_of) + masks).to(bridge.pyu(owner))
                waits.append(at_groups(sums.keep)(masked.to(at_groups)))
        parties.progress(0.9 * len(kept) / sum(map(len, columns.values())), "encrypted")
    secretflow.wait(waits)
    if parties.me != group_party:
        return {}
    sizes = [len(rows) for rows in groups]
    return {
        column: [_moments(*each) for each in zip(sizes, sums.kept, squares.kept, strict=True)]
        for column, (sums, squares) in kept.items()
    }


class _Sums:
    """The group party's side of one sum per group."""

    def __init__(self) -> None:
        self.kept: list[int] = []
        self._masks: list[int] = []

    def mask(self, rows_of: Sequence[Any]) -> NDArray[Any]:
        """Return a fresh mask for each group."""
        self._masks = [secrets.randbits(_MASK_BITS) for _ in rows_of]
        return np.array(self._masks, dtype=object)

    def keep(self, masked: NDArray[Any]) -> None:
        """Keep what is behind the masks."""
        self.kept = [int(sum_) - mask for sum_, mask in zip(masked, self._masks, strict=True)]


def _whole_powers(numbers: NDArray[np.float64], power: int) -> NDArray[Any]:
    wholes = [round(Fraction(number) * 2**_FRACTION_BITS) ** power for number in numbers.tolist()]
    return np.array(wholes, dtype=object)


def _moments(rows: int, sum_: int, squares: int) -> Moments:
    """Return the moments of the numbers whose scaled sum and sum of squares these are."""
    total = Fraction(sum_, 2**_FRACTION_BITS)
    std = None
    if rows > 1:
        variance = (Fraction(squares, 2 ** (2 * _FRACTION_BITS)) - total**2 / rows) / (rows - 1)
        std = math.sqrt(variance)
    return Moments(float(total), float(total / rows), std)
