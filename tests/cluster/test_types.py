"""Every task type between two workers that share nothing, on the default device (CHEETAH)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from secretflow_worker.tasks.ml._buckets import cut_points
from tests.cluster.sites import Sites
from tests.conftest import write_csv
from tests.tasks import plain_models as plain
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
LR = {"epochs": 2, "learning_rate": 0.3, "batch_size": 32}
XGB = {"num_boost_round": 1, "max_depth": 2, "learning_rate": 0.3, "reg_lambda": 1.0}
FM64_TOLERANCE = 3e-3
"""Of a probability."""

Outcomes = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def split(sites: Sites) -> Split:
    """Training and test rows at both parties, the label at alice."""
    split = make_split(96, 4, trained=64)
    write_split(sites.folder, split)
    return split


@pytest.fixture(scope="module")
def lr(sites: Sites, split: Split) -> Outcomes:
    return sites.run(
        training(
            sites.folder,
            "ss_lr",
            split,
            LR,
            model_output=paths(sites.folder, "lr"),
            prediction_output={"alice": str(sites["alice"].data / "lr.csv")},
        )
    )


@pytest.fixture(scope="module")
def xgb(sites: Sites, split: Split) -> Outcomes:
    return sites.run(
        training(
            sites.folder,
            "ss_xgb",
            split,
            {**XGB, "sketch_eps": 0.25},
            model_output=paths(sites.folder, "xgb"),
            test_data=paths(sites.folder, "test.csv"),
            prediction_output={"bob": str(sites["bob"].data / "xgb.csv")},
            prediction_receiver="bob",
        )
    )


def manifest(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return document


def test_ss_lr_trains_and_predicts(sites: Sites, split: Split, lr: Outcomes) -> None:
    x, y = split.x[split.train], split.y[split.train]
    w = plain.sgd(x, y, epochs=2, learning_rate=0.3, batch_size=32)
    predictions = read_predictions(sites.folder, name="lr.csv")
    expected = plain.sigmoid(plain.scores(split.x[split.test], w))
    assert np.abs(predictions["pred_prob"] - expected).max() < FM64_TOLERANCE
    assert list(predictions["y"]) == list(split.y[split.test])

    loss = lr["alice"]["result"]["training_metrics"]["final_loss"]
    assert loss == pytest.approx(plain.log_loss(plain.scores(x, w), y), abs=FM64_TOLERANCE)
    assert lr["bob"]["result"]["training_metrics"]["final_loss"] is None
    assert not list(sites["bob"].data.rglob("lr.csv"))


def test_ss_xgb_trains_and_predicts(sites: Sites, split: Split, xgb: Outcomes) -> None:
    x, y = split.x[split.train], split.y[split.train]
    model = plain.boost(
        x,
        y,
        [cut_points(column, 4) for column in x.T],
        trees=1,
        depth=2,
        learning_rate=0.3,
        reg_lambda=1.0,
    )
    predictions = read_predictions(sites.folder, "bob", "xgb.csv")
    expected = plain.sr_sigmoid(model.margins(split.x[split.test]))
    assert np.abs(predictions["pred_prob"] - expected).max() < FM64_TOLERANCE
    assert list(predictions.columns) == ["uid", "pred_prob"], "bob has no label"
    assert not list(sites["alice"].data.rglob("xgb.csv"))
    assert {xgb[party]["result"]["training_metrics"]["num_trees"] for party in TWO} == {1}


@pytest.mark.parametrize("kind", ["lr", "xgb"])
def test_both_parties_hold_a_share_of_one_model(
    sites: Sites, kind: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(kind)
    manifests = {party: manifest(sites[party].data / kind) for party in TWO}
    assert len({each["model_id"] for each in manifests.values()}) == 1
    assert [manifests[party]["party"] for party in TWO] == list(TWO)
    shares = {(sites[party].data / kind / "share.bin").read_bytes() for party in TWO}
    assert len(shares) == 2
    own = {party: json.loads((sites[party].data / kind / "own.json").read_text()) for party in TWO}
    assert kind == "lr" or own["alice"] != own["bob"], "each keeps the cuts of its own features"


@pytest.mark.parametrize(("kind", "trained_for"), [("lr", "alice"), ("xgb", "bob")])
def test_predict_from_the_saved_directories(
    sites: Sites, kind: str, trained_for: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(kind)
    outcomes = sites.run(
        {
            "task_type": "predict",
            "model": paths(sites.folder, kind),
            "data": paths(sites.folder, "test.csv"),
            "id_columns": ["uid"],
            "receiver": "bob",
            "prediction_output": {"bob": str(sites["bob"].data / f"{kind}-again.csv")},
        }
    )
    first = read_predictions(sites.folder, trained_for, f"{kind}.csv")
    again = read_predictions(sites.folder, "bob", f"{kind}-again.csv")
    assert np.abs(first["pred_prob"] - again["pred_prob"]).max() < FM64_TOLERANCE
    assert list(again["uid"]) == list(first["uid"])
    assert not list(sites["alice"].data.rglob(f"{kind}-again.csv"))
    for outcome in outcomes.values():
        assert outcome["result"]["row_count"] == 32
        assert outcome["result"]["model_task_type"] == f"ss_{kind}"


def test_the_default_device_has_no_dealer_and_tls(lr: Outcomes) -> None:
    for party in TWO:
        assert lr[party]["task_metadata"]["security"] == {
            "protocol": "CHEETAH",
            "field": "FM64",
            "dealer": None,
            "mutual_tls": True,
            "heu": None,
        }


def test_an_envelope_has_the_figures_of_its_own_party(lr: Outcomes) -> None:
    for party in TWO:
        metrics = lr[party]["performance_metrics"]
        for figure in ("peak_rss_bytes", "bytes_sent"):
            assert set(metrics[figure]) == {party}
            assert metrics[figure][party] > 0
        assert lr[party]["task_metadata"]["devices_used"] == [party, "spu"]
        assert lr[party]["task_metadata"]["parties"] == list(TWO)


def test_biclassification_eval_at_the_holder_alone(
    sites: Sites, split: Split, lr: Outcomes
) -> None:
    outcomes = sites.run(
        lambda party: {
            "task_type": "biclassification_eval",
            "prediction_data": {"alice": str(sites["alice"].data / "lr.csv")},
            "label_column": "y",
            "prediction_column": "pred_prob",
            "output_report": str(sites[party].data / "eval.json"),
        }
    )
    predictions = read_predictions(sites.folder, name="lr.csv")
    expected = roc_auc_score(predictions["y"], predictions["pred_prob"])
    assert outcomes["alice"]["result"]["metrics"]["auc"] == pytest.approx(expected)
    assert outcomes["bob"]["result"] == {"output_report": None, "metrics": None}
    assert (sites["alice"].data / "eval.json").exists()
    assert not (sites["bob"].data / "eval.json").exists()


def test_psi_reports_only_to_the_receiver(sites: Sites) -> None:
    tables = {"alice": ["a", "b", "c", "x"], "bob": ["c", "d", "b"]}
    for party, keys in tables.items():
        values = [f"{party}-{key}" for key in keys]
        write_csv(sites[party].data / "people.csv", {"uid": keys, "note": values})
    before = sites["bob"].files()

    outcomes = sites.run(
        {
            "task_type": "psi",
            "keys": {party: ["uid"] for party in TWO},
            "input_paths": paths(sites.folder, "people.csv"),
            "output_paths": paths(sites.folder, "common.csv"),
            "receiver": "alice",
        }
    )

    common = pd.read_csv(sites["alice"].data / "common.csv")
    assert sorted(common["note"]) == ["alice-b", "alice-c"]
    assert sites["bob"].files() == before
    results = {party: outcomes[party]["result"] for party in TWO}
    assert results["alice"]["reports"] == [
        {"party": "alice", "original_count": 4, "intersection_count": 2}
    ]
    assert results["bob"]["reports"] == [
        {"party": "bob", "original_count": 3, "intersection_count": -1}
    ]
    assert [results[party]["intersection_count"] for party in TWO] == [2, -1]
    assert [list(results[party]["output_paths"]) for party in TWO] == [["alice"], []]


def test_psi_broadcast_aligns_the_parties_rows(sites: Sites) -> None:
    tables = {"alice": ["q", "b", "c", "x"], "bob": ["c", "d", "b", "q"]}
    for party, keys in tables.items():
        write_csv(sites[party].data / "all.csv", {"uid": keys, f"of_{party}": range(len(keys))})

    outcomes = sites.run(
        {
            "task_type": "psi",
            "keys": {party: ["uid"] for party in TWO},
            "input_paths": paths(sites.folder, "all.csv"),
            "output_paths": paths(sites.folder, "aligned.csv"),
            "receiver": "alice",
            "broadcast_result": True,
            "protocol": "ECDH_PSI_2PC",
        }
    )

    for party in TWO:
        table = pd.read_csv(sites[party].data / "aligned.csv")
        assert list(table["uid"]) == ["b", "c", "q"]
        assert list(table.columns) == ["uid", f"of_{party}"]
        assert outcomes[party]["result"]["intersection_count"] == 3


def test_preparation_happens_at_the_owner(sites: Sites) -> None:
    for party, colours in {"alice": ["red", "blue", "red"], "bob": ["dry", "wet", "wet"]}.items():
        columns: dict[str, Any] = {"uid": "abc", f"n_{party}": [1, 2, 6], f"c_{party}": colours}
        write_csv(sites[party].data / "raw.csv", columns)

    scaled = sites.run(
        {
            "task_type": "standard_scaler",
            "input_data": paths(sites.folder, "raw.csv"),
            "output_data": paths(sites.folder, "scaled.csv"),
            "rules_output": paths(sites.folder, "scaler.json"),
            "columns": ["n_alice", "n_bob"],
        }
    )
    encoded = sites.run(
        {
            "task_type": "onehot_encoder",
            "input_data": paths(sites.folder, "scaled.csv"),
            "output_data": paths(sites.folder, "encoded.csv"),
            "columns": ["c_alice", "c_bob"],
        }
    )

    raw = np.array([1.0, 2.0, 6.0])
    kinds = {"alice": ["blue", "red"], "bob": ["dry", "wet"]}
    for party in TWO:
        table = pd.read_csv(sites[party].data / "encoded.csv")
        assert np.allclose(table[f"n_{party}"], (raw - raw.mean()) / raw.std())
        assert list(table.columns[2:]) == [f"c_{party}_{kind}" for kind in kinds[party]]
        assert scaled[party]["result"]["columns_scaled"] == [f"n_{party}"]
        assert encoded[party]["result"]["output_column_counts"] == {f"c_{party}": 2}
        rules = json.loads((sites[party].data / "scaler.json").read_text())
        assert list(rules["columns"]) == [f"n_{party}"]


def test_table_statistics_of_the_own_columns_only(sites: Sites) -> None:
    values: dict[str, list[float]] = {"alice": [1.5, 2.5, 9.0], "bob": [10, 20, 60]}
    for party in TWO:
        write_csv(sites[party].data / "numbers.csv", {f"n_{party}": values[party]})

    outcomes = sites.run(
        lambda party: {
            "task_type": "table_statistics",
            "input_data": paths(sites.folder, "numbers.csv"),
            "output_report": str(sites[party].data / "statistics.json"),
        }
    )

    for party in TWO:
        described = pd.Series(values[party]).describe()
        told = outcomes[party]["result"]["statistics"]
        assert list(told) == [f"n_{party}"]
        for figure, value in told[f"n_{party}"].items():
            assert value == pytest.approx(described.get(figure, 0))
        report = json.loads((sites[party].data / "statistics.json").read_text())
        assert list(report["statistics"]) == [f"n_{party}"]
        assert list(report["parties"]) == [party]
