"""How far predicted numbers are from the true ones: metrics and the report's tables.

A residual is ``label - prediction``. All is computed in float64 by scikit-learn and numpy.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import (
    explained_variance_score,
    mean_absolute_error,
    mean_squared_error,
    median_absolute_error,
    r2_score,
)

Floats = NDArray[np.float64]

QUARTILES = (0.0, 0.25, 0.5, 0.75, 1.0)


def metrics(labels: Floats, predictions: Floats) -> dict[str, float | None]:
    """Return the metrics of the contract; R2 is None where it has no meaning.

    With one row, or a label that is the same in every row, there is no variance to explain.
    """
    mse = float(mean_squared_error(labels, predictions))
    varied = bool(labels.min() < labels.max())
    return {
        "mse": mse,
        "rmse": float(np.sqrt(mse)),
        "mae": float(mean_absolute_error(labels, predictions)),
        "r2_score": float(r2_score(labels, predictions)) if varied else None,
    }


def tables(labels: Floats, predictions: Floats, buckets: int) -> dict[str, Any]:
    """Return everything that the report file holds beside the metrics, ready for JSON."""
    residuals = labels - predictions
    return {
        "rows": len(labels),
        "mean_residual": float(residuals.mean()),
        "median_absolute_error": float(median_absolute_error(labels, predictions)),
        "explained_variance": _explained(labels, predictions),
        "mean_absolute_percentage_error": _percentage(labels, residuals),
        "residual_distribution": _histogram(residuals, buckets),
        "buckets": _buckets(labels, predictions, buckets),
    }


def _explained(labels: Floats, predictions: Floats) -> float | None:
    if labels.min() == labels.max():
        return None
    return float(explained_variance_score(labels, predictions))


def _percentage(labels: Floats, residuals: Floats) -> float | None:
    """Return the mean of ``|residual / label|``; None where a label is zero."""
    if (labels == 0).any():
        return None
    return float(np.mean(np.abs(residuals / labels)))


def _histogram(residuals: Floats, bins: int) -> dict[str, list[float]]:
    counts, edges = np.histogram(residuals, bins=bins)
    return {"edges": edges.tolist(), "rows": counts.tolist()}


def _buckets(labels: Floats, predictions: Floats, buckets: int) -> dict[str, list[Any]]:
    """Cut the rows, by their prediction, into buckets of about the same size.

    Rows with the same prediction stay in one bucket, so there may be fewer.
    """
    order = np.argsort(predictions, kind="stable")
    ranked = predictions[order]
    wanted = len(ranked) * np.arange(1, buckets) // buckets
    # The first row of a tie: a bucket starts there or not at all.
    starts = np.unique(np.searchsorted(ranked, ranked[np.append(0, wanted)]))
    parts = np.split(order, starts[1:])
    residuals = labels - predictions
    spread = [np.quantile(residuals[part], QUARTILES[1:4]).tolist() for part in parts]
    return {
        "rows": [len(part) for part in parts],
        "mean_prediction": [float(predictions[part].mean()) for part in parts],
        "mean_label": [float(labels[part].mean()) for part in parts],
        "residual_25%": [low for low, _, _ in spread],
        "residual_50%": [middle for _, middle, _ in spread],
        "residual_75%": [high for _, _, high in spread],
    }
