"""Tables for the benchmarks, from a fixed seed."""

from pathlib import Path

import numpy as np
import polars as pl

PARTIES = ("alice", "bob")


def overlapping_ids(folder: Path, rows: int) -> dict[str, str]:
    """Write two shuffled tables of `rows` rows, ``id`` and ``v``; half of the ids are common."""
    chance = np.random.default_rng(rows)
    paths = {}
    for party, first in zip(PARTIES, (0, rows // 2), strict=True):
        ids = chance.permutation(np.arange(first, first + rows))
        frame = pl.DataFrame({"id": ids, "v": chance.integers(0, 100, rows)})
        path = folder / f"{party}_{rows}.csv"
        frame.with_columns(
            pl.format("user{}", pl.col("id").cast(pl.String).str.zfill(9)).alias("id")
        ).write_csv(path)
        paths[party] = str(path)
    return paths


def aligned_features(folder: Path, rows: int, features: int) -> tuple[dict[str, str], list[str]]:
    """Write two aligned tables with half of the features each, and alice's label ``y``.

    The features are standard normal, the label follows a logistic model of them. Returns the
    tables' paths and the features' names.
    """
    chance = np.random.default_rng(features)
    values = chance.normal(size=(rows, features))
    logits = values @ chance.normal(size=features) * 0.5
    label = (chance.random(rows) < 1 / (1 + np.exp(-logits))).astype(int)
    names = [f"x{number}" for number in range(features)]
    half = features // 2
    paths = {}
    for party, part in zip(PARTIES, (slice(0, half), slice(half, features)), strict=True):
        frame = pl.DataFrame(values[:, part], schema=names[part])
        if party == "alice":
            frame = frame.with_columns(pl.Series("y", label))
        path = folder / f"{party}_{rows}x{features}.csv"
        frame.write_csv(path)
        paths[party] = str(path)
    return paths, names


def attendance(folder: Path, party: str, rows: int) -> str:
    """Write the table of a party that has no feature: ABY3 needs three parties."""
    path = folder / f"{party}_{rows}.csv"
    pl.DataFrame({"row": range(rows)}).write_csv(path)
    return str(path)


def clustered_features(
    folder: Path, rows: int, features: int, clusters: int
) -> tuple[dict[str, str], list[str]]:
    """Write two aligned tables with half of the features each: rows around some centres."""
    chance = np.random.default_rng(clusters)
    centers = chance.normal(size=(clusters, features)) * 2
    values = centers[chance.integers(0, clusters, rows)] + chance.normal(size=(rows, features))
    names = [f"x{number}" for number in range(features)]
    half = features // 2
    paths = {}
    for party, part in zip(PARTIES, (slice(0, half), slice(half, features)), strict=True):
        path = folder / f"{party}_{rows}x{features}_around_{clusters}.csv"
        pl.DataFrame(values[:, part], schema=names[part]).write_csv(path)
        paths[party] = str(path)
    return paths, names


def wide_numbers(path: Path, size_bytes: int, columns: int = 10) -> int:
    """Write a CSV of random numbers of about `size_bytes`; returns its rows."""
    chance = np.random.default_rng(columns)
    rows_per_part = min(200_000, size_bytes)
    names = [f"x{number}" for number in range(columns)]
    rows = 0
    with path.open("wb") as sink:
        while sink.tell() < size_bytes:
            part = pl.DataFrame(chance.normal(5, 3, size=(rows_per_part, columns)), schema=names)
            part.write_csv(sink, include_header=rows == 0)
            rows += rows_per_part
    return rows
