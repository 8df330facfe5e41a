"""What a number may be inside the SPU: fixed point in a ring, with room for products.

A product of two numbers has twice the fraction bits until it is truncated, and a truncation
is right only below a limit. Values past that limit wrap round without an error, so a task
bounds its inputs before it shares them.

FM64 has 18 fraction bits: ``64 - 1 - 1 - 2 * 18`` bits are left for the value of a product.
FM128 has 26, and truncates without a round of messages on SEMI2K, which fails with probability
``2**(size + 1 - 128)`` per number of `size` bits; with values below ``2**34`` that is ``2**-41``.
"""

from __future__ import annotations

from dataclasses import dataclass

from secretflow_worker.contract.errors import ProtocolUnfit


@dataclass(frozen=True)
class FixedPoint:
    """``fraction_bits`` of a number, and how large some values may be."""

    fraction_bits: int
    product_limit: float
    """The value of a product."""
    divisor_limit: float
    """A divisor: beyond, the runtime's division has no bits left (measured)."""


_BY_FIELD = {"FM64": FixedPoint(18, 2.0**26, 2.0**18), "FM128": FixedPoint(26, 2.0**34, 2.0**30)}


def fixed_point(field: str) -> FixedPoint:
    """Return the fixed point of a ring.

    Raises:
        ProtocolUnfit: the ring is too small to train or predict in.
    """
    if field not in _BY_FIELD:
        raise ProtocolUnfit(
            f"spu_config.cluster_def.runtime_config.field: {field} has 8 fraction bits, which is "
            "too coarse for training and prediction",
            hint="Use FM128, or FM64.",
        )
    return _BY_FIELD[field]
