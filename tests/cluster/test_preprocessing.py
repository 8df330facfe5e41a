"""Tables prepared at two sites: each worker its own, today by a fit and tomorrow by its rules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import MinMaxScaler, OrdinalEncoder

from secretflow_worker.tasks._rules import load_rules
from tests.cluster.sites import RESULT_TIMEOUT_S, Sites
from tests.tasks.vertical_data import paths
from tests.worker.harness import failure

pytestmark = pytest.mark.timeout(300)  # three workers start, on a busy machine slowly

TWO = ("alice", "bob")
FITS: dict[str, dict[str, Any]] = {
    "minmax_scaler": {"columns": ["n_alice", "n_bob"], "feature_range": [-1, 1]},
    "label_encoder": {"columns": ["c_alice", "c_bob"], "unknown": "value"},
    "fillna": {"method": {"n_alice": "mean", "n_bob": "median", "c_bob": "mode"}},
}

TOLD = {
    "minmax_scaler": "columns_scaled",
    "label_encoder": "columns_encoded",
    "fillna": "columns_filled",
}


@pytest.fixture(scope="module")
def tables(sites: Sites) -> dict[str, dict[str, pd.DataFrame]]:
    """Today's and tomorrow's table of each party; tomorrow's has a category more."""
    written: dict[str, dict[str, pd.DataFrame]] = {}
    for index, party in enumerate(TWO):
        rng = np.random.default_rng(index)
        days = {"today": ["red", "blue", "名"], "tomorrow": ["red", "blue", "green"]}
        written[party] = {}
        for day, kinds in days.items():
            own = {f"n_{party}": rng.normal(9, 4, 30).round(3), f"c_{party}": rng.choice(kinds, 30)}
            table = pd.DataFrame(own).mask(rng.random((30, 2)) < 0.1).assign(uid=range(30))
            table.to_csv(sites[party].data / f"{day}.csv", index=False)
            written[party][day] = table
    return written


@pytest.fixture(scope="module", params=FITS)
def prepared(
    sites: Sites, tables: dict[str, dict[str, pd.DataFrame]], request: pytest.FixtureRequest
) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Return a task type, and what each site was told by its fit and by apply_rules."""
    task_type = str(request.param)
    fit = sites.run(
        {
            "task_type": task_type,
            "input_data": paths(sites.folder, "today.csv"),
            "output_data": paths(sites.folder, f"{task_type}-today.csv"),
            "rules_output": paths(sites.folder, f"{task_type}.json"),
            **FITS[task_type],
        }
    )
    applied = sites.run(
        {
            "task_type": "apply_rules",
            "rules": paths(sites.folder, f"{task_type}.json"),
            "input_data": paths(sites.folder, "tomorrow.csv"),
            "output_data": paths(sites.folder, f"{task_type}-tomorrow.csv"),
        }
    )
    return task_type, fit, applied


def expected_of(task_type: str, party: str, today: pd.DataFrame, table: pd.DataFrame) -> Any:
    """Return what scikit-learn or pandas, fitted today, makes of a table."""
    number, kind = f"n_{party}", f"c_{party}"
    if task_type == "minmax_scaler":
        scaler = MinMaxScaler((-1, 1)).fit(today[[number]])
        return table.assign(**{number: scaler.transform(table[[number]])[:, 0]})
    if task_type == "label_encoder":
        encoder = OrdinalEncoder(
            handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=np.nan
        )
        encoder.fit(today[[kind]])
        return table.assign(**{kind: encoder.transform(table[[kind]])[:, 0]})
    if party == "alice":
        return table.fillna({number: today[number].mean()})
    return table.fillna({number: today[number].median(), kind: today[kind].mode()[0]})


def test_each_site_prepares_its_own_table_on_both_days(
    sites: Sites,
    tables: dict[str, dict[str, pd.DataFrame]],
    prepared: tuple[str, dict[str, Any], dict[str, Any]],
) -> None:
    task_type, fit, applied = prepared
    for party in TWO:
        for day in ("today", "tomorrow"):
            written = pd.read_csv(sites[party].data / f"{task_type}-{day}.csv")
            today, table = tables[party]["today"], tables[party][day]
            expected = expected_of(task_type, party, today, table)
            pd.testing.assert_frame_equal(written, expected, check_dtype=False, rtol=1e-9)
        own = list(load_rules(sites[party].data / f"{task_type}.json").columns)
        assert own
        assert {name.rpartition("_")[2] for name in own} == {party}
        told = fit[party]["result"]
        assert (
            told.get("columns_filled", told.get("columns_scaled", told.get("columns_encoded")))
            == own
        )
        assert applied[party]["result"]["columns_changed"] == own


def test_new_data_that_one_sites_rules_do_not_fit_is_that_sites_failure(
    sites: Sites, prepared: tuple[str, dict[str, Any], dict[str, Any]]
) -> None:
    task_type, _, _ = prepared
    bad = sites["bob"].data / "nothing.csv"
    bad.write_text("uid\n1\n")
    joint = sites.send(
        {
            "task_type": "apply_rules",
            "rules": paths(sites.folder, f"{task_type}.json"),
            "input_data": {**paths(sites.folder, "tomorrow.csv"), "bob": str(bad)},
            "output_data": paths(sites.folder, f"{task_type}-unfit.csv"),
        }
    )
    error = failure(joint.sent["bob"], RESULT_TIMEOUT_S)
    assert "which task_config.rules.bob names" in error["message"]
    assert error["party"] == "bob"
    assert not (sites["bob"].data / f"{task_type}-unfit.csv").exists()
    joint.sent["alice"].get(timeout=RESULT_TIMEOUT_S)  # her table is her own affair
