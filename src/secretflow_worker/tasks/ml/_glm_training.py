"""A GLM by a party's program: the solvers, and what comes of a training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from secretflow_worker.contract.errors import InputError, InternalError
from secretflow_worker.tasks._parties import Array, Parties, Secret
from secretflow_worker.tasks.ml import _glm as programs
from secretflow_worker.tasks.ml import _glm_label as labels
from secretflow_worker.tasks.ml import _linear as linear
from secretflow_worker.tasks.ml import _regression as regression
from secretflow_worker.tasks.ml._fixed_point import fixed_point
from secretflow_worker.tasks.ml._glm_inputs import (
    Inputs,
    deviance_unit,
    share_column,
    share_scalar,
    unit_of_scores,
)
from secretflow_worker.tasks.ml._glm_params import GlmParams


@dataclass(frozen=True)
class Fitted:
    """Weights of the scaled label, and how they came about."""

    weights: Secret
    iterations: int
    converged: bool | None
    """None where nobody looked."""


def fit(
    parties: Parties,
    params: GlmParams,
    glm: programs.Glm,
    inputs: Inputs,
    label_party: str,
    base: Secret | None,
) -> Fitted:
    """Train from the weights of `base`, or anew."""
    if params.solver == "sgd":
        return _fit_by_sgd(parties, params, glm, inputs, label_party, base)
    return _fit_by_irls(parties, params, glm, inputs, label_party, base)


def _fit_by_irls(
    parties: Parties,
    params: GlmParams,
    glm: programs.Glm,
    inputs: Inputs,
    label_party: str,
    base: Secret | None,
) -> Fitted:
    spu, x, y, extras = parties.spu, inputs.x, inputs.y, inputs.extras
    inverse: list[Secret] = []
    if glm.is_constant:
        inverse.append(spu.call(programs.constant_inverse, x, *extras, glm=glm))
    done = 0
    converged = None if params.tolerance == 0 else False
    if base is None:
        weights = _first_weights(parties, glm, inputs, label_party, inverse)
        done = 1
    else:
        weights = base
    step = programs.newton_step_by if glm.is_constant else programs.newton_step
    while done < params.epochs and not converged:
        _tell(parties, params, done)
        before = weights
        weights, moved = spu.call(
            step, *inverse, x, y, weights, *extras, glm=glm, tolerance=params.tolerance
        )
        done += 1
        if params.tolerance > 0:
            converged = not _any(parties, moved)
        spu.free(before, moved)
    spu.free(*inverse)
    return Fitted(weights, done, converged)


def _first_weights(
    parties: Parties,
    glm: programs.Glm,
    inputs: Inputs,
    label_party: str,
    inverse: Sequence[Secret],
) -> Secret:
    spu, x, extras = parties.spu, inputs.x, inputs.extras
    curvature, target = None, None
    if inputs.own_y is not None:
        curvature, target = labels.starting_values(glm, inputs.own_y)
    shared = [share_column(parties, label_party, target)]
    weights: Secret
    if inverse:
        weights = spu.call(programs.first_weights_by, *inverse, x, *shared, *extras, glm=glm)
    else:
        shared.insert(0, share_column(parties, label_party, curvature))
        weights = spu.call(programs.first_weights, x, *shared, *extras, glm=glm)
    spu.free(*shared)
    return weights


def _fit_by_sgd(
    parties: Parties,
    params: GlmParams,
    glm: programs.Glm,
    inputs: Inputs,
    label_party: str,
    base: Secret | None,
) -> Fitted:
    spu = parties.spu
    sgd = linear.Sgd(
        link="linear",
        penalty="none",
        norm=0.0,
        learning_rate=params.learning_rate,
        batch_size=min(params.batch_size, inputs.rows),
        fraction_bits=fixed_point(spu.field).fraction_bits,
    )
    if base is None:
        zeros = np.zeros(inputs.x.shape[1]) if parties.me == label_party else None
        weights = share_column(parties, label_party, zeros)
    else:
        weights = spu.call(linear.begin, base, sgd=sgd)
        spu.free(base)
    for epoch in range(params.epochs):
        _tell(parties, params, epoch)
        before = weights
        weights = spu.call(
            programs.sgd_epoch, inputs.x, inputs.y, weights, *inputs.extras, glm=glm, sgd=sgd
        )
        spu.free(before)
    before = weights
    weights = spu.call(linear.finish, weights, sgd=sgd)
    spu.free(before)
    return Fitted(weights, params.epochs, None)


def find_deviance(
    parties: Parties,
    glm: programs.Glm,
    inputs: Inputs,
    label_party: str,
    scale: labels.Scale | None,
    weights: Secret,
) -> tuple[float | None, float | None]:
    """Return the deviance of the training and that of the mean, at the label's holder.

    Raises:
        InputError: scores are so far out that the weights are wrong, or they diverged.
    """
    spu, own_y = parties.spu, inputs.own_y
    half, strayed = spu.call(
        programs.evaluate, inputs.x, inputs.y, weights, *inputs.extras, glm=glm
    )
    if glm.is_bounded and _any(parties, strayed):
        raise InputError(
            "the scores of some rows are too far from that of the mean for this link in "
            f"{spu.field}",
            hint="Standardize the features, cap a skewed label, or set params.l2_lambda; for "
            "gamma, take the log link.",
        )
    constants = None
    if own_y is not None:
        constants = np.stack(
            [labels.deviance_constants(glm, own_y), labels.half_deviance_of_mean(glm, own_y)], 1
        )
    totals = None if constants is None else constants.sum(axis=0) * glm.unit
    if inputs.weight is not None:
        totals = _weigh(parties, glm, inputs.weight, label_party, constants)
        before, half = half, spu.call(programs.product, half, inputs.weight[1])
        spu.free(before)
    opened = spu.reveal(half, label_party)
    spu.free(half, strayed)
    if opened is None or totals is None or scale is None:
        return None, None
    unit = 2 * deviance_unit(glm, scale) / glm.unit
    deviance, of_mean = unit * (float(opened.item()) + totals[0]), unit * float(totals[1])
    if not -0.01 * of_mean <= deviance <= regression.DIVERGED * of_mean:
        raise InputError(
            "the training diverged: its deviance is more than twice that of the mean",
            hint="Standardize the features, lower params.learning_rate, set params.l2_lambda, or "
            "start without a base_model that does not suit these rows.",
        )
    return deviance, of_mean


def _weigh(
    parties: Parties,
    glm: programs.Glm,
    weight: tuple[Secret, Secret],
    label_party: str,
    constants: Array | None,
) -> Array | None:
    """Return the weighted sums of the label holder's `constants` (rows, 2), to the holder."""
    spu = parties.spu
    shared = spu.share(label_party, None if constants is None else constants.astype(np.float32))
    sums = spu.call(programs.weighted_totals, shared, *weight, unit=glm.unit)
    opened = spu.reveal(sums, label_party)
    spu.free(shared, sums)
    return None if opened is None else opened[0].astype(np.float64)


def unscale(
    parties: Parties,
    glm: programs.Glm,
    label_party: str,
    scale: labels.Scale | None,
    weights: Secret,
    offset_at: int | None,
) -> Secret:
    """Return the weights of the label as it is, with a one for the offset where it stands."""
    spu = parties.spu
    factor, shift = None, None
    if scale is not None:
        factor = unit_of_scores(glm, scale)
        shift = float(np.log(scale.factor)) if glm.link == "log" else scale.center
    shares = [share_scalar(parties, label_party, value) for value in (factor, shift)]
    is_scaled = glm.link in ("identity", "reciprocal")
    whole: Secret = spu.call(
        programs.as_of_label, weights, *shares, is_scaled=is_scaled, offset_at=offset_at
    )
    spu.free(*shares)
    return whole


def predict(
    parties: Parties,
    weights: Secret,
    link: str,
    features: Mapping[str, Sequence[str]],
    rows: Array,
    receiver: str,
) -> Array | None:
    """Return the means (n,) at the receiver.

    Raises:
        InputError: a feature of this party is out of all proportion.
    """
    scores = regression.predict(parties, weights, "linear", features, rows, receiver)
    return None if scores is None else labels.means(link, scores)


def _any(parties: Parties, count: Secret) -> bool:
    """Tell every party whether a secret count is above zero, and nothing else of it."""
    bit = parties.spu.call(linear.any_of, count)
    opened = parties.spu.reveal(bit, parties.names)
    parties.spu.free(bit)
    if opened is None:
        raise InternalError("a bit that every party learns did not reach this one")
    return bool(opened.item())


def _tell(parties: Parties, params: GlmParams, done: int) -> None:
    share = 0.95 * done / params.epochs
    parties.progress(share, f"iteration {done + 1} of at most {params.epochs}")
