"""Scaling to a range against scikit-learn, on the fitted table and on new data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import MinMaxScaler

from secretflow_worker.contract.errors import ConfigError, InputError
from secretflow_worker.tasks.preprocessing.minmax_scaler import MinMaxRule, _fit, _scaled
from tests.conftest import RunTask
from tests.tasks.preparation import SECRET, Prepare

FIVE = ("alice", "bob", "carol", "dave", "erin")


@pytest.fixture
def scale(run_task: RunTask, tmp_path: Path) -> Prepare:
    return Prepare(run_task, tmp_path, "minmax_scaler")


def random_table(seed: int, columns: list[str], rows: int = 50) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    size = rng.uniform(0.01, 1000, len(columns))
    table = pd.DataFrame(rng.normal(size * 3, size, (rows, len(columns))), columns=columns)
    return table.mask(rng.random(table.shape) < 0.1)


@pytest.mark.parametrize("parties", [("alice",), ("alice", "bob"), FIVE[:3], FIVE])
@pytest.mark.parametrize("feature_range", [[0, 1], [-1, 2.5]])
def test_each_party_scales_its_own_columns_as_scikit_learn_does(
    scale: Prepare, parties: tuple[str, ...], feature_range: list[float]
) -> None:
    own = {party: [f"{party}_1", f"{party}_2"] for party in parties}
    tables = {p: random_table(i, ["kept", *own[p]]) for i, p in enumerate(parties)}
    new = {p: random_table(i + 9, ["kept", *own[p]]) * 1.5 for i, p in enumerate(parties)}
    names = [name for party in parties for name in own[party]]
    outcome = scale(
        {party: table.to_csv(index=False) for party, table in tables.items()},
        columns=names[::-1],
        feature_range=feature_range,
    )
    scale.again({party: table.to_csv(index=False) for party, table in new.items()})
    assert outcome.result["columns_scaled"] == names
    for party in parties:
        scaler = MinMaxScaler(tuple(feature_range)).fit(tables[party][own[party]])
        for folder, table in (("out", tables[party]), ("again", new[party])):
            written = pd.read_csv(scale.folder / folder / f"{party}.csv", float_precision="high")
            expected = scaler.transform(table[own[party]])
            np.testing.assert_allclose(written[own[party]], expected, rtol=1e-12, atol=1e-12)
            assert list(written.columns) == list(table.columns)
            left = written["kept"].to_numpy()
            np.testing.assert_allclose(left, table["kept"], rtol=1e-15)


def test_the_other_name_is_the_same_type(scale: Prepare) -> None:
    scale.task_type = "min_max_scaler"
    outcome = scale({"alice": "x\n2\n4\n"})
    assert outcome.task_metadata.task_type == "minmax_scaler"
    assert scale.column("x") == ["0.0", "1.0"]


@pytest.mark.parametrize(
    ("cells", "scaled"),
    [
        (["5"], [0]),
        (["0.1"] * 7, [0] * 7),
        (["1e300", "1e300"], [0, 0]),
        (["", "2", " ", "4", ""], [None, 0, None, 1, None]),
        (["", ""], [None, None]),
        (["-0", "0"], [0, 0]),
        (["9007199254740993", "9007199254740992", "0"], [1, 1, 0]),
        (["1e-300", "3e-300", "2e-300"], [0, 0, 0]),
    ],
)
def test_missing_stays_missing_and_constant_becomes_the_lower_end(
    scale: Prepare, cells: list[str], scaled: list[float | None]
) -> None:
    scale({"alice": "id,x\n" + "".join(f"k,{cell}\n" for cell in cells)}, columns=["x"])
    assert [float(c) if c else None for c in scale.column("x")] == pytest.approx(scaled, abs=1e-200)


@pytest.mark.parametrize(("clip", "expected"), [(False, [-5, 15, None]), (True, [0, 10, None])])
def test_new_data_beyond_the_fitted_ends(
    scale: Prepare, clip: bool, expected: list[float | None]
) -> None:
    scale({"alice": "x\n2\n4\n"}, feature_range=[0, 10], clip=clip)
    assert scale.rules().columns == {
        "x": {"low": 2.0, "width": 2.0, "start": 0.0, "end": 10.0, "clip": clip}
    }
    scale.again({"alice": "id,x\n1,1\n2,5\n3,\n"})
    assert [c and float(c) for c in scale.column("x", folder="again")] == expected


def test_all_that_is_not_scaled_is_left_as_it_was(scale: Prepare) -> None:
    table = (
        b"\xef\xbb\xbfid,when,x,big,note\r\n"
        b'007,2020-01-01,1,12345678901234567890123,"a, ""b"""\r\n'
        b'1e5,,3,-0,"two\nlines \xe5\x90\x8d"\r\n0x1,01/02/03,,"",NA\r\n'
    )
    scaled = (
        "id,when,x,big,note\n"
        '007,2020-01-01,0.0,12345678901234567890123,"a, ""b"""\n'
        '1e5,,1.0,-0,"two\nlines 名"\n0x1,01/02/03,,"",NA\n'
    )
    scale({"alice": table}, columns=["x"])
    assert scale.output() == scaled
    scale.again({"alice": table})
    assert scale.output(folder="again") == scaled


def test_parquet_keeps_the_types_of_the_other_columns(scale: Prepare) -> None:
    table = pl.DataFrame({"id": [2**60 + 1, 7], "n": [1, 3], "f": [0.5, None], "b": [True, False]})
    outcome = scale({"alice": table}, columns=["n", "f"])
    expected = table.with_columns(n=pl.Series([0.0, 1.0]), f=pl.Series([0.0, None]))
    assert scale.parquet().equals(expected)
    assert outcome.result["columns_scaled"] == ["n", "f"]


def test_two_hundred_columns(scale: Prepare) -> None:
    table = random_table(3, [f"c{i}" for i in range(200)], rows=20)
    scale({"alice": table.to_csv(index=False)})
    written = pd.read_csv(scale.folder / "out" / "alice.csv")
    np.testing.assert_allclose(written, MinMaxScaler().fit_transform(table), atol=1e-9)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (f"x\n1\n{SECRET}\n", "'x' must be all numbers and holds text"),
        ("x\n1\nnan\n", "'x' must be all numbers and holds NaN or infinity"),
        ("x\n1.7e308\n-1.7e308\n", "'x' holds numbers too large to scale"),
        ("x\n", "no rows"),
        ("y\n1\n", "no party has a column 'x'"),
    ],
)
def test_faulty_tables_are_refused_and_nothing_is_written(
    scale: Prepare, content: str, says: str
) -> None:
    with pytest.raises(InputError, match=says) as caught:
        scale({"alice": content}, columns=["x"])
    assert SECRET not in caught.value.message + caught.value.hint
    assert scale.written() == []


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ({"feature_range": [1, 1]}, "feature_range: the first number must be the smaller"),
        ({"feature_range": [2, 1]}, "feature_range"),
        ({"feature_range": [0]}, "feature_range"),
        ({"feature_range": [0, 1, 2]}, "feature_range"),
        ({"feature_range": [0, 1e300]}, "feature_range"),
        ({"feature_range": [0, "b"]}, "feature_range"),
        ({"columns": ["x", "x"]}, "columns: 'x' is named more than once"),
        ({"columns": {"bob": ["x"]}}, "columns: 'bob' has no table"),
        ({"with_mean": True}, "with_mean: unknown field"),
    ],
)
def test_faulty_requests_are_refused(scale: Prepare, extra: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        scale({"alice": "x\n1\n"}, **extra)


finite = st.floats(-1e12, 1e12) | st.integers(-5, 5).map(float)


@given(st.lists(finite, min_size=1, max_size=30), st.lists(finite, max_size=10))
@settings(max_examples=100, deadline=None)
def test_the_formula_is_scikit_learns(values: list[float], new: list[float]) -> None:
    rule = _fit_rule(values)
    column = pl.Series("x", [*values, *new], dtype=pl.Float64)
    scaled = pl.DataFrame(column).select(_scaled(pl.col("x"), rule))["x"].to_numpy()
    scaler = MinMaxScaler((-1, 1)).fit(np.array(values)[:, None])
    expected = scaler.transform(column.to_numpy()[:, None])[:, 0]
    # scikit-learn rounds its offset low * scale, so it errs by that much at most.
    error = 4 * np.finfo(float).eps * (abs(rule.low) + abs(column.to_numpy()).max()) / rule.width
    np.testing.assert_allclose(scaled, expected, rtol=1e-12, atol=1e-12 + 2 * error)
    fitted = scaled[: len(values)]
    assert fitted.min() == -1
    assert fitted.max() <= 1


def _fit_rule(values: list[float]) -> MinMaxRule:
    from secretflow_worker.tasks.preprocessing.minmax_scaler import MinMaxConfig

    config = MinMaxConfig(
        task_type="minmax_scaler",
        input_data={"alice": "/a.csv"},
        output_data={"alice": "/b.csv"},
        feature_range=[-1, 1],
    )
    return _fit(Path("t.csv"), "x", {"low": min(values), "high": max(values)}, config)
