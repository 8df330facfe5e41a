"""What `ss_pvalue` needs to know of a saved model, and of the label that it was trained on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from secretflow_worker.contract.errors import ConfigError, InputError, ProtocolUnfit
from secretflow_worker.tasks._parties import Model
from secretflow_worker.tasks.ml._fixed_point import fixed_point
from secretflow_worker.tasks.ml._vertical import Numbers, check_magnitude, read_label
from secretflow_worker.tasks.stats._significance import Family

_SCORE_LIMIT = {"FM64": 8.0, "FM128": 10.0}
_RECIPROCAL_LIMIT = 16.0
_MODELS = ("ss_lr", "ss_glm")


@dataclass(frozen=True)
class Coefficients:
    """A model's coefficients without those of offsets, in the order of the parties."""

    columns: dict[str, list[str]]
    """Every party's, parties by rank."""
    offset: str | None
    offset_party: str | None
    kept: tuple[int, ...]
    """Which of the model's weights these are, the intercept last."""
    weights: int
    """How many the model has, those of offsets and the intercept counted."""

    @property
    def width(self) -> int:
        return sum(map(len, self.columns.values()))


def label_of(model: Model) -> tuple[str, str]:
    """Return the label of a model that has coefficients, and its holder.

    Raises:
        ConfigError: the model has none, or row weights, which are not saved.
    """
    if model.task_type not in _MODELS or model.label is None or model.label_party is None:
        raise ConfigError(
            f"task_config.model: a model of {model.task_type} has no coefficients",
            hint=f"Name a model of {' or '.join(_MODELS)}.",
        )
    if model.parameters.get("weight") is not None:
        raise ConfigError(
            "task_config.model: it was trained with row weights, for which there are no p-values",
            hint="Train without row weights.",
        )
    return model.label, model.label_party


def family_of(model: Model, rows: int, field: str) -> Family:
    """Return the family of a saved model.

    Raises:
        ProtocolUnfit: the ring is too small for so many rows.
    """
    fixed = fixed_point(field)
    limit = _SCORE_LIMIT[field]
    room = math.log(fixed.product_limit / (4 * rows))
    if room < 1:
        raise ProtocolUnfit(
            f"spu_config.cluster_def.runtime_config.field: {rows} rows are too many for {field}",
            hint="Use FM128, or fewer rows.",
        )
    if model.task_type == "ss_lr":
        linear = model.parameters["reg_type"] == "linear"
        return Family("identity" if linear else "logit", 0.0 if linear else 1.0, limit)
    link, power = model.parameters["link"], float(model.parameters["power"])
    if link == "log" and power < 2:
        limit = min(limit, room / (2 - power))
    if link == "reciprocal":
        limit = min(_RECIPROCAL_LIMIT, math.exp(room / 2))
    return Family(link, power, limit)


def coefficients_of(model: Model, parties: Sequence[str]) -> Coefficients:
    """Return which of the model's weights are coefficients of which columns."""
    offset = model.parameters.get("offset")
    columns: dict[str, list[str]] = {}
    kept: list[int] = []
    offset_party, index = None, 0
    for party in parties:
        columns[party] = []
        for name in model.features[party]:
            if name == offset:
                offset_party = party
            else:
                columns[party].append(name)
                kept.append(index)
            index += 1
    return Coefficients(columns, offset, offset_party, (*kept, index), index + 1)


def read_y(path: Path, label: str, family: Family) -> tuple[Numbers, float]:
    """Return the label divided by a power of two near its size, (rows, 1), and that power.

    Raises:
        InputError: a label that the model's distribution does not have.
    """
    y = read_label(path, label, is_binary=family.link == "logit")
    size = 1.0
    if family.link == "identity":
        size = 2.0 ** round(math.log2(y.std()))
        check_magnitude(path.name, [label], y[:, np.newaxis] / size, 2.0**15)
    elif family.link != "logit":
        is_positive = family.power >= 2 or family.link == "reciprocal"
        is_outside = family.power > 0 and (y.min() < 0 or (is_positive and y.min() == 0))
        if is_outside or y.mean() <= 0:
            raise InputError(
                f"{path.name}: label {label!r} has values that the model's "
                "distribution does not have",
                hint="Take the rows that the model was trained on.",
            )
        size = 2.0 ** round(math.log2(y.mean()))
    return (y / size)[:, np.newaxis], size
