"""What a GLM may compute in a ring: chosen, and checked, before anything is shared."""

from __future__ import annotations

import math

import numpy as np

from secretflow_worker.contract.errors import InputError, ProtocolUnfit
from secretflow_worker.tasks.ml._fixed_point import fixed_point
from secretflow_worker.tasks.ml._glm import Glm
from secretflow_worker.tasks.ml._glm_label import SKEW_LIMIT
from secretflow_worker.tasks.ml._glm_params import GlmParams
from secretflow_worker.tasks.ml._regression import VALUE_LIMIT
from secretflow_worker.tasks.ml._row_columns import RowColumn
from secretflow_worker.tasks.ml._vertical import TrainingData, check_magnitude

MEAN_SQUARE_LIMIT = 4.0
"""Of a feature; of a standardized one it is 1. It bounds all sums over rows."""

WEIGHT_LIMITS = (0.01, 1000.0)
"""Of the largest row weight."""

_ROUNDS = {"FM64": 14, "FM128": 20}
_SCORE_LIMIT = {"FM64": 8.0, "FM128": 10.0}
_RECIPROCAL_LIMIT = 16.0


def plan(
    params: GlmParams,
    rows: int,
    field: str,
    protocol: str = "SEMI2K",
    *,
    has_offset: bool,
    has_weight: bool,
) -> Glm:
    """Return the constants of a model over so many rows.

    Every sum over rows stays within the ring while scores count up to the limit, which is chosen
    so. By Cauchy and Schwarz a sum of ``a * x_i * x_j`` is at most ``rows * MEAN_SQUARE_LIMIT *
    max(a)``, and one of ``a * y * x`` at most ``rows * 2 * SKEW_LIMIT * max(a)``.

    Raises:
        ProtocolUnfit: the ring is too small, or the rows are too many for it.
    """
    fixed = fixed_point(field)
    link, power = params.link_used, params.power
    room = math.log(fixed.product_limit / (rows * MEAN_SQUARE_LIMIT))
    label_room = math.log(fixed.product_limit / (rows * 2 * SKEW_LIMIT))
    limit, least = _SCORE_LIMIT[field], 0.0
    if link == "log":
        least = 3.0
        if power < 2:
            limit = min(limit, room / (2 - power))
        if power != 1:
            limit = min(limit, label_room / abs(1 - power))
    elif link == "reciprocal":
        limit, least = min(_RECIPROCAL_LIMIT, math.exp(room / 2)), 4.0
    if min(room, label_room) < 0 or limit < least:
        raise ProtocolUnfit(
            f"spu_config.cluster_def.runtime_config.field: {rows} rows are too many for the sums "
            f"of this model in {field}",
            hint="Use FM128, or fewer rows.",
        )
    return Glm(
        link=link,
        power=power,
        limit=limit,
        unit=2.0 ** -min(math.ceil(math.log2(rows)), fixed.fraction_bits),
        rounds=_ROUNDS[field],
        has_offset=has_offset,
        has_weight=has_weight,
        has_penalty=params.l2_lambda > 0,
        is_cut=protocol != "CHEETAH",
    )


def check_features(params: GlmParams, data: TrainingData, party: str) -> None:
    """Check this party's own features, and that the rows determine the weights.

    Raises:
        InputError: naming the columns, never their values.
    """
    own, train = data.features[party], data.train
    if params.l2_lambda == 0 and train.count <= data.width + 1:
        raise InputError(
            f"task_config.train_data: {train.count} rows do not determine {data.width + 1} weights",
            hint="Give more rows or fewer features, or set params.l2_lambda.",
        )
    check_magnitude(train.path.name, own, train.values, VALUE_LIMIT)
    if data.test is not None:
        check_magnitude(data.test.path.name, own, data.test.values, VALUE_LIMIT)
    beyond = np.mean(train.values**2, axis=0) > MEAN_SQUARE_LIMIT
    if beyond.any():
        named = ", ".join(repr(own[index]) for index in np.flatnonzero(beyond))
        raise InputError(
            f"{train.path.name}: {named} is not standardized: its root mean square is above "
            f"{math.sqrt(MEAN_SQUARE_LIMIT):g}",
            hint="Scale the column first, for example with standard_scaler.",
        )


def check_row_columns(
    data: TrainingData, offset: RowColumn | None, weight: RowColumn | None
) -> None:
    """Check the offset and the row weights, what this party has of them.

    Raises:
        InputError: naming the column; it is a feature too, or out of bounds.
    """
    for field, column in (("offset", offset), ("weight", weight)):
        if column is not None and column.name in data.features[column.party]:
            raise InputError(f"task_config.{field}: {column.name!r} is a feature too")
    where = data.train.path.name
    if offset is not None:
        for values in (offset.train, offset.test):
            if values is not None:
                check_magnitude(where, [offset.name], values[:, np.newaxis], VALUE_LIMIT)
    if weight is not None and weight.train is not None:
        low, high = WEIGHT_LIMITS
        if (weight.train < 0).any() or not low <= weight.train.max() <= high:
            raise InputError(
                f"{where}: row weights {weight.name!r} must be from 0 on, and the largest from "
                f"{low:g} to {high:g}",
                hint="Divide all of them by their mean; only their proportions count.",
            )
