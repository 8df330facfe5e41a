"""What plain scikit-learn and xgboost reach where one house has all the columns.

Same rows, same columns, same split. Only a demo may look at both parties' files; it runs on
one machine that holds them both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from secretflow_worker.cli.demo.chain import BOTH, XGB_PARAMS, Files
from secretflow_worker.cli.demo.german_credit import LABEL


@dataclass(frozen=True)
class Plain:
    """One plain model and how well it tells the held-out rows apart."""

    library: str
    auc: float
    ks: float


def plain_models(files: Files) -> dict[str, Plain]:
    """Train both plain models on the pooled training rows and score the pooled test rows."""
    from sklearn.linear_model import LogisticRegression
    from xgboost import XGBClassifier

    models: dict[str, tuple[str, Any]] = {
        "ss_lr": ("scikit-learn LogisticRegression", LogisticRegression(max_iter=1000)),
        "ss_xgb": (
            "xgboost",
            XGBClassifier(
                n_estimators=XGB_PARAMS["num_boost_round"],
                max_depth=XGB_PARAMS["max_depth"],
                learning_rate=XGB_PARAMS["learning_rate"],
                reg_lambda=XGB_PARAMS["reg_lambda"],
                n_jobs=1,
            ),
        ),
    }
    train, train_label = _pooled(files, "train.csv")
    test, test_label = _pooled(files, "test.csv")
    return {
        task_type: _score(library, model.fit(train, train_label), test, test_label)
        for task_type, (library, model) in models.items()
    }


def _pooled(files: Files, name: str) -> tuple[Any, Any]:
    import numpy as np
    import polars as pl

    tables = {party: pl.read_csv(files.at(party, name)) for party in BOTH}
    features = [
        table.select(files.features(party, name)).cast(pl.Float64).to_numpy()
        for party, table in tables.items()
    ]
    label = next(table[LABEL].to_numpy() for table in tables.values() if LABEL in table.columns)
    return np.hstack(features), label


def _score(library: str, model: Any, test: Any, label: Any) -> Plain:
    from sklearn.metrics import roc_auc_score, roc_curve

    score = model.predict_proba(test)[:, 1]
    false_rate, true_rate, _ = roc_curve(label, score)
    return Plain(library, float(roc_auc_score(label, score)), float((true_rate - false_rate).max()))
