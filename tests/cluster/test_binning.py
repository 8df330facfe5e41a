"""Bins, weight of evidence and splits between two workers that share nothing, over CHEETAH."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.cluster.sites import Sites
from tests.tasks.vertical_data import TWO, make_split, paths

pytestmark = pytest.mark.timeout(300)  # three workers start, on a busy machine slowly


@pytest.fixture(scope="module", autouse=True)
def tables(sites: Sites) -> dict[str, Any]:
    """Each party's ``binned/all.csv``: ids, two features, and the label at alice."""
    split = make_split(80, 4, trained=80)
    for party in TWO:
        (sites[party].data / "binned").mkdir()
        split.table(party, split.train).to_csv(sites[party].data / "binned/all.csv", index=False)
    return {party: split.table(party, split.train) for party in TWO}


def test_binning_and_its_rules_at_the_owner(sites: Sites, tables: dict[str, Any]) -> None:
    outcomes = sites.run(
        {
            "task_type": "binning",
            "method": "quantile",
            "input_data": paths(sites.folder, "binned/all.csv"),
            "output_data": paths(sites.folder, "binned/quantiles.csv"),
            "columns": ["x0", "x2"],
            "bin_num": 5,
            "rules_output": paths(sites.folder, "binned/rules.json"),
        }
    )
    for party, name in zip(TWO, ("x0", "x2"), strict=True):
        written = pd.read_csv(sites[party].data / "binned/quantiles.csv")
        expected = pd.qcut(tables[party][name], 5, labels=False)
        np.testing.assert_array_equal(written[name], expected)
        assert outcomes[party]["result"]["bin_counts"] == {name: 5}
        rules = json.loads((sites[party].data / "binned/rules.json").read_text())
        assert rules["task_type"] == "quantile_binning"
        assert list(rules["columns"]) == [name]


def test_woe_iv_tells_each_worker_of_its_own_features(sites: Sites, tables: dict[str, Any]) -> None:
    outcomes = sites.run(
        {
            "task_type": "woe_iv",
            "input_data": paths(sites.folder, "binned/all.csv"),
            "features": ["x0", "x1", "x2", "x3"],
            "label": "y",
            "label_party": "alice",
            "id_columns": ["uid"],
            "bin_num": 4,
            "disclose_iv": True,
            "output_report": paths(sites.folder, "binned/woe.json"),
        }
    )
    y = tables["alice"]["y"]
    for party, names in zip(TWO, (["x0", "x1"], ["x2", "x3"]), strict=True):
        told = outcomes[party]["result"]
        report = json.loads((sites[party].data / "binned/woe.json").read_text())
        assert [each["feature"] for each in report["features"]] == names
        assert told["iv"] == {each["feature"]: each["iv"] for each in report["features"]}
        for each in report["features"]:
            codes = pd.qcut(tables[party][each["feature"]], 4, labels=False)
            assert [bin["positives"] for bin in each["bins"]] == list(y.groupby(codes).sum())


def test_train_test_split_chooses_the_same_rows(sites: Sites) -> None:
    outcomes = sites.run(
        {
            "task_type": "train_test_split",
            "input_data": paths(sites.folder, "binned/all.csv"),
            "train_data": paths(sites.folder, "binned/train.csv"),
            "test_data": paths(sites.folder, "binned/test.csv"),
            "id_columns": ["uid"],
        }
    )
    for part, rows in (("train", 60), ("test", 20)):
        ids = [list(pd.read_csv(sites[p].data / f"binned/{part}.csv")["uid"]) for p in TWO]
        assert ids[0] == ids[1]
        assert len(ids[0]) == rows
        assert {outcomes[party]["result"][f"{part}_rows"] for party in TWO} == {rows}
