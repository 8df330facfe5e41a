"""Tables for tests of the trainings: one set of rows, split by columns among parties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
TWO = ("alice", "bob")


@dataclass(frozen=True)
class Split:
    """`x` (rows, features) in the model's order, and the label; the first `trained` rows train."""

    x: Numbers
    y: Numbers
    parties: tuple[str, ...]
    trained: int

    @property
    def names(self) -> list[str]:
        return [f"x{index}" for index in range(self.x.shape[1])]

    def features_of(self, party: str) -> list[str]:
        parts = np.array_split(np.array(self.names), len(self.parties))
        return [str(name) for name in parts[self.parties.index(party)]]

    def table(self, party: str, rows: slice, ending: str = "") -> pd.DataFrame:
        """Return a party's table: ids, its features and, at the first party, the label."""
        ids = [f"u{index:05}" for index in range(len(self.y))][rows]
        table = pd.DataFrame(self.x[rows], columns=self.names)[self.features_of(party)]
        table.insert(0, "uid", ids)
        if party == self.parties[0]:
            table["y"] = self.y[rows]
        return table

    @property
    def train(self) -> slice:
        return slice(0, self.trained)

    @property
    def test(self) -> slice:
        return slice(self.trained, len(self.y))


def make_split(
    rows: int = 400,
    width: int = 4,
    *,
    trained: int | None = None,
    parties: Sequence[str] = TWO,
    is_binary: bool = True,
    seed: int = 3,
) -> Split:
    """Return standard normal features with a label that depends on them."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, width))
    signal = x @ random.normal(size=width) + 0.5 * x[:, 0] * x[:, -1]
    if is_binary:
        y = (random.random(rows) < 1 / (1 + np.exp(-1.5 * signal))).astype(float)
    else:
        y = signal / signal.std() + 0.1 * random.normal(size=rows)
    return Split(x, y, tuple(parties), trained or rows * 3 // 4)


def write_split(folder: Path, split: Split, ending: str = ".csv") -> None:
    """Write ``<party>/train`` and ``<party>/test`` of every party."""
    for party in split.parties:
        (folder / party).mkdir(parents=True, exist_ok=True)
        for name, rows in (("train", split.train), ("test", split.test)):
            table = split.table(party, rows)
            if ending == ".csv":
                table.to_csv(folder / party / f"{name}.csv", index=False)
            else:
                table.to_parquet(folder / party / f"{name}.parquet", index=False)


def paths(folder: Path, name: str, parties: Sequence[str] = TWO) -> dict[str, str]:
    return {party: str(folder / party / name) for party in parties}


def training(
    folder: Path, task_type: str, split: Split, params: Mapping[str, Any], **extra: Any
) -> dict[str, Any]:
    """Return a config that trains and predicts the test rows to the first party."""
    receiver = split.parties[0]
    return {
        "task_type": task_type,
        "train_data": paths(folder, "train.csv", split.parties),
        "features": split.names,
        "label": "y",
        "label_party": split.parties[0],
        "id_columns": ["uid"],
        "model_output": paths(folder, "model", split.parties),
        "params": dict(params),
        "test_data": paths(folder, "test.csv", split.parties),
        "prediction_output": {receiver: str(folder / receiver / "predictions.csv")},
        "prediction_receiver": receiver,
        **extra,
    }


def read_predictions(folder: Path, party: str = "alice", name: str = "predictions.csv") -> Any:
    """Return the prediction file as pandas reads it."""
    return pd.read_csv(folder / party / name, float_precision="round_trip")
