"""A table's columns, their kinds, and its number of rows, read without keeping a value of it."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

from secretflow_worker.contract.asks import Column
from secretflow_worker.tasks._csv_file import read_header

_BLOCK_BYTES = 1 << 20
_TAIL_BYTES = 4096
_SAMPLE_ROWS = 200
_SAMPLE_BYTES = 4 << 20
_INTEGER = re.compile(r"[+-]?\d{1,38}")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(inf|nan)", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d\d?-\d\d?([T ]\d\d?:\d\d.*)?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}")
_BOOLEANS = {"true", "false"}


class NotInTime(Exception):
    """The time that the caller gave is over."""


@dataclass(frozen=True)
class Shape:
    """`columns` are None where the first line may hold values; `note` says so."""

    columns: list[Column] | None
    rows: int | None
    note: str = ""


def shape_of(path: Path, is_late: Callable[[], bool]) -> Shape:
    """Read the shape of a table.

    Raises:
        InputError: it is no table.
        NotInTime: `is_late` says so before all rows are counted.
        OSError: it cannot be read.
    """
    if path.suffix == ".parquet":
        return _of_parquet(path)
    names, lines = read_header(path)
    rows = count_csv_rows(path, lines, is_single=len(names) == 1, is_late=is_late)
    if any(_looks_like_a_value(name) for name in names):
        return Shape(None, rows, "its first line may hold values, not names")
    return Shape(_csv_columns(path, names, lines), rows)


def count_csv_rows(
    path: Path, header_lines: int, *, is_single: bool, is_late: Callable[[], bool] = lambda: False
) -> int:
    """Count the rows after the header, as ``tasks._tables.count_rows`` does, without parsing them.

    A line break inside of quotes is none. Empty lines at the end are rows only in a table of a
    single column, where they are missing values.
    """
    is_quoted, breaks, last = False, 0, b"\n"
    with path.open("rb") as file:
        for _ in range(header_lines):
            file.readline()
        begin = file.tell()
        while block := file.read(_BLOCK_BYTES):
            for number, part in enumerate(block.split(b'"')):
                is_quoted ^= number > 0
                breaks += 0 if is_quoted else part.count(b"\n")
            last = block[-1:]
            if is_late():
                raise NotInTime
        rows = breaks + (last != b"\n")
        return rows if is_single else rows - _empty_lines_at_end(file, begin)


def _empty_lines_at_end(file: IO[bytes], begin: int) -> int:
    """Return how many lines at the end are empty, of what stands after `begin`."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(begin, end - _TAIL_BYTES))
    is_whole = file.tell() == begin
    tail = file.read().replace(b"\r", b"")
    breaks = len(tail) - len(tail.rstrip(b"\n"))
    return breaks if is_whole and breaks == len(tail) else max(0, breaks - 1)


def _csv_columns(path: Path, names: list[str], lines: int) -> list[Column]:
    with path.open("rb") as file:
        for _ in range(lines):
            file.readline()
        head = file.read(_SAMPLE_BYTES).decode("utf-8", "replace")
    whole = head if len(head) < _SAMPLE_BYTES else head.rpartition("\n")[0]
    rows: list[list[str]] = []
    with suppress(csv.Error):  # what was read before it says enough
        rows.extend(islice(csv.reader(whole.splitlines()), _SAMPLE_ROWS))
    return [
        Column(name=name, kind=_kind(row[at] for row in rows if at < len(row)))
        for at, name in enumerate(names)
    ]


def _kind(texts: Iterable[str]) -> str:
    seen = {_kind_of(text.strip()) for text in texts if text.strip()}
    if not seen:
        return "unknown"
    if seen <= {"integer", "number"}:
        return "integer" if seen == {"integer"} else "number"
    return seen.pop() if len(seen) == 1 else "text"


def _kind_of(text: str) -> str:
    if _INTEGER.fullmatch(text):
        return "integer"
    if _NUMBER.fullmatch(text):
        return "number"
    if text.lower() in _BOOLEANS:
        return "boolean"
    return "date" if _DATE.fullmatch(text) else "text"


def _looks_like_a_value(name: str) -> bool:
    """Return whether a "name" is one that only a table without a header has."""
    return not name.strip() or _kind_of(name.strip()) != "text"


def _of_parquet(path: Path) -> Shape:
    # polars is imported only where it has to be: the worker itself reads nothing else
    import polars as pl

    from secretflow_worker.tasks._tables import reading

    with reading(path):
        schema = pl.read_parquet_schema(path)
        rows = pl.scan_parquet(path, glob=False).select(pl.len()).collect().item()
    columns = [Column(name=name, kind=_parquet_kind(dtype)) for name, dtype in schema.items()]
    return Shape(columns, int(rows))


def _parquet_kind(dtype: Any) -> str:
    kinds = (
        (dtype.is_integer(), "integer"),
        (dtype.is_numeric(), "number"),
        (dtype.is_temporal(), "date"),
        (str(dtype) == "Boolean", "boolean"),
        (str(dtype) in ("String", "Categorical"), "text"),
    )
    return next((kind for holds, kind in kinds if holds), "unknown")
