"""What a GLM needs of its label, at the label's holder alone and in plain numbers.

The label is scaled so that means are near one (or, for the identity link, near zero): it fits the
fixed point then whatever its unit is, and the constant model is a good start. What it was scaled
by is shared like the label itself, so that no one learns it (SecretFlow opens it to all parties).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from secretflow_worker.contract.errors import InputError
from secretflow_worker.tasks.ml._fixed_point import fixed_point
from secretflow_worker.tasks.ml._glm import Glm
from secretflow_worker.tasks.ml._glm_params import GlmParams

Numbers = NDArray[np.float64]

SKEW_LIMIT = 32.0
"""A label with a positive mean may have up to this multiple of it as its root mean square."""


@dataclass(frozen=True)
class Scale:
    """``y = center + factor * scaled``."""

    center: float
    factor: float


def check_domain(
    params: GlmParams, label: str, where: str, y: Numbers, *, has_weight: bool
) -> None:
    """Check a label against its distribution; one of bernoulli was checked when it was read.

    Raises:
        InputError: naming the column, never its values.
    """
    name, power, fault = params.distribution, params.power, ""
    if name == "poisson" and not has_weight and (y != np.round(y)).any():
        fault = "whole numbers from 0 on (or, beside a weight column, rates)"
    if name in ("poisson", "tweedie") and 1 <= power < 2 and (y < 0).any():
        fault = "numbers from 0 on"
    if name in ("gamma", "tweedie") and power == 2 and (y <= 0).any():
        fault = "numbers above 0"
    if params.link_used == "log" and not fault and y.mean() <= 0:
        fault = "numbers with a mean above 0, with the log link"
    if fault:
        raise InputError(
            f"{where}: label {label!r} must hold {fault}, for a {name} distribution",
            hint="Choose the distribution that the label has, or mend the label.",
        )


def scale_of(glm: Glm, y: Numbers) -> Scale:
    """Return what to scale a label by."""
    if glm.link == "logit":
        return Scale(0.0, 1.0)
    if glm.link == "identity":
        return Scale(float(y.mean()), float(y.std()))
    return Scale(0.0, float(y.mean()))


def check_size(glm: Glm, field: str, label: str, where: str, y: Numbers, scale: Scale) -> None:
    """Check a label's size, and its scaled values, against what the ring holds.

    Raises:
        InputError: naming the column.
    """
    fixed = fixed_point(field)
    least = 1000 / 2.0**fixed.fraction_bits
    most = fixed.product_limit / 1000
    if glm.has_offset:  # it is scaled too, by the ring's own fraction bits
        most = min(most, 1 / least)
    if glm.link == "log":
        fits = True
    elif glm.link == "reciprocal":
        fits = max(least, 1 / most) < scale.factor < min(most, 1 / least)
    else:
        fits = least < scale.factor < most and abs(scale.center) < most
    if not fits:
        raise InputError(
            f"{where}: label {label!r} is too large or too small for the ring",
            hint="Give it in another unit, for example in thousands, or use FM128.",
        )
    scaled = (y - scale.center) / scale.factor
    growth = np.exp(abs(1 - glm.power) * glm.limit) if glm.link == "log" else 1.0
    too_skewed = np.sqrt(np.mean(scaled**2)) > SKEW_LIMIT
    if too_skewed or np.abs(scaled).max() * max(growth, 1000) > fixed.product_limit:
        raise InputError(
            f"{where}: label {label!r} has values too far above its mean",
            hint="Cap the largest values, or use FM128.",
        )


def starting_values(glm: Glm, y: Numbers) -> tuple[Numbers, Numbers]:
    """Return curvature and target of the first step, for `first_weights`; `y` is scaled.

    The means to start with lie between each label and the mean of all, as in McCullagh and
    Nelder, "Generalized Linear Models", and in statsmodels.
    """
    if glm.link == "identity":
        return np.ones_like(y), y
    if glm.link == "logit":
        mean = (y + 0.5) / 2
        curvature = mean * (1 - mean)
        return curvature, curvature * np.log(mean / (1 - mean)) + (y - mean)
    mean = np.clip((y + 1) / 2, np.exp(-3.0), np.exp(glm.limit))
    if glm.link == "reciprocal":
        return mean**2, 2 * mean - y
    curvature = mean ** (2 - glm.power)
    return curvature, curvature * (np.log(mean) + (y - mean) / mean)


def deviance_constants(glm: Glm, y: Numbers) -> Numbers:
    """Return what `Glm.half_deviance` leaves out, row by row; `y` is scaled."""
    if glm.link in ("identity", "logit") or glm.power == 0:
        return np.zeros_like(y)
    p = glm.power
    if p == 1:
        return np.asarray(xlogy(y, y) - y)
    if p == 2:
        return np.asarray(-np.log(y) - 1)
    return np.asarray(y ** (2 - p) / ((1 - p) * (2 - p)))


def half_deviance_of_mean(glm: Glm, y: Numbers) -> Numbers:
    """Return half of each row's deviance from the mean of all rows; `y` is scaled."""
    if glm.link == "logit":
        mean = y.mean()
        return np.asarray(-xlogy(y, mean) - xlogy(1 - y, 1 - mean))
    p = glm.power
    if glm.link == "identity" or p == 0:
        return np.asarray((y - y.mean()) ** 2 / 2)
    mean = y.mean()
    if p == 1:
        return np.asarray(xlogy(y, y / mean) - (y - mean))
    if p == 2:
        return np.asarray(-np.log(y / mean) + (y - mean) / mean)
    of_mean = -y * mean ** (1 - p) / (1 - p) + mean ** (2 - p) / (2 - p)
    return np.asarray(y ** (2 - p) / ((1 - p) * (2 - p)) + of_mean)


def means(link: str, scores: Numbers) -> Numbers:
    """Return the means of scores; NaN where the reciprocal link has none."""
    if link == "logit":
        return np.asarray(0.5 * (1 + np.tanh(0.5 * scores)))
    if link == "log":
        return np.asarray(np.exp(np.minimum(scores, 700.0)))
    if link == "reciprocal":
        return np.asarray(1 / np.where(scores > 0, scores, np.nan))
    return scores
