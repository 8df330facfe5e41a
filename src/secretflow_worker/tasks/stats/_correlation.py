"""The correlation matrix and the variance inflations by a party's program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from secretflow_worker.tasks._parties import Array, Parties, Secret
from secretflow_worker.tasks.ml._fixed_point import fixed_point
from secretflow_worker.tasks.ml._vertical import Numbers, row_blocks
from secretflow_worker.tasks.stats import _gram as gram
from secretflow_worker.tasks.stats._joint_table import JointTable
from secretflow_worker.tasks.stats._whitening import unit_columns, whiten

VIF_LIMIT = 5000.0
"""Beyond, a variance inflation is not told apart from infinity (it is right up to there)."""

_WHOLE_BITS = 14
"""Fraction bits of a party's own inflation as a whole number; with FM64's 18, with 13 bits of
its value and 18 of the largest inverse, a product stays below 2**63."""
_COLLINEAR, _CONSTANT = -1.0, -2.0
"""Stand in an inflation's place, which is 1 or more."""


@dataclass(frozen=True)
class Inflations:
    """Every column's variance inflation, None for the columns whose index is in a list."""

    values: list[float | None]
    collinear: list[int]
    constant: list[int]


def correlate(
    parties: Parties, table: JointTable, receivers: Sequence[str]
) -> list[list[float | None]] | None:
    """Return the matrix at the receivers, rounded to 6 places; None elsewhere."""
    spu = parties.spu
    fixed_point(spu.field)
    z, _ = unit_columns(table.values)
    products = cross_products(parties, table, z)
    own = share_each(parties, table, (z.T @ z) * gram.SCALE**2)
    matrix = spu.call(gram.with_own, products, *own)
    opened = spu.reveal(matrix, receivers)
    spu.free(products, matrix, *own)
    if opened is None:
        return None
    r = opened.astype(np.float64) / gram.SCALE**2
    varies = np.diag(r) > 0.5
    r = np.round(np.clip(r, -1, 1), 6) + 0.0  # no negative zero
    np.fill_diagonal(r, 1.0)
    return [
        [float(value) if row_varies and varies[j] else None for j, value in enumerate(row)]
        for row_varies, row in zip(varies, r, strict=True)
    ]


def inflate(parties: Parties, table: JointTable, receivers: Sequence[str]) -> Inflations | None:
    """Return the variance inflations at the receivers, to 5 digits; None elsewhere."""
    spu = parties.spu
    fixed_point(spu.field)
    own = whiten(table.values)
    told = ~own.collinear & ~own.constant & (own.inflation < VIF_LIMIT)
    products = cross_products(parties, table, own.basis)
    whole = np.round(np.where(told, own.inflation, 0.0) * 2**_WHOLE_BITS).astype(np.int32)
    codes = np.where(told, 0.0, np.where(own.constant, _CONSTANT, _COLLINEAR)) * 2.0**_WHOLE_BITS
    parts = [
        *share_each(parties, table, np.where(told, own.duals, 0.0)),
        *share_each(parties, table, whole),
        *share_each(parties, table, codes),
    ]
    holders = sum(1 for names in table.columns.values() if names)
    found = spu.call(gram.inflations, products, *parts, largest=holders)
    opened = spu.reveal(found, receivers)
    spu.free(products, found, *parts)
    if opened is None:
        return None
    return _decode(opened.astype(np.float64) / 2**_WHOLE_BITS)


def _decode(found: Numbers) -> Inflations:
    constant = found < (_CONSTANT + _COLLINEAR) / 2
    collinear = ((found < 0) & ~constant) | (found > VIF_LIMIT)
    return Inflations(
        values=[
            None if has_none else max(1.0, float(f"{value:.5g}"))
            for value, has_none in zip(found, constant | collinear, strict=True)
        ],
        collinear=np.flatnonzero(collinear).tolist(),
        constant=np.flatnonzero(constant).tolist(),
    )


def cross_products(parties: Parties, table: JointTable, own: Numbers) -> Secret:
    """Return the shares of SCALE**2 times the products between columns of different parties.

    `own` are this party's, (rows, own columns) of length 1 at most.
    """
    spu = parties.spu
    total: Secret | None = None
    blocks = row_blocks(len(own), 2 * table.width)
    for number, rows in enumerate(blocks):
        parties.progress(0.8 * number / len(blocks), "products")
        shared = share_each(parties, table, own[rows] * gram.SCALE)
        part: Secret = spu.call(gram.cross_products, *shared)
        spu.free(*shared)
        if total is None:
            total = part
            continue
        before, total = total, spu.call(gram.add, total, part)
        spu.free(before, part)
    if total is None:
        raise ValueError("a table without rows")
    return total


def share_each(parties: Parties, table: JointTable, own: Array) -> list[Secret]:
    """Share an array of every party that has columns, by rank; floats as float32."""
    value = own if own.dtype == np.int32 else own.astype(np.float32)
    return [
        parties.spu.share(party, value if party == parties.me else None)
        for party in parties.names
        if table.columns[party]
    ]
