"""What linear models leave outside of the parties' houses: no more than they state."""

from __future__ import annotations

from typing import Any

import pytest

from tests.privacy.test_failures import refuse, spoil
from tests.privacy.test_success import FEATURES, LR, training
from tests.privacy.world import PARTIES, ROWS, World

COLUMNS = ["s_alice", "t_alice", "s_bob", "t_bob"]
GLM = {"epochs": 3}


@pytest.fixture(scope="module", autouse=True)
def _standardized(world: World) -> None:
    """Give both parties features of the size that a GLM takes, made of canaries."""
    canaries = world.canaries

    def small(owner: str, rows: int) -> list[float]:
        numbers = [number / 1000 for number in canaries.numbers(owner, rows)]
        canaries.know(owner, numbers)
        return numbers

    for name, rows in (("scaled.csv", ROWS), ("scaled-test.csv", ROWS // 2)):
        ids = canaries.texts("both", rows)
        for party in PARTIES:
            columns: dict[str, Any] = {"uid": ids}
            columns |= {f"{letter}_{party}": small(party, rows) for letter in "st"}
            if party == "alice":
                columns["amount"] = canaries.numbers(party, rows)
            else:
                columns["exposure"] = small(party, rows)
            world.write(party, name, columns)


def glm(world: World, name: str, **changes: Any) -> dict[str, Any]:
    return {
        "task_type": "ss_glm",
        "train_data": world.paths("scaled.csv"),
        "features": COLUMNS,
        "label": "amount",
        "label_party": "alice",
        "id_columns": ["uid"],
        "model_output": world.paths(f"{name}/model"),
        "params": {**GLM, "distribution": "gamma"},
        "test_data": world.paths("scaled-test.csv"),
        "prediction_output": {"alice": world.at("alice", f"{name}/predictions.csv")},
        **changes,
    }


def know_predictions(world: World, party: str, name: str) -> None:
    """Take the predictions as the receiver's, but for those that are no canaries by their size."""
    predictions = map(float, world.read(party, name)["pred_prob"])
    world.canaries.know(
        party, [number for number in predictions if 0 < number < 1 or 100 <= number < 1000]
    )


@pytest.mark.parametrize("solver", ["irls", "sgd"])
def test_ss_glm_with_offset_and_row_weights(world: World, solver: str) -> None:
    name = f"glm-{solver}"
    params = {**GLM, "distribution": "gamma", "solver": solver, "l2_lambda": 1.0}
    if solver == "sgd":  # the offset says nothing of the label: time to unlearn it
        params |= {"epochs": 12, "learning_rate": 0.1}
    result = world.run(
        glm(world, name, params=params, offset={"bob": "exposure"}, weight={"bob": "exposure"})
    )
    assert result["training_metrics"]["deviance"] > 0
    know_predictions(world, "alice", f"{name}/predictions.csv")
    world.assert_silent()


def test_ss_glm_by_the_identity_link_keeps_the_labels_scale(world: World) -> None:
    """Mean and deviation of the label lie in its holder's house, for trainings that go on."""
    world.run(glm(world, "glm-normal", params={**GLM, "distribution": "normal"}))
    amounts = world.read("alice", "scaled.csv")["amount"]
    world.canaries.know("alice", [float(amounts.mean()), float(amounts.std(ddof=0))])
    know_predictions(world, "alice", "glm-normal/predictions.csv")
    world.assert_silent()


@pytest.mark.parametrize("task_type", ["ss_lr", "ss_glm"])
def test_training_that_goes_on(world: World, task_type: str) -> None:
    for name, base in ((f"base-{task_type}", None), (f"more-{task_type}", f"base-{task_type}")):
        changes = {} if base is None else {"base_model": world.paths(f"{base}/model")}
        if task_type == "ss_lr":
            config = training(world, "ss_lr", name, **changes)
        else:
            config = glm(world, name, **changes)
        world.run(config)
        know_predictions(world, "alice", f"{name}/predictions.csv")
    world.assert_silent()


@pytest.mark.parametrize("kind", ["label", "text", "features", "weight", "base"])
def test_ss_glm_fails(world: World, kind: str) -> None:
    canary: object = world.canaries.text("bob")
    data = world.paths("scaled.csv")
    changes: dict[str, Any] = {}
    code, words = "INPUT_INVALID", "numbers above 0"
    if kind == "label":
        canary = -world.canaries.number("alice")
        data["alice"] = spoil(world, "alice", "amount", canary, "scaled.csv")
    elif kind == "text":
        data["bob"] = spoil(world, "bob", "s_bob", canary, "scaled.csv")
        words = "'s_bob'"
    elif kind == "features":
        data = world.paths("train.csv")
        changes = {"features": FEATURES, "test_data": world.paths("test.csv")}
        words, canary = "is not standardized", ""
    elif kind == "weight":
        data["bob"] = spoil(world, "bob", "exposure", -1.5, "scaled.csv")
        changes["weight"] = "exposure"
        words, canary = "row weights 'exposure'", ""
    else:
        lr = training(world, "ss_lr", "another-type")
        for field in ("test_data", "prediction_output"):
            del lr[field]
        world.run(lr)
        changes["base_model"] = world.paths("another-type/model")
        code, words, canary = "MODEL_INVALID", "a model of ss_lr@1", ""
    refuse(world, glm(world, "never", train_data=data, **changes), code, words, canary)


def test_ss_lr_with_a_base_model_of_other_features(world: World) -> None:
    config = training(world, "ss_lr", "fewer", features=FEATURES[:-1])
    del config["test_data"], config["prediction_output"]
    world.run(config)
    config = training(world, "ss_lr", "never", base_model=world.paths("fewer/model"), params=LR)
    refuse(world, config, "CONFIG_INVALID", "its features of bob are x_bob")
