"""Predictions as a file at the receiver: ids, the label where the receiver has it, predictions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from secretflow_worker.tasks._tables import columns_of, load_text, write
from secretflow_worker.tasks.ml._training import RowsConfig


def write_predictions(
    config: RowsConfig,
    party: str,
    label: str | None,
    source: Path,
    predictions: NDArray[np.generic],
    target: Path,
) -> None:
    """Write the predictions of the rows of `source` in their order; texts pass unchanged."""
    carried = list(config.ids_at(party))
    is_kept = config.keeps_label and label not in carried
    if label is not None and is_kept and label in columns_of(source):
        carried.append(label)
    columns = load_text(source, carried).get_columns() if carried else []
    write(pl.DataFrame([*columns, pl.Series(config.prediction_column, predictions)]), target)


def sigmoid(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the logistic function, without overflow."""
    probabilities: NDArray[np.float64] = 0.5 * (1.0 + np.tanh(0.5 * scores))
    return probabilities


def sr_sigmoid(margins: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the square-root sigmoid, in which ss_xgb counts its margins."""
    probabilities: NDArray[np.float64] = 0.5 * (1.0 + margins / np.sqrt(1.0 + margins * margins))
    return probabilities
