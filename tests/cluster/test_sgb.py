"""sgb between two workers that share nothing, with the key at the label holder."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from secretflow_worker.tasks.ml._buckets import cut_points
from tests.cluster.sites import Sites
from tests.tasks.plain_models import sigmoid
from tests.tasks.plain_secureboost import secureboost
from tests.tasks.vertical_data import (
    Numbers,
    Split,
    make_split,
    paths,
    read_predictions,
    training,
)

pytestmark = pytest.mark.timeout(300)  # three workers start, on a busy machine slowly

PARAMS = {"num_boost_round": 2, "max_depth": 2, "reg_lambda": 1.0, "sketch_eps": 0.2}
EXACT = 1e-6
HEU = {
    "sk_keeper": {"party": "alice"},
    "evaluators": [{"party": "bob"}],
    "mode": "PHEU",
    "he_parameters": {"schema": "ou", "key_pair": {"generate": {"bit_size": 2048}}},
}

Outcomes = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def split(sites: Sites) -> Split:
    split = make_split(120, 4, trained=90)
    for party in split.parties:
        for name, rows in (("train", split.train), ("test", split.test)):
            split.table(party, rows).to_csv(sites[party].data / f"sgb-{name}.csv", index=False)
    return split


def config_of(sites: Sites, split: Split, party: str) -> dict[str, Any]:
    return training(
        sites.folder,
        "sgb",
        split,
        PARAMS,
        train_data=paths(sites.folder, "sgb-train.csv"),
        test_data=paths(sites.folder, "sgb-test.csv"),
        model_output=paths(sites.folder, "sgb-model"),
        prediction_output={"bob": str(sites["bob"].data / "sgb.csv")},
        prediction_receiver="bob",
        output_report=str(sites[party].data / "sgb.json"),
    )


@pytest.fixture(scope="module")
def boosted(sites: Sites, split: Split) -> Outcomes:
    return sites.send(lambda party: config_of(sites, split, party), heu_config=HEU).results()


@pytest.fixture(scope="module")
def expected(split: Split) -> Numbers:
    x, y = split.x[split.train], split.y[split.train]
    cuts = [cut_points(column, 5) for column in x.T]
    plain = secureboost(x, y, cuts, trees=2, depth=2, learning_rate=0.3, reg_lambda=1.0)
    return sigmoid(plain.margins(split.x[split.test]))


def test_it_grows_the_trees_of_plain_boosting(
    sites: Sites, boosted: Outcomes, expected: Numbers
) -> None:
    got = read_predictions(sites.folder, "bob", "sgb.csv")
    assert np.abs(got["pred_prob"] - expected).max() < EXACT
    assert not (sites["alice"].data / "sgb.csv").exists()
    security = boosted["bob"]["task_metadata"]["security"]
    assert security["protocol"] == "CHEETAH"
    assert security["heu"] == {"scheme": "ou", "key_bits": 2048, "key_holder": "alice"}


def test_only_the_label_holder_is_told_of_importance(sites: Sites, boosted: Outcomes) -> None:
    told = {party: boosted[party]["result"] for party in ("alice", "bob")}
    assert len(told["alice"]["training_metrics"]["feature_importance"]) == 4
    assert told["bob"]["training_metrics"]["feature_importance"] is None
    assert json.loads((sites["alice"].data / "sgb.json").read_text())["charts"]
    assert told["bob"]["output_report"] is None
    assert not (sites["bob"].data / "sgb.json").exists()


def test_the_model_predicts_another_day_to_the_other_party(
    sites: Sites, boosted: Outcomes, expected: Numbers
) -> None:
    assert boosted["alice"]["result"]["model_saved"]
    sites.run(
        {
            "task_type": "predict",
            "model": paths(sites.folder, "sgb-model"),
            "data": paths(sites.folder, "sgb-test.csv"),
            "receiver": "alice",
            "prediction_output": {"alice": str(sites["alice"].data / "sgb-again.csv")},
        }
    )
    got = read_predictions(sites.folder, "alice", "sgb-again.csv")
    assert np.abs(got["pred_prob"] - expected).max() < EXACT


def test_the_key_must_be_the_label_holders(sites: Sites, split: Split) -> None:
    swapped = HEU | {"sk_keeper": {"party": "bob"}, "evaluators": [{"party": "alice"}]}
    joint = sites.send(lambda party: config_of(sites, split, party), heu_config=swapped)
    for party, error in joint.failures().items():
        assert error["code"] == "CONFIG_INVALID", party
        assert "heu_config.sk_keeper" in error["message"]
