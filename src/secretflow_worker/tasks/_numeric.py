"""Numeric columns of a table, measured in one streaming pass.

The CSV parser itself reads the numbers where it can. Where it cannot (text, blanks around a
number), the columns are read as text and looked at one by one; so the usual case is fast and
the faulty one is told by its column.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from secretflow_worker.contract.errors import InputError
from secretflow_worker.tasks._cells import is_missing, kind_of, not_numbers, number
from secretflow_worker.tasks._tables import collect, columns_of, is_parquet, require_columns, scan

Measure = Callable[[pl.Expr], pl.Expr]
_GUESS_ROWS = 1000


@dataclass(frozen=True)
class NumericTable:
    """A table, of which some columns are numbers."""

    frame: pl.LazyFrame
    """All columns, unread; the numeric ones may still be text, see `column`."""
    rows: int
    of: dict[str, dict[str, float | None]]
    """Each numeric column's measures, in the order of the table, ``count`` of values among them."""
    nan_is_missing: bool = False

    def column(self, name: str) -> pl.Expr:
        """Return the expression of a numeric column as float64, null where missing."""
        return _cell(name, self.frame.collect_schema()[name], self.nan_is_missing)


def measure(
    path: Path,
    columns: Sequence[str] | None,
    measures: Mapping[str, Measure],
    *,
    nan_is_missing: bool = False,
) -> NumericTable:
    """Measure the named columns, or where None is given every column that is all numbers.

    A column of a Parquet file counts as one of numbers by its type then. A column without any
    value is measured only if it is named. With `nan_is_missing` a NaN is no value.

    Raises:
        InputError: no rows; a column that is not there, or holds text, NaN or infinity.
    """
    if columns is None:
        candidates = _likely_numeric(path)
    else:
        require_columns(path, columns, "the request")
        candidates = [name for name in columns_of(path) if name in set(columns)]
    frame = scan(path, numbers=candidates)
    schema = frame.collect_schema()
    typed_otherwise = [name for name in candidates if not schema[name].is_numeric()]  # in Parquet
    _without_text(path, typed_otherwise, is_named=True)
    try:
        values = _collect_measures(frame, path, candidates, measures, nan_is_missing)
    except InputError:  # some column is not all numbers, or the file is no table
        candidates = _without_text(path, candidates, is_named=columns is not None)
        frame = scan(path)
        values = _collect_measures(frame, path, candidates, measures, nan_is_missing)
    rows = int(values.pop("rows"))
    if rows == 0:
        raise InputError(f"{path.name}: the table has no rows", hint="Give it at least one row.")
    of: dict[str, dict[str, float | None]] = {}
    for index, name in enumerate(candidates):
        measured = {key: values[f"{index}.{key}"] for key in ("count", *measures)}
        if not values[f"{index}.finite"]:
            raise not_numbers(path, name, "infinity" if nan_is_missing else "NaN or infinity")
        if columns is not None or measured["count"]:
            of[name] = measured
    return NumericTable(frame, rows, of, nan_is_missing)


def _cell(name: str, dtype: pl.DataType, nan_is_missing: bool) -> pl.Expr:
    return number(name, dtype).fill_nan(None) if nan_is_missing else number(name, dtype)


def _collect_measures(
    frame: pl.LazyFrame,
    path: Path,
    columns: Sequence[str],
    measures: Mapping[str, Measure],
    nan_is_missing: bool,
) -> dict[str, Any]:
    """Measure columns in one pass; keys are ``<index of column>.<measure>``, and ``rows``."""
    schema = frame.collect_schema()
    expressions = [pl.len().alias("rows")]
    for index, name in enumerate(columns):
        column = _cell(name, schema[name], nan_is_missing)
        every = {"count": column.count(), "finite": column.is_finite().all()}
        every |= {key: measured(column) for key, measured in measures.items()}
        expressions += [value.alias(f"{index}.{key}") for key, value in every.items()]
    return collect(frame.select(expressions), path, every_field=False).row(0, named=True)


def _likely_numeric(path: Path) -> list[str]:
    """Return the columns that are numbers by type (Parquet) or by their first values (CSV)."""
    head = scan(path).head(_GUESS_ROWS)
    schema = head.collect_schema()
    if is_parquet(path):
        return [name for name, dtype in schema.items() if dtype.is_numeric()]
    return [name for name, has_text in _texts_in(head, path, list(schema)).items() if not has_text]


def _without_text(path: Path, columns: Sequence[str], *, is_named: bool) -> list[str]:
    """Leave out columns that hold text, or refuse them where the request names them."""
    frame = scan(path)
    texts = _texts_in(frame, path, columns)
    for name, has_text in texts.items():
        if has_text and is_named:
            raise not_numbers(path, name, kind_of(frame.collect_schema()[name]))
    return [name for name, has_text in texts.items() if not has_text]


def _texts_in(frame: pl.LazyFrame, path: Path, columns: Sequence[str]) -> dict[str, bool]:
    """Tell of each column whether it holds a value that is no number."""
    schema = frame.collect_schema()
    found = frame.select(
        (number(name, schema[name]).is_null() & ~is_missing(name, schema[name])).any().alias(name)
        for name in columns
    )
    return collect(found, path).row(0, named=True) if columns else {}
