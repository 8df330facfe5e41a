"""Bins, weight of evidence and splits: edges and counts stay at their owner, rows at theirs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.privacy.test_failures import crossed_ids, prepare, refuse, spoil
from tests.privacy.test_success import FEATURES
from tests.privacy.world import PARTIES, World

BINNINGS = ("quantile_binning", "equal_width_binning")


def know_rules(world: World, name: str, figure: str) -> None:
    """Take the numbers that a run has fitted as their owner's from now on."""
    for party in PARTIES:
        rules = json.loads((world.house(party) / name).read_text())["columns"]
        for entry in rules.values():
            world.canaries.know(party, entry[figure])


@pytest.mark.parametrize("task_type", BINNINGS)
@pytest.mark.parametrize("output", ["index", "label"])
def test_binning(world: World, task_type: str, output: str) -> None:
    result = world.run(
        {
            "task_type": task_type,
            "input_data": world.paths("train.csv"),
            "output_data": world.paths("binned.csv"),
            "columns": FEATURES,
            "bin_num": 6,
            "output": output,
            "rules_output": world.paths("bins.json"),
        }
    )
    assert result["bin_counts"] == dict.fromkeys(FEATURES, 6)
    know_rules(world, "bins.json", "edges")
    world.assert_silent()


@pytest.mark.parametrize("task_type", BINNINGS)
def test_binning_that_fails(world: World, task_type: str) -> None:
    canary = world.canaries.text("bob")
    bob = spoil(world, "bob", "x_bob", canary)
    config = prepare(world, task_type, bob, columns=["x_alice", "x_bob"], bin_num=4)
    refuse(world, config, "INPUT_INVALID", "'x_bob' must be all numbers", canary)


def woe(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "task_type": "woe_iv",
        "input_data": world.paths("train.csv"),
        "features": [*FEATURES, "kind_bob"],
        "label": "y",
        "label_party": "alice",
        "id_columns": ["uid"],
        "bin_num": 4,
        "output_report": world.paths("woe.json"),
        "output_data": world.paths("woe.csv"),
        "rules_output": world.paths("woe-rules.json"),
        **changes,
    }


def test_woe_iv_tells_each_owner_of_its_own_bins(world: World) -> None:
    result = world.run(woe(world))
    assert result["bin_counts"] == dict.fromkeys([*FEATURES, "kind_bob"], 4)
    assert result["iv"] is None
    know_rules(world, "woe-rules.json", "cuts")
    for party in PARTIES:
        report = json.loads((world.house(party) / "woe.json").read_text())
        assert {each["feature"].split("_")[1] for each in report["features"]} == {party}
    world.assert_silent()


@pytest.mark.parametrize("kind", ["text", "infinity", "label", "crossed", "column"])
def test_woe_iv_that_fails(world: World, kind: str) -> None:
    canary: object = ""
    data = world.paths("train.csv")
    changes: dict[str, Any] = {}
    code, words = "INPUT_INVALID", "'x_bob'"
    if kind == "text":
        canary = world.canaries.text("bob")
        data["bob"] = spoil(world, "bob", "x_bob", canary)
        changes["bin_edges"] = {"x_bob": [100, 500, 1000]}
    elif kind == "infinity":
        data["bob"] = spoil(world, "bob", "x_bob", "inf")
    elif kind == "label":
        canary = world.canaries.number("alice")
        data["alice"] = spoil(world, "alice", "y", canary)
        words = "0 or 1"
    elif kind == "crossed":
        data["bob"] = crossed_ids(world, "train.csv")
        code, words = "ROWS_NOT_ALIGNED", "id_columns differ"
    else:
        changes["features"] = ["nowhere"]
        words = "'nowhere'"
    refuse(world, woe(world, input_data=data, **changes), code, words, canary)


@pytest.mark.parametrize("rules", ["bins.json", "woe-rules.json"])
def test_apply_rules(world: World, rules: str) -> None:
    if rules == "woe-rules.json":
        world.run(woe(world))
        know_rules(world, rules, "cuts")
    else:
        test_binning(world, "quantile_binning", "label")
    result = world.run(
        {
            "task_type": "apply_rules",
            "rules": world.paths(rules),
            "input_data": world.paths("test.csv"),
            "output_data": world.paths("applied.csv"),
        }
    )
    assert set(FEATURES) <= set(result["columns_changed"])
    world.assert_silent()


def split(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "task_type": "train_test_split",
        "input_data": world.paths("train.csv"),
        "train_data": world.paths("split-train.csv"),
        "test_data": world.paths("split-test.csv"),
        "id_columns": ["uid"],
        **changes,
    }


def test_train_test_split(world: World) -> None:
    result = world.run(split(world))
    assert (result["train_rows"], result["test_rows"]) == (30, 10)
    ids = {party: list(world.read(party, "split-test.csv")["uid"]) for party in PARTIES}
    assert ids["alice"] == ids["bob"]
    world.assert_silent()


@pytest.mark.parametrize("kind", ["crossed", "fewer", "fields"])
def test_train_test_split_that_fails(world: World, kind: str) -> None:
    data = world.paths("train.csv")
    code, words = "ROWS_NOT_ALIGNED", "id_columns differ"
    if kind == "crossed":
        data["bob"] = crossed_ids(world, "train.csv")
    elif kind == "fewer":
        data["bob"] = world.at("bob", "test.csv")
        words = "row counts differ: alice 40, bob 20"
    else:
        key = world.canaries.text("bob")
        path = world.house("bob") / "split-malformed.csv"
        path.write_text(f"uid,x\na,1\n{key},2,{key}\n")
        data["bob"] = str(path)
        code, words = "INPUT_INVALID", "not a well-formed CSV"
    refuse(world, split(world, input_data=data), code, words)
