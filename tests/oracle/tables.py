"""The tables of an oracle's script, as SecretFlow's frames and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import secretflow as sf
from secretflow.data.vertical import read_csv

from benchmarks.plain._secretflow import Devices


def read(devices: Devices, name: str) -> tuple[Any, Any]:
    """Return the features, in the model's order, and the label of a table."""
    columns = devices.work["features"]
    table = read_csv(
        {devices.alice: devices.work[name]["alice"], devices.bob: devices.work[name]["bob"]},
        usecols={devices.alice: [*columns["alice"], "y"], devices.bob: columns["bob"]},
    )
    return table[[*columns["alice"], *columns["bob"]]], table[["y"]]


def write(devices: Devices, predictions: Any) -> None:
    """Let alice write the predictions that she received."""
    path = Path(devices.work["predictions"])
    sf.wait(devices.alice(_save)(path, predictions.partitions[devices.alice]))


def _save(path: Path, values: Any) -> None:
    np.save(path, np.asarray(values))
