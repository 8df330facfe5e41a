"""Columns of a GLM that are no features: the offset of a row's score, and the row's weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secretflow_worker.tasks._columns import ColumnChoice
from secretflow_worker.tasks._parties import Parties
from secretflow_worker.tasks._tables import load_numbers
from secretflow_worker.tasks.ml._training import TrainingConfig
from secretflow_worker.tasks.ml._vertical import Numbers, Rows, TrainingData, find_features


@dataclass(frozen=True)
class RowColumn:
    """A number for each row, at one party."""

    party: str
    name: str
    train: Numbers | None
    """(rows,); None at the other parties."""
    test: Numbers | None


def read_row_column(
    parties: Parties,
    config: TrainingConfig,
    choice: ColumnChoice | None,
    field: str,
    *,
    is_in_test: bool,
) -> RowColumn | None:
    """Read the column that the `field` names, at the party that has it.

    Raises:
        InputError: no party has it or two have it, or it is not all finite numbers.
    """
    if choice is None:
        return None
    me = parties.me
    path = parties.input(config.train_data[me])
    found = find_features(parties, path, choice, field)
    party, name = next((party, names[0]) for party, names in found.items() if names)
    if party != me:
        return RowColumn(party, name, None, None)
    test = None
    if is_in_test and config.test_data is not None:
        test = load_numbers(parties.input(config.test_data[me]), [name])[:, 0]
    return RowColumn(party, name, load_numbers(path, [name])[:, 0], test)


def with_offset(
    data: TrainingData, offset: RowColumn | None, me: str
) -> tuple[dict[str, list[str]], Rows | None, int | None]:
    """Return features and test rows as a model has them, and the place of the offset in it.

    The offset is one more feature of its party, after the others, whose weight is one.
    """
    if offset is None:
        return data.features, data.test, None
    features = {party: list(names) for party, names in data.features.items()}
    features[offset.party].append(offset.name)
    place = 0
    for party, names in features.items():
        place += len(names)
        if party == offset.party:
            break
    test = data.test
    if test is not None and offset.test is not None and offset.party == me:
        test = Rows(test.path, np.column_stack([test.values, offset.test]))
    return features, test, place - 1
