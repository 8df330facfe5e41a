"""Regression by a party's program: what `_linear` computes on shares, step by step."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from secretflow_worker.contract.errors import ConfigError, InputError
from secretflow_worker.tasks._parties import Array, Parties, Secret
from secretflow_worker.tasks.ml import _linear as linear
from secretflow_worker.tasks.ml._cubic_training import CubicTraining
from secretflow_worker.tasks.ml._fixed_point import fixed_point
from secretflow_worker.tasks.ml._params import LrParams
from secretflow_worker.tasks.ml._predictions import sigmoid
from secretflow_worker.tasks.ml._vertical import (
    Numbers,
    TrainingData,
    check_magnitude,
    row_blocks,
    share_columns,
)

VALUE_LIMIT = 1000.0
"""No number of a regression may be beyond this: nothing so far from 1 was ever standardized."""

DIVERGED = 2.0
"""A training whose loss ends above this multiple of the untrained one has gone wrong."""


def plan(params: LrParams, rows: int, field: str) -> linear.Sgd:
    """Return the constants of a training over so many rows.

    Raises:
        ProtocolUnfit: the ring is too small.
    """
    return linear.Sgd(
        link=params.reg_type,
        penalty=params.penalty,
        norm=params.norm,
        learning_rate=params.learning_rate,
        batch_size=min(params.batch_size, rows),
        fraction_bits=fixed_point(field).fraction_bits,
    )


def check_numbers(
    params: LrParams,
    sgd: linear.Sgd,
    label: str,
    data: TrainingData,
    party: str,
    field: str,
    reached: Sequence[float] | None = None,
) -> list[float]:
    """Check this party's own features and label against what the ring can compute with.

    Returns up to where the weights of its features, and the bias, may have come: `reached`, by
    the training before, and what this one adds. A step's error is at most 1 (t1) or 1.04 (cubic,
    within its interval), so a step moves a weight by at most ``1.1 * learning_rate * m``, where m
    is the largest mean of ``|x|`` over a batch. Errors of a linear regression have no such bound;
    there `check_loss` finds what went wrong.

    Raises:
        InputError: naming the columns, never their values.
        ConfigError: not even the bias would fit.
    """
    own, train = data.features[party], data.train
    check_magnitude(train.path.name, own, train.values, VALUE_LIMIT)
    if data.test is not None:
        check_magnitude(data.test.path.name, own, data.test.values, VALUE_LIMIT)
    before = np.zeros(len(own) + 1) if reached is None else np.asarray(reached, float)
    if params.reg_type == "linear":
        if data.label is not None:
            check_magnitude(train.path.name, [label], data.label[:, np.newaxis], VALUE_LIMIT)
            _check_spread(train.path.name, label, data.label, field)
        return [float(value) for value in before]
    batches = train.count // sgd.batch_size
    size = np.abs(train.values[: batches * sgd.batch_size])
    mean = size.reshape(batches, sgd.batch_size, len(own)).mean(axis=1).max(axis=0)
    move = 1.1 * params.learning_rate * batches * np.append(mean, 1.0)
    beyond = _overflows(params, sgd, np.append(size.max(axis=0), 1.0), before, move, data, field)
    if beyond[-1]:
        raise ConfigError(
            f"task_config.params: so many steps with this learning_rate could overflow {field}",
            hint="Use FM128, a lower learning_rate, a larger batch_size, or fewer epochs.",
        )
    beyond[:-1] |= 1.1 * sgd.batch_size * mean > fixed_point(field).product_limit
    if beyond.any():
        named = ", ".join(repr(own[index]) for index in np.flatnonzero(beyond))
        raise InputError(
            f"{train.path.name}: {named} holds values so large that this training could overflow "
            f"{field}",
            hint="Scale the column first, for example with standard_scaler, or use FM128.",
        )
    return [float(value) for value in before + params.epochs * move]


def _check_spread(where: str, label: str, values: Numbers, field: str) -> None:
    """Check that a label of the linear regression is no noise to the ring.

    Each step rounds at about ``2**-fraction_bits``; with 256 times that as the label's deviation
    the fit was measured to be within some percent of the exact one.
    """
    if values.std() < 2.0 ** (8 - fixed_point(field).fraction_bits):
        raise InputError(
            f"{where}: label {label!r} varies too little to be learnt on {field}",
            hint="Give it in another unit, for example in thousandths, or scale it.",
        )


def _overflows(
    params: LrParams,
    sgd: linear.Sgd,
    size: Numbers,
    before: Numbers,
    move: Numbers,
    data: TrainingData,
    field: str,
) -> NDArray[np.bool_]:
    """Tell of each weight whether it, or its part of a score, could overflow.

    A weight starts from at most `before` and moves by at most `move` in an epoch. All parts of a
    score must fit, in the training's units, after all epochs. The cubic's squares must fit until
    its guard sees a score outside: every row is seen once per epoch.
    """
    fixed = fixed_point(field)
    parts = np.maximum(size, 1.0) * (data.width + 1)
    beyond: NDArray[np.bool_] = (
        parts * (before + params.epochs * move) > fixed.product_limit * sgd.unit
    )
    if params.sig_type == "cubic":
        beyond |= parts * (before + move) > math.sqrt(fixed.product_limit)
    return beyond


def train(
    parties: Parties,
    params: LrParams,
    sgd: linear.Sgd,
    label_party: str,
    data: TrainingData,
    base: Secret | None = None,
) -> tuple[Secret, float | None]:
    """Return the shares of the weights and, at the label holder, the mean loss.

    The weights start from those of `base`, or from zero.

    Raises:
        ConfigError: the scores left the interval of the cubic sigmoid.
        InputError: the training diverged (only the label holder sees it).
    """
    spu = parties.spu
    features = _place_features(parties, data)
    holds = parties.me == label_party
    label = None if data.label is None else data.label[:, np.newaxis].astype(np.float32)
    y = spu.share(label_party, label)
    if base is None:
        start = np.zeros((data.width + 1, 1), np.float32)
        weights = spu.share(label_party, start if holds else None)
    else:
        weights = spu.call(linear.begin, base, sgd=sgd)
        spu.free(base)
    by_cubic = None
    if params.sig_type == "cubic":
        by_cubic = CubicTraining(parties, features, y, sgd)
    for epoch in range(params.epochs):
        parties.progress(0.95 * epoch / params.epochs, f"epoch {epoch + 1} of {params.epochs}")
        before = weights
        if by_cubic is None:
            weights = spu.call(linear.train_epoch, y, weights, *features, sgd=sgd)
        else:
            weights = by_cubic.train_epoch(weights)
        spu.free(before)
    if sgd.unit != 1.0:
        weights = spu.call(linear.finish, weights, sgd=sgd)
    if by_cubic is None:
        loss = _reveal_loss(parties, params, label_party, features, y, weights)
    else:
        loss = by_cubic.close(weights, label_party)
    if len(features) == 1:
        spu.free(spu.call(linear.release, *features))
    spu.free(*features, y)
    if loss is None or data.label is None:
        return weights, None
    mean = loss / data.train.count
    check_loss(mean, untrained_loss(params, data.label))
    return weights, round(mean, 6)


def predict(
    parties: Parties,
    weights: Secret,
    link: str,
    features: Mapping[str, Sequence[str]],
    rows: Array,
    receiver: str,
) -> Array | None:
    """Return the predictions (n,) at the receiver; the true sigmoid of the score where logistic.

    Raises:
        InputError: a feature of this party is out of all proportion.
    """
    spu = parties.spu
    check_magnitude("the rows to predict", features[parties.me], rows, VALUE_LIMIT)
    parts: list[Array] = []
    for block in row_blocks(len(rows), weights.shape[0]):
        blocks = share_columns(parties, features, rows[block].astype(np.float32))
        scores = spu.call(linear.scores_of, weights, *blocks)
        opened = spu.reveal(scores, receiver)
        spu.free(scores, *blocks)
        if opened is not None:
            parts.append(opened[:, 0].astype(np.float64))
    if parties.me != receiver:
        return None
    z = np.concatenate(parts)
    return sigmoid(z) if link == "logistic" else z


def untrained_loss(params: LrParams, label: Array) -> float:
    """Return the mean loss of weights that are all zero."""
    return math.log(2) if params.reg_type == "logistic" else float(np.mean(label**2))


def check_loss(mean: float, untrained: float) -> None:
    """Check that the training came to something.

    Raises:
        InputError: the loss ended far above where it began, or wrapped round in the ring.
    """
    if not -0.01 <= mean <= DIVERGED * untrained:
        raise InputError(
            "the training diverged: its loss is more than twice that of no model",
            hint="Scale the features (standard_scaler), lower params.learning_rate, or start "
            "without a base_model that does not suit these rows.",
        )


def _place_features(parties: Parties, data: TrainingData) -> list[Secret]:
    """Return the features as `_linear` takes them: one block, or every party's own in its house.

    With CHEETAH a product with a value that stays at its owner takes half of the encrypted
    products; with the other protocols it is no gain.
    """
    spu = parties.spu
    own = data.train.values.astype(np.float32)
    owners = [party for party in parties.names if data.features[party]]
    if spu.protocol != "CHEETAH" or len(owners) == 1:
        blocks = share_columns(parties, data.features, own)
        joined = spu.call(linear.join_features, *blocks)
        spu.free(*blocks)
        return [joined]
    return [
        spu.place(
            party,
            own if party == parties.me else None,
            (data.train.count, len(data.features[party])),
            np.dtype(np.float32),
        )
        for party in owners
    ]


def _reveal_loss(
    parties: Parties,
    params: LrParams,
    label_party: str,
    features: Sequence[Secret],
    y: Secret,
    weights: Secret,
) -> float | None:
    loss_of = linear.log_loss if params.reg_type == "logistic" else linear.squared_loss
    block = linear.BLOCK_ROWS.get(parties.spu.protocol, 0)
    loss = parties.spu.call(loss_of, y, weights, *features, block=block)
    opened = parties.spu.reveal(loss, label_party)
    parties.spu.free(loss)
    return None if opened is None else float(opened.item())
