"""The categories of columns: found by reading once, sorted, and checked in new data."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import polars as pl

from secretflow_worker.contract.errors import InputError
from secretflow_worker.tasks._cells import cell, is_missing, text
from secretflow_worker.tasks._tables import collect, count_rows, reading, scan

_BATCH_ROWS = 1 << 16


def category(source: Path, frame: pl.LazyFrame, name: str) -> pl.Expr:
    """Return the expression of a column's category as text, null where it is missing."""
    dtype = frame.collect_schema()[name]
    missing = is_missing(name, dtype)
    if dtype.is_float():
        missing |= cell(name).is_nan()
    return pl.when(~missing).then(text(source, name, dtype)).alias(name)


def category_columns(
    source: Path, chosen: Collection[str]
) -> tuple[pl.LazyFrame, dict[str, pl.Expr]]:
    """Return a table, and the categories of its `chosen` columns, in the order of the table."""
    frame = scan(source)
    names = [name for name in frame.collect_schema().names() if name in set(chosen)]
    return frame, {name: category(source, frame, name) for name in names}


def find_categories(
    source: Path, frame: pl.LazyFrame, texts: Mapping[str, pl.Expr], limit: int
) -> dict[str, list[str]]:
    """Return each column's categories, sorted; reading stops once one has more than `limit`.

    Raises:
        InputError: no rows, or too many categories.
    """
    found: dict[str, set[str]] = {name: set() for name in texts}
    if texts:
        with reading(source):
            for batch in frame.select(texts.values()).collect_batches(chunk_size=_BATCH_ROWS):
                for name, values in found.items():
                    values.update(batch[name].drop_nulls().unique().to_list())
                    if len(values) > limit:
                        raise InputError(
                            f"{source.name}: column {name!r} has more than {limit} categories",
                            hint="Leave the column out, group its values, or raise max_categories.",
                        )
    if not any(found.values()) and count_rows(source) == 0:
        raise InputError(f"{source.name}: the table has no rows", hint="Give it at least one row.")
    return {name: sort_categories(values) for name, values in found.items()}


def sort_categories(categories: Collection[str]) -> list[str]:
    """Sort by value where all are finite numbers, else by text."""
    texts = sorted(categories)
    values = pl.Series(texts, dtype=pl.String).str.strip_chars().cast(pl.Float64, strict=False)
    if values.null_count() or not values.is_finite().all():
        return texts
    return [text for _, text in sorted(zip(values, texts, strict=True))]


def require_known(
    source: Path,
    frame: pl.LazyFrame,
    texts: Mapping[str, pl.Expr],
    known: Mapping[str, Sequence[str]],
) -> None:
    """Check that new data has no category that the rules lack; one more pass over it.

    Raises:
        InputError: no rows, or naming the first column that has one.
    """
    strange = [
        (texts[name].is_not_null() & codes(texts[name], found).is_null()).any().alias(f"{index}")
        for index, (name, found) in enumerate(known.items())
    ]
    rows, *has_strange = collect(frame.select(pl.len(), *strange), source, every_field=False).row(0)
    if rows == 0:
        raise InputError(f"{source.name}: the table has no rows", hint="Give it at least one row.")
    for name, is_strange in zip(known, has_strange, strict=True):
        if is_strange:
            raise InputError(
                f"{source.name}: column {name!r} holds a category that the rules do not have",
                hint="Fit again with data that has it, or with another choice for 'unknown'.",
            )


def codes(category: pl.Expr, known: Sequence[str]) -> pl.Expr:
    """Return the expression of a category's place among the `known` ones, null for any other."""
    return category.cast(pl.Enum(known), strict=False).to_physical().cast(pl.Int64)
