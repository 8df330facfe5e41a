"""Standardise a CSV of 1 GB through Celery, beside polars alone, eager and streaming."""

import statistics

from benchmarks._data import wide_numbers
from benchmarks._harness import Bench, Figure, compare, in_turn
from benchmarks._plain import PlainRun, run_script
from benchmarks._worker import OurRun

SIZE_BYTES = 10**9
TIME_LIMIT, MEMORY_LIMIT_MB = 1.2, 1200
REPEATS = 3


def run(bench: Bench) -> list[Figure]:
    table = bench.folder / "wide.csv"
    scaled = bench.folder / "wide_scaled.csv"
    wide_numbers(table, SIZE_BYTES)

    def ours() -> OurRun | PlainRun:
        return bench.worker.run(
            {
                "task_type": "standard_scaler",
                "input_data": {"alice": str(table)},
                "output_data": {"alice": str(scaled)},
            }
        )

    def plain(how: str) -> OurRun | PlainRun:
        paths = ["--input", str(table), "--output", f"{scaled}.plain"]
        return run_script("polars_scale", [["--how", how, *paths]])

    mine, eager, streaming = in_turn(
        min(bench.repeats, REPEATS), ours, lambda: plain("eager"), lambda: plain("streaming")
    )
    table.unlink()
    fastest = min(eager, streaming, key=lambda runs: statistics.median(r.wall_s for r in runs))
    peaks = [done.peak_rss_bytes / 10**6 for done in mine]
    return [
        compare(
            "standard_scaler on a 1 GB CSV, submit to result",
            "s",
            [done.wall_s for done in mine],
            [done.wall_s for done in fastest],
            TIME_LIMIT,
        ),
        Figure(
            "its peak memory",
            "MB",
            max(peaks),
            None,
            MEMORY_LIMIT_MB,
            {
                "ours": peaks,
                "eager": [done.peak_rss_bytes / 10**6 for done in eager],
                "streaming": [done.peak_rss_bytes / 10**6 for done in streaming],
            },
        ),
    ]
