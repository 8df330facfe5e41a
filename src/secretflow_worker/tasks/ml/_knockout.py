"""The largest of a row's values inside the SPU, as a one-hot, by a knock-out.

Pairs of values are compared round by round, all pairs of a round in one comparison; the one
that is left over goes on to the next. The one-hot is built backwards from the outcomes, from
the final to the first round: whoever won the final takes the mark, and hands it on to the one
of the two that it was. That takes one product of ``c - 1`` bits per row in all, where carrying
the one-hots along takes ``c * log2(c)``.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array


def onehot_argmax(values: Array) -> tuple[Array, Array]:
    """Return the one-hot (rows, c) of each row's maximum, and the maxima (rows, 1).

    Of equal values the first wins.
    """
    rounds: list[tuple[Array, int]] = []
    while (count := values.shape[1]) > 1:
        even = count - count % 2
        first, second = values[:, 0:even:2], values[:, 1:even:2]
        wins = (first < second).astype(jnp.int32)
        rounds.append((wins, count))
        values = jnp.concatenate([first + wins * (second - first), values[:, even:]], axis=1)
    marks = jnp.ones_like(values, dtype=jnp.int32)
    for number, (wins, count) in enumerate(reversed(rounds)):
        pairs = count // 2
        second = wins if number == 0 else marks[:, :pairs] * wins
        both = jnp.stack([marks[:, :pairs] - second, second], axis=2).reshape(-1, 2 * pairs)
        marks = jnp.concatenate([both, marks[:, pairs:]], axis=1)
    return marks, values
