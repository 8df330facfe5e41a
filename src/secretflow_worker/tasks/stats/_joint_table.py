"""Reads one party's part of a table that is split by columns, for a statistic over all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from secretflow_worker.contract.errors import InputError
from secretflow_worker.tasks._columns import merge_by_column
from secretflow_worker.tasks._numeric import measure
from secretflow_worker.tasks._parties import Parties
from secretflow_worker.tasks.ml._vertical import find_features, read_rows
from secretflow_worker.tasks.stats._joint import JointConfig

Numbers = NDArray[np.float64]

COLUMN_LIMIT = 500
"""A matrix of so many columns is 250,000 figures, in a result, a report and a page."""


@dataclass(frozen=True)
class JointTable:
    """What one party knows of the whole table: its own values, and everybody's columns."""

    columns: Mapping[str, Sequence[str]]
    """Every party's, parties by rank."""
    values: Numbers
    """This party's, (rows, own columns)."""

    @property
    def names(self) -> list[str]:
        """Every column in the order of the parties; a name that is used up becomes p.name."""
        return list(
            merge_by_column(
                (party, dict.fromkeys(names, None)) for party, names in self.columns.items()
            )
        )

    @property
    def width(self) -> int:
        return sum(map(len, self.columns.values()))


def read_joint(parties: Parties, config: JointConfig) -> JointTable:
    """Read and check this party's columns, before anything is computed.

    Raises:
        InputError: a column at no party or at two, that holds text, gaps or infinity; no columns
            or too many of them; too few rows.
        RowsNotAligned: the parties' row counts or ids differ.
    """
    me = parties.me
    path = parties.input(config.input_data[me])
    ids = config.ids_at(me)
    if config.columns is None:
        columns = _every_number(parties, path, ids)
    else:
        columns = find_features(parties, path, config.columns, "columns")
    width = sum(map(len, columns.values()))
    if not 1 <= width <= COLUMN_LIMIT:
        raise InputError(
            f"task_config.columns: {width} columns of numbers; this takes 1 to {COLUMN_LIMIT}",
            hint="Name the columns.",
        )
    rows = read_rows(parties, path, columns[me], ids, "input_data")
    require_rows(rows.count, width, "task_config.input_data")
    return JointTable(columns, rows.values)


def require_rows(rows: int, width: int, field: str) -> None:
    """Check that the figures say less than the columns' values.

    Who has as many columns as rows could solve the figures for the others' values.

    Raises:
        InputError: not two rows more than columns.
    """
    if rows < width + 2:
        raise InputError(
            f"{field}: {rows} rows are too few for {width} columns; values could be worked out "
            f"from the figures with fewer than {width + 2}",
            hint="Take more rows, or name fewer columns.",
        )


def _every_number(parties: Parties, path: Path, ids: Sequence[str]) -> dict[str, list[str]]:
    own = [name for name in measure(path, None, {}).of if name not in ids]
    told = parties.exchange(own)
    return {party: [str(name) for name in told[party]] for party in parties.names}
