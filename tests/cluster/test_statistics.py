"""Statistics across parties between workers that share nothing, on the default device."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from tests.cluster.sites import Sites
from tests.tasks.joint_data import mixed, split, spread
from tests.tasks.test_ss_pvalue import wald
from tests.tasks.test_vif import plain
from tests.tasks.vertical_data import make_split, paths, training, write_split

pytestmark = pytest.mark.timeout(300)  # three workers start, on a busy machine slowly

TWO = ("alice", "bob")


def joint(sites: Sites, task_type: str, parties: tuple[str, ...], **extra: Any) -> Any:
    """Return every party's config, with a report of its own."""
    data = split(sites.folder, mixed(40, 6), spread(mixed(40, 6), parties), f"{task_type}.csv")
    return lambda party: {
        "task_type": task_type,
        "input_data": data,
        "id_columns": ["uid"],
        "output_report": str(sites[party].data / f"{task_type}.json"),
        **extra,
    }


def test_a_matrix_reaches_the_receivers_workers_alone(sites: Sites) -> None:
    config = joint(sites, "pearson_correlation", TWO, receivers=["bob"])

    outcomes = sites.run(config)

    told = outcomes["bob"]["result"]["correlation_matrix"]
    matrix = [list(row.values()) for row in told.values()]
    np.testing.assert_allclose(matrix, mixed(40, 6).corr(), atol=1e-6)
    assert outcomes["alice"]["result"] == {"output_report": None, "correlation_matrix": None}
    assert json.loads((sites["bob"].data / "pearson_correlation.json").read_text())["matrix"]
    assert not (sites["alice"].data / "pearson_correlation.json").exists()
    assert outcomes["bob"]["task_metadata"]["security"]["protocol"] == "CHEETAH"


def test_inflations_reach_every_party_where_none_is_named(sites: Sites) -> None:
    outcomes = sites.run(joint(sites, "vif", ("alice", "bob", "carol")), ("alice", "bob", "carol"))

    results = [outcome["result"]["vif_values"] for outcome in outcomes.values()]
    assert results[0] == results[1] == results[2]
    assert list(results[0].values()) == pytest.approx(plain(mixed(40, 6)), rel=2e-4)
    assert outcomes["carol"]["task_metadata"]["security"]["protocol"] == "ABY3"


def test_p_values_of_a_model_that_both_hold(sites: Sites) -> None:
    data = make_split(80, 4, trained=64)
    write_split(sites.folder, data)
    params = {"epochs": 2, "learning_rate": 0.5, "batch_size": 64}
    config = training(
        sites.folder, "ss_lr", data, params, model_output=paths(sites.folder, "for-pvalues")
    )
    for field in ("test_data", "prediction_output", "prediction_receiver"):
        del config[field]
    sites.run(config)

    outcomes = sites.run(
        lambda party: {
            "task_type": "ss_pvalue",
            "model": paths(sites.folder, "for-pvalues"),
            "data": paths(sites.folder, "train.csv"),
            "id_columns": ["uid"],
            "receivers": ["bob"],
            "standard_errors": True,
            "output_report": str(sites[party].data / "pvalue.json"),
        }
    )

    result = outcomes["bob"]["result"]
    told = [result["intercept"], *result["features"].values()]
    weights = np.array([each["coefficient"] for each in told])
    expected = wald(data.x[data.train], data.y[data.train], weights, "logistic")
    found = [each["statistic"] for each in told]
    np.testing.assert_allclose(found, expected, rtol=5e-4, atol=2e-3)
    assert outcomes["alice"]["result"] == {
        "output_report": None,
        "distribution": "normal",
        "features": None,
        "intercept": None,
    }
    assert (sites["bob"].data / "pvalue.json").exists()
    assert not (sites["alice"].data / "pvalue.json").exists()
