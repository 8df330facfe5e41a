"""The numeric columns of a table one after the other, however large the table is.

What needs all values of a column at once, a quantile say, holds one column at a time. A small
table is read once. Of a large one the numbers are first copied, in one pass, to a file by
column, which is read back as often as there are columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from secretflow_worker.tasks._numeric import NumericTable
from secretflow_worker.tasks._tables import collect, reading, writing

HELD_AT_ONCE_BYTES = 128 << 20


def each_column(
    numeric: NumericTable, names: Sequence[str], source: Path, scratch: Path
) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Yield each named column's values, (count,), without the missing ones.

    `source` is the table's own path; `scratch` ends in ``.parquet`` and is gone afterwards.

    Raises:
        InputError: the source is not well-formed.
        DiskFull: the copy does not fit.
    """
    if not names:
        return
    frame = numeric.frame.select(numeric.column(name) for name in names)
    if 8 * numeric.rows * len(names) <= HELD_AT_ONCE_BYTES:
        table = collect(frame, source, every_field=False)
        for name in names:
            yield name, _values(table[name])
        return
    try:
        with reading(source), writing():
            frame.sink_parquet(scratch, compression="uncompressed")
        copy = pl.scan_parquet(scratch, glob=False)
        for name in names:
            yield name, _values(collect(copy.select(name), scratch)[name])
    finally:
        scratch.unlink(missing_ok=True)


def _values(column: pl.Series) -> NDArray[np.float64]:
    return column.drop_nulls().to_numpy()
