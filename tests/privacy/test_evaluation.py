"""What an evaluation leaves outside of the holder's house: metrics; nothing when it fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.privacy.world import World


def evaluation(world: World, table: str, report: str) -> dict[str, Any]:
    return {
        "task_type": "regression_eval",
        "prediction_data": {"alice": world.at("alice", table)},
        "label_column": "amount",
        "prediction_column": "pred",
        "output_report": world.report(report),
    }


def test_regression_eval_tells_its_metrics_only(world: World) -> None:
    canaries = world.canaries
    columns = {"amount": canaries.numbers("alice", 20), "pred": canaries.numbers("alice", 20)}
    world.write("alice", "amounts.csv", columns)
    config = evaluation(world, "amounts.csv", "regression.json")
    result = world.run(config)
    world.exempt([result["metrics"]["rmse"], result["metrics"]["mae"]])
    # The report states that it holds predicted values, so it is its reader's affair.
    Path(config["output_report"]).unlink()
    world.assert_silent()


def test_a_refused_table_leaves_nothing(world: World) -> None:
    columns: dict[str, list[Any]] = {
        "amount": world.canaries.numbers("alice", 20),
        "pred": ["x"] * 20,
    }
    world.write("alice", "no-numbers.csv", columns)
    config = evaluation(world, "no-numbers.csv", "refused.json")
    error = world.fail(config)
    assert error["code"] == "INPUT_INVALID"
    assert "pred" in error["message"]
    assert not Path(config["output_report"]).exists()
    world.assert_silent()
