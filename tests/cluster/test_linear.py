"""Linear models between workers that share nothing, on the default device (CHEETAH)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.cluster.sites import Sites
from tests.tasks import plain_glm
from tests.tasks import plain_models as plain
from tests.tasks.plain_glm import Kind, add_column, make_glm
from tests.tasks.vertical_data import (
    Split,
    make_split,
    paths,
    read_predictions,
    training,
    write_split,
)

pytestmark = pytest.mark.timeout(300)  # three workers start, on a busy machine slowly

TWO = ("alice", "bob")
POISSON = Kind("poisson", "log")
FM64_TOLERANCE = 3e-3
"""Of a probability, and of a mean beside itself."""


@pytest.fixture
def split(sites: Sites) -> Split:
    split = make_glm(POISSON, 96, 4)
    write_split(sites.folder, split)
    return split


def test_ss_glm_trains_goes_on_and_predicts(sites: Sites, split: Split) -> None:
    offset = np.linspace(-1, 1, 96)
    add_column(sites.folder, "bob", "exposure", offset, split)
    params = {**POISSON.params(), "epochs": 6}
    config = training(
        sites.folder,
        "ss_glm",
        split,
        params,
        offset="exposure",
        model_output=paths(sites.folder, "glm"),
        prediction_output={"alice": str(sites["alice"].data / "glm.csv")},
    )

    outcomes = sites.run(config)

    model = plain_glm.fit(POISSON, split, offset=offset[split.train])
    expected = plain_glm.predict(POISSON, split, model.params, offset[split.test])
    predictions = read_predictions(sites.folder, name="glm.csv")
    assert np.abs(predictions["pred_prob"] / expected - 1).max() < FM64_TOLERANCE
    metrics = {party: outcomes[party]["result"]["training_metrics"] for party in TWO}
    assert metrics["alice"]["deviance"] == pytest.approx(model.deviance, rel=2e-2)
    assert metrics["bob"] == {**metrics["alice"], "deviance": None, "null_deviance": None}
    assert not list(sites["bob"].data.rglob("glm.csv"))

    further = {
        "base_model": paths(sites.folder, "glm"),
        "model_output": paths(sites.folder, "glm-further"),
        "prediction_output": {"alice": str(sites["alice"].data / "glm-further.csv")},
    }
    outcomes = sites.run({**config, **further})
    assert outcomes["bob"]["result"]["training_metrics"]["iterations"] == 1

    sites.run(
        {
            "task_type": "predict",
            "model": paths(sites.folder, "glm-further"),
            "data": paths(sites.folder, "test.csv"),
            "receiver": "bob",
            "prediction_output": {"bob": str(sites["bob"].data / "glm-again.csv")},
        }
    )
    again = read_predictions(sites.folder, "bob", "glm-again.csv")
    assert np.abs(again["pred_prob"] / expected - 1).max() < FM64_TOLERANCE


def test_ss_lr_goes_on_from_each_partys_own_share(sites: Sites) -> None:
    split = make_split(96, 4, trained=64)
    write_split(sites.folder, split)
    params = {"epochs": 1, "learning_rate": 0.3, "batch_size": 32}
    config = training(
        sites.folder,
        "ss_lr",
        split,
        params,
        model_output=paths(sites.folder, "first"),
        prediction_output={"alice": str(sites["alice"].data / "first.csv")},
    )
    sites.run(config)

    further: dict[str, Any] = {
        "base_model": paths(sites.folder, "first"),
        "model_output": paths(sites.folder, "second"),
        "prediction_output": {"alice": str(sites["alice"].data / "second.csv")},
    }
    sites.run({**config, **further})

    x, y = split.x[split.train], split.y[split.train]
    w = plain.sgd(x, y, epochs=2, learning_rate=0.3, batch_size=32)
    expected = plain.sigmoid(plain.scores(split.x[split.test], w))
    predictions = read_predictions(sites.folder, name="second.csv")
    assert np.abs(predictions["pred_prob"] - expected).max() < FM64_TOLERANCE

    mixed = {**further["base_model"], "bob": str(sites["bob"].data / "second")}
    failures = sites.send({**config, **further, "base_model": mixed}).failures()
    assert {failures[party]["code"] for party in TWO} == {"MODEL_INVALID"}


def test_a_label_outside_of_its_domain_is_told_to_its_holder_alone(
    sites: Sites, split: Split
) -> None:
    split.y[2] = -3.0
    write_split(sites.folder, split)
    config = training(
        sites.folder,
        "ss_glm",
        split,
        POISSON.params(),
        model_output=paths(sites.folder, "below-zero"),
        prediction_output={"alice": str(sites["alice"].data / "below-zero.csv")},
    )

    failures = sites.send(config).failures()

    assert {failures[party]["code"] for party in TWO} == {"INPUT_INVALID"}
    assert "label 'y' must hold numbers from 0 on" in failures["alice"]["message"]
    assert "'y'" not in failures["bob"]["message"] + failures["bob"]["hint"]
    assert all(failures[party]["party"] == "alice" for party in TWO)
    assert not any(list(sites[party].data.rglob("below-zero*")) for party in TWO)
