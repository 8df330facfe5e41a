"""The most frequent value of each column, of texts and numbers alike, in one pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import polars as pl

from secretflow_worker.contract.errors import InputError
from secretflow_worker.tasks._tables import reading

_BATCH_ROWS = 1 << 16
_COUNTED_AT_ONCE = 1_000_000
"""Different values of all columns together; about 150 MB."""


def find_modes(
    source: Path, frame: pl.LazyFrame, cells: Mapping[str, pl.Expr], *, are_named: bool
) -> dict[str, Any]:
    """Return each column's most frequent value, of several the smallest, as pandas does.

    `cells` are expressions that are null where a value is missing. The smallest is by value
    where all are numbers, else by text (code points). None stands for a column without a value.
    A column with too many different values to count is left out, if it misses none of them.

    Raises:
        InputError: a column with too many different values, that is named or has a gap.
    """
    counts: dict[str, Counter[Any]] = {name: Counter() for name in cells}
    uncounted: list[str] = []
    has_gap = dict.fromkeys(cells, False)
    selected = frame.select(cell.alias(name) for name, cell in cells.items())
    with reading(source):
        for batch in selected.collect_batches(chunk_size=_BATCH_ROWS) if cells else ():
            for name in cells:
                has_gap[name] |= batch[name].null_count() > 0
            for name, counted in counts.items():
                _count(batch[name], counted)
            while sum(map(len, counts.values())) > _COUNTED_AT_ONCE:
                uncounted.append(max(counts, key=lambda name: len(counts[name])))
                del counts[uncounted[-1]]
    for name in uncounted:
        if are_named or has_gap[name]:
            raise InputError(
                f"{source.name}: column {name!r} has too many different values for a mode",
                hint="Fill it by mean, median or constant, or leave it out of the columns.",
            )
    return {name: _mode(counted) for name, counted in counts.items()}


def _count(values: pl.Series, counted: Counter[Any]) -> None:
    found = values.drop_nulls().value_counts(name="")
    for value, count in found.iter_rows():
        counted[value] += count


def _mode(counted: Counter[Any]) -> Any:
    """Return the smallest of the most frequent values, or None."""
    if not counted:
        return None
    texts = [value for value in counted if isinstance(value, str)]
    by_number = _by_number(texts) if len(texts) == len(counted) else None
    if by_number is None:
        return _smallest_of_most(counted)
    # One number may be written in several ways; big ones are told apart, as floats they are not.
    totals: Counter[Decimal] = Counter()
    for text, value in by_number.items():
        totals[value] += counted[text]
    mode = _smallest_of_most(totals)
    return _smallest_of_most(Counter({t: counted[t] for t, v in by_number.items() if v == mode}))


def _by_number(texts: Iterable[str]) -> dict[str, Decimal] | None:
    """Return the texts' exact values, or None where not all are finite numbers."""
    series = pl.Series(list(texts), dtype=pl.String).str.strip_chars()
    floats = series.cast(pl.Float64, strict=False)
    if floats.null_count() or not floats.is_finite().all():
        return None
    try:
        return {text: Decimal(text.strip()) for text in texts}
    except InvalidOperation:
        return None


def _smallest_of_most(counted: Counter[Any]) -> Any:
    most = max(counted.values())
    return min(value for value, count in counted.items() if count == most)
