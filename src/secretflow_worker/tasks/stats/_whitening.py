"""What a party makes of its own columns in plaintext, so that little is left to compute on shares.

With unit columns ``Z`` (centred, of length 1) of one party and ``Z'Z = V S^2 V'``, the columns of
``Q = Z V / S`` are orthonormal. Whatever is collinear inside one party is then gone from the
joint matrix: the inverse of all parties' ``Q'Q`` is as well conditioned as the parties' columns
are independent of each other, which is what fixed-point numbers can compute.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

NULL = 1e-9
"""A direction of less variance than this share of a column's counts as none: there, the rounding
of float64 would be what is measured."""


def unit_columns(values: Numbers) -> tuple[Numbers, Flags]:
    """Return the columns centred and of length 1, and which are constant; those become zero."""
    constant = (values == values[:1]).all(axis=0)
    largest = np.abs(values).max(axis=0, initial=0.0)
    # By a power of two, which rounds nothing: so that no square overflows or vanishes.
    z = np.ldexp(values, -np.frexp(largest)[1])
    z -= z.mean(axis=0)
    z -= z.mean(axis=0)  # what rounding left of the mean of a column far from zero
    z[:, constant] = 0.0
    length = np.sqrt((z * z).sum(axis=0))
    z /= np.where(length > 0, length, 1.0)
    return z, constant


@dataclass(frozen=True)
class Whitened:
    """A party's columns as an orthonormal basis and the way back, (own, own) or (rows, own).

    Directions that the columns do not span are columns of zeros, so that shapes tell nothing.
    """

    basis: Numbers
    """``Q``, (rows, own)."""
    into: Numbers
    """``S V'``: unit columns are `basis` times it."""
    duals: Numbers
    """Column j is the direction in `basis` that moves unit column j alone, scaled to length 1."""
    inflation: Numbers
    """The variance inflation of each column by the others of this party, (own,)."""
    collinear: Flags
    """Columns that others of this party determine; `duals` has none for them."""
    constant: Flags


def whiten(values: Numbers) -> Whitened:
    """Return the party's orthonormal basis, and what leads from it back to its columns."""
    z, constant = unit_columns(values)
    variances, directions = np.linalg.eigh(z.T @ z)
    kept = variances > NULL
    scale = np.sqrt(np.where(kept, variances, 1.0))
    back = np.where(kept, directions / scale, 0.0)  # columns: V / S
    basis = z @ back
    inflation = (back * back).sum(axis=1)
    # A column stands alone where no missing direction has a part in it.
    collinear = (directions[:, ~kept] ** 2).sum(axis=1) > NULL
    collinear &= ~constant
    duals = back.T / np.sqrt(np.where(inflation > 0, inflation, 1.0))
    into = (directions * np.where(kept, scale, 0.0)).T
    return Whitened(basis, into, duals, inflation, collinear, constant)
