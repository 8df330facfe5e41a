"""How well scores between 0 and 1 tell two classes apart: metrics and curves.

Everything is counted at the distinct scores, from the highest down, so rows of the same score
are never told apart and no result depends on the order of the rows. Each curve has at most
``CURVE_POINTS`` points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    f1_score,
    log_loss,
    precision_score,
    recall_score,
    roc_auc_score,
)

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

CURVE_POINTS = 200
DECISION_THRESHOLD = 0.5


@dataclass(frozen=True)
class Ranking:
    """Rows counted from the highest score down to each distinct score.

    ``above[i]`` rows have a score of at least ``thresholds[i]``, ``positives_above[i]`` of them
    positive.
    """

    thresholds: Floats
    above: Counts
    positives_above: Counts

    @staticmethod
    def of(labels: Floats, scores: Floats) -> Ranking:
        """Count; `labels` are 0 or 1 with both present, `scores` of the same length."""
        order = np.argsort(-scores, kind="stable")
        descending = scores[order]
        last_of_tie = np.append(np.flatnonzero(np.diff(descending)), len(descending) - 1)
        positives = np.cumsum(labels[order].astype(np.int64))
        return Ranking(descending[last_of_tie], last_of_tie + 1, positives[last_of_tie])

    @property
    def tpr(self) -> Floats:
        return _share(self.positives_above)

    @property
    def fpr(self) -> Floats:
        return _share(self.above - self.positives_above)

    @property
    def distances(self) -> Floats:
        """How far the classes' distributions are apart at each threshold."""
        return np.asarray(np.abs(self.tpr - self.fpr), dtype=np.float64)

    def points(self) -> NDArray[np.intp]:
        """Return the indices to draw: evenly spread, both ends and the K-S point among them."""
        count = len(self.thresholds)
        spread = np.linspace(0, count - 1, min(count, CURVE_POINTS - 2)).round().astype(np.intp)
        return np.union1d(spread, [np.argmax(self.distances)])


def metrics(labels: Floats, scores: Floats, ranking: Ranking) -> dict[str, float]:
    """Return the metrics of the contract; a row counts as positive from a score of 0.5 on.

    ``ks`` is the two-sample Kolmogorov-Smirnov statistic. Precision without any row that counts
    as positive is 0, and so is F1.
    """
    decisions = scores >= DECISION_THRESHOLD
    return {
        "auc": float(roc_auc_score(labels, scores)),
        "ks": float(ranking.distances.max()),
        "f1_score": float(f1_score(labels, decisions, zero_division=0)),
        "precision": float(precision_score(labels, decisions, zero_division=0)),
        "recall": float(recall_score(labels, decisions, zero_division=0)),
        "accuracy": float(accuracy_score(labels, decisions)),
    }


def curves(labels: Floats, scores: Floats, ranking: Ranking, buckets: int) -> dict[str, Any]:
    """Return everything that the report file holds beside the metrics, ready for JSON."""
    return {
        "rows": len(labels),
        "positives": int(labels.sum()),
        "decision_threshold": DECISION_THRESHOLD,
        "average_precision": float(average_precision_score(labels, scores)),
        "log_loss": float(log_loss(labels, scores)),
        "brier_score": float(brier_score_loss(labels, scores)),
        **_threshold_curves(ranking),
        "buckets": _buckets(ranking, buckets),
        **_score_bins(labels, scores, buckets),
        "confusion": _confusion(labels, scores),
    }


def _threshold_curves(ranking: Ranking) -> dict[str, dict[str, list[float]]]:
    """ROC, K-S, precision and recall, gain and lift; ROC and gain start in the origin."""
    at = ranking.points()
    tpr, fpr, thresholds = ranking.tpr[at], ranking.fpr[at], ranking.thresholds[at]
    population = ranking.above[at] / ranking.above[-1]
    precision = ranking.positives_above[at] / ranking.above[at]
    return {
        "roc": {"fpr": [0.0, *fpr.tolist()], "tpr": [0.0, *tpr.tolist()]},
        "ks": {
            "threshold": thresholds.tolist(),
            "tpr": tpr.tolist(),
            "fpr": fpr.tolist(),
            "distance": ranking.distances[at].tolist(),
        },
        "precision_recall": {
            "threshold": thresholds.tolist(),
            "precision": precision.tolist(),
            "recall": tpr.tolist(),
        },
        "gain": {"population": [0.0, *population.tolist()], "gain": [0.0, *tpr.tolist()]},
        "lift": {"population": population.tolist(), "lift": (tpr / population).tolist()},
    }


def _buckets(ranking: Ranking, buckets: int) -> dict[str, list[float]]:
    """Cut the rows into buckets of about the same size, from the highest scores down.

    Rows of the same score stay in one bucket, so there may be fewer.
    """
    rows = int(ranking.above[-1])
    wanted = [-(-rows * number // buckets) for number in range(1, buckets + 1)]
    ends = np.unique(np.searchsorted(ranking.above, wanted))
    rows_in = np.diff(ranking.above[ends], prepend=0)
    positives_in = np.diff(ranking.positives_above[ends], prepend=0)
    gain = ranking.tpr[ends]
    return {
        "highest_score": ranking.thresholds[np.append(0, ends[:-1] + 1)].tolist(),
        "lowest_score": ranking.thresholds[ends].tolist(),
        "rows": rows_in.tolist(),
        "positives": positives_in.tolist(),
        "positive_rate": (positives_in / rows_in).tolist(),
        "cumulative_gain": gain.tolist(),
        "cumulative_lift": (gain * rows / ranking.above[ends]).tolist(),
        "distance": ranking.distances[ends].tolist(),
    }


def _score_bins(labels: Floats, scores: Floats, bins: int) -> dict[str, dict[str, list[float]]]:
    """Calibration and distribution over equal bins of the score; a bin holds its upper edge."""
    edges = np.linspace(0.0, 1.0, bins + 1)
    bin_of = np.searchsorted(edges[1:-1], scores)
    total = np.bincount(bin_of, minlength=bins)
    positives = np.bincount(bin_of, weights=labels, minlength=bins).astype(np.int64)
    used = total > 0
    sums = np.bincount(bin_of, weights=scores, minlength=bins)
    return {
        "calibration": {
            "mean_score": (sums[used] / total[used]).tolist(),
            "positive_rate": (positives[used] / total[used]).tolist(),
            "rows": total[used].tolist(),
        },
        "score_distribution": {
            "edges": edges.tolist(),
            "positives": positives.tolist(),
            "negatives": (total - positives).tolist(),
        },
    }


def _confusion(labels: Floats, scores: Floats) -> dict[str, list[float]]:
    """Counts and rates where a row counts as positive from each of nine thresholds on."""
    cuts = np.array([tenth / 10 for tenth in range(1, 10)])
    is_positive = labels == 1
    tp = np.array([(scores[is_positive] >= cut).sum() for cut in cuts])
    fp = np.array([(scores[~is_positive] >= cut).sum() for cut in cuts])
    fn, tn = is_positive.sum() - tp, (~is_positive).sum() - fp
    return {
        "threshold": cuts.tolist(),
        "tp": tp.tolist(),
        "fp": fp.tolist(),
        "tn": tn.tolist(),
        "fn": fn.tolist(),
        "precision": (tp / np.maximum(tp + fp, 1)).tolist(),
        "recall": (tp / (tp + fn)).tolist(),
        "f1_score": (2 * tp / (2 * tp + fp + fn)).tolist(),
        "accuracy": ((tp + tn) / len(labels)).tolist(),
    }


def _share(counts: Counts) -> Floats:
    """Divide cumulative counts by the last of them."""
    return np.asarray(counts / counts[-1], dtype=np.float64)
