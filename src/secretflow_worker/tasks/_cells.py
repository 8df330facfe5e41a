"""What the cells of a table say: as text, as a number, or that a value is missing.

Each is a polars expression over a column of `_tables.scan`, which reads a CSV as text and a
Parquet file by its types.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from secretflow_worker.contract.errors import InputError


def text(path: Path, name: str, dtype: pl.DataType) -> pl.Expr:
    """Return the expression that reads a column of `scan(path)` as text, null where missing.

    Raises:
        InputError: the column (of a Parquet file) is of a kind that has no text form.
    """
    if dtype.is_nested() or dtype in (pl.Binary, pl.Object):
        raise InputError(
            f"{path.name}: column {name!r} has no text form", hint="Leave the column out."
        )
    return pl.col(name).cast(pl.String)


def number(name: str, dtype: pl.DataType) -> pl.Expr:
    """Return the expression that reads a column of `scan` as float64.

    It is null where the value is missing or is no number; `is_missing` tells which.
    """
    if is_text(dtype):
        text = pl.col(name).cast(pl.String)
        return text.str.strip_chars().cast(pl.Float64, strict=False)
    if dtype.is_numeric() or dtype in (pl.Boolean, pl.Null):
        return pl.col(name).cast(pl.Float64)
    return pl.lit(None, pl.Float64).alias(name)


def is_missing(name: str, dtype: pl.DataType) -> pl.Expr:
    """Return the expression that is true where a column of `scan` has no value, or only blanks."""
    column = pl.col(name)
    if is_text(dtype):
        return column.is_null() | (column.cast(pl.String).str.strip_chars() == "")
    return column.is_null()


def is_text(dtype: pl.DataType) -> bool:
    return dtype in (pl.String, pl.Categorical, pl.Enum)


def not_numbers(path: Path, name: str, kind: str) -> InputError:
    """Return the error for a column that should be all numbers and holds something of a `kind`."""
    return InputError(
        f"{path.name}: column {name!r} must be all numbers and holds {kind}",
        hint="Mend or fill the column, or leave it out of the request.",
    )
