"""Metrics and tables against scikit-learn, and what the evaluation refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from secretflow_worker.contract.errors import ConfigError, InputError, RowsNotAligned
from secretflow_worker.tasks.evaluation._residuals import tables
from tests.conftest import RunTask

SECRET = "424242.4242424"


def evaluate(run_task: RunTask, folder: Path, content: str, **extra: Any) -> dict[str, Any]:
    (folder / "predictions.csv").write_text(content, encoding="utf-8")
    config = {
        "task_type": "regression_eval",
        "prediction_data": {"alice": str(folder / "predictions.csv")},
        "label_column": "y",
        "prediction_column": "pred",
        "output_report": str(folder / "out" / "report.json"),
        **extra,
    }
    return dict(run_task(config).result)


def read_report(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "out" / "report.json").read_text())
    return document


def predictions(rows: int = 500) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    label = rng.normal(50, 20, rows)
    return pd.DataFrame({"uid": range(rows), "pred": label + rng.normal(1, 5, rows), "y": label})


@pytest.mark.parametrize("parties", [("alice",), ("alice", "bob"), ("alice", "bob", "carol")])
def test_metrics_are_those_of_scikit_learn(
    run_task: RunTask, tmp_path: Path, parties: tuple[str, ...]
) -> None:
    table = predictions()
    (tmp_path / "predictions.csv").write_text(table.to_csv(index=False))
    outcome = run_task(
        {
            "task_type": "regression_eval",
            "prediction_data": {"alice": str(tmp_path / "predictions.csv")},
            "label_column": "y",
            "prediction_column": "pred",
            "output_report": str(tmp_path / "out" / "report.json"),
        },
        parties,
    )
    expected = {
        "mse": sk.mean_squared_error(table["y"], table["pred"]),
        "rmse": np.sqrt(sk.mean_squared_error(table["y"], table["pred"])),
        "mae": sk.mean_absolute_error(table["y"], table["pred"]),
        "r2_score": sk.r2_score(table["y"], table["pred"]),
    }
    # Float64 on both sides; only the order of sums may differ.
    assert outcome.result["metrics"] == pytest.approx(expected, rel=1e-12)
    report = read_report(tmp_path)
    assert report["metrics"] == outcome.result["metrics"]
    assert report["rows"] == len(table)
    assert report["explained_variance"] == pytest.approx(
        sk.explained_variance_score(table["y"], table["pred"])
    )
    assert [chart["id"] for chart in report["charts"]] == [
        "agreement", "residual_distribution", "residuals",
    ]  # fmt: skip
    assert {headline["name"]["en"] for headline in report["headlines"]} == {
        "RMSE", "MAE", "R²", "MSE",
    }  # fmt: skip


def test_a_perfect_prediction(run_task: RunTask, tmp_path: Path) -> None:
    metrics = evaluate(run_task, tmp_path, "y,pred\n1,1\n2,2\n-0.0,0\n")["metrics"]
    assert metrics == {"mse": 0, "rmse": 0, "mae": 0, "r2_score": 1}


@pytest.mark.parametrize("content", ["y,pred\n5,4\n", "y,pred\n5,4\n5,7\n5,5\n"])
def test_a_label_without_variance_has_no_r2(
    run_task: RunTask, tmp_path: Path, content: str
) -> None:
    result = evaluate(run_task, tmp_path, content)
    assert result["metrics"]["r2_score"] is None
    assert result["metrics"]["mse"] >= 1
    assert read_report(tmp_path)["explained_variance"] is None


def test_labels_from_another_file(run_task: RunTask, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("uid,y\na,1\nb,3\n")
    result = evaluate(
        run_task,
        tmp_path,
        "uid,pred\na,2\nb,3\n",
        label_data={"alice": str(tmp_path / "labels.csv")},
        id_columns=["uid"],
    )
    assert result["metrics"]["mse"] == 0.5


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.integers(-50, 50), st.integers(-3, 3)), min_size=1, max_size=60),
    st.integers(2, 12),
)
def test_buckets_hold_every_row_once_and_never_part_a_tie(
    rows: list[tuple[int, int]], buckets: int
) -> None:
    labels = np.array([float(label) for label, _ in rows])
    predicted = np.array([float(prediction) for _, prediction in rows])
    made = tables(labels, predicted, buckets)
    cut = made["buckets"]
    assert sum(cut["rows"]) == len(rows)
    assert len(cut["rows"]) <= buckets
    assert cut["mean_prediction"] == sorted(set(cut["mean_prediction"]))
    assert sum(made["residual_distribution"]["rows"]) == len(rows)
    total = sum(n * mean for n, mean in zip(cut["rows"], cut["mean_label"], strict=True))
    assert total == pytest.approx(labels.sum(), abs=1e-9)


@pytest.mark.parametrize(
    ("content", "error", "named"),
    [
        (f"y,pred\n{SECRET},\n1,2\n", InputError, "pred"),
        (f"y,pred\n{SECRET},x\n1,2\n", InputError, "pred"),
        (f"y,pred\n{SECRET},inf\n1,2\n", InputError, "pred"),
        (f"y,pred\n{SECRET},1e200\n", InputError, "too large"),
        (f"y\n{SECRET}\n", InputError, "prediction_column"),
        ("y,pred\n", InputError, "rows"),
    ],
)
def test_bad_tables_are_refused_without_a_value(
    run_task: RunTask, tmp_path: Path, content: str, error: type[Exception], named: str
) -> None:
    with pytest.raises(error, match=named) as refusal:
        evaluate(run_task, tmp_path, content)
    assert SECRET not in str(refusal.value)
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


def test_other_rows_in_the_labels_file_are_refused(run_task: RunTask, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("uid,y\na,1\nc,3\n")
    with pytest.raises(RowsNotAligned, match="id columns"):
        evaluate(
            run_task,
            tmp_path,
            "uid,pred\na,2\nb,3\n",
            label_data={"alice": str(tmp_path / "labels.csv")},
            id_columns=["uid"],
        )


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"prediction_column": "y"}, "prediction_column"),
        ({"bucket_size": 1}, "bucket_size"),
        ({"id_columns": ["uid"]}, "id_columns"),
        ({"prediction_data": {"carol": "/x/p.csv"}}, "carol"),
    ],
)
def test_a_bad_config_names_its_field(
    run_task: RunTask, tmp_path: Path, change: dict[str, Any], named: str
) -> None:
    with pytest.raises(ConfigError, match=named):
        evaluate(run_task, tmp_path, "y,pred\n1,1\n", **change)
