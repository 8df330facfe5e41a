"""Margins of rows by the parties' parts of a forest, inside the SPU, for one receiver.

Each party knows, of every leaf, which rows its own splits would let in. A row is in the leaf
that all parties let it into. The label holder shares its part times the leaves' weights, the
others share theirs; what is opened is the sum, to the receiver alone. SecretFlow sends every
party's part to the label holder, who so sees each row's leaf and each prediction.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secretflow_worker.tasks._parties import Parties
from secretflow_worker.tasks.ml._fixed_point import fixed_point
from secretflow_worker.tasks.ml._forest import Forest
from secretflow_worker.tasks.ml._leaf_programs import sum_leaves
from secretflow_worker.tasks.ml._params import SgbParams
from secretflow_worker.tasks.ml._vertical import row_blocks

Numbers = NDArray[np.float64]

_REACH = 2.0**10
"""Of a margin inside the SPU: ten bits before the point, and 18 or more behind it."""


@dataclass(frozen=True)
class Boosted:
    """A model for prediction: this party's part, and what all parties know of it."""

    forest: Forest
    features: Mapping[str, Sequence[str]]
    label_party: str
    params: SgbParams
    leaves: int
    """Of all trees."""


def margins(parties: Parties, model: Boosted, rows: Numbers, receiver: str) -> Numbers | None:
    """Return the margins (n,) of rows (n, own features) at the receiver, None elsewhere.

    Raises:
        ProtocolUnfit: the ring is too small.
    """
    spu, me, holder = parties.spu, parties.me, model.label_party
    fixed_point(spu.field)
    unit = _agree_on_unit(parties, model, receiver)
    owners = [party for party in parties.names if model.features[party] and party != holder]
    mine = model.forest.memberships(rows) if me in (*owners, holder) else None
    parts: list[Numbers] = []
    for block in row_blocks(len(rows), model.leaves):
        weighted = None
        if mine is not None and me == holder:
            weighted = (mine[block] * (model.forest.weights() / unit)).astype(np.float32)
        secrets = [spu.share(holder, weighted)]
        secrets += [
            spu.share(party, mine[block] if party == me and mine is not None else None)
            for party in owners
        ]
        sums = spu.call(sum_leaves, *secrets)
        opened = spu.reveal(sums, receiver)
        spu.free(sums, *secrets)
        if opened is not None:
            parts.append(opened.astype(np.float64) * unit)
    return np.concatenate(parts) + model.params.base_score if me == receiver else None


def _agree_on_unit(parties: Parties, model: Boosted, receiver: str) -> float:
    """Return what a margin of 1 inside the SPU stands for, at the label holder and receiver.

    A linear model's margins may be of any size, so the label holder tells the receiver of which
    order the leaves' weights are.
    """
    me, holder = parties.me, model.label_party
    unit = 1.0 / _REACH
    if model.params.objective == "logistic":
        return unit
    if me == holder:
        unit *= 2.0 ** math.ceil(math.log2(max(model.forest.reach(), 2.0**-200)))
        if receiver != me:
            parties.send(receiver, np.array([unit]))
    elif me == receiver:
        unit = float(parties.receive(holder, "float64", (1,))[0])
    return unit
