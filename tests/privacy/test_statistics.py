"""What statistics across parties leave outside of the parties' houses: figures to receivers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.privacy.test_failures import refuse, spoil
from tests.privacy.test_success import training
from tests.privacy.world import PARTIES, World

COLUMNS = ["x_alice", "z_alice", "x_bob", "z_bob"]


def joint(world: World, task_type: str, **changes: Any) -> dict[str, Any]:
    return {
        "task_type": task_type,
        "input_data": world.paths("train.csv"),
        "columns": COLUMNS,
        "id_columns": ["uid"],
        "receivers": ["bob"],
        "output_report": world.report(f"{task_type}.json"),
        **changes,
    }


def know_moments(world: World) -> None:
    """Take the means and spreads that the parties work with as their own."""
    for party in PARTIES:
        for name in (f"x_{party}", f"z_{party}"):
            values = world.read(party, "train.csv")[name]
            world.canaries.know(party, [float(values.mean()), float(values.std(ddof=0))])


@pytest.fixture(scope="module")
def model(world: World) -> dict[str, str]:
    """Train a model whose folders lie in the houses."""
    config = training(world, "ss_lr", "for-pvalues")
    for field in ("test_data", "prediction_output"):
        del config[field]
    world.run(config)
    return world.paths("for-pvalues/model")


def pvalue(world: World, model: dict[str, str], **changes: Any) -> dict[str, Any]:
    return {
        "task_type": "ss_pvalue",
        "model": model,
        "data": world.paths("train.csv"),
        "id_columns": ["uid"],
        "receivers": ["alice"],
        "output_report": world.report("pvalue.json"),
        **changes,
    }


@pytest.mark.parametrize("task_type", ["pearson_correlation", "vif"])
def test_only_figures_are_told(world: World, task_type: str) -> None:
    know_moments(world)
    result = world.run(joint(world, task_type))

    tables = [world.read(party, "train.csv") for party in PARTIES]
    values = np.column_stack([tables[0][COLUMNS[:2]], tables[1][COLUMNS[2:]]])
    matrix = np.corrcoef(values.T)
    report = json.loads(Path(world.report(f"{task_type}.json")).read_text())
    if task_type == "vif":
        assert report["vif_values"] == result["vif_values"]
        expected = np.diag(np.linalg.inv(matrix))
        assert list(result["vif_values"].values()) == pytest.approx(expected, rel=1e-4)
    else:
        assert np.allclose(report["matrix"], matrix, atol=1e-6)
    world.assert_silent()


def test_p_values_tell_no_coefficient(world: World, model: dict[str, str]) -> None:
    know_moments(world)
    result = world.run(pvalue(world, model))

    assert list(result["features"]) == COLUMNS
    assert all(told["coefficient"] is None for told in result["features"].values())
    assert all(0 <= told["p_value"] <= 1 for told in result["features"].values())
    world.assert_silent()


@pytest.mark.parametrize("task_type", ["pearson_correlation", "vif"])
def test_a_column_that_holds_a_text(world: World, task_type: str) -> None:
    canary = world.canaries.text("bob")
    data = {**world.paths("train.csv"), "bob": spoil(world, "bob", "x_bob", canary)}
    refuse(world, joint(world, task_type, input_data=data), "INPUT_INVALID", "'x_bob'", canary)


@pytest.mark.parametrize("task_type", ["pearson_correlation", "vif"])
def test_ids_that_differ(world: World, task_type: str) -> None:
    canary = world.canaries.text("bob")
    data = {**world.paths("train.csv"), "bob": spoil(world, "bob", "uid", canary)}
    config = joint(world, task_type, input_data=data)
    refuse(world, config, "ROWS_NOT_ALIGNED", "not the same entities", canary)


def test_as_many_columns_as_rows(world: World) -> None:
    paths = {}
    for party in PARTIES:
        table = world.read(party, "train.csv")[:5]
        paths[party] = world.write(party, "few.csv", {name: table[name] for name in table})
    config = joint(world, "pearson_correlation", input_data=paths)
    refuse(world, config, "INPUT_INVALID", "5 rows are too few for 4 columns")


def test_p_values_of_rows_that_do_not_fit(world: World, model: dict[str, str]) -> None:
    canary = world.canaries.text("bob")
    data = {**world.paths("train.csv"), "bob": spoil(world, "bob", "z_bob", canary)}
    refuse(world, pvalue(world, model, data=data), "INPUT_INVALID", "'z_bob'", canary)
    data = {**world.paths("train.csv"), "alice": spoil(world, "alice", "y", 7315.25)}
    refuse(world, pvalue(world, model, data=data), "INPUT_INVALID", "must be 0 or 1", 7315.25)
