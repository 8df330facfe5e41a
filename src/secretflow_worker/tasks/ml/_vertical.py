"""Tables that are split by columns: row i of every party's table is the same entity.

Each party reads its own columns. What the parties tell each other to be sure that the tables
fit is row counts and which of the named features each has; whether the ids are the same is
compared inside MPC and opens as one bit.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, starmap
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from secretflow_worker.contract.errors import InputError, RowsNotAligned
from secretflow_worker.tasks._cells import text
from secretflow_worker.tasks._columns import ColumnChoice, chosen_at
from secretflow_worker.tasks._parties import Parties, Secret
from secretflow_worker.tasks._tables import (
    count_rows,
    load_numbers,
    reading,
    require_columns,
    scan,
)
from secretflow_worker.tasks.ml._training import ModelConfig, TrainingConfig

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """This party's part of a table: its file, and its features' values, (rows, own features)."""

    path: Path
    values: Numbers

    @property
    def count(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class TrainingData:
    """This party's part of what a training reads; the label at its holder only, if any."""

    features: dict[str, list[str]]
    """Every party's features, parties by rank."""
    train: Rows
    label: Numbers | None
    test: Rows | None

    @property
    def width(self) -> int:
        return sum(map(len, self.features.values()))


def read_training(parties: Parties, config: TrainingConfig, *, is_binary: bool) -> TrainingData:
    """Read and check all that a training needs of this party, before anything is computed.

    Raises:
        InputError: what `find_features`, `read_rows` and `read_label` find.
    """
    label = None
    if parties.me == config.label_party:
        path = parties.input(config.train_data[parties.me])
        label = read_label(path, config.label, is_binary=is_binary)
    return replace(read_unlabelled(parties, config), label=label)


def read_unlabelled(parties: Parties, config: ModelConfig) -> TrainingData:
    """Read and check the features of a training, and the rows to predict if there are any.

    Raises:
        InputError: what `find_features` and `read_rows` find.
    """
    me = parties.me
    path = parties.input(config.train_data[me])
    features = find_features(parties, path, config.features, "features")
    train = read_rows(parties, path, features[me], config.ids_at(me), "train_data")
    test = None
    if config.test_data is not None:
        test_path = parties.input(config.test_data[me])
        test = read_rows(parties, test_path, features[me], config.ids_at(me), "test_data")
    return TrainingData(features, train, None, test)


def find_features(
    parties: Parties, path: Path, choice: ColumnChoice, field: str
) -> dict[str, list[str]]:
    """Return each party's features, parties by rank, in the order in which they were named.

    Raises:
        InputError: a feature at no party or, where no map says whose it is, at two.
    """
    told = parties.exchange(chosen_at(parties.me, path, choice, field))
    owners = {party: [str(name) for name in told[party]] for party in parties.names}
    if not isinstance(choice, dict):
        for name in choice:
            at = [party for party, columns in owners.items() if name in columns]
            if not at:
                raise InputError(
                    f"task_config.{field}: no party has a column {name!r}",
                    hint=f"Correct {field}, or add the column to a party's table.",
                )
            if len(at) > 1:
                raise InputError(
                    f"task_config.{field}: {name!r} is at {' and '.join(at)}",
                    hint=f"Write {field} as {{party: [columns]}}, or rename the column.",
                )
    return owners


def read_rows(
    parties: Parties, path: Path, columns: Sequence[str], ids: Sequence[str], field: str
) -> Rows:
    """Read this party's `columns`, after checking that the parties' rows are aligned.

    Raises:
        InputError: a column that is missing, or not all finite numbers; no rows.
        RowsNotAligned: the parties' row counts or ids differ.
    """
    require_columns(path, ids, "task_config.id_columns")
    values = load_numbers(path, columns) if columns else np.empty((count_rows(path), 0))
    if not len(values):
        raise InputError(f"{path.name}: the table has no rows", hint="Give it at least one row.")
    counts = parties.exchange(len(values))
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{party} {counts[party]}" for party in parties.names)
        raise RowsNotAligned(f"task_config.{field}: the parties' row counts differ: {told}")
    if ids and not parties.all_equal(digest_of(path, ids)):
        raise RowsNotAligned(
            f"task_config.{field}: the parties' rows are not the same entities in the same order; "
            "their id_columns differ"
        )
    return Rows(path, values)


def read_label(path: Path, label: str, *, is_binary: bool) -> Numbers:
    """Return the label, (rows,).

    Raises:
        InputError: no such column, not all finite numbers, constant, or not 0 and 1 where binary.
    """
    require_columns(path, [label], "task_config.label")
    values = load_numbers(path, [label])[:, 0]
    if is_binary and not np.isin(values, (0.0, 1.0)).all():
        raise InputError(
            f"{path.name}: label {label!r} must be 0 or 1 in every row",
            hint="Encode the two classes as 0 and 1.",
        )
    if (values == values[0]).all():
        raise InputError(
            f"{path.name}: label {label!r} is the same in every row, so there is nothing to learn",
            hint="Give rows with different labels.",
        )
    return values


def check_magnitude(where: str, columns: Sequence[str], values: Numbers, limit: float) -> None:
    """Check this party's own numbers against what the SPU can compute with.

    Raises:
        InputError: naming the columns that hold values beyond the limit.
    """
    beyond = np.abs(values).max(axis=0, initial=0.0) > limit
    if beyond.any():
        named = ", ".join(repr(columns[index]) for index in np.flatnonzero(beyond))
        raise InputError(
            f"{where}: {named} holds values beyond {limit:.4g}, with which the computation would "
            "overflow or never converge",
            hint="Scale the column first, for example with standard_scaler.",
        )


def digest_of(path: Path, columns: Sequence[str]) -> bytes:
    """Return a digest of the columns' texts, row by row in order; not of the columns' names.

    Raises:
        InputError: a value is missing.
    """
    frame = scan(path)
    schema = frame.collect_schema()
    texts = frame.select(text(path, name, schema[name]) for name in columns)
    lengths = {name: hashlib.blake2b(digest_size=32) for name in columns}
    contents = {name: hashlib.blake2b(digest_size=32) for name in columns}
    with reading(path):
        for batch in texts.collect_batches(chunk_size=_BATCH_ROWS):
            for name in columns:
                if batch[name].null_count():
                    raise InputError(
                        f"{path.name}: id column {name!r} has missing values",
                        hint="Give every row an id.",
                    )
                lengths[name].update(batch[name].str.len_bytes().to_numpy().astype("<u4").tobytes())
                contents[name].update("".join(batch[name].to_list()).encode())
    digest = hashlib.blake2b(digest_size=32)
    for name in columns:
        digest.update(lengths[name].digest() + contents[name].digest())
    return digest.digest()


def share_columns(
    parties: Parties, features: Mapping[str, Sequence[str]], own: NDArray[np.generic]
) -> list[Secret]:
    """Share every party's columns, by rank; a party without features shares nothing."""
    return [
        parties.spu.share(party, own if party == parties.me else None)
        for party in parties.names
        if features[party]
    ]


def row_blocks(rows: int, elements_per_row: int) -> list[slice]:
    """Cut rows into blocks whose secrets fit in memory; all of one length, or two."""
    count = math.ceil(rows / max(1, _BLOCK_ELEMENTS // elements_per_row))
    edges = [rows * number // count for number in range(count + 1)]
    return list(starmap(slice, pairwise(edges)))


_BATCH_ROWS = 1 << 16
_BLOCK_ELEMENTS = 2**22
"""64 MiB of ring elements in FM128; a program holds a few values of this size."""
