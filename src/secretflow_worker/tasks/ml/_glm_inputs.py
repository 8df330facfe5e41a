"""What a GLM is trained on, as shares: features, label, offset, row weights, penalty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secretflow_worker.tasks._parties import Parties, Secret
from secretflow_worker.tasks.ml import _glm as programs
from secretflow_worker.tasks.ml import _linear as linear
from secretflow_worker.tasks.ml._glm_label import Scale
from secretflow_worker.tasks.ml._glm_params import GlmParams
from secretflow_worker.tasks.ml._row_columns import RowColumn
from secretflow_worker.tasks.ml._vertical import Numbers, TrainingData, share_columns

_PENALTY_LIMIT = 1000.0
"""A penalty that is so much above the curvature leaves nothing of the weights; more adds nothing
but overflows."""


@dataclass(frozen=True)
class Inputs:
    """The shares, and what this party knows of them."""

    x: Secret
    y: Secret
    extras: tuple[Secret, ...]
    """As `_glm` takes them."""
    weight: tuple[Secret, Secret] | None
    """The row weights between 0 and 1, also among the extras, and what they were divided by."""
    own_y: Numbers | None
    """The scaled label, at its holder."""
    rows: int

    def secrets(self) -> tuple[Secret, ...]:
        return (self.x, self.y, *self.extras, *(self.weight[1:] if self.weight else ()))


def share_inputs(
    parties: Parties,
    params: GlmParams,
    glm: programs.Glm,
    data: TrainingData,
    label_party: str,
    scale: Scale | None,
    offset: RowColumn | None,
    weight: RowColumn | None,
) -> Inputs:
    """Share what each party has; `scale` is None where the label is not."""
    spu = parties.spu
    blocks = share_columns(parties, data.features, data.train.values.astype(np.float32))
    x = spu.call(linear.join_features, *blocks)
    spu.free(*blocks)
    own_y = None
    if data.label is not None and scale is not None:
        own_y = (data.label - scale.center) / scale.factor
    y = share_column(parties, label_party, own_y)
    extras: list[Secret] = []
    if offset is not None:
        extras.append(_share_offset(parties, glm, label_party, scale, offset))
    shared_weight, inverse_factor = None, None
    if weight is not None:
        most = None if weight.train is None else float(weight.train.max())
        own = None if weight.train is None or most is None else weight.train / most
        inverse_factor = share_scalar(parties, weight.party, None if most is None else 1 / most)
        shared_weight = (
            share_column(parties, weight.party, own),
            share_scalar(parties, weight.party, most),
        )
        extras.append(shared_weight[0])
    if glm.has_penalty:
        strength = None
        if scale is not None:
            per_row = 1 / data.train.count if params.solver == "sgd" else glm.unit
            strength = params.l2_lambda * params.dist_scale * per_row
            strength = min(_PENALTY_LIMIT, strength * _penalty_of_scaled(glm, scale))
        penalty = share_scalar(parties, label_party, strength)
        if inverse_factor is not None:
            before, penalty = penalty, spu.call(programs.product, penalty, inverse_factor)
            spu.free(before)
        extras.append(penalty)
    if inverse_factor is not None:
        spu.free(inverse_factor)
    return Inputs(x, y, tuple(extras), shared_weight, own_y, data.train.count)


def share_column(parties: Parties, owner: str, values: Numbers | None) -> Secret:
    """Share a vector of one party as a column, (rows, 1)."""
    own = None if values is None else values[:, np.newaxis].astype(np.float32)
    return parties.spu.share(owner, own)


def share_scalar(parties: Parties, owner: str, value: float | None) -> Secret:
    """Share a number of one party, (1, 1)."""
    return parties.spu.share(owner, None if value is None else np.full((1, 1), value, np.float32))


def _share_offset(
    parties: Parties,
    glm: programs.Glm,
    label_party: str,
    scale: Scale | None,
    offset: RowColumn,
) -> Secret:
    """Share an offset, in units of the scaled label's scores."""
    shared = share_column(parties, offset.party, offset.train)
    if glm.link in ("logit", "log"):
        return shared
    factor = None if scale is None else 1 / unit_of_scores(glm, scale)
    scalar = share_scalar(parties, label_party, factor)
    scaled: Secret = parties.spu.call(programs.product, shared, scalar)
    parties.spu.free(shared, scalar)
    return scaled


def unit_of_scores(glm: programs.Glm, scale: Scale) -> float:
    """Return what one unit of the scaled label's scores is in scores of the label."""
    return {"identity": scale.factor, "reciprocal": 1 / scale.factor}.get(glm.link, 1.0)


def _penalty_of_scaled(glm: programs.Glm, scale: Scale) -> float:
    """Return how much heavier a penalty weighs beside the likelihood of the scaled label."""
    likelihood = 1.0 if glm.link == "logit" else deviance_unit(glm, scale)
    return unit_of_scores(glm, scale) ** 2 / likelihood


def deviance_unit(glm: programs.Glm, scale: Scale) -> float:
    """Return what one unit of the scaled label's deviance is in deviance of the label."""
    return 1.0 if glm.link == "logit" else float(scale.factor ** (2 - glm.power))
