"""Filling against pandas, every cell that was there left as it was, and new data by the rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secretflow_worker.contract.errors import ConfigError, InputError
from secretflow_worker.tasks._config import ColumnUse
from secretflow_worker.tasks.preprocessing import _fill_values, _modes
from secretflow_worker.tasks.preprocessing.fillna import FillConfig
from tests.conftest import RunTask
from tests.tasks.preparation import SECRET, Prepare

FIVE = ("alice", "bob", "carol", "dave", "erin")


@pytest.fixture
def fill(run_task: RunTask, tmp_path: Path) -> Prepare:
    return Prepare(run_task, tmp_path, "fillna")


def csv_of(cells: list[str]) -> str:
    return "id,x\n" + "".join(f"k,{cell}\n" for cell in cells)


def filled_by(method: str, column: pd.Series) -> pd.Series:
    """Fill as pandas does."""
    if method == "mode":
        return column.fillna(column.mode()[0])
    return column.fillna(column.mean() if method == "mean" else column.median())


@pytest.mark.parametrize("method", ["mean", "median", "mode"])
@pytest.mark.parametrize("parties", [("alice",), ("alice", "bob"), FIVE[:3], FIVE])
def test_each_party_fills_its_own_columns_as_pandas_does(
    fill: Prepare, parties: tuple[str, ...], method: str
) -> None:
    rng = np.random.default_rng(6)
    tables = {
        party: pd.DataFrame(
            {"age": rng.integers(0, 30, 61), party: rng.normal(0, 9, 61).round(1)}
        ).mask(rng.random((61, 2)) < 0.2)
        for party in parties
    }
    outcome = fill(
        {party: table.to_csv(index=False) for party, table in tables.items()}, method=method
    )
    fill.again({party: f"age,{party}\n,\n1,2.5\n" for party in parties})
    assert outcome.result["columns_filled"] == ["age", *parties]
    for party, table in tables.items():
        expected = table.apply(lambda column: filled_by(method, column))
        written = pd.read_csv(fill.folder / "out" / f"{party}.csv")
        np.testing.assert_allclose(written, expected, rtol=1e-12)
        again = pd.read_csv(fill.folder / "again" / f"{party}.csv", float_precision="round_trip")
        assert again.iloc[1].to_list() == [1, 2.5]
        values = [expected[name][table[name].isna()].iloc[0] for name in ("age", party)]
        assert again.iloc[0].to_list() == pytest.approx(values, rel=1e-12)


@pytest.mark.parametrize(
    ("method", "cells", "filled"),
    [
        ("mean", ["1", "", "3"], "2"),
        ("mean", ["1", "", "2"], "1.5"),
        ("mean", ["7", " ", '""', "nan", "NaN", "-NaN", " +nan "], "7"),
        ("mean", ["-0", ""], "0"),
        ("mean", ["-0.25", "", "0.5"], "0.125"),
        ("mean", ["9007199254740993", "", "9007199254740993"], "9007199254740992"),
        ("median", ["5", "", "1", "100"], "5"),
        ("median", ["5", "", "1", "100", "6"], "5.5"),
        ("median", ["1e300", ""], "1e+300"),
        ("mode", ["b", "", "a", "b"], "b"),
        ("mode", ["b", "", "a", "c"], "a"),
        ("mode", ["10", "", "9"], "9"),
        ("mode", ["10", "", "9", "x"], "10"),
        ("mode", ["1.0", "1", "", "2", "2", "1"], "1"),
        ("mode", ["9007199254740993", "9007199254740992", "", "9007199254740993"], None),
        ("mode", ["2020-02-01", "", "2020-02-01", "2019-01-01"], "2020-02-01"),
        ("mode", ["名", "", "名", "z"], "名"),
        ("mode", ['"a, ""b"""', "", "z", '"a, ""b"""'], '"a, ""b"""'),
        ("mode", ["NaN", "", "NaN", "x"], "NaN"),
        ("mode", ["true", "", "false"], "false"),
    ],
)
def test_what_is_filled_in_and_what_is_left(
    fill: Prepare, method: str, cells: list[str], filled: str | None
) -> None:
    fill({"alice": csv_of(cells)}, columns=["x"], method=method)
    blank = {"", " ", '""'} | ({"nan", "NaN", "-NaN", " +nan "} if method == "mean" else set())
    value = cells[0] if filled is None else filled
    expected = [value if cell in blank else cell for cell in cells]
    assert fill.output() == csv_of(expected)
    fill.again({"alice": csv_of(cells)})
    assert fill.output(folder="again") == csv_of(expected)


def test_all_that_is_not_missing_is_left_as_it_was(fill: Prepare) -> None:
    table = (
        b"\xef\xbb\xbfid,when,x,big,note\r\n"
        b'007,2020-01-01,1,12345678901234567890123,"a, ""b"""\r\n'
        b'1e5,,3.50,-0,"two\nlines \xe5\x90\x8d"\r\n0x1,01/02/03,,"",NA\r\n'
    )
    fill({"alice": table}, method="constant", value={"x": 0, "when": "1970-01-01", "big": -1})
    assert fill.output() == (
        "id,when,x,big,note\n"
        '007,2020-01-01,1,12345678901234567890123,"a, ""b"""\n'
        '1e5,1970-01-01,3.50,-0,"two\nlines 名"\n0x1,01/02/03,0,-1,NA\n'
    )


def test_a_long_whole_constant_keeps_its_digits(fill: Prepare) -> None:
    fill({"alice": csv_of(["1", ""])}, method="constant", value=2**70 + 1, columns=["x"])
    fill.again({"alice": csv_of(["", "2"])})
    assert fill.column("x") == ["1", str(2**70 + 1)]
    assert fill.column("x", folder="again") == [str(2**70 + 1), "2"]


def test_one_method_and_value_for_each_column(fill: Prepare) -> None:
    outcome = fill(
        {"alice": "a,b,c,d\n1,x,,\n,,,\n4,x,,\n,y,,\n", "bob": "b,e\n,\nz,\n"},
        method={"e": "constant", "a": "median", "b": "mode", "c": "constant"},
        value={"c": "无", "e": 1.5},
    )
    assert fill.output() == "a,b,c,d\n1,x,无,\n2.5,x,无,\n4,x,无,\n2.5,y,无,\n"
    assert fill.output("bob") == "b,e\nz,1.5\nz,1.5\n"
    assert outcome.result["columns_filled"] == ["a", "b", "c", "e"]
    assert fill.rules().columns == {
        "a": {"method": "median", "value": 2.5},
        "b": {"method": "mode", "value": "x"},
        "c": {"method": "constant", "value": "无"},
    }


@pytest.mark.parametrize(
    ("method", "filled"),
    [("mean", ["x"]), ("median", ["x"]), ("mode", ["x", "t"]), ("constant", ["x", "t", "none"])],
)
def test_without_columns_all_that_the_method_can_fill(
    fill: Prepare, method: str, filled: list[str]
) -> None:
    outcome = fill({"alice": "x,t,none\n1,a,\n,,\n"}, method=method, value=0)
    assert outcome.result["columns_filled"] == filled


def test_columns_may_be_given_by_party(fill: Prepare) -> None:
    columns = {"alice": ["x"], "bob": ["y"]}
    table = "x,y\n1,1\n,\n"
    fill({"alice": table, "bob": table}, method="mean", columns=columns)
    assert fill.output("alice") == "x,y\n1,1\n1,\n"
    assert fill.output("bob") == "x,y\n1,1\n,1\n"


def test_parquet_columns_keep_their_types_where_they_can(fill: Prepare) -> None:
    day = pl.Series(["2020-01-02", None, "2020-01-02"]).str.to_date()
    table = pl.DataFrame(
        {
            "big": [2**60 + 1, None, 2**60 + 1],
            "n": [1, None, 2],
            "f": pl.Series([0.5, float("nan"), None], dtype=pl.Float32),
            "b": [False, True, None],
            "d": day,
            "t": day.cast(pl.Datetime("ns")).dt.replace_time_zone("Europe/Berlin"),
            "c": pl.Series(["x", None, "x"], dtype=pl.Categorical),
            "e": pl.Series(["v", None, "w"], dtype=pl.Enum(["w", "v"])),
            "l": [[1], None, [2]],
        }
    )
    modes = fill({"alice": table}, method="mode")
    assert modes.result["columns_filled"] == ["big", "n", "f", "b", "d", "t", "c", "e"]
    expected = {
        "big": [2**60 + 1] * 3,
        "n": [1, 1, 2],
        "f": [0.5] * 3,
        "b": [False, True, False],
        "d": [table["d"][0]] * 3,
        "t": [table["t"][0]] * 3,
        "c": ["x"] * 3,
        "e": ["v", "v", "w"],
        "l": [[1], None, [2]],
    }
    assert fill.parquet().to_dict(as_series=False) == expected
    assert fill.parquet().schema == table.schema
    fill.again({"alice": table})
    assert fill.parquet(folder="again").equals(fill.parquet())

    fill({"alice": table}, method="mean", columns=["n"])
    assert fill.parquet()["n"].to_list() == [1.0, 1.5, 2.0]
    with pytest.raises(InputError, match="'big' holds integers too large to stand beside"):
        fill({"alice": table}, method="constant", value={"big": 0.5})
    with pytest.raises(InputError, match="'d' is of a type that cannot hold the value"):
        fill({"alice": table}, method="constant", value={"d": 5})
    constants = fill({"alice": table}, method="constant", value=5)
    assert constants.result["columns_filled"] == ["big", "n", "f", "c"]


def test_two_hundred_columns(fill: Prepare) -> None:
    rng = np.random.default_rng(3)
    table = pd.DataFrame(rng.normal(size=(21, 200)), columns=[f"c{i}" for i in range(200)])
    table = table.mask(rng.random(table.shape) < 0.3)
    fill({"alice": table.to_csv(index=False)}, method="median")
    written = pd.read_csv(fill.folder / "out" / "alice.csv")
    np.testing.assert_allclose(written, table.fillna(table.median()), rtol=1e-12)


@pytest.mark.parametrize(
    ("content", "extra", "says"),
    [
        (f"x\n1\n{SECRET}\n", {"method": "mean"}, "'x' must be all numbers and holds text"),
        ("x\n1\ninf\n", {"method": "median"}, "'x' must be all numbers and holds infinity"),
        ("x\n1e308\n1e308\n", {"method": "mean"}, "'x' holds numbers too large for a mean"),
        ("x\n1.5e308\n1.5e308\n", {"method": "median"}, "'x' holds numbers too large for a med"),
        ("id,x\n1,\n", {"method": "mean"}, "'x' has no value to fill the others by"),
        ("id,x\n1,\n", {"method": "median"}, "'x' has no value"),
        ("id,x\n1,nan\n", {"method": "mean"}, "'x' has no value"),
        ("id,x\n1,\n", {"method": "mode"}, "'x' has no value"),
        ("x\n", {"method": "mean"}, "no rows"),
        ("y\n1\n", {"method": "mode"}, "no party has a column 'x'"),
        (f'x\n"{SECRET}\n', {"method": "constant", "value": 0}, "not a well-formed CSV"),
    ],
)
def test_faulty_tables_are_refused_and_nothing_is_written(
    fill: Prepare, content: str, extra: dict[str, Any], says: str
) -> None:
    with pytest.raises(InputError, match=says) as caught:
        fill({"alice": content}, columns=["x"], **extra)
    assert SECRET not in caught.value.message + caught.value.hint
    assert fill.written() == []


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ({}, "method"),
        ({"method": "zero"}, "method"),
        ({"method": {"x": "zero"}}, "method"),
        ({"method": "constant"}, "value: method 'constant' needs it"),
        ({"method": {"x": "constant"}}, "value: method 'constant' needs it"),
        ({"method": {"x": "mean"}, "columns": ["x", "y"]}, "method: has nothing for column 'y'"),
        ({"method": {"x": "mean", "y": "mode"}, "columns": ["x"]}, "method: column 'y' is not"),
        ({"method": "constant", "value": {"y": 1}, "columns": ["x"]}, "value: has nothing for"),
        ({"method": "mean", "value": {"x": 1}}, "value: column 'x' is not one of those of method"),
        ({"method": "constant", "value": True}, "value"),
        ({"method": "constant", "value": " "}, "value"),
        ({"method": "mean", "columns": ["x", "x"]}, "'x' is named more than once"),
    ],
)
def test_faulty_requests_are_refused(fill: Prepare, extra: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        fill({"alice": "x\n1\n"}, **extra)


def test_a_value_that_no_method_needs_is_taken_as_the_documents_show_it(fill: Prepare) -> None:
    fill({"alice": csv_of(["4", ""])}, method="mean", value=0, columns=["x"])
    assert fill.column("x") == ["4", "4"]


@pytest.mark.parametrize(
    ("extra", "columns"),
    [
        ({"method": "mean"}, None),
        ({"method": {"x": "mean"}}, {"x"}),
        ({"method": "constant", "value": {"y": 1}}, {"y"}),
        ({"method": "mean", "columns": ["z"]}, {"z"}),
        ({"method": "mean", "columns": {"alice": ["z"], "bob": ["w"]}}, {"z"}),
    ],
)
def test_a_policy_is_told_the_columns_that_any_field_names(
    extra: dict[str, Any], columns: set[str] | None
) -> None:
    tables = {"alice": "/a.csv", "bob": "/b.csv"}
    config = FillConfig(task_type="fillna", input_data=tables, output_data=tables, **extra)
    uses = [(use.use, use.columns) for use in config.column_uses("alice")]
    assert uses == [(ColumnUse.LOCAL, None if columns is None else frozenset(columns))]


def test_too_many_values_for_a_mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_modes, "_COUNTED_AT_ONCE", 5)
    path = tmp_path / "t.csv"
    path.write_text("few,many,gappy\n" + "".join(f"{i % 2},{i},{i or ''}\n" for i in range(9)))
    with pytest.raises(InputError, match="'gappy' has too many different values"):
        _fill_values.modes(path, None)
    with pytest.raises(InputError, match="'many' has too many different values"):
        _fill_values.modes(path, ["few", "many"])
    path.write_text("few,many\n" + "".join(f"{i % 2},{i}\n" for i in range(9)))
    assert _fill_values.modes(path, None) == {"few": "0"}


cells = st.none() | st.floats(-1e9, 1e9).map(lambda x: round(x, 3)) | st.integers(-3, 3)


@given(st.lists(cells, min_size=1, max_size=30).filter(lambda found: any(map(_is_given, found))))
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_values_are_those_of_pandas(tmp_path: Path, found: list[float | None]) -> None:
    path, scratch = tmp_path / "t.csv", tmp_path / "s.parquet"
    path.write_text(csv_of(["" if cell is None else str(cell) for cell in found]))
    column = pd.Series(found, dtype=float)
    values = {
        "mean": _fill_values.centers(path, ["x"], "mean", scratch)["x"],
        "median": _fill_values.centers(path, ["x"], "median", scratch)["x"],
        "mode": float(_fill_values.modes(path, ["x"])["x"]),
    }
    expected = {"mean": column.mean(), "median": column.median(), "mode": column.mode()[0]}
    assert values == pytest.approx(expected, rel=1e-9, abs=1e-6)


def _is_given(cell: object) -> bool:
    return cell is not None
