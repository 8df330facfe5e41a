"""Generalised linear models in plain numbers: labels to draw, statsmodels, and plain steps."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm

from tests.tasks.vertical_data import Numbers, Split

_LINKS = {
    "identity": sm.families.links.Identity,
    "logit": sm.families.links.Logit,
    "log": sm.families.links.Log,
    "reciprocal": sm.families.links.InversePower,
}
_FAMILIES = {
    "normal": sm.families.Gaussian,
    "bernoulli": sm.families.Binomial,
    "poisson": sm.families.Poisson,
    "gamma": sm.families.Gamma,
}


@dataclass(frozen=True)
class Kind:
    """A distribution with its link."""

    distribution: str
    link: str
    power: float = 1.5

    def family(self) -> Any:
        link = _LINKS[self.link]()
        if self.distribution == "tweedie":
            return sm.families.Tweedie(var_power=self.power, link=link)
        return _FAMILIES[self.distribution](link)

    def params(self) -> dict[str, Any]:
        params: dict[str, Any] = {"distribution": self.distribution, "link": self.link}
        return params | ({"tweedie_power": self.power} if self.distribution == "tweedie" else {})

    def mean(self, scores: Numbers) -> Numbers:
        return np.asarray(self.family().link.inverse(scores))


KINDS = [
    Kind("normal", "identity"),
    Kind("normal", "log"),
    Kind("bernoulli", "logit"),
    Kind("poisson", "log"),
    Kind("gamma", "log"),
    Kind("gamma", "reciprocal"),
    Kind("tweedie", "log"),
]


def make_glm(
    kind: Kind,
    rows: int = 400,
    width: int = 4,
    parties: tuple[str, ...] = ("alice", "bob"),
    seed: int = 5,
    offset: Numbers | float = 0.0,
) -> Split:
    """Return standard normal features with a label of the kind; three quarters of the rows train.

    The normal label is in tens, so that nothing stands by its being near one.
    """
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, width))
    signal = x @ random.normal(size=width) / np.sqrt(width)
    if kind.link == "reciprocal":
        scores = 0.2 + 0.03 * np.clip(signal, -3, 3)
    elif kind.link == "identity":
        scores = 40 + 10 * signal
    else:
        scores = 0.8 * signal + (0.0 if kind.link == "logit" else 1.5)
    mean = kind.mean(scores + offset)
    return Split(x, _draw(random, kind, mean), tuple(parties), rows * 3 // 4)


def _draw(random: np.random.Generator, kind: Kind, mean: Numbers) -> Numbers:
    if kind.distribution == "normal":
        return mean + 0.5 * random.normal(size=len(mean))
    if kind.distribution == "bernoulli":
        return (random.random(len(mean)) < mean).astype(float)
    if kind.distribution == "poisson":
        return random.poisson(mean).astype(float)
    if kind.distribution == "gamma":
        return random.gamma(3.0, mean / 3)
    counts = random.poisson(np.sqrt(mean))
    return np.array([random.gamma(2.0, size / 2, count).sum() for size, count in
                     zip(np.sqrt(mean), counts, strict=True)])  # fmt: skip


def fit(kind: Kind, split: Split, **columns: Any) -> Any:
    """Return statsmodels' fit of the training rows; `columns` are offset and var_weights."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of links that it finds unusual
        model = sm.GLM(
            split.y[split.train], with_ones(split.x[split.train]), family=kind.family(), **columns
        )
        return model.fit(tol=1e-10)


def predict(kind: Kind, split: Split, weights: Numbers, offset: Numbers | float = 0.0) -> Numbers:
    """Return the means of the test rows; the intercept is the last weight."""
    return kind.mean(with_ones(split.x[split.test]) @ weights + offset)


def with_ones(x: Numbers) -> Numbers:
    return np.column_stack([x, np.ones(len(x))])


def ridge(kind: Kind, split: Split, l2: float, steps: int = 50) -> Numbers:
    """Return the weights that maximise log-likelihood less ``l2 / 2 * |weights|**2``."""
    family, x, y = kind.family(), with_ones(split.x[split.train]), split.y[split.train]
    penalty = np.diag([l2] * (x.shape[1] - 1) + [0.0])
    w = fit(kind, split).params
    for _ in range(steps):
        mean, slope = _mean_and_slope(family, x, w)
        curvature = slope**2 / family.variance(mean)
        gradient = x.T @ (slope * (y - mean) / family.variance(mean)) - penalty @ w
        w = w + np.linalg.solve(x.T @ (x * curvature[:, None]) + penalty, gradient)
    return np.asarray(w)


def sgd(kind: Kind, split: Split, *, epochs: int, learning_rate: float, batch_size: int) -> Numbers:
    """Return the weights of mini-batches over the label in units of its mean."""
    family, x, y = kind.family(), with_ones(split.x[split.train]), split.y[split.train]
    unit = 1.0 if kind.link == "logit" else y.mean()
    w = np.zeros(x.shape[1])
    for _ in range(epochs):
        for first in range(0, len(y) - batch_size + 1, batch_size):
            rows = slice(first, first + batch_size)
            mean, slope = _mean_and_slope(family, x[rows], w)
            error = slope * (y[rows] / unit - mean) / family.variance(mean)
            w += learning_rate / batch_size * (x[rows].T @ error)
    w[-1] += np.log(unit)
    return w


def _mean_and_slope(family: Any, x: Numbers, w: Numbers) -> tuple[Numbers, Numbers]:
    mean = family.link.inverse(x @ w)
    return mean, 1 / family.link.deriv(mean)


def add_column(folder: Path, party: str, name: str, values: Numbers, split: Split) -> None:
    """Add a column to a party's tables."""
    for table, rows in (("train", split.train), ("test", split.test)):
        path = folder / party / f"{table}.csv"
        pd.read_csv(path).assign(**{name: values[rows]}).to_csv(path, index=False)
