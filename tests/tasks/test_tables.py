"""Tables as files: what passes through unchanged, what is refused, and that no value is quoted."""

from __future__ import annotations

import csv
import datetime
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secretflow_worker.contract.errors import DiskFull, InputError, OutputNotWritable
from secretflow_worker.tasks import _tables

SECRET = "Zq7secret"


def table(folder: Path, content: str | bytes, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        ("a,b\n1,2\n", ["a", "b"]),
        (b"\xef\xbb\xbfa,b\r\n1,2\r\n", ["a", "b"]),
        ('"x, y","he said ""hi"""\n', ["x, y", 'he said "hi"']),
        ('"two\nlines",b\n1,2\n', ["two\nlines", "b"]),
        ("名前,Größe", ["名前", "Größe"]),
        ("\n\na,b\n1,2\n", ["a", "b"]),
        (",b\n1,2\n", ["", "b"]),
        ('"a ""\nb"" c",d\r\n1,2\r\n', ['a "\nb" c', "d"]),
    ],
)
def test_the_header_names_the_columns(
    tmp_path: Path, content: str | bytes, columns: list[str]
) -> None:
    path = table(tmp_path, content)
    assert _tables.columns_of(path) == columns
    assert _tables.collect(_tables.scan(path), path).columns == columns


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "empty"),
        ("\n\r\n", "empty"),
        ("a,b,a\n1,2,3\n", "'a' is there more than once"),
        (b"a,\xff\n1,2\n", "not UTF-8"),
        ('a,"b\n1,2\n', "no CSV header"),
        ("a,b\r1,2\r", "no CSV header"),
    ],
)
def test_a_file_without_a_header_is_refused(
    tmp_path: Path, content: str | bytes, says: str
) -> None:
    with pytest.raises(InputError, match=says):
        _tables.columns_of(table(tmp_path, content))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (f"a,b\n1,2,{SECRET}\n", "not a well-formed CSV"),
        (f'a,b\n1,"{SECRET}\n2,3\n', "not a well-formed CSV"),
        (b"a,b\n1,Zq7secret\xff\n", "not UTF-8"),
    ],
)
def test_a_malformed_row_is_refused_whatever_column_is_read(
    tmp_path: Path, content: str | bytes, says: str
) -> None:
    path = table(tmp_path, content)
    for read in (
        lambda: _tables.load_text(path, ["a"]),
        lambda: _tables.load_numbers(path, ["a"]),
        lambda: _tables.write(_tables.scan(path), tmp_path / "out.csv", source=path),
    ):
        with pytest.raises(InputError, match=says) as caught:
            read()
        assert SECRET not in caught.value.message + caught.value.hint
        assert caught.value.__cause__ is None


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"PAR1", b"PAR1" + b"x" * 100 + b"PAR1"):
        with pytest.raises(InputError, match="not a well-formed Parquet"):
            _tables.columns_of(table(tmp_path, content, "t.parquet"))


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ends in \.csv or \.parquet"):
        _tables.columns_of(table(tmp_path, "a\n1\n", "t.xlsx"))


def test_missing_columns_are_all_named(tmp_path: Path) -> None:
    path = table(tmp_path, "a,b\n1,2\n")
    _tables.require_columns(path, ["b", "a"], "features")
    with pytest.raises(InputError, match="no column 'x', 'y', which features names"):
        _tables.require_columns(path, ["x", "a", "y"], "features")


def test_numbers_are_what_pandas_reads(tmp_path: Path) -> None:
    path = table(tmp_path, 'a,b,c\n1,+5,"7"\n -0.5 ,.5,1e5\n12345678901234567890,1.,-2E-3\n')
    expected = pd.read_csv(path)[["c", "a"]].to_numpy(dtype=float)
    loaded = _tables.load_numbers(path, ["c", "a"])
    np.testing.assert_array_equal(loaded, expected)
    assert loaded.flags.c_contiguous
    assert loaded.dtype == np.float64


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=50))
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_numbers_survive_a_round_trip_exactly(tmp_path: Path, values: list[float]) -> None:
    for name in ("t.csv", "t.parquet"):
        _tables.write(pl.DataFrame({"x": values, "y": 1}), tmp_path / name)
        np.testing.assert_array_equal(
            _tables.load_numbers(tmp_path / name, ["x"])[:, 0], np.array(values)
        )


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("", "a missing value"),
        ('""', "a missing value"),
        ("  ", "a missing value"),
        (SECRET, "text"),
        ("1_000", "text"),
        ("0x10", "text"),
        ("NA", "text"),
        ("true", "text"),
        ("NaN", "NaN or infinity"),
        ("-inf", "NaN or infinity"),
        ("1e999", "NaN or infinity"),
    ],
)
def test_what_is_no_finite_number_is_refused_by_its_column(
    tmp_path: Path, cell: str, kind: str
) -> None:
    path = table(tmp_path, f"good,bad\n1,2\n3,{cell}\n")
    with pytest.raises(InputError, match=f"'bad' must be all numbers and holds {kind}") as caught:
        _tables.load_numbers(path, ["good", "bad"])
    assert SECRET not in caught.value.message
    assert _tables.load_numbers(path, ["good"]).tolist() == [[1.0], [3.0]]


def test_no_rows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no rows"):
        _tables.load_numbers(table(tmp_path, "a,b\n"), ["a"])


def test_parquet_numbers_by_type(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    day = datetime.date(2020, 1, 1)
    pl.DataFrame(
        {"int": [2**60], "flag": [True], "text": ["1.5"], "day": [day], "list": [[1]]}
    ).write_parquet(path)
    assert _tables.load_numbers(path, ["int", "flag", "text"]).tolist() == [[2.0**60, 1.0, 1.5]]
    for name, kind in {"day": "dates or times", "list": "lists or structures"}.items():
        with pytest.raises(InputError, match=f"'{name}' must be all numbers and holds {kind}"):
            _tables.load_numbers(path, [name])
    assert _tables.load_text(path, ["int", "day"]).rows() == [(str(2**60), "2020-01-01")]
    with pytest.raises(InputError, match="'list' has no text form"):
        _tables.load_text(path, ["list"])


def test_a_csv_is_refused_what_it_cannot_hold(tmp_path: Path) -> None:
    frame = pl.DataFrame({"key": [1], "list": [[1]]})
    with pytest.raises(InputError, match="'list' holds lists or structures, which a CSV"):
        _tables.write(frame, tmp_path / "t.csv")
    with pytest.raises(InputError, match="'raw' holds binary values, which a CSV"):
        _tables.write(pl.DataFrame({"raw": [b"x"]}), tmp_path / "t.csv")
    _tables.write(frame, tmp_path / "t.parquet")
    assert pl.read_parquet(tmp_path / "t.parquet").equals(frame)


def test_a_column_may_be_called_like_a_wildcard(tmp_path: Path) -> None:
    path = table(tmp_path, "a,*,^a\n1,2,3\n")
    for name, value in zip(["a", "*", "^a"], range(1, 4), strict=True):
        assert _tables.load_numbers(path, [name]).tolist() == [[value]]
        assert _tables.load_text(path, [name]).rows() == [(str(value),)]


def test_names_that_would_be_patterns_are_refused(tmp_path: Path) -> None:
    parquet = tmp_path / "t.parquet"
    pl.DataFrame({"a": [1], "^a$": [2]}).write_parquet(parquet)
    for path in (table(tmp_path, "a,^a$\n1,2\n"), parquet):
        for read in (_tables.columns_of, _tables.scan):
            with pytest.raises(InputError, match=r"'\^a\$' begins with \^"):
                read(path)


def test_short_rows_miss_their_last_values(tmp_path: Path) -> None:
    path = table(tmp_path, "a,b,c\n1\n2,3\n4,5,6\n")
    rows = [("1", None, None), ("2", "3", None), ("4", "5", "6")]
    assert _tables.load_text(path, ["a", "b", "c"]).rows() == rows


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=8)


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=20))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_text_passes_through_unchanged(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([("a", "b"), *rows])
    path, copy = table(tmp_path, written.getvalue()), tmp_path / "copy.csv"
    _tables.write(_tables.scan(path), copy, source=path)
    with copy.open(encoding="utf-8", newline="") as file:
        read = [tuple(row) for row in csv.reader(file)]
    assert read == [("a", "b"), *rows]


def test_what_looks_like_a_number_or_a_date_is_left_alone(tmp_path: Path) -> None:
    content = (
        "id,when,big,gap,quoted\n"
        '007,2020-01-01,123456789012345678901234567890,,"a, ""b"""\n'
        '1e5,01/02/03,-0,"",NA\n'
    )
    path, copy = table(tmp_path, content), tmp_path / "copy.csv"
    _tables.write(_tables.scan(path), copy, source=path)
    assert copy.read_text() == content


def test_a_missing_text_is_not_an_empty_one(tmp_path: Path) -> None:
    path = table(tmp_path, 'a,b\n,1\n"",2\n')
    assert _tables.load_text(path, ["a"])["a"].to_list() == [None, ""]


def test_empty_lines_at_the_end_are_no_rows(tmp_path: Path) -> None:
    assert _tables.count_rows(table(tmp_path, "a,b\n1,2\n3,4\n\n\n")) == 2
    assert _tables.count_rows(table(tmp_path, "a,b\r\n1,2\r\n\r\n")) == 1
    assert _tables.load_numbers(table(tmp_path, "a,b\n1,2\n\n"), ["b"]).tolist() == [[2.0]]


def test_an_empty_line_of_one_column_is_a_missing_value(tmp_path: Path) -> None:
    path, copy = table(tmp_path, "a\n1\n\n3\n\n"), tmp_path / "copy.csv"
    assert _tables.load_text(path, ["a"])["a"].to_list() == ["1", None, "3", None]
    _tables.write(_tables.scan(path), copy)
    assert copy.read_text() == path.read_text()


def test_a_header_of_two_hundred_columns(tmp_path: Path) -> None:
    names = [f"c{i}" for i in range(200)]
    path = table(tmp_path, ",".join(names) + "\n" + ",".join(map(str, range(200))) + "\n")
    assert _tables.load_numbers(path, names[::-1]).tolist() == [list(range(199, -1, -1))]


def test_a_field_may_be_longer_than_a_block(tmp_path: Path) -> None:
    long = "x\n" * (3 << 20)
    path, copy = table(tmp_path, f'a,b\n1,"{long}"\n2,y\n3,"{long}"\n'), tmp_path / "copy.csv"
    assert _tables.load_numbers(path, ["a"]).ravel().tolist() == [1, 2, 3]
    _tables.write(_tables.scan(path), copy, source=path)
    assert copy.read_bytes() == path.read_bytes()


def test_writing_converts_between_csv_and_parquet(tmp_path: Path) -> None:
    path, other = table(tmp_path, "id,x\n007,\n,名\n"), tmp_path / "t.parquet"
    _tables.write(_tables.scan(path), other, source=path)
    assert pd.read_parquet(other).replace({None: ""}).to_numpy().tolist() == [
        ["007", ""],
        ["", "名"],
    ]
    _tables.write(_tables.scan(other), tmp_path / "back.csv", source=other)
    assert (tmp_path / "back.csv").read_text() == path.read_text()


@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
@pytest.mark.parametrize("lazy", [True, False])
def test_a_full_disk_is_told_as_such(tmp_path: Path, name: str, lazy: bool) -> None:
    frame = pl.DataFrame({"x": np.random.default_rng(0).random(50_000)})
    (tmp_path / name).symlink_to("/dev/full")
    with pytest.raises(DiskFull):
        _tables.write(frame.lazy() if lazy else frame, tmp_path / name)


def test_writing_leaves_nothing_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(tmp_path / "t.csv")
    _tables.write(pl.DataFrame({"x": [1]}), tmp_path / "link.csv")
    assert {path.name for path in tmp_path.iterdir()} == {"link.csv", "t.csv"}
    assert (tmp_path / "link.csv").is_symlink()


def test_a_folder_that_cannot_be_written_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(OutputNotWritable):
        _tables.write(pl.DataFrame({"x": [1]}), tmp_path / "absent" / "t.csv")


def test_reading_maps_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    pl.DataFrame({"x": np.arange(400_000), "y": "some text to fill the row"}).write_csv(path)
    seen: list[bool] = []

    def watch(column: pl.Series) -> pl.Series:
        seen.append(str(path) in Path(f"/proc/{os.getpid()}/maps").read_text())
        return column

    expression: Callable[..., pl.Expr] = pl.col("x").map_batches
    _tables.collect(_tables.scan(path).select(expression(watch, return_dtype=pl.String)), path)
    assert seen
    assert not any(seen)


def test_reading_copies_nothing_into_the_temporary_folder(tmp_path: Path) -> None:
    path, temporary = table(tmp_path, "a,b\n1,2\n"), tmp_path / "tmp"
    temporary.mkdir()
    program = (
        "import sys; from pathlib import Path; from secretflow_worker.tasks import _tables as t;"
        "path = Path(sys.argv[1]); t.load_numbers(path, ['a']); print(t.count_rows(path))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        env={**os.environ, "TMPDIR": str(temporary)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert ran.stdout == "1\n"
    assert list(temporary.rglob("*")) == []
