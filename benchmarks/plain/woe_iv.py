"""Bin the features of two CSV files and compute their WOE, by SecretFlow's VertWoeBinning."""

import json
import time
from pathlib import Path
from typing import Any

import secretflow as sf
from secretflow.component.core import (
    CompVDataFrame,
    VTableField,
    VTableFieldKind,
    VTableSchema,
    VTableUtils,
)
from secretflow.data.vertical import read_csv
from secretflow.preprocessing.binning.vert_woe_binning import VertWoeBinning

from benchmarks.plain._secretflow import Devices, finish, start


def fit(devices: Devices, bin_num: int) -> dict[Any, Any]:
    """Return the rules of every party, as SecretFlow's device objects."""
    work = devices.work
    features = work["features"]
    table = read_csv(
        {devices.alice: work["input"]["alice"], devices.bob: work["input"]["bob"]},
        usecols={devices.alice: [*features["alice"], "y"], devices.bob: features["bob"]},
    )
    schemas = {}
    for device, part in table.partitions.items():
        fields = [
            VTableField(
                name,
                VTableUtils.from_dtype(dtype),
                VTableFieldKind.LABEL if name == "y" else VTableFieldKind.FEATURE,
            )
            for name, dtype in part.dtypes.items()
        ]
        schemas[device.party] = VTableSchema(fields)
    rules: dict[Any, Any] = VertWoeBinning(devices.spu).binning(
        CompVDataFrame.from_pandas(table, schemas=schemas),
        binning_method="quantile",
        bin_num=bin_num,
        bin_names={devices.alice: features["alice"], devices.bob: features["bob"]},
        label_name="y",
    )
    sf.wait(list(rules.values()))
    return rules


def main() -> None:
    devices = start()
    started = time.perf_counter()
    rules = fit(devices, devices.work["bin_num"])
    seconds = time.perf_counter() - started
    for device, party in ((devices.alice, "alice"), (devices.bob, "bob")):
        sf.wait(device(_save)(devices.work["output"][party], rules[device]))
    finish(seconds)


def _save(path: str, rules: object) -> None:
    Path(path).write_text(json.dumps(rules, default=float))


if __name__ == "__main__":
    main()
