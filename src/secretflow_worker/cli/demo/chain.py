"""The demo's chain over German Credit: which tasks, in which order, with which configs."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from secretflow_worker.chain_builder import Chain, Step
from secretflow_worker.cli.demo.german_credit import (
    BANK,
    CATEGORICAL,
    IDS,
    LABEL,
    NUMERIC,
    RETAILER,
    Table,
)

BOTH = (BANK, RETAILER)
TEST_SHARE = 0.3
LR_PARAMS = {"epochs": 10, "learning_rate": 0.3, "batch_size": 100, "penalty": "l2", "l2_norm": 0.1}
XGB_PARAMS = {"num_boost_round": 10, "max_depth": 3, "learning_rate": 0.3, "reg_lambda": 1.0}
_TASK_TIMEOUT_S = 120.0


class Files:
    """Where each party's files of the demo lie; every party has a folder of its own."""

    def __init__(self, data_root: Path) -> None:
        self.root = data_root

    def at(self, party: str, name: str) -> str:
        return str(self.root / party / name)

    def both(self, name: str) -> dict[str, str]:
        return {party: self.at(party, name) for party in BOTH}

    def features(self, party: str, name: str) -> list[str]:
        """Return the columns of a party's table that a model learns from."""
        with Path(self.at(party, name)).open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        return [column for column in header if column not in (IDS[party], LABEL)]


def german_credit_chain(tables: Mapping[str, Table], files: Files) -> Chain:
    """Return the chain; what a task reads is where the one before it says that it wrote."""
    raw = {party: str(table.path) for party, table in tables.items()}
    features = {party: _features(party, table.path) for party, table in tables.items()}
    chain = Chain(
        "German Credit",
        description="A bank and a retailer: from intersection to evaluated models.",
        parties=list(BOTH),
    )
    chain.table_statistics(
        task_id="statistics",
        input_data=raw,
        columns=[*NUMERIC[BANK], *NUMERIC[RETAILER]],
        output_report=str(files.root / "statistics.json"),
    ).set(timeout_s=_TASK_TIMEOUT_S)
    psi = chain.psi(
        keys={party: [IDS[party]] for party in BOTH},
        input_paths=raw,
        output_paths=files.both("common.csv"),
        receiver=BANK,
        # Both train on the rows afterwards, so both have to know which they are.
        broadcast_result=True,
        protocol="RR22_PSI_2PC",
    ).set(timeout_s=_TASK_TIMEOUT_S)
    onehot = psi.onehot_encoder(
        task_id="onehot",
        input_data=psi.result.output_paths,
        output_data=files.both("encoded.csv"),
        rules_output=files.both("onehot.rules.json"),
        columns=[*CATEGORICAL[BANK], *CATEGORICAL[RETAILER]],
    ).set(timeout_s=_TASK_TIMEOUT_S)
    scale = onehot.standard_scaler(
        task_id="scale",
        input_data=onehot.result.output_paths,
        output_data=files.both("prepared.csv"),
        rules_output=files.both("scaler.rules.json"),
        columns=[*NUMERIC[BANK], *NUMERIC[RETAILER]],
    ).set(timeout_s=_TASK_TIMEOUT_S)
    split = scale.train_test_split(
        task_id="split",
        input_data=scale.result.output_paths,
        train_data=files.both("train.csv"),
        test_data=files.both("test.csv"),
        test_size=TEST_SHARE,
        id_columns={party: [IDS[party]] for party in BOTH},
    ).set(timeout_s=_TASK_TIMEOUT_S)
    for task_type, params, evaluation in (
        ("ss_lr", LR_PARAMS, "eval_lr"), ("ss_xgb", XGB_PARAMS, "eval_xgb"),
    ):  # fmt: skip
        model = _train(split, task_type, params, features, files)
        _evaluate(model, evaluation, files)
    return chain


def as_template(chain: Chain) -> dict[str, Any]:
    """Return the template by which the page offers the demo's chain again."""
    document = chain.document()
    return {
        "name": "german_credit",
        "title": document["chain_name"],
        "description": document["description"],
        "document": document,
    }


def _train(
    split: Step,
    task_type: str,
    params: Mapping[str, Any],
    features: Mapping[str, list[str]],
    files: Files,
) -> Step:
    return split.task(
        task_type,
        train_data=split.result.train_data,
        test_data=split.result.test_data,
        features=features,
        label=LABEL,
        label_party=BANK,
        id_columns={party: [IDS[party]] for party in BOTH},
        params=params,
        model_output=files.both(f"{task_type}_model"),
        prediction_receiver=BANK,
        prediction_output={BANK: files.at(BANK, f"{task_type}_predictions.csv")},
    ).set(timeout_s=_TASK_TIMEOUT_S)


def _evaluate(model: Step, task_id: str, files: Files) -> None:
    model.biclassification_eval(
        task_id=task_id,
        prediction_data={BANK: model.result.prediction_output},
        label_column=LABEL,
        prediction_column="pred_prob",
        output_report=files.at(BANK, f"{task_id}.json"),
    ).set(
        sf_init_config={"parties": [BANK], "address": "local"}, timeout_s=_TASK_TIMEOUT_S
    )  # fmt: skip


def _features(party: str, path: Path) -> list[str]:
    """Return a party's columns as they are once its categories are columns of their own."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    encoded = [
        f"{column}_{category}"
        for column in CATEGORICAL[party]
        for category in sorted({row[column] for row in rows})
    ]
    return [*encoded, *NUMERIC[party]]
