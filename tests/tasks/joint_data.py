"""Tables for tests of the statistics across parties: one frame, split by columns among parties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

DEVICES = [
    (("alice", "bob"), None),
    (("alice", "bob"), {"protocol": "SEMI2K", "field": "FM64"}),
    (("alice", "bob"), {"protocol": "CHEETAH", "field": "FM64"}),
    (("alice", "bob", "carol"), None),
    (("alice", "bob", "carol"), {"protocol": "ABY3", "field": "FM64"}),
    (("alice", "bob", "carol", "dave", "erin"), None),
]


def name_of(value: Any) -> str:
    """Name a case of DEVICES."""
    return "-".join(value.values()) if isinstance(value, dict) else str(value and len(value))


def mixed(rows: int, width: int, seed: int = 1) -> pd.DataFrame:
    """Return correlated columns ``x0`` and on, of odd means and spreads."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(rows, width)) + random.normal(size=(rows, 1))
    values = values * random.uniform(0.01, 500, width) + random.uniform(-1e4, 1e4, width)
    return pd.DataFrame(values, columns=[f"x{index}" for index in range(width)])


def split(
    folder: Path, frame: pd.DataFrame, owners: Mapping[str, Sequence[str]], name: str = "t.csv"
) -> dict[str, str]:
    """Write each party's columns and the ids; return ``input_data``."""
    written = {}
    for party, columns in owners.items():
        table = frame[list(columns)].copy()
        table.insert(0, "uid", [f"u{index}" for index in range(len(frame))])
        path = folder / party / name
        path.parent.mkdir(exist_ok=True)
        table.to_csv(path, index=False)
        written[party] = str(path)
    return written


def spread(frame: pd.DataFrame, parties: Sequence[str]) -> dict[str, list[str]]:
    """Give each party its part of the columns, in order."""
    parts = np.array_split(np.array(frame.columns), len(parties))
    return {party: [str(x) for x in part] for party, part in zip(parties, parts, strict=True)}
