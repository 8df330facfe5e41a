"""The demo's chain over German Credit: which tasks, in which order, with which configs."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
TRAIN_SHARE = 0.7
LR_PARAMS = {"epochs": 10, "learning_rate": 0.3, "batch_size": 100, "penalty": "l2", "l2_norm": 0.1}
XGB_PARAMS = {"num_boost_round": 10, "max_depth": 3, "learning_rate": 0.3, "reg_lambda": 1.0}

Results = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Step:
    """One node. `config` makes the task_config once all of `after` have succeeded.

    A step with `work` instead is done here, by neither the worker nor the parties' protocols.
    """

    name: str
    after: tuple[str, ...]
    parties: tuple[str, ...] = BOTH
    config: Callable[[], dict[str, Any]] | None = None
    work: Callable[[], None] | None = None


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


def german_credit_steps(tables: Mapping[str, Table], files: Files) -> list[Step]:
    """Return the chain, in an order in which it could run."""
    raw = {party: str(table.path) for party, table in tables.items()}
    return [
        Step("statistics", (), config=lambda: _statistics(raw, files)),
        Step("psi", (), config=lambda: _psi(raw, files)),
        Step("onehot", ("psi",), config=lambda: _onehot(files)),
        Step("scale", ("onehot",), config=lambda: _scale(files)),
        Step("split", ("scale",), work=lambda: split_rows(files)),
        Step("ss_lr", ("split",), config=lambda: _train("ss_lr", LR_PARAMS, files)),
        Step("ss_xgb", ("split",), config=lambda: _train("ss_xgb", XGB_PARAMS, files)),
        Step("eval_lr", ("ss_lr",), (BANK,), config=lambda: _evaluate("ss_lr", files)),
        Step("eval_xgb", ("ss_xgb",), (BANK,), config=lambda: _evaluate("ss_xgb", files)),
    ]


def split_rows(files: Files) -> None:
    """Cut each party's table by position: the first 70 % to train on, the rest to predict.

    After psi the rows of both parties stand in the same order, that of their random ids, so a
    cut at the same place is a random split that needs no word between the parties.
    """
    for party in BOTH:
        header, *rows = Path(files.at(party, "prepared.csv")).read_text("utf-8").splitlines(True)
        cut = round(len(rows) * TRAIN_SHARE)
        for name, part in (("train.csv", rows[:cut]), ("test.csv", rows[cut:])):
            Path(files.at(party, name)).write_text("".join([header, *part]), "utf-8")


def _statistics(raw: dict[str, str], files: Files) -> dict[str, Any]:
    return {
        "task_type": "table_statistics",
        "input_data": raw,
        "columns": [*NUMERIC[BANK], *NUMERIC[RETAILER]],
        "output_report": str(files.root / "statistics.json"),
    }


def _psi(raw: dict[str, str], files: Files) -> dict[str, Any]:
    return {
        "task_type": "psi",
        "keys": {party: [IDS[party]] for party in BOTH},
        "input_paths": raw,
        "output_paths": files.both("common.csv"),
        "receiver": BANK,
        # Both train on the rows afterwards, so both have to know which they are.
        "broadcast_result": True,
        "protocol": "RR22_PSI_2PC",
    }


def _onehot(files: Files) -> dict[str, Any]:
    return {
        "task_type": "onehot_encoder",
        "input_data": files.both("common.csv"),
        "output_data": files.both("encoded.csv"),
        "rules_output": files.both("onehot.rules.json"),
        "columns": [*CATEGORICAL[BANK], *CATEGORICAL[RETAILER]],
    }


def _scale(files: Files) -> dict[str, Any]:
    return {
        "task_type": "standard_scaler",
        "input_data": files.both("encoded.csv"),
        "output_data": files.both("prepared.csv"),
        "rules_output": files.both("scaler.rules.json"),
        "columns": [*NUMERIC[BANK], *NUMERIC[RETAILER]],
    }


def _train(task_type: str, params: Mapping[str, Any], files: Files) -> dict[str, Any]:
    return {
        "task_type": task_type,
        "train_data": files.both("train.csv"),
        "test_data": files.both("test.csv"),
        "features": {party: files.features(party, "train.csv") for party in BOTH},
        "label": LABEL,
        "label_party": BANK,
        "id_columns": {party: [IDS[party]] for party in BOTH},
        "params": dict(params),
        "model_output": files.both(f"{task_type}_model"),
        "prediction_receiver": BANK,
        "prediction_output": {BANK: files.at(BANK, f"{task_type}_predictions.csv")},
    }


def _evaluate(task_type: str, files: Files) -> dict[str, Any]:
    return {
        "task_type": "biclassification_eval",
        "prediction_data": {BANK: files.at(BANK, f"{task_type}_predictions.csv")},
        "label_column": LABEL,
        "prediction_column": "pred_prob",
        "output_report": files.at(BANK, f"{task_type}_evaluation.json"),
    }
