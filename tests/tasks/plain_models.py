"""What ss_lr and ss_xgb compute, in plain numpy: the same steps in double precision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def t1(z: Numbers) -> Numbers:
    return np.clip(0.5 + z / 4, 0.0, 1.0)


def cubic(z: Numbers) -> Numbers:
    return 0.5 + 0.197 * z - 0.004 * z**3


def line(z: Numbers) -> Numbers:
    return z


def sgd(
    x: Numbers,
    y: Numbers,
    *,
    epochs: int,
    learning_rate: float,
    batch_size: int,
    activation: Callable[[Numbers], Numbers] = t1,
    l1: float = 0.0,
    l2: float = 0.0,
    start: Numbers | None = None,
) -> Numbers:
    """Return the weights, the bias last, as SecretFlow's SSRegression finds them (l1 is ours)."""
    ones = np.c_[x, np.ones(len(x))]
    w = np.zeros(ones.shape[1]) if start is None else start.copy()
    for _ in range(epochs):
        for first in range(0, len(x) - batch_size + 1, batch_size):
            xs, ys = ones[first : first + batch_size], y[first : first + batch_size]
            move = xs.T @ (activation(xs @ w) - ys)
            move[:-1] += l2 * w[:-1]
            w -= learning_rate / batch_size * move
            step = learning_rate / batch_size * l1
            w[:-1] = np.sign(w[:-1]) * np.maximum(np.abs(w[:-1]) - step, 0)
    return w


def scores(x: Numbers, w: Numbers) -> Numbers:
    return np.asarray(x @ w[:-1] + w[-1])


def sigmoid(z: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-z)))


def log_loss(z: Numbers, y: Numbers) -> float:
    return float(np.mean(np.logaddexp(0, z) - y * z))


def sr_sigmoid(z: Numbers) -> Numbers:
    return np.asarray(0.5 + 0.5 * z / np.sqrt(1 + z * z))


@dataclass(frozen=True)
class Boosted:
    """`splits` of a tree are candidates (feature, cut) or None, level after level."""

    trees: list[tuple[list[tuple[int, float] | None], Numbers]]
    base_score: float

    def margins(self, x: Numbers) -> Numbers:
        margin = np.full(len(x), self.base_score)
        for splits, weights in self.trees:
            leaf = np.zeros(len(x), int)
            first = 0
            while first < len(splits):
                node = np.array([_is_left(x, split) for split in splits[first : 2 * first + 1]])
                leaf = 2 * leaf + 1 - node[leaf, np.arange(len(x))]
                first = 2 * first + 1
            margin += weights[leaf]
        return margin


def _is_left(x: Numbers, split: tuple[int, float] | None) -> NDArray[np.int64]:
    if split is None:
        return np.ones(len(x), np.int64)
    return (x[:, split[0]] < split[1]).astype(np.int64)


def boost(
    x: Numbers,
    y: Numbers,
    cuts: Sequence[Sequence[float]],
    *,
    trees: int,
    depth: int,
    learning_rate: float,
    reg_lambda: float,
    base_score: float = 0.5,
    is_linear: bool = False,
    base: Boosted | None = None,
) -> Boosted:
    """Grow trees over the candidate `cuts` of each feature, greedily and level by level.

    They come after those of `base`, where it is given.
    """
    candidates: list[tuple[int, float] | None] = [
        (feature, cut) for feature, own in enumerate(cuts) for cut in own
    ]
    candidates.append(None)
    left = np.array([_is_left(x, candidate) for candidate in candidates])
    model = Boosted(list(base.trees) if base else [], base_score)
    for _ in range(trees):
        margin = model.margins(x)
        p = margin if is_linear else sr_sigmoid(margin)
        g = p - y
        h = np.ones(len(y)) if is_linear else p * (1 - p)
        splits: list[tuple[int, float] | None] = []
        members = np.ones((1, len(y)))
        for _level in range(depth):
            children = []
            for node in members:
                gl, hl = left @ (g * node), left @ (h * node)
                gr, hr = gl[-1] - gl, hl[-1] - hl
                gain = gl**2 / (hl + reg_lambda) + gr**2 / (hr + reg_lambda)
                best = int(np.argmax(np.round(gain, 6)))
                splits.append(candidates[best])
                children += [node * left[best], node * (1 - left[best])]
            members = np.array(children)
        weights = -learning_rate * (members @ g) / (members @ h + reg_lambda)
        model.trees.append((splits, weights))
    return model
