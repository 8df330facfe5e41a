"""The local types and apply_rules: no value of a table or of its rules leaves its house."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.privacy.test_failures import refuse, spoil
from tests.privacy.world import PARTIES, World
from tests.tasks.preparation import signed

FITS: dict[str, dict[str, Any]] = {
    "standard_scaler": {"columns": ["x_alice", "z_bob"]},
    "minmax_scaler": {"columns": ["x_alice", "z_bob"], "clip": True},
    "label_encoder": {"columns": ["kind_alice", "kind_bob", "note_bob"]},
    "onehot_encoder": {"columns": ["kind_alice", "kind_bob"]},
    "fillna": {"method": {"x_alice": "mean", "z_alice": "median", "kind_bob": "mode"}},
}


def fit(world: World, task_type: str, **changes: Any) -> dict[str, Any]:
    return {
        "task_type": task_type,
        "input_data": world.paths("train.csv"),
        "output_data": world.paths(f"{task_type}.csv"),
        "rules_output": world.paths(f"{task_type}.json"),
        **FITS[task_type],
        **changes,
    }


def apply(world: World, task_type: str, **changes: Any) -> dict[str, Any]:
    return {
        "task_type": "apply_rules",
        "rules": world.paths(f"{task_type}.json"),
        "input_data": world.paths("train.csv"),
        "output_data": world.paths(f"{task_type}-again.csv"),
        **changes,
    }


def know_rules(world: World, task_type: str) -> int:
    """Take the numbers that were fitted as their owner's; returns how many are worth a search."""
    known = 0
    for party in PARTIES:
        rules = json.loads((world.house(party) / f"{task_type}.json").read_text())["columns"]
        numbers = [n for entry in rules.values() for n in entry.values() if isinstance(n, float)]
        rare = [n for n in numbers if 100 <= abs(n) < 1000 and n != int(n)]
        world.canaries.know(party, rare)
        known += len(rare)
    return known


@pytest.mark.parametrize("task_type", FITS)
def test_fit_and_apply(world: World, task_type: str) -> None:
    world.run(fit(world, task_type))
    assert know_rules(world, task_type) or task_type.endswith("encoder")
    world.assert_silent()
    result = world.run(apply(world, task_type))
    assert set(result) == {"output_paths", "columns_changed"}
    for party in PARTIES:
        again = (world.house(party) / f"{task_type}-again.csv").read_bytes()
        assert again == (world.house(party) / f"{task_type}.csv").read_bytes()
    world.assert_silent()


@pytest.mark.parametrize(
    ("task_type", "column", "changes", "words"),
    [
        ("minmax_scaler", "x_bob", {"columns": ["x_bob"]}, "'x_bob' must be all numbers"),
        ("fillna", "x_bob", {"method": {"x_bob": "mean"}}, "'x_bob' must be all numbers"),
        (
            "label_encoder",
            "note_bob",
            {"columns": ["note_bob"], "max_categories": 5},
            "more than 5 categories",
        ),
    ],
)
def test_a_fit_that_fails(
    world: World, task_type: str, column: str, changes: dict[str, Any], words: str
) -> None:
    canary = world.canaries.text("bob")
    tables = {**world.paths("train.csv"), "bob": spoil(world, "bob", column, canary)}
    config = fit(world, task_type, input_data=tables, **changes)
    config |= {"output_data": world.paths("never.csv"), "rules_output": world.paths("never.json")}
    refuse(world, config, "INPUT_INVALID", words, canary)
    assert not list((world.place / "data").rglob("never.*"))


@pytest.mark.parametrize(
    ("task_type", "column", "words"),
    [
        ("standard_scaler", "z_bob", "'z_bob' must be all numbers"),
        ("minmax_scaler", "z_bob", "'z_bob' must be all numbers"),
        ("label_encoder", "kind_bob", "a category that the rules do not have"),
        ("onehot_encoder", "kind_bob", "a category that the rules do not have"),
    ],
)
def test_new_data_that_the_rules_do_not_fit(
    world: World, task_type: str, column: str, words: str
) -> None:
    world.run(fit(world, task_type))
    know_rules(world, task_type)
    canary = world.canaries.text("bob")
    tables = {**world.paths("train.csv"), "bob": spoil(world, "bob", column, canary)}
    config = apply(world, task_type, input_data=tables, output_data=world.paths("never.csv"))
    refuse(world, config, "INPUT_INVALID", words, canary)


@pytest.mark.parametrize("kind", ["entry", "type", "file"])
def test_altered_rules(world: World, kind: str) -> None:
    world.run(fit(world, "standard_scaler"))
    know_rules(world, "standard_scaler")
    canary = world.canaries.text("bob")
    rules = json.loads((world.house("bob") / "standard_scaler.json").read_text())
    del rules["sha256"]
    if kind == "entry":
        rules["columns"]["z_bob"]["scale"] = canary
    elif kind == "type":
        rules["task_type"] = canary
    else:
        rules["note"] = canary
    altered = world.house("bob") / f"altered-{kind}.json"
    altered.write_text(json.dumps(signed(rules)))
    paths = {**world.paths("standard_scaler.json"), "bob": str(altered)}
    words = {
        "entry": "the entry of column 'z_bob' is none that standard_scaler writes",
        "type": "a task type or version that this worker cannot apply",
        "file": "this is no rules file",
    }
    config = apply(world, "standard_scaler", rules=paths, output_data=world.paths("never.csv"))
    refuse(world, config, "INPUT_INVALID", words[kind])
    assert not list((world.place / "data").rglob("never.*"))
