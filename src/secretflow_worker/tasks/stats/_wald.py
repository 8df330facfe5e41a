"""The significance of a saved model's coefficients by a party's program."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from secretflow_worker.tasks._parties import Array, Model, Parties, Secret
from secretflow_worker.tasks.ml._regression import VALUE_LIMIT
from secretflow_worker.tasks.ml._vertical import (
    Numbers,
    Rows,
    check_magnitude,
    read_rows,
    row_blocks,
)
from secretflow_worker.tasks.stats import _significance as programs
from secretflow_worker.tasks.stats._joint_table import require_rows
from secretflow_worker.tasks.stats._pvalue_config import PvalueConfig
from secretflow_worker.tasks.stats._significance import Family
from secretflow_worker.tasks.stats._wald_model import (
    Coefficients,
    coefficients_of,
    family_of,
    label_of,
    read_y,
)
from secretflow_worker.tasks.stats._whitening import whiten

_MEAN_LIMIT = 100.0
"""Of a column's mean in its own standard deviations: beyond, the intercept, which is the score of
a row of zeros, is too far outside of the data to say anything of."""


@dataclass(frozen=True)
class Tested:
    """What the receivers learn, the intercept first; None elsewhere, NaN where undetermined."""

    names: dict[str, list[str]]
    """Every party's columns, parties by rank."""
    rows: int
    is_t: bool
    """Whether the statistics are Student's t, and not normal."""
    statistics: Numbers | None
    p_values: Numbers | None
    standard_errors: Numbers | None


def test(parties: Parties, config: PvalueConfig) -> Tested:
    """Read the rows, compute the statistics on shares, and open them to the receivers.

    Raises:
        ModelInvalid, InputError, RowsNotAligned, ConfigError, ProtocolUnfit: what does not fit.
    """
    me = parties.me
    model = parties.load_model(config.model[me])
    label_name, holder = label_of(model)
    path = parties.input(config.data[me])
    rows = read_rows(parties, path, model.features[me], config.ids_at(me), "data")
    family = family_of(model, rows.count, parties.spu.field)
    which = coefficients_of(model, parties.names)
    require_rows(rows.count, which.width, "task_config.data")
    check_magnitude(path.name, model.features[me], rows.values, VALUE_LIMIT)
    label = read_y(path, label_name, family) if me == holder else None
    return _Test(parties, config, model, holder, family, which, rows, label).run()


@dataclass(frozen=True)
class _Test:
    parties: Parties
    config: PvalueConfig
    model: Model
    holder: str
    """Of the label."""
    family: Family
    which: Coefficients
    rows: Rows
    label: tuple[Numbers, float] | None
    """The divided label and what it was divided by, at its holder."""

    @property
    def exponent(self) -> int:
        """Blocks are shared this power of two times orthonormal, which is about one in size."""
        return round(math.log2(self.rows.count) / 2)

    def run(self) -> Tested:
        spu = self.parties.spu
        receivers = self.config.receivers or self.parties.names
        degrees = self.rows.count - self.which.width - 1
        weights = self._weights()
        factor, shift, known = self._scalars()
        values = self._columns(self.rows.values)
        own = whiten(values)
        means, centred = values.mean(axis=0), values - values.mean(axis=0)
        lengths = np.sqrt((centred * centred).sum(axis=0))
        into = self._share_each(own.into * lengths * 2.0**-self.exponent)
        shared_means = self._share_each(means[:, np.newaxis])
        intercept, slopes = spu.call(
            programs.slopes_of, weights, factor, shift, *into, *shared_means
        )
        spu.free(*into, *shared_means)
        matrix, squares = self._moments(intercept, slopes, own.basis * 2.0**self.exponent)
        self.parties.progress(0.8, "inverse")
        determined = ~own.collinear & ~own.constant
        spread = np.where(determined, lengths, 1.0) / np.sqrt(
            np.where(determined, own.inflation, 1)
        )
        far = np.sqrt(len(values)) * np.where(determined, means / spread, 0.0)
        to_intercept = -(own.duals @ far)
        has_intercept = determined.all() and np.abs(to_intercept).max(initial=0.0) < _MEAN_LIMIT
        parts = [
            *self._share_each(own.duals),
            *self._share_each(to_intercept[:, np.newaxis] * has_intercept),
            *self._share_each(spread * determined),
            *self._share_each(np.array([has_intercept, *determined], np.int32)),
        ]
        statistics, precisions = spu.call(
            programs.wald, matrix, squares, weights, factor, known, *parts, family=self.family,
            root_rows=math.sqrt(self.rows.count), per_degree=4.0**self.exponent / degrees,
        )  # fmt: skip
        opened = spu.reveal(statistics, receivers)
        precise = spu.reveal(precisions, receivers) if self.config.standard_errors else None
        spu.free(matrix, squares, weights, factor, shift, known, *parts, statistics, precisions)
        return self._tested(opened, precise, degrees)

    def _moments(self, intercept: Secret, slopes: Secret, basis: Numbers) -> tuple[Secret, Secret]:
        spu, offset_party = self.parties.spu, self.which.offset_party
        offset = self._offset()
        y = None if self.label is None else self.label[0]
        total: tuple[Secret, Secret] | None = None
        blocks = row_blocks(self.rows.count, 3 * (self.which.width + 4))
        for number, rows in enumerate(blocks):
            self.parties.progress(0.8 * number / len(blocks), "curvatures")
            shared = [self._share(self.holder, None if y is None else y[rows])]
            shared += self._share_each(basis[rows])
            if offset_party is not None:
                shared.append(self._share(offset_party, None if offset is None else offset[rows]))
            part = spu.call(
                programs.moments, intercept, slopes, *shared, family=self.family,
                exponent=self.exponent, has_offset=offset_party is not None,
                ones=2.0**self.exponent / math.sqrt(self.rows.count),
            )  # fmt: skip
            spu.free(*shared)
            if total is None:
                total = part
                continue
            before, total = total, spu.call(programs.add_both, *total, *part)
            spu.free(*before, *part)
        spu.free(intercept, slopes)
        if total is None:
            raise ValueError("a table without rows")
        return total

    def _weights(self) -> Secret:
        """Return the model's weights as a column, without those of offsets."""
        spu, all_weights = self.parties.spu, self.model.secret("weights")
        if len(self.which.kept) == self.which.weights:
            kept: Secret = spu.call(programs.same, all_weights)
        else:
            kept = spu.call(programs.taken, all_weights, rows=self.which.kept)
        return kept

    def _scalars(self) -> tuple[Secret, Secret, Secret]:
        """Share what the label was divided by, as `programs` take it."""
        values: list[float | None] = [None, None, None]
        if self.label is not None:
            size, link = self.label[1], self.family.link
            factor = {"identity": 1 / size, "reciprocal": size}.get(link, 1.0)
            shift = -math.log(size) if link == "log" else 0.0
            values = [factor, shift, math.sqrt(size)]
        factor_, shift_, known = (
            self._share(self.holder, None if value is None else np.full((1, 1), value))
            for value in values
        )
        return factor_, shift_, known

    def _columns(self, values: Numbers) -> Numbers:
        """Return this party's columns that have a coefficient."""
        own = self.model.features[self.parties.me]
        return values[:, [name != self.which.offset for name in own]]

    def _offset(self) -> Numbers | None:
        if self.which.offset_party != self.parties.me:
            return None
        at = list(self.model.features[self.parties.me]).index(str(self.which.offset))
        return self.rows.values[:, [at]]

    def _share_each(self, own: Array) -> list[Secret]:
        """Share an array of every party that has coefficients, by rank."""
        return [
            self._share(party, own if party == self.parties.me else None)
            for party in self.parties.names
            if self.which.columns[party]
        ]

    def _share(self, owner: str, value: Array | None) -> Secret:
        if value is not None and value.dtype != np.int32:
            value = value.astype(np.float32)
        return self.parties.spu.share(owner, value)

    def _tested(self, opened: Array | None, precise: Array | None, degrees: int) -> Tested:
        is_t = self.family.link == "identity"
        p_values = errors = None
        if opened is not None:
            opened = opened.astype(np.float64)
            opened[opened > programs.UNDETERMINED / 2] = np.nan
            tail = stats.t(degrees) if is_t else stats.norm
            p_values = 2 * tail.sf(np.abs(opened))
        if precise is not None:
            errors = 1 / np.where(precise > 0, precise.astype(np.float64), np.nan)
        return Tested(self.which.columns, self.rows.count, is_t, opened, p_values, errors)
