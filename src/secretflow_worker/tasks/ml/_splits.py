"""Gradients, sums and gains at the label holder, in plaintext.

Gradients are whole numbers: ``2**20`` of them make 1, as in SecretFlow, for own features and the
others' alike. So sums are exact, a split does not depend on whose feature it is by, and the
larger child is exactly what the smaller one leaves of its parent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from secretflow_worker.tasks.ml._predictions import sigmoid

Numbers = NDArray[np.float64]

SCALE_BITS = 20
LAMBDA_FLOOR = 1e-3
"""Keeps the division away from zero where `reg_lambda` is zero, as in ss_xgb."""

_LEAST_GAIN = 1e-6
"""xgboost's; a split that gains less gains nothing but the error of a float. In gradients of
at most 1."""


@dataclass(frozen=True)
class Gradients:
    """First and second order of each row's loss, (n,), in units of ``2**-20``."""

    first: Numbers
    second: Numbers
    unit: float
    """What a first order gradient of 1 stands for: a power of two, 1 for the logistic loss."""

    def exact(self, rows: NDArray[np.bool_]) -> tuple[float, float]:
        """Return the sums over the rows in the loss's own units."""
        scale = 2.0**-SCALE_BITS
        first = float(self.first[rows].sum()) * scale * self.unit
        return first, float(self.second[rows].sum()) * scale


def gradients(
    label: Numbers, margin: Numbers, objective: Literal["logistic", "linear"]
) -> Gradients:
    """Return the gradients at the margins so far."""
    if objective == "linear":
        residual = margin - label
        unit = 2.0 ** math.ceil(math.log2(max(float(np.abs(residual).max()), 2.0**-200)))
        return Gradients(_round(residual / unit), _round(np.ones(len(label))), unit)
    p = sigmoid(margin)
    return Gradients(_round(p - label), _round(p * (1 - p)), 1.0)


def slot_layout(rows: int) -> tuple[int, int]:
    """Return the bits of a second order sum, and of both orders together, signs included."""
    low = SCALE_BITS + rows.bit_length() + 1
    return low, 2 * low + 1


def pack(grads: Gradients, rows: NDArray[np.bool_], low_bits: int) -> list[int]:
    """Return both orders of the rows as one whole number each."""
    pairs = zip(grads.first[rows].tolist(), grads.second[rows].tolist(), strict=True)
    return [(int(first) << low_bits) + int(second) for first, second in pairs]


def unpack(sums: Sequence[int], low_bits: int) -> Numbers:
    """Return the sums of both orders, (sums, 2); second orders are never negative."""
    mask = (1 << low_bits) - 1
    pairs = [(value >> low_bits, value & mask) for value in sums]
    return np.array(pairs, np.float64).reshape(-1, 2)


def own_sums(
    grads: Gradients, bins: NDArray[np.int8], cuts: Sequence[int], rows: NDArray[np.bool_]
) -> Numbers:
    """Return the sums left of every candidate of own features, (candidates, 2).

    `bins` is (n, f), `cuts` the number of candidates of each feature.
    """
    picked = bins[rows]
    parts = []
    for feature, count in enumerate(cuts):
        for_feature = [
            np.bincount(picked[:, feature], weights=order[rows], minlength=count + 1)
            for order in (grads.first, grads.second)
        ]
        parts.append(np.stack(for_feature, axis=1).cumsum(axis=0)[:count])
    return np.concatenate(parts) if parts else np.empty((0, 2))


def best_candidates(
    left: Numbers, total: Numbers, reg_lambda: float, gamma: float, unit: float
) -> tuple[NDArray[np.int64], float]:
    """Return all candidates of the greatest gain, and that gain; none where it is too little.

    `left` (candidates, 2) and `total` (2,) are sums in units of ``2**-20``. Two candidates that
    part the rows in the same way have the very same sums, so they are told together.
    """
    if not len(left):
        return np.empty(0, np.int64), 0.0
    scale = 2.0**-SCALE_BITS
    first, second = left[:, 0] * scale, left[:, 1] * scale
    all_first, all_second = float(total[0]) * scale, float(total[1]) * scale
    floor = max(reg_lambda, LAMBDA_FLOOR)
    gains = (
        first**2 / (second + floor)
        + (all_first - first) ** 2 / (all_second - second + floor)
        - all_first**2 / (all_second + floor)
    )
    best = float(gains.max())
    if best <= max(_LEAST_GAIN, gamma / unit**2):
        return np.empty(0, np.int64), 0.0
    return np.flatnonzero(gains == best), best * unit**2


def leaf_weight(
    grads: Gradients, rows: NDArray[np.bool_], reg_lambda: float, learning_rate: float
) -> float:
    """Return the weight of a leaf that holds the rows."""
    first, second = grads.exact(rows)
    return -learning_rate * first / (second + max(reg_lambda, LAMBDA_FLOOR))


def _round(values: Numbers) -> Numbers:
    rounded: Numbers = np.rint(values * 2.0**SCALE_BITS)
    return rounded
