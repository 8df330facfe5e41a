"""A table's shape as a worker tells it: the rows that tasks would count, and no value as a name."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secretflow_worker.engine.offers.shape import NotInTime, count_csv_rows, shape_of
from secretflow_worker.tasks._csv_file import read_header
from secretflow_worker.tasks._tables import count_rows

CELLS = st.sampled_from(["", "1", "2.5", "a,b", 'say "hi"', "two\nlines", "\n\n", "é"])
MANY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@MANY
@given(
    rows=st.lists(st.tuples(CELLS, CELLS), max_size=6),
    name=st.sampled_from(["b", 'b "c"', "b\nc"]),
    ending=st.sampled_from(["\n", "\r\n"]),
    tail=st.sampled_from(["", "cut", "\n", "\n\n\n"]),
)
def test_rows_are_counted_as_tasks_count_them(
    tmp_path: Path, rows: list[tuple[str, str]], name: str, ending: str, tail: str
) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator=ending).writerows(
        [("a", name), *(("x" + a, b) for a, b in rows)]
    )
    content = text.getvalue()
    content = content.removesuffix(ending) if tail == "cut" else content + tail
    path = tmp_path / "table.csv"
    path.write_bytes(content.encode())
    assert shape_of(path, lambda: False).rows == count_rows(path)


@pytest.mark.parametrize(
    "content", ["x", "x\n", "x\n1", "x\n1\n", "x\n1\n\n", "x\n\n\n2\n", "x\n\n", "\n\nx\n1\n"]
)
def test_empty_lines_of_a_single_column_are_rows(tmp_path: Path, content: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(content)
    assert shape_of(path, lambda: False).rows == count_rows(path)


def test_counting_ends_when_time_is_over(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a,b\n" + "1,2\n" * 1000)
    with pytest.raises(NotInTime):
        count_csv_rows(path, read_header(path)[1], is_single=False, is_late=lambda: True)


@pytest.mark.parametrize("header", ["17,abc", "abc,2024-01-02", "abc,", "true,abc", "1e5,x"])
def test_a_first_line_of_values_is_not_told(tmp_path: Path, header: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(f"{header}\n1,2\n")
    shape = shape_of(path, lambda: False)
    assert shape.columns is None
    assert "may hold values" in shape.note
