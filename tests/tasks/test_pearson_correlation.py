"""Correlations against pandas' ``corr``, with real parties; 1e-6 is the rounding of the result."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from secretflow_worker.contract.errors import (
    ConfigError,
    InputError,
    ProtocolUnfit,
    RowsNotAligned,
)
from secretflow_worker.contract.result import TaskOutcome
from secretflow_worker.tasks import TaskDispatcher
from secretflow_worker.tasks.stats._whitening import unit_columns
from tests.conftest import RunTask
from tests.tasks.joint_data import DEVICES, mixed, name_of, split, spread

ROUNDED = 1e-6
TWO = ("alice", "bob")


class Correlate:
    """Splits a frame, correlates it with real parties, and reads the report."""

    def __init__(self, run_task: RunTask, folder: Path) -> None:
        self._run_task = run_task
        self.folder = folder

    def config(self, input_data: dict[str, str], **extra: Any) -> dict[str, Any]:
        return {
            "task_type": "pearson_correlation",
            "input_data": input_data,
            "id_columns": ["uid"],
            "output_report": str(self.folder / "out" / "report.json"),
            **extra,
        }

    def frame(
        self,
        frame: pd.DataFrame,
        parties: Sequence[str] = TWO,
        spu: dict[str, str] | None = None,
        **extra: Any,
    ) -> TaskOutcome:
        data = split(self.folder, frame, spread(frame, parties))
        return self._run_task(self.config(data, **extra), parties, spu)

    def texts(self, tables: dict[str, str], **extra: Any) -> TaskOutcome:
        data = {}
        for party, content in tables.items():
            (self.folder / f"{party}.csv").write_bytes(content.encode())
            data[party] = str(self.folder / f"{party}.csv")
        return self._run_task(self.config(data, **extra), tuple(tables))

    def report(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.folder / "out" / "report.json").read_text())
        return document


@pytest.fixture
def correlate(run_task: RunTask, tmp_path: Path) -> Correlate:
    return Correlate(run_task, tmp_path)


def matrix_of(outcome: TaskOutcome) -> pd.DataFrame:
    told = outcome.result["correlation_matrix"]
    matrix = pd.DataFrame(told, dtype=float).T
    assert list(matrix.index) == list(matrix.columns)
    return matrix


def assert_correlates(outcome: TaskOutcome, frame: pd.DataFrame) -> None:
    """Compare with pandas; nothing where pandas has NaN."""
    pd.testing.assert_frame_equal(matrix_of(outcome), frame.corr(), rtol=0, atol=ROUNDED)


@pytest.mark.parametrize(("parties", "spu"), DEVICES, ids=name_of)
def test_it_is_the_matrix_of_pandas(
    correlate: Correlate, parties: tuple[str, ...], spu: dict[str, str] | None
) -> None:
    frame = mixed(60, 6)

    outcome = correlate.frame(frame, parties, spu)

    assert_correlates(outcome, frame)
    assert outcome.result["output_report"] == str(correlate.folder / "out" / "report.json")


def test_the_report_has_the_matrix_and_a_heat_map(correlate: Correlate) -> None:
    outcome = correlate.frame(mixed(30, 3))

    report = correlate.report()
    matrix = outcome.result["correlation_matrix"]
    assert report["columns"] == ["x0", "x1", "x2"]
    assert report["rows"] == 30
    assert report["matrix"] == [list(row.values()) for row in matrix.values()]
    (chart,) = report["charts"]
    assert chart["kind"] == "heatmap"
    assert chart["values"] == report["matrix"]
    assert (chart["low"], chart["high"]) == (-1, 1)


def test_two_hundred_columns(correlate: Correlate) -> None:
    frame = mixed(300, 200)

    assert_correlates(correlate.frame(frame), frame)


def test_constant_columns_have_no_correlation_as_in_pandas(correlate: Correlate) -> None:
    frame = mixed(20, 4).assign(x1=0.1, x3=-7.0)

    outcome = correlate.frame(frame)

    assert_correlates(outcome, frame)
    told = outcome.result["correlation_matrix"]
    assert told["x1"] == dict.fromkeys(frame.columns)
    assert correlate.report()["matrix"][3] == [None] * 4


def test_values_of_any_size_ties_and_signs(correlate: Correlate) -> None:
    random = np.random.default_rng(4)
    base = random.normal(size=40)
    frame = pd.DataFrame(
        {
            "ties": random.integers(0, 3, 40),
            "huge": base * 1e300,
            "big_whole": 10**15 + random.integers(0, 9, 40),
            "tiny": base * 1e-300,
            "far": 1e9 + base,
            "zeros": np.where(base > 0, 1.0, -0.0),
            "same": base,
            "opposite": -base,
        }
    )

    matrix = matrix_of(correlate.frame(frame))

    assert matrix.loc["huge", "tiny"] == pytest.approx(1, abs=ROUNDED)
    assert matrix.loc["same", "opposite"] == -1
    assert matrix.loc["far", "same"] == pytest.approx(1, abs=ROUNDED)
    plain = frame.assign(huge=base, tiny=base, far=base, big_whole=frame["big_whole"] - 10**15)
    np.testing.assert_allclose(matrix, plain.corr(), atol=ROUNDED)


def test_what_text_files_hold(correlate: Correlate) -> None:
    alice = '\ufeffuid,"总额, 元",день\r\na,1,2020-01-01\r\nb,2,2020-01-02\r\nc,4,2020-01-03\r\n'
    alice += "d,3,2020-01-04\r\n"
    outcome = correlate.texts({"alice": alice, "bob": "uid,amount\na, 2 \nb,1e0\nc,-0\nd,7\n"})

    matrix = matrix_of(outcome)
    assert list(matrix) == ["总额, 元", "amount"], "dates as text are no numbers"
    expected = np.corrcoef([1, 2, 4, 3], [2, 1, 0, 7])[0, 1]
    assert matrix.iloc[0, 1] == pytest.approx(expected, abs=ROUNDED)


def test_columns_of_one_party_alone(correlate: Correlate) -> None:
    frame = mixed(20, 4)

    outcome = correlate.frame(frame, columns=["x0", "x1"])

    assert_correlates(outcome, frame[["x0", "x1"]])


def test_a_name_at_two_parties_is_told_apart(correlate: Correlate) -> None:
    tables = {"alice": "uid,x\na,1\nb,2\nc,4\nd,3\n", "bob": "uid,x\na,2\nb,1\nc,0\nd,7\n"}

    assert list(matrix_of(correlate.texts(tables))) == ["x", "bob.x"]
    both = {"alice": ["x"], "bob": ["x"]}
    assert list(matrix_of(correlate.texts(tables, columns=both))) == ["x", "bob.x"]
    with pytest.raises(InputError, match="columns: 'x' is at alice and bob"):
        correlate.texts(tables, columns=["x"])


SECRET = "7315.25"
GOOD = "uid,x\na,1\nb,2\nc,4\nd,3\n"


@pytest.mark.parametrize(
    ("table", "extra", "says"),
    [
        ("uid,z\na,1\nb,\nc,4\nd,3\n", {}, "'z' must be all numbers and holds a missing value"),
        ("uid,z\na,1\nb,inf\nc,4\nd,3\n", {}, "'z' must be all numbers and holds NaN or infinity"),
        (f"uid,z\na,1\nb,{SECRET}x\nc,4\nd,3\n", {"columns": ["x", "z"]}, "'z' .* holds text"),
        (GOOD.replace("x", "z"), {"columns": ["x", "w"]}, "no party has a column 'w'"),
        (GOOD.replace("x", "z"), {"columns": {"bob": ["w"]}}, "no column 'w', which .*columns.bob"),
        ("uid,z\n", {}, "no rows"),
        ("uid,z\na,1\nb,2\nc,4\n", {}, "row counts differ"),
        ("uid,z\na,1\nb,2\nd,4\nc,3\n", {}, "not the same entities"),
        ("uid,z,w\na,1,2\nb,2,3\nc,4,4\nd,3,5\n", {}, "4 rows are too few for 3 columns"),
    ],
)
def test_faulty_tables_are_refused(
    correlate: Correlate, table: str, extra: dict[str, Any], says: str
) -> None:
    with pytest.raises(InputError, match=says) as caught:
        correlate.texts({"alice": GOOD, "bob": table}, **extra)

    assert SECRET not in caught.value.message + caught.value.hint
    assert not (correlate.folder / "out").exists()


def test_one_row_has_no_correlation_to_tell(correlate: Correlate) -> None:
    with pytest.raises(InputError, match="1 rows are too few for 2 columns"):
        correlate.texts({"alice": "uid,x\na,1\n", "bob": "uid,z\na,1\n"})


def test_no_numbers_and_too_many(correlate: Correlate) -> None:
    with pytest.raises(InputError, match="0 columns of numbers"):
        correlate.texts({"alice": "uid\na\n", "bob": "uid\na\n"})
    header, row = (",".join(["uid", *(f"{kind}{i}" for i in range(501))]) for kind in ("x", ""))
    with pytest.raises(InputError, match="501 columns of numbers; this takes 1 to 500"):
        correlate.texts({"alice": f"{header}\n{row}\n", "bob": "uid\na\n"})


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ({"receivers": ["carol"]}, "receivers: 'carol' is not a party"),
        ({"receivers": ["bob", "bob"]}, "receivers: 'bob' is named more than once"),
        ({"receivers": []}, "receivers"),
        ({"input_data": {"alice": "/d/a.csv"}}, "input_data: party bob is missing"),
        ({"columns": ["x", "x"]}, "columns: 'x' is named more than once"),
        ({"columns": {"carol": ["x"]}}, "columns: 'carol' has no table"),
        ({"id_columns": {"alice": ["uid"]}}, "id_columns: party bob is missing"),
        ({"method": "spearman"}, "method: unknown field"),
    ],
)
@pytest.mark.parametrize("task_type", ["pearson_correlation", "vif"])
def test_faulty_requests_are_refused_before_anything_starts(
    extra: dict[str, Any], says: str, task_type: str
) -> None:
    task = TaskDispatcher.find(task_type)

    with pytest.raises(ConfigError, match=says):
        task.parse({**task.example, **extra}, TWO)


def test_a_ring_that_is_too_small_is_refused(correlate: Correlate) -> None:
    with pytest.raises(ProtocolUnfit, match="FM32"):
        correlate.frame(mixed(20, 4), spu={"protocol": "SEMI2K", "field": "FM32"})


def test_rows_in_another_order_need_ids_to_be_noticed(correlate: Correlate) -> None:
    tables = {"alice": GOOD, "bob": "uid,z\nb,1\na,2\nc,4\nd,3\n"}
    with pytest.raises(RowsNotAligned):
        correlate.texts(tables)
    assert list(matrix_of(correlate.texts(tables, id_columns=None))) == ["x", "z"]


@given(
    arrays(
        np.float64,
        (12, 3),
        elements=st.floats(-1e12, 1e12) | st.integers(-2, 2).map(float),
    )
)
@settings(deadline=None, suppress_health_check=[HealthCheck.differing_executors])
def test_unit_columns_have_the_products_that_correlations_are(values: Any) -> None:
    z, constant = unit_columns(values)

    assert list(constant) == [len(set(column)) == 1 for column in values.T]
    np.testing.assert_allclose((z * z).sum(axis=0), np.where(constant, 0, 1), atol=1e-12)
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-12)
