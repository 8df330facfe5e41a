"""Prepare a table of 10 million rows and 20 columns: the memory that a party needs, and the time.

``BENCH_STREAMING_ROWS`` sets the rows. Every step is run once: they take minutes.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks._harness import Bench, Figure, compare
from benchmarks._plain import run_script

ROWS = int(os.environ.get("BENCH_STREAMING_ROWS", "10_000_000"))
NUMBERS = [f"x{number}" for number in range(15)]
KINDS = [f"kind{number}" for number in range(5)]
MEMORY_LIMIT_MB = 1200
_ROWS_PER_PART = 250_000

STEPS: Mapping[str, tuple[list[str], Mapping[str, Any]]] = {
    "standard_scaler": (NUMBERS, {}),
    "minmax_scaler": (NUMBERS, {}),
    "label_encoder": (KINDS, {}),
    "onehot_encoder": (KINDS[:1], {}),
    "fillna mean": (NUMBERS, {"method": "mean"}),
    "fillna median": (NUMBERS, {"method": "median"}),
    "fillna mode": (KINDS, {"method": "mode"}),
    "quantile_binning": (NUMBERS, {"bin_num": 10}),
    "equal_width_binning": (NUMBERS, {"bin_num": 10}),
}
_IN_POLARS = {"minmax_scaler", "label_encoder", "fillna mean", "fillna median", "fillna mode"}


def run(bench: Bench) -> list[Figure]:
    table, out = bench.folder / "long.csv", bench.folder / "prepared.csv"
    write_table(table, ROWS)
    figures = [figure for step in STEPS for figure in _measure(bench, step, table, out)]
    table.unlink()
    return figures


def write_table(path: Path, rows: int) -> None:
    """Write numbers and categories, a twentieth of them missing, from a fixed seed."""
    chance = np.random.default_rng(rows)
    with path.open("wb") as sink:
        for first in range(0, rows, _ROWS_PER_PART):
            count = min(_ROWS_PER_PART, rows - first)
            numbers = pl.DataFrame(chance.normal(5, 3, size=(count, len(NUMBERS))), schema=NUMBERS)
            kinds = {
                name: pl.Series(chance.integers(0, 5 * 4**number, count)).cast(pl.String)
                for number, name in enumerate(KINDS)
            }
            part = numbers.with_columns(
                (pl.lit("kind ") + kind).alias(name) for name, kind in kinds.items()
            )
            gaps = chance.random((count, len(part.columns))) < 0.05
            part = part.with_columns(
                pl.when(~pl.lit(pl.Series(gaps[:, i]))).then(pl.col(name)).alias(name)
                for i, name in enumerate(part.columns)
            )
            part.write_csv(sink, include_header=first == 0)


def _measure(bench: Bench, step: str, table: Path, out: Path) -> Iterator[Figure]:
    columns, options = STEPS[step]
    config = {
        "task_type": step.split()[0],
        "input_data": {"alice": str(table)},
        "output_data": {"alice": str(out)},
        "columns": columns,
        **options,
    }
    ours = bench.worker.run(config)
    out.unlink()
    peaks = {"ours": [ours.peak_rss_bytes / 10**6]}
    what = f"{step} of {len(columns)} of 20 columns, {ROWS:,} rows"
    if step in _IN_POLARS:
        paths = ["--input", str(table), "--output", str(out)]
        plain = run_script("polars_prepare", [["--how", step, *paths, "--columns", *columns]])
        out.unlink()
        peaks["polars"] = [plain.peak_rss_bytes / 10**6]
        yield compare(f"{what}, beside polars", "s", [ours.wall_s], [plain.wall_s])
    else:
        yield Figure(what, "s", ours.wall_s, samples={"ours": [ours.wall_s]})
    yield Figure("its peak memory", "MB", peaks["ours"][0], None, MEMORY_LIMIT_MB, peaks)
