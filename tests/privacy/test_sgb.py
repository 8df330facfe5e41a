"""What sgb leaves outside of the parties' houses and on the wire, when it succeeds and fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.privacy.test_failures import crossed_ids, refuse, spoil
from tests.privacy.test_success import FEATURES
from tests.privacy.test_wire import CHEETAH, PARTIES, SEMI2K, Wire
from tests.privacy.test_wire import training as on_the_wire
from tests.privacy.test_wire import wire as wire  # a fixture
from tests.privacy.world import World

PARAMS = {"num_boost_round": 2, "max_depth": 2, "sketch_eps": 0.25}


def boosting(world: World, name: str, **changes: Any) -> dict[str, Any]:
    return {
        "task_type": "sgb",
        "train_data": world.paths("train.csv"),
        "features": FEATURES,
        "label": "y",
        "label_party": "alice",
        "id_columns": ["uid"],
        "model_output": world.paths(f"{name}/model"),
        "params": PARAMS,
        "test_data": world.paths("test.csv"),
        "prediction_output": {"bob": world.at("bob", f"{name}/predictions.csv")},
        "output_report": world.report(f"{name}.json"),
        **changes,
    }


@pytest.fixture(scope="module")
def boosted(world: World) -> dict[str, Any]:
    """Return the result of a training whose model lies in the folder ``sgb`` of each house."""
    return world.run(boosting(world, "sgb"))


def test_sgb_tells_importances_and_neither_cuts_nor_predictions(
    world: World, boosted: dict[str, Any]
) -> None:
    importance = boosted["training_metrics"]["feature_importance"]
    assert {each["feature"] for each in importance} == set(FEATURES)
    assert json.loads(Path(world.report("sgb.json")).read_text())["num_trees"] == 2
    predictions = map(float, world.read("bob", "sgb/predictions.csv")["pred_prob"])
    world.canaries.know("both", predictions)  # few trees have few, for any rows
    assert not list(world.house("alice").glob("sgb/*.csv"))
    world.assert_silent()


def test_predict_by_sgb(world: World, boosted: dict[str, Any]) -> None:
    assert boosted["model_saved"]
    world.run(
        {
            "task_type": "predict",
            "model": world.paths("sgb/model"),
            "data": world.paths("test.csv"),
            "id_columns": ["uid"],
            "receiver": "bob",
            "prediction_output": {"bob": world.at("bob", "sgb-again/predictions.csv")},
        }
    )
    world.assert_silent()


def test_a_linear_label_and_a_base_model(world: World) -> None:
    params = {**PARAMS, "objective": "linear"}
    first = boosting(world, "amounts", label="amount", params=params, feature_importance=False)
    world.run(first)
    world.run({**first, **changed_places(world), "base_model": world.paths("amounts/model")})
    for name in ("amounts", "more-amounts"):
        world.canaries.know(
            "bob", map(float, world.read("bob", f"{name}/predictions.csv").pred_prob)
        )
    world.assert_silent()


def changed_places(world: World) -> dict[str, Any]:
    return {
        "model_output": world.paths("more-amounts/model"),
        "prediction_output": {"bob": world.at("bob", "more-amounts/predictions.csv")},
    }


def test_a_label_that_is_not_binary_is_not_quoted(world: World) -> None:
    refuse(world, boosting(world, "never", label="amount"), "INPUT_INVALID", "must be 0 or 1")


def test_a_text_among_the_features_is_not_quoted(world: World) -> None:
    text = world.canaries.text("bob")
    data = {**world.paths("train.csv"), "bob": spoil(world, "bob", "x_bob", text)}
    refuse(world, boosting(world, "never", train_data=data), "INPUT_INVALID", "'x_bob'", text)


def test_other_rows_at_the_parties(world: World) -> None:
    data = {**world.paths("train.csv"), "bob": crossed_ids(world, "train.csv")}
    refuse(world, boosting(world, "never", train_data=data), "ROWS_NOT_ALIGNED", "id_columns")


@pytest.mark.parametrize("spu", [SEMI2K, CHEETAH], ids=["semi2k", "cheetah"])
def test_nothing_of_a_row_passes_in_the_clear(wire: Wire, spu: dict[str, str]) -> None:
    config = on_the_wire(wire, "sgb", label="amount", params={**PARAMS, "objective": "linear"})
    _, recorded = wire.run(config, spu)
    predictions = list(pd.read_csv(wire.folder / "alice" / "sgb.csv")["pred_prob"])
    own = [wire.columns(f"x_{party}", f"z_{party}") for party in PARTIES]
    wire.assert_hidden(recorded, [predictions], wire.columns("amount", "x_alice"), *own)
