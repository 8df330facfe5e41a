"""Tables as files: CSV (header, UTF-8) or Parquet, by the ending of the file's name.

A CSV is read as text, so what a task does not touch (``007``, a date, a long integer) is
written as it came. A field that is empty is missing; a quoted empty field is an empty text.
Whatever polars says of a faulty file may quote the file, so its words never leave here.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from secretflow_worker.contract.errors import DiskFull, InputError, OutputNotWritable
from secretflow_worker.tasks._cells import is_missing, kind_of, not_numbers, number, text
from secretflow_worker.tasks._csv_file import ends_in_empty_lines, read_header, require_plain

# How polars reads, which only its environment sets. A memory map of a large CSV would count as
# the party's memory; reads in blocks are as fast and do not. With them polars' short cut for
# counting rows would copy the file into the temporary folder, so it is off.
for _variable, _value in {
    "POLARS_FORCE_ASYNC": "1",
    "POLARS_CSV_CHUNK_SIZE": str(4 << 20),
    "POLARS_NO_FAST_FILE_COUNT": "1",
}.items():
    os.environ.setdefault(_variable, _value)
pl.Config.reload_env_vars()

_FULL = [  # polars has no errno
    os.strerror(number) for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
]


def columns_of(path: Path) -> list[str]:
    """Return the names of the columns, in order.

    Raises:
        InputError: the file is empty, is no table, or names a column twice.
    """
    if is_parquet(path):
        with reading(path):
            names = list(pl.read_parquet_schema(path))
        require_plain(path, names)
        return names
    return read_header(path)[0]


def scan(path: Path, numbers: Collection[str] = ()) -> pl.LazyFrame:
    """Return the table unread: every column as text for CSV, typed for Parquet.

    The CSV columns in `numbers` are read as float64 by the parser itself, which is twice as fast
    and takes no blanks around a number; whoever asks for it must be ready for an
    ``InputError`` that does not say which column it was. Reading happens at `collect` or
    `write`. Empty lines at the end of a CSV of more than one column are no rows.

    Raises:
        InputError: as `columns_of`.
    """
    if is_parquet(path):
        frame = pl.scan_parquet(path, glob=False)
        with reading(path):
            present = frame.collect_schema()  # fails here where it is no table, and is kept
        require_plain(path, present)
        return frame
    names, lines = read_header(path)
    schema = {name: pl.Float64() if name in numbers else pl.String() for name in names}
    frame = pl.scan_csv(
        path,
        has_header=False,
        skip_lines=lines,
        schema=schema,
        glob=False,
        missing_columns="insert",  # where the first row is short too
    )
    if len(names) > 1 and ends_in_empty_lines(path):
        return frame.filter(~pl.all_horizontal(pl.all().is_null()))
    return frame


def collect(frame: pl.LazyFrame, path: Path, *, every_field: bool = True) -> pl.DataFrame:
    """Read a frame that was made of `scan(path)`, streaming.

    With `every_field` false the parser may skip columns that the frame does not use, and then
    does not see that a row has more fields than the header.

    Raises:
        InputError: the file is not well-formed, without its contents.
    """
    with reading(path):
        return frame.collect(
            engine="streaming",
            optimizations=pl.QueryOptFlags(projection_pushdown=not every_field),
        )


def require_columns(path: Path, wanted: Sequence[str], field: str) -> None:
    """Check that the table has the `wanted` columns, which the config's `field` names.

    Raises:
        InputError: naming every column that is not there.
    """
    present = set(columns_of(path))
    missing = [repr(name) for name in wanted if name not in present]
    if missing:
        raise InputError(
            f"{path.name}: no column {', '.join(missing)}, which {field} names",
            hint=f"Correct {field}, or add the column to the file.",
        )


def count_rows(path: Path) -> int:
    """Return the number of rows."""
    return int(collect(scan(path).select(pl.len()), path).item())


def load_numbers(path: Path, columns: Sequence[str]) -> NDArray[np.float64]:
    """Return the columns as an array (rows, columns), C order; true and false are 1 and 0.

    Raises:
        InputError: a column is not there or holds text, a missing value, NaN or infinity, or
            the table has no rows.
    """
    require_columns(path, columns, "the request")
    frame = scan(path)
    schema = frame.collect_schema()
    table = collect(frame.select(number(name, schema[name]) for name in columns), path)
    if table.height == 0:
        raise InputError(f"{path.name}: the table has no rows", hint="Give it at least one row.")
    for name in columns:
        values = table[name]
        if values.null_count() or not np.isfinite(values.to_numpy()).all():
            raise _fault_of(path, name)
    return np.ascontiguousarray(table.to_numpy(), dtype=np.float64)


def load_text(path: Path, columns: Sequence[str]) -> pl.DataFrame:
    """Return the columns as text, null where a value is missing.

    Raises:
        InputError: a column is not there, or (Parquet) is of a kind that has no text form.
    """
    require_columns(path, columns, "the request")
    frame = scan(path)
    schema = frame.collect_schema()
    return collect(frame.select(text(path, name, schema[name]) for name in columns), path)


def write(frame: pl.DataFrame | pl.LazyFrame, path: Path, *, source: Path | None = None) -> None:
    """Write a table by the ending of the name; a lazy frame streams through from its `source`.

    Raises:
        InputError: the source is not well-formed, or has a column that a CSV cannot hold.
        DiskFull, OutputNotWritable: as the file system says.
    """
    lazy = frame.lazy()
    with reading(source or path):
        require_writable(lazy.collect_schema(), path, source=source)
    # Into an open file: given a path, polars would write beside it and rename.
    with reading(source or path), writing(), path.open("wb") as file:
        if is_parquet(path):
            lazy.sink_parquet(file)
        else:
            lazy.sink_csv(file)


def require_writable(schema: pl.Schema, path: Path, *, source: Path | None = None) -> None:
    """Check that a file of that name can hold a table's columns: a CSV has no lists.

    Raises:
        InputError: naming the first column (of a Parquet file) that it cannot hold.
    """
    for name, dtype in schema.items():
        if not is_parquet(path) and (dtype.is_nested() or dtype in (pl.Binary, pl.Object)):
            raise InputError(
                f"{(source or path).name}: column {name!r} holds {kind_of(dtype)}, which a CSV "
                "cannot hold",
                hint="Let the output's name end in .parquet, or take the column out of the table.",
            )


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what polars raises of a faulty file into an ``InputError`` that quotes nothing."""
    try:
        yield
    except pl.exceptions.PolarsError as fault:
        if isinstance(fault, pl.exceptions.ComputeError) and "utf-8" in str(fault):
            raise InputError(
                f"{path.name}: the file is not UTF-8", hint="Save the file as UTF-8."
            ) from None
        if is_parquet(path):
            raise InputError(
                f"{path.name}: the file is not a well-formed Parquet table",
                hint="Write the file again; it may have been cut short.",
            ) from None
        raise InputError(
            f"{path.name}: the file is not a well-formed CSV table",
            hint="No row has more fields than the header; a field that holds a comma, a quote or "
            "a line break stands in double quotes, and a quote in it is doubled.",
        ) from None


@contextmanager
def writing() -> Iterator[None]:
    """Turn what the file system says while an output is written into our errors."""
    try:
        yield
    except (OSError, pl.exceptions.PolarsError) as fault:
        if any(words in str(fault) for words in _FULL):
            raise DiskFull("the disk is full: an output table could not be written") from None
        if isinstance(fault, OSError):
            raise OutputNotWritable("an output table could not be written") from None
        raise


def is_parquet(path: Path) -> bool:
    if path.suffix in {".csv", ".parquet"}:
        return path.suffix == ".parquet"
    raise InputError(
        f"{path.name}: the name of a table ends in .csv or .parquet", hint="Name the file so."
    )


def _fault_of(path: Path, name: str) -> InputError:
    """Say what is wrong with a column that should be all finite numbers, and none missing."""
    frame = scan(path)
    dtype = frame.collect_schema()[name]
    missing = is_missing(name, dtype)
    has_text, has_gap = collect(
        frame.select(
            (number(name, dtype).is_null() & ~missing).any().alias("text"),
            missing.any().alias("gap"),
        ),
        path,
    ).row(0)
    kind = kind_of(dtype) if has_text else "a missing value" if has_gap else "NaN or infinity"
    return not_numbers(path, name, kind)
