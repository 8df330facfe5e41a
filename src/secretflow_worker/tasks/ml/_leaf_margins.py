"""Margins of rows by the parties' parts of a forest, inside the SPU, for one receiver.

Each party knows, of every leaf, which rows its own splits would let in. A row is in the leaf
that all parties let it into. The label holder shares its part times the leaves' weights, the
others share theirs; what is opened is the sum, to the receiver alone. SecretFlow sends every
party's part to the label holder, who so sees each row's leaf and each prediction.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secretflow_worker.contract.errors import InternalError
from secretflow_worker.tasks._parties import Parties
from secretflow_worker.tasks.ml._fixed_point import fixed_point
from secretflow_worker.tasks.ml._forest import Forest
from secretflow_worker.tasks.ml._vertical import row_blocks

Numbers = NDArray[np.float64]

_REACH = 2.0**10
"""Of a margin inside the SPU: ten bits before the point, and 18 or more behind it."""


def margins(
    parties: Parties,
    forest: Forest,
    features: Mapping[str, Sequence[str]],
    label_party: str,
    base_score: float,
    rows: Numbers,
    receiver: str,
) -> Numbers | None:
    """Return the margins (n,) of rows (n, own features) at the receiver, None elsewhere.

    The label holder tells the receiver by which power of two the margins were scaled, which
    says of the leaves' weights no more than their order of magnitude.

    Raises:
        ProtocolUnfit: the ring is too small.
    """
    spu, me = parties.spu, parties.me
    fixed_point(spu.field)
    owners = [party for party in parties.names if features[party] and party != label_party]
    unit = _agree_on_unit(parties, forest, label_party, base_score, receiver)
    mine = forest.memberships(rows) if features[me] or me == label_party else None
    leaves = parties.exchange(forest.leaf_count if me == label_party else None)[label_party]
    if type(leaves) is not int or leaves < 1:
        raise InternalError("the label holder told no number of leaves")
    parts: list[Numbers] = []
    for block in row_blocks(len(rows), leaves):
        weighted = None
        if mine is not None and me == label_party and unit is not None:
            weighted = (mine[block] * (forest.weights() / unit)).astype(np.float32)
        secrets = [spu.share(label_party, weighted)]
        secrets += [
            spu.share(party, mine[block] if party == me and mine is not None else None)
            for party in owners
        ]
        sums = spu.call(sum_leaves, *secrets)
        opened = spu.reveal(sums, receiver)
        spu.free(sums, *secrets)
        if opened is not None and unit is not None:
            parts.append(opened.astype(np.float64) * unit)
    return np.concatenate(parts) + base_score if me == receiver else None


def sum_leaves(weighted: Any, *memberships: Any) -> Any:
    """Return the margins (n,) (a JAX function); each argument is (n, leaves).

    Memberships are whole numbers: a product with them needs no truncation.
    """
    for members in memberships:
        weighted = weighted * members
    return weighted.sum(axis=1)


def _agree_on_unit(
    parties: Parties, forest: Forest, label_party: str, base_score: float, receiver: str
) -> float | None:
    """Return what a margin of 1 inside the SPU stands for, at the label holder and receiver."""
    me = parties.me
    unit = None
    if me == label_party:
        reach = max(forest.reach(0.0), 2.0**-200)
        unit = 2.0 ** math.ceil(math.log2(reach)) / _REACH
        if receiver != me:
            parties.send(receiver, np.array([unit]))
    elif me == receiver:
        unit = float(parties.receive(label_party, "float64", (1,))[0])
    return unit
