"""SEMI2K where both operators allow its dealer, and three workers on ABY3."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from secretflow_worker.contract.errors import ProtocolUnfit
from secretflow_worker.contract.request import parse_request
from secretflow_worker.engine import Engine, EngineSettings
from tests.cluster.sites import Sites
from tests.conftest import write_csv
from tests.tasks import plain_models as plain
from tests.tasks.vertical_data import Split, make_split, paths, training

pytestmark = pytest.mark.timeout(300)  # three workers start, on a busy machine slowly

LR = {"epochs": 2, "learning_rate": 0.3, "batch_size": 32}
SEMI2K = {"protocol": "SEMI2K", "field": "FM128"}
THREE = ("alice", "bob", "carol")


def write_tables(sites: Sites, split: Split, name: str) -> None:
    for party in split.parties:
        for part, rows in (("train", split.train), ("test", split.test)):
            table = split.table(party, rows)
            table.to_csv(sites[party].data / f"{name}-{part}.csv", index=False)


def plain_predictions(split: Split) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    w = plain.sgd(
        split.x[split.train], split.y[split.train], epochs=2, learning_rate=0.3, batch_size=32
    )
    return plain.sigmoid(plain.scores(split.x[split.test], w))


@pytest.mark.parametrize(
    ("parties", "spu", "dealer", "tolerance"),
    [(("alice", "bob"), SEMI2K, "alice", 1e-4), (THREE, None, None, 3e-3)],
    ids=["semi2k", "aby3"],
)
def test_ss_lr(
    sites: Sites,
    parties: tuple[str, ...],
    spu: dict[str, str] | None,
    dealer: str | None,
    tolerance: float,
) -> None:
    name = f"on-{len(parties)}"
    split = make_split(96, 5, trained=64, parties=parties)
    write_tables(sites, split, name)

    outcomes = sites.run(
        training(
            sites.folder,
            "ss_lr",
            split,
            LR,
            train_data=paths(sites.folder, f"{name}-train.csv", parties),
            test_data=paths(sites.folder, f"{name}-test.csv", parties),
            model_output=paths(sites.folder, f"{name}-model", parties),
            prediction_output={"alice": str(sites["alice"].data / f"{name}.csv")},
        ),
        parties,
        spu,
    )

    predictions = pd.read_csv(sites["alice"].data / f"{name}.csv")["pred_prob"]
    assert np.abs(predictions - plain_predictions(split)).max() < tolerance
    for party in parties:
        security = outcomes[party]["task_metadata"]["security"]
        assert security["protocol"] == ("SEMI2K" if dealer else "ABY3")
        assert security["dealer"] == dealer
        assert security["mutual_tls"] is True
        assert (sites[party].data / f"{name}.csv").exists() == (party == "alice")
        has_loss = outcomes[party]["result"]["training_metrics"]["final_loss"] is not None
        assert has_loss == (party == "alice")
    manifests = [sites[party].data / f"{name}-model" / "manifest.json" for party in parties]
    assert len({json.loads(path.read_text())["model_id"] for path in manifests}) == 1


def test_psi_among_three_workers(sites: Sites) -> None:
    tables = {"alice": "fabxc", "bob": "cdbf", "carol": "bzfyx"}
    for party, keys in tables.items():
        write_csv(sites[party].data / "three.csv", {"uid": keys, f"of_{party}": range(len(keys))})

    outcomes = sites.run(
        {
            "task_type": "psi",
            "keys": {party: ["uid"] for party in THREE},
            "input_paths": paths(sites.folder, "three.csv", THREE),
            "output_paths": paths(sites.folder, "three-common.csv", THREE),
            "receiver": "carol",
        },
        THREE,
    )

    common = pd.read_csv(sites["carol"].data / "three-common.csv")
    assert sorted(common["uid"]) == ["b", "f"]
    counts = {party: outcomes[party]["result"]["intersection_count"] for party in THREE}
    assert counts == {"alice": -1, "bob": -1, "carol": 2}
    for party in THREE:
        reports = outcomes[party]["result"]["reports"]
        assert [report["party"] for report in reports] == [party]
        assert (sites[party].data / "three-common.csv").exists() == (party == "carol")


def test_semi2k_is_refused_where_the_operator_does_not_allow_its_dealer(
    sites: Sites, tmp_path: Path
) -> None:
    split = make_split(40, 2)
    write_tables(sites, split, "refused")
    config = training(
        sites.folder,
        "ss_lr",
        split,
        LR,
        train_data=paths(sites.folder, "refused-train.csv"),
        test_data=paths(sites.folder, "refused-test.csv"),
    )
    engine = Engine(EngineSettings(data_root=sites["bob"].data, state_dir=tmp_path, party="bob"))
    with pytest.raises(ProtocolUnfit, match="party alice deals") as refused:
        engine.prepare(parse_request(sites.message("bob", config, spu=SEMI2K)))
    assert "allow_semi2k_dealer" in refused.value.hint
