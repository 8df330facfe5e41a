"""What the cells of a table say: as text, as a number, or that a value is missing.

Each is a polars expression over a column of `_tables.scan`, which reads a CSV as text and a
Parquet file by its types.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import polars.selectors as cs

from secretflow_worker.contract.errors import InputError


def cell(name: str) -> pl.Expr:
    """Return the expression of the column of just that name.

    ``pl.col`` takes ``*`` for all columns, which is the name of one too.
    """
    return cs.by_name(name).as_expr()


def text(path: Path, name: str, dtype: pl.DataType) -> pl.Expr:
    """Return the expression that reads a column of `scan(path)` as text, null where missing.

    Raises:
        InputError: the column (of a Parquet file) is of a kind that has no text form.
    """
    if dtype.is_nested() or dtype in (pl.Binary, pl.Object, pl.Duration):
        raise InputError(
            f"{path.name}: column {name!r} has no text form: it holds {kind_of(dtype)}",
            hint="Leave the column out of the request, or write it as text or numbers.",
        )
    return cell(name).cast(pl.String)


def number(name: str, dtype: pl.DataType) -> pl.Expr:
    """Return the expression that reads a column of `scan` as float64.

    It is null where the value is missing or is no number; `is_missing` tells which.
    """
    if is_text(dtype):
        text = cell(name).cast(pl.String)
        return text.str.strip_chars().cast(pl.Float64, strict=False)
    if dtype.is_numeric() or dtype in (pl.Boolean, pl.Null):
        return cell(name).cast(pl.Float64)
    return pl.lit(None, pl.Float64).alias(name)


def is_missing(name: str, dtype: pl.DataType) -> pl.Expr:
    """Return the expression that is true where a column of `scan` has no value, or only blanks."""
    column = cell(name)
    if is_text(dtype):
        return column.is_null() | (column.cast(pl.String).str.strip_chars() == "")
    return column.is_null()


def is_text(dtype: pl.DataType) -> bool:
    return dtype in (pl.String, pl.Categorical, pl.Enum)


def kind_of(dtype: pl.DataType) -> str:
    """Say what a column of `scan` holds that is no number, by its type."""
    if dtype.is_nested():
        return "lists or structures"
    if dtype.is_temporal():
        return "durations" if dtype == pl.Duration else "dates or times"
    return "binary values" if dtype in (pl.Binary, pl.Object) else "text"


def not_numbers(path: Path, name: str, kind: str) -> InputError:
    """Return the error for a column that should be all numbers and holds something of a `kind`."""
    return InputError(
        f"{path.name}: column {name!r} must be all numbers and holds {kind}",
        hint="Mend or fill the column, or leave it out of the request.",
    )
