"""Scale, encode or fill columns of a CSV with the streaming engine of polars, as users would."""

import argparse
import json
import resource
import time

import polars as pl


def minmax(frame: pl.LazyFrame, names: list[str]) -> pl.LazyFrame:
    every = pl.col(names)
    ends = frame.select(every.min().name.suffix(":low"), every.max().name.suffix(":high"))
    found = ends.collect(engine="streaming")
    return frame.with_columns(
        (pl.col(n) - found[f"{n}:low"][0]) / (found[f"{n}:high"][0] - found[f"{n}:low"][0])
        for n in names
    )


def encode(frame: pl.LazyFrame, names: list[str]) -> pl.LazyFrame:
    found = frame.select(pl.col(names).unique().drop_nulls().sort().implode())
    categories = found.collect(engine="streaming")
    return frame.with_columns(
        pl.col(n).cast(pl.Enum(categories[n][0])).to_physical() for n in names
    )


def fill(frame: pl.LazyFrame, names: list[str], method: str) -> pl.LazyFrame:
    every = pl.col(names)
    how = {"mean": every.mean(), "median": every.median(), "mode": every.drop_nulls().mode().min()}
    found = frame.select(how[method]).collect(engine="streaming")
    return frame.with_columns(pl.col(n).fill_null(found[n][0]) for n in names)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--how", required=True)
    parser.add_argument("--columns", required=True, nargs="+")
    parser.add_argument("--input", required=True)
    parser.add_argument("--output", required=True)
    options = parser.parse_args()
    started = time.perf_counter()
    is_text = options.how in ("label_encoder", "fillna mode")
    types = dict.fromkeys(options.columns, pl.String() if is_text else pl.Float64())
    frame = pl.scan_csv(options.input, schema_overrides=types)
    task, _, method = options.how.partition(" ")
    if task == "minmax_scaler":
        done = minmax(frame, options.columns)
    elif task == "label_encoder":
        done = encode(frame, options.columns)
    else:
        done = fill(frame, options.columns, method)
    done.sink_csv(options.output)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"algorithm_s": seconds, "peak_rss_bytes": peak}), flush=True)


if __name__ == "__main__":
    main()
