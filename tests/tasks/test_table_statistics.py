"""Statistics against pandas' ``describe``, in the result and in the report file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secretflow_worker.contract.errors import ConfigError, InputError
from secretflow_worker.contract.result import TaskOutcome
from tests.conftest import RunTask

SECRET = "Zq7secret"


class Describe:
    """Writes tables, describes them with real parties, and reads the report."""

    def __init__(self, run_task: RunTask, folder: Path) -> None:
        self._run_task = run_task
        self.folder = folder

    def __call__(self, tables: dict[str, str], **extra: Any) -> TaskOutcome:
        for party, content in tables.items():
            (self.folder / f"{party}.csv").write_text(content, encoding="utf-8")
        config = {
            "task_type": "table_statistics",
            "input_data": {party: str(self.folder / f"{party}.csv") for party in tables},
            "output_report": str(self.folder / "out" / "report.json"),
            **extra,
        }
        return self._run_task(config, tuple(tables))

    def report(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.folder / "out" / "report.json").read_text())
        return document


@pytest.fixture
def describe(run_task: RunTask, tmp_path: Path) -> Describe:
    return Describe(run_task, tmp_path)


def assert_describes(found: dict[str, Any], values: pd.Series[Any]) -> None:
    """Compare with pandas, to 1e-12 of the largest value."""
    expected = values.astype(float).describe()
    missing = int(values.isna().sum())
    assert found.pop("missing") == missing
    assert list(found) == list(expected.index)
    assert found["count"] == len(values) - missing
    size = float(values.abs().max()) if len(values) > missing else 1.0
    for key, value in expected.items():
        known = np.nan if found[str(key)] is None else found[str(key)]
        np.testing.assert_allclose(known, value, rtol=1e-12, atol=1e-12 * size, err_msg=str(key))


def test_every_column_of_numbers_is_described_as_pandas_does(describe: Describe) -> None:
    rng = np.random.default_rng(5)
    alice = pd.DataFrame(
        {
            "text": ["a"] * 301,
            "wide": rng.lognormal(3, 3, 301),
            "gaps": np.where(rng.random(301) < 0.3, np.nan, rng.normal(size=301)),
            "ties": rng.integers(0, 3, 301),
            "constant": 0.1,
            "nothing": np.nan,
        }
    )
    bob = pd.DataFrame({"ties": rng.integers(-5, 5, 50), "offset": 1e9 + rng.random(50)})
    outcome = describe({"alice": alice.to_csv(index=False), "bob": bob.to_csv(index=False)})
    statistics = outcome.result["statistics"]
    assert outcome.result["output_report"] == str(describe.folder / "out" / "report.json")
    report = describe.report()
    (chart,) = report.pop("charts")
    assert chart["kind"] == "figures"
    assert [row[0] for row in chart["values"]] == list(statistics)
    assert [row[3] for row in chart["values"]] == [each["mean"] for each in statistics.values()]
    assert report == {
        "task_type": "table_statistics",
        "task_version": 1,
        "parties": {
            "alice": {"rows": 301, "columns": ["wide", "gaps", "ties", "constant"]},
            "bob": {"rows": 50, "columns": ["ties", "offset"]},
        },
        "statistics": statistics,
    }
    assert list(statistics) == ["wide", "gaps", "ties", "constant", "bob.ties", "offset"]
    for name, values in alice[["wide", "gaps", "ties", "constant"]].items():
        assert_describes(statistics[name], values)
    assert_describes(statistics["bob.ties"], bob["ties"])
    assert_describes(statistics["offset"], bob["offset"])


@pytest.mark.parametrize(
    ("columns", "described"),
    [
        (["y", "x"], ["x", "y", "bob.x"]),
        ({"bob": ["z", "x"]}, ["x", "z"]),
        (["z"], ["z"]),
    ],
)
def test_only_what_is_named_is_told(
    describe: Describe, columns: list[str] | dict[str, list[str]], described: list[str]
) -> None:
    outcome = describe({"alice": "x,y\n1,2\n", "bob": "x,z\n3,4\n"}, columns=columns)
    assert list(outcome.result["statistics"]) == described


def test_a_named_column_without_values_is_described_by_that(describe: Describe) -> None:
    outcome = describe({"alice": "x,y\n,1\n,\n"}, columns=["x", "y"])
    nothing = dict.fromkeys(["mean", "std", "min", "25%", "50%", "75%", "max"])
    assert outcome.result["statistics"]["x"] == {"count": 0, "missing": 2, **nothing}
    one = dict.fromkeys(["mean", "min", "25%", "50%", "75%", "max"], 1.0)
    assert outcome.result["statistics"]["y"] == {"count": 1, "missing": 1, "std": None, **one}


def test_histograms_are_in_the_report_where_they_are_asked_for(describe: Describe) -> None:
    values = np.random.default_rng(2).normal(size=200)
    alice = pd.DataFrame({"x": values, "same": 7, "gaps": np.where(values > 0, values, np.nan)})
    outcome = describe(
        {"alice": alice.to_csv(index=False), "bob": "x,nothing\n1,\n3,\n"},
        columns=["x", "same", "gaps", "nothing"],
        histogram_bins=8,
    )
    report = describe.report()
    told = report["histograms"]
    assert list(told) == ["x", "same", "gaps", "bob.x"]
    for name in ("x", "gaps"):
        counts, edges = np.histogram(alice[name].dropna(), 8)
        assert told[name] == {"edges": edges.tolist(), "counts": counts.tolist()}
    assert told["same"]["counts"] == [200]
    assert told["bob.x"]["counts"] == [1, 0, 0, 0, 0, 0, 0, 1]
    drawn = [chart for chart in report["charts"] if chart["kind"] == "histogram"]
    assert [chart["series"][0]["y"] for chart in drawn] == [h["counts"] for h in told.values()]
    assert "histograms" not in outcome.result


def test_no_numbers_at_all_is_an_empty_report(describe: Describe) -> None:
    assert describe({"alice": "x\na\n"}).result["statistics"] == {}
    assert describe.report()["parties"] == {"alice": {"rows": 1, "columns": []}}


@pytest.mark.parametrize(
    ("content", "columns", "says"),
    [
        (f"x,y\n1,{SECRET}\n", ["y"], "'y' must be all numbers and holds text"),
        ("x,y\n1,inf\n", ["y"], "'y' must be all numbers and holds NaN or infinity"),
        ("x,y\n1,nan\n", None, "'y' must be all numbers and holds NaN or infinity"),
        ("x,y\n1,1e200\n3,-1e200\n", ["y"], "'y' holds numbers too large"),
        ("x,y\n1,2\n", ["z"], "no party has a column 'z'"),
        ("x,y\n1,2\n", {"alice": ["z"]}, "no column 'z', which task_config.columns.alice"),
        ("x,y\n", None, "no rows"),
        ("x,x\n1,2\n", None, "'x' is there more than once"),
        (f"x,y\n1,2,{SECRET}\n", ["x"], "not a well-formed CSV"),
        ("", None, "empty"),
    ],
)
def test_faulty_tables_are_refused_and_nothing_is_written(
    describe: Describe, content: str, columns: Any, says: str
) -> None:
    with pytest.raises(InputError, match=says) as caught:
        describe({"alice": content}, columns=columns)
    assert SECRET not in caught.value.message
    assert not (describe.folder / "out").exists()


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ({"columns": ["x", "x"]}, "columns: 'x' is named more than once"),
        ({"columns": {"bob": ["x"]}}, "columns: 'bob' has no table"),
        ({"output_report": "report.json"}, "output_report"),
        ({"histogram_bins": -1}, "histogram_bins"),
        ({"histogram_bins": 101}, "histogram_bins"),
    ],
)
def test_faulty_requests_are_refused(describe: Describe, extra: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        describe({"alice": "x\n1\n"}, **extra)


finite = st.floats(-1e9, 1e9) | st.integers(-3, 3).map(float)


@given(st.lists(st.none() | finite, min_size=1, max_size=30))
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_column_is_described_as_pandas_does(
    describe: Describe, values: list[float | None]
) -> None:
    column = pd.Series(values, dtype=float)
    table = pd.DataFrame({"id": "k", "x": column}).to_csv(index=False)
    outcome = describe({"alice": table}, columns=["x"])
    assert_describes(outcome.result["statistics"]["x"], column)
