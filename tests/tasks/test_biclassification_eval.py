"""Metrics and curves against scikit-learn, and what the evaluation refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

from secretflow_worker.contract.errors import ConfigError, InputError, RowsNotAligned
from secretflow_worker.contract.result import TaskOutcome
from secretflow_worker.tasks.evaluation._scores import CURVE_POINTS, Ranking, curves
from tests.conftest import RunTask

SECRET = "0.4242424242424"


class Evaluate:
    """Writes a table of predictions, evaluates it with real parties, and reads the report."""

    def __init__(self, run_task: RunTask, folder: Path) -> None:
        self._run_task = run_task
        self.folder = folder

    def __call__(self, content: str, **extra: Any) -> TaskOutcome:
        (self.folder / "predictions.csv").write_text(content, encoding="utf-8")
        config = {
            "task_type": "biclassification_eval",
            "prediction_data": {"alice": str(self.folder / "predictions.csv")},
            "label_column": "y",
            "prediction_column": "pred_prob",
            "output_report": str(self.folder / "out" / "report.json"),
            **extra,
        }
        return self._run_task(config)

    def label_file(self, content: str) -> dict[str, str]:
        path = self.folder / "labels.csv"
        path.write_text(content, encoding="utf-8")
        return {"alice": str(path)}

    def report(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.folder / "out" / "report.json").read_text())
        return document


@pytest.fixture
def evaluate(run_task: RunTask, tmp_path: Path) -> Evaluate:
    return Evaluate(run_task, tmp_path)


def predictions(seed: int, rows: int, decimals: int) -> pd.DataFrame:
    """Scores that lean to the right side; few decimals make many ties."""
    rng = np.random.default_rng(seed)
    labels = rng.random(rows) < 0.3
    scores = np.clip(rng.normal(np.where(labels, 0.6, 0.4), 0.2), 0, 1).round(decimals)
    return pd.DataFrame({"id": range(rows), "pred_prob": scores, "y": labels.astype(int)})


def two_sample_ks(first: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """The largest distance of the two empirical distributions, by its definition."""
    cuts = np.union1d(first, other)
    return max(abs(float((first <= cut).mean() - (other <= cut).mean())) for cut in cuts)


@pytest.mark.parametrize("decimals", [1, 12])
def test_metrics_are_those_of_scikit_learn(evaluate: Evaluate, decimals: int) -> None:
    table = predictions(6, 1000, decimals)
    outcome = evaluate(table.to_csv(index=False))
    labels, scores = table["y"].to_numpy(), table["pred_prob"].to_numpy()
    decisions = scores >= 0.5
    assert outcome.result == {
        "output_report": str(evaluate.folder / "out" / "report.json"),
        "metrics": pytest.approx(
            {
                "auc": sk.roc_auc_score(labels, scores),
                "ks": two_sample_ks(scores[labels == 1], scores[labels == 0]),
                "f1_score": sk.f1_score(labels, decisions),
                "precision": sk.precision_score(labels, decisions),
                "recall": sk.recall_score(labels, decisions),
                "accuracy": sk.accuracy_score(labels, decisions),
            },
            abs=1e-12,
        ),
    }
    report = evaluate.report()
    assert report["metrics"] == outcome.result["metrics"]
    assert (report["party"], report["rows"], report["positives"]) == ("alice", 1000, labels.sum())
    assert report["log_loss"] == pytest.approx(sk.log_loss(labels, scores))
    assert report["brier_score"] == pytest.approx(sk.brier_score_loss(labels, scores))
    truth, mean = calibration_curve(labels, scores, n_bins=10)
    np.testing.assert_allclose(report["calibration"]["positive_rate"], truth)
    np.testing.assert_allclose(report["calibration"]["mean_score"], mean)


def test_the_curves_are_those_of_scikit_learn(evaluate: Evaluate) -> None:
    table = predictions(7, 3000, 2)
    evaluate(table.to_csv(index=False), bucket_size=20)
    report = evaluate.report()
    labels, scores = table["y"].to_numpy(), table["pred_prob"].to_numpy()
    fpr, tpr, thresholds = sk.roc_curve(labels, scores, drop_intermediate=False)
    assert report["roc"] == {"fpr": pytest.approx(fpr), "tpr": pytest.approx(tpr)}
    assert report["ks"]["threshold"] == pytest.approx(thresholds[1:])
    precision, recall, cuts = sk.precision_recall_curve(labels, scores)
    found = report["precision_recall"]
    assert found["threshold"] == pytest.approx(cuts[::-1])
    assert found["precision"] == pytest.approx(precision[:-1][::-1])
    assert found["recall"] == pytest.approx(recall[:-1][::-1])
    for index, cut in enumerate(report["confusion"]["threshold"]):
        counts = [report["confusion"][name][index] for name in ("tn", "fp", "fn", "tp")]
        assert counts == sk.confusion_matrix(labels, scores >= cut).ravel().tolist()
    buckets = report["buckets"]
    assert sum(buckets["rows"]) == 3000
    assert sum(buckets["positives"]) == labels.sum()
    assert buckets["cumulative_gain"][-1] == buckets["cumulative_lift"][-1] == 1.0
    for index, (low, high) in enumerate(
        zip(buckets["lowest_score"], buckets["highest_score"], strict=True)
    ):
        inside = (scores >= low) & (scores <= high)
        assert buckets["rows"][index] == inside.sum()
        assert buckets["positive_rate"][index] == pytest.approx(labels[inside].mean())


@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0])), max_size=40)
    | st.lists(st.tuples(st.booleans(), st.floats(0, 1)), max_size=40),
    st.integers(2, 200),
)
@settings(max_examples=100, deadline=None)
def test_a_ranking_counts_what_is_above_each_score(
    rows: list[tuple[bool, float]], buckets: int
) -> None:
    labels = np.array([True, False] + [label for label, _ in rows], dtype=float)
    scores = np.array([0.5, 0.5] + [score for _, score in rows])
    ranking = Ranking.of(labels, scores)
    for index, threshold in enumerate(ranking.thresholds):
        assert ranking.above[index] == (scores >= threshold).sum()
        assert ranking.positives_above[index] == labels[scores >= threshold].sum()
    assert set(ranking.thresholds) == set(scores)
    shuffled = np.random.default_rng(0).permutation(len(scores))
    again = curves(
        labels[shuffled], scores[shuffled], Ranking.of(labels[shuffled], scores[shuffled]), buckets
    )
    drawn = curves(labels, scores, ranking, buckets)
    assert drawn["buckets"] == again["buckets"]
    assert drawn["roc"] == again["roc"]
    assert sum(drawn["buckets"]["rows"]) == len(scores)
    assert min(drawn["buckets"]["rows"]) > 0


def test_curves_are_bounded_and_keep_their_ends_and_the_ks_point() -> None:
    table = predictions(8, 20_000, 12)
    labels, scores = table["y"].to_numpy(dtype=float), table["pred_prob"].to_numpy()
    ranking = Ranking.of(labels, scores)
    drawn = curves(labels, scores, ranking, 200)
    for name in ("roc", "ks", "precision_recall", "gain", "lift", "buckets", "calibration"):
        assert {len(values) for values in drawn[name].values()} <= set(range(CURVE_POINTS + 1))
    assert drawn["roc"]["fpr"][-1] == drawn["roc"]["tpr"][-1] == 1.0
    assert max(drawn["ks"]["distance"]) == ranking.distances.max()


def test_a_perfect_and_a_useless_prediction(evaluate: Evaluate) -> None:
    perfect = evaluate("pred_prob,y\n0,0\n1,1\n").result["metrics"]
    assert set(perfect.values()) == {1.0}
    useless = evaluate("pred_prob,y\n0.2,0\n0.2,1\n0.2,1\n").result["metrics"]
    assert useless == pytest.approx(
        {"auc": 0.5, "ks": 0, "f1_score": 0, "precision": 0, "recall": 0, "accuracy": 1 / 3}
    )


def test_the_label_may_be_in_another_file(evaluate: Evaluate) -> None:
    table = predictions(9, 200, 12)
    expected = evaluate(table.to_csv(index=False)).result["metrics"]
    outcome = evaluate(
        table.drop(columns="y").to_csv(index=False),
        label_data=evaluate.label_file(table[["y", "id"]].to_csv(index=False)),
        id_columns=["id"],
    )
    assert outcome.result["metrics"] == expected


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        ("id,y\n1,0\n", "different numbers of rows"),
        ("id,y\n2,0\n1,1\n", "differ in the id columns"),
        ("id,y\n01,0\n2,1\n", "differ in the id columns"),
    ],
)
def test_labels_of_other_rows_are_refused(evaluate: Evaluate, labels: str, says: str) -> None:
    with pytest.raises(RowsNotAligned, match=says):
        evaluate(
            "id,pred_prob\n1,0.1\n2,0.9\n",
            label_data=evaluate.label_file(labels),
            id_columns=["id"],
        )


def test_only_the_holder_computes_and_only_the_metrics_leave(evaluate: Evaluate) -> None:
    outcome = evaluate(f"pred_prob,y\n{SECRET},0\n0.9,1\n")
    assert SECRET not in outcome.model_dump_json()
    assert outcome.task_metadata.parties == ["alice", "bob"]
    assert evaluate.report()["party"] == "alice"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (f"pred_prob,y\n{SECRET},0\n0.9,0\n", "'y' is the same in every row"),
        (f"pred_prob,y\n{SECRET},0\n0.9,2\n", "'y' holds others than 0 and 1"),
        (f"pred_prob,y\n{SECRET},-1\n0.9,1\n", "'y' holds others than 0 and 1"),
        (f"pred_prob,y\n{SECRET},no\n0.9,1\n", "'y' must be all numbers and holds text"),
        (f"pred_prob,y\n{SECRET},\n0.9,1\n", "'y' must be all numbers and holds a missing value"),
        (f"pred_prob,y\n-{SECRET},0\n0.9,1\n", "'pred_prob' is not between 0 and 1"),
        (f"pred_prob,y\n1{SECRET},0\n0.9,1\n", "'pred_prob' is not between 0 and 1"),
        ("pred_prob,y\nnan,0\n0.9,1\n", "'pred_prob' must be all numbers and holds NaN"),
        ("pred_prob,y\n0.1,0\n", "'y' is the same in every row"),
        ("pred_prob,y\n", "no rows"),
        ("pred_prob\n0.1\n", "no column 'y', which task_config.label_column names"),
        ("y\n1\n", "no column 'pred_prob', which task_config.prediction_column names"),
        ("y,y\n1,1\n", "'y' is there more than once"),
        ("", "empty"),
    ],
)
def test_faulty_tables_are_refused_and_nothing_is_written(
    evaluate: Evaluate, content: str, says: str
) -> None:
    with pytest.raises(InputError, match=says) as caught:
        evaluate(content)
    assert SECRET not in caught.value.message + caught.value.hint
    assert caught.value.party == "alice"
    assert not (evaluate.folder / "out").exists()


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ({"prediction_data": {"alice": "/a.csv", "bob": "/b.csv"}}, "exactly one party"),
        ({"prediction_data": {}}, "prediction_data"),
        ({"label_data": {"bob": "/b.csv"}}, "must name the party of prediction_data"),
        ({"id_columns": ["id"]}, "only where label_data is given"),
        ({"prediction_column": "y"}, "is the label_column"),
        ({"bucket_size": 1}, "bucket_size"),
        ({"bucket_size": 201}, "bucket_size"),
    ],
)
def test_faulty_requests_are_refused(evaluate: Evaluate, extra: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        evaluate("pred_prob,y\n0,0\n1,1\n", **extra)
