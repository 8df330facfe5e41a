"""Split every party's table into training and test rows: the same rows at every party.

Which rows those are follows from the seed and the number of rows alone, so nothing of a table
is told but that number. They are the rows of scikit-learn's ``train_test_split`` with the seed as
``random_state``, but they keep their order. A table streams through once per part.

There is no stratified split. By a seed that all know, which rows are chosen would say something
of the label or strata they follow; by one that only the holder knows, nobody could repeat it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, StrictInt

from secretflow_worker.contract.errors import InputError
from secretflow_worker.contract.names import FilePath, PartyName
from secretflow_worker.tasks import Learns, Parties, Report, Result, TaskDispatcher
from secretflow_worker.tasks._aligned import LEARNS_IDS, AlignedConfig
from secretflow_worker.tasks._columns import check_every_party
from secretflow_worker.tasks._config import PartyInputs, PartyOutputs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Share = Annotated[float, Field(gt=0, lt=1)]
Count = Annotated[StrictInt, Field(ge=1)]


class SplitConfig(AlignedConfig):
    """What ``train_test_split`` takes."""

    input_data: PartyInputs = Field(description="Every party's table; row i of all is one entity.")
    train_data: PartyOutputs = Field(description="Where each party's training rows go.")
    test_data: PartyOutputs = Field(description="Where each party's test rows go.")
    test_size: Share | Count = Field(
        default=0.25, description="The test rows: a share of all (rounded up), or how many."
    )
    shuffle: bool = Field(
        default=True, description="Choose the test rows by chance; else they are the last ones."
    )
    seed: int = Field(
        default=42,
        ge=0,
        lt=2**32,
        description="The same seed chooses the same rows of as many. Every party knows it.",
    )

    def check(self, parties: tuple[str, ...]) -> None:
        """See ``Config.check``."""
        for field in ("input_data", "train_data", "test_data"):
            check_every_party(getattr(self, field), parties, field)
        self.check_ids(parties)


class SplitReport(Report):
    """What a party's worker is told."""

    train_rows: int
    test_rows: int


class SplitResult(Result):
    """What ``train_test_split`` returns."""

    train_data: dict[PartyName, FilePath]
    test_data: dict[PartyName, FilePath]
    train_rows: int
    test_rows: int


@TaskDispatcher.register(
    "train_test_split",
    version=1,
    summary="Split tables into training and test rows, the same rows at every party.",
    group="Prepare",
    config=SplitConfig,
    report=SplitReport,
    result=SplitResult,
    learns=[
        Learns("every party", "the number of rows", "every party's table"),
        LEARNS_IDS,
        Learns("sender of the request", "the number of rows", "the parties' tables", outside=True),
    ],
    parties=(2, 5),
    devices=("spu",),
    example={
        "task_type": "train_test_split",
        "input_data": {"alice": "/app/data/alice.csv", "bob": "/app/data/bob.csv"},
        "train_data": {
            "alice": "/app/data/split/alice_train.csv",
            "bob": "/app/data/split/bob_train.csv",
        },
        "test_data": {
            "alice": "/app/data/split/alice_test.csv",
            "bob": "/app/data/split/bob_test.csv",
        },
        "test_size": 0.25,
        "seed": 42,
        "id_columns": ["uid"],
    },
)
def run(parties: Parties, config: SplitConfig) -> SplitReport:
    """Agree on the number of rows, and write this party's two parts."""
    from secretflow_worker.tasks.ml._vertical import read_rows

    source = parties.input(config.input_data[parties.me])
    rows = read_rows(parties, source, [], config.ids_at(parties.me), "input_data").count
    is_test = choose_test_rows(rows, config.test_size, config.seed if config.shuffle else None)
    parties.progress(0.3, "rows chosen")
    _write_rows(source, ~is_test, parties.stage(config.train_data[parties.me]))
    parties.progress(0.7, "training rows written")
    _write_rows(source, is_test, parties.stage(config.test_data[parties.me]))
    test_rows = int(is_test.sum())
    return SplitReport(train_rows=rows - test_rows, test_rows=test_rows)


@run.combine
def combine(config: SplitConfig, reports: Mapping[str, SplitReport]) -> SplitResult:
    """Return the numbers, which are the same at every party."""
    report = next(iter(reports.values()))
    return SplitResult(
        train_data=config.train_data,
        test_data=config.test_data,
        train_rows=report.train_rows,
        test_rows=report.test_rows,
    )


def choose_test_rows(rows: int, test_size: float | int, seed: int | None) -> NDArray[np.bool_]:
    """Return which rows are test rows, (rows,); the last ones where there is no `seed`.

    Raises:
        InputError: there would be no test row, or none but such.
    """
    import numpy as np

    count = test_size if isinstance(test_size, int) else math.ceil(test_size * rows)
    if count >= rows:
        raise InputError(
            f"task_config.test_size: of {rows} rows none would be left to train on",
            hint="Give more rows, or take fewer for the test.",
        )
    is_test = np.zeros(rows, np.bool_)
    if seed is None:
        is_test[rows - count :] = True
    else:  # the legacy generator, whose stream never changes
        is_test[np.random.RandomState(seed).permutation(rows)[:count]] = True
    return is_test


def _write_rows(source: Path, chosen: NDArray[np.bool_], target: Path) -> None:
    import polars as pl

    from secretflow_worker.tasks._tables import scan, write

    frame = scan(source)
    names = frame.collect_schema().names()
    number = "row"
    while number in names:
        number += "_"

    def choose(numbers: pl.Series) -> pl.Series:
        return pl.Series(chosen[numbers.to_numpy()])

    is_chosen = pl.col(number).map_batches(choose, return_dtype=pl.Boolean, is_elementwise=True)
    numbered = frame.with_row_index(number)
    write(numbered.filter(is_chosen).drop(number), target, source=source)
