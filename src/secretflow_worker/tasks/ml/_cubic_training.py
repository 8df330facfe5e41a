"""A training by the cubic sigmoid, by a party's program: its steps, its guard, its loss."""

from __future__ import annotations

from collections.abc import Sequence

from secretflow_worker.contract.errors import ConfigError, InternalError
from secretflow_worker.tasks._parties import Parties, Secret
from secretflow_worker.tasks.ml import _cubic as cubic
from secretflow_worker.tasks.ml._linear import BLOCK_ROWS, Sgd

_SQUARES_AT_ONCE = 2**17
"""Scores that wait to be looked at: epochs' worth, until they would take much memory."""


class CubicTraining:
    """The epochs of one training; at the end of them `close` it."""

    def __init__(self, parties: Parties, features: Sequence[Secret], y: Secret, sgd: Sgd) -> None:
        self._parties = parties
        self._features = features
        self._y = y
        self._sgd = sgd
        self._block = BLOCK_ROWS.get(parties.spu.protocol, 0)
        self._squares: list[Secret] = []
        self._counts: list[Secret] = []

    def train_epoch(self, weights: Secret) -> Secret:
        """Return the weights after one more epoch."""
        spu = self._parties.spu
        trained: Secret
        trained, squares = spu.call(
            cubic.train_epoch, self._y, weights, *self._features, sgd=self._sgd
        )
        self._squares.append(squares)
        if sum(each.shape[0] for each in self._squares) >= _SQUARES_AT_ONCE:
            count = spu.call(cubic.count_outside, *self._squares, block=self._block)
            self._counts.append(count)
            spu.free(*self._squares)
            self._squares = []
        return trained

    def close(self, weights: Secret, label_party: str) -> float | None:
        """Return the sum of the rows' losses by the final weights, at the label holder.

        Raises:
            ConfigError: a score left the interval of the cubic sigmoid; the loss stays closed.
        """
        spu = self._parties.spu
        strayed, loss = spu.call(
            cubic.close, self._y, weights, *self._features, *self._counts, *self._squares,
            blocks=len(self._features), counts=len(self._counts), block=self._block,
        )  # fmt: skip
        bit = spu.reveal(strayed, self._parties.names)
        if bit is None:
            raise InternalError("the bit of the cubic sigmoid's guard did not reach this party")
        if bit.item():
            raise ConfigError(
                "task_config.params.sig_type: the scores left -5 to 5, where the cubic sigmoid "
                "holds",
                hint="Use sig_type t1, scale the features, or lower learning_rate.",
            )
        opened = spu.reveal(loss, label_party)
        spu.free(strayed, loss, *self._counts, *self._squares)
        return None if opened is None else float(opened.item())
