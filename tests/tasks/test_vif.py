"""Variance inflations against statsmodels' ``variance_inflation_factor``, with real parties."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.outliers_influence import variance_inflation_factor

from secretflow_worker.contract.errors import InputError, ProtocolUnfit
from secretflow_worker.contract.result import TaskOutcome
from tests.conftest import RunTask
from tests.tasks.joint_data import DEVICES, mixed, name_of, split, spread

TOLERANCE = 2e-4
"""Relative. FM64 has a matrix of ``2**-30`` and an inverse of ``2**-18`` times at most 5000."""


def plain(frame: pd.DataFrame) -> list[float]:
    design = np.column_stack([np.ones(len(frame)), frame])
    return [variance_inflation_factor(design, index + 1) for index in range(frame.shape[1])]


def run(
    run_task: RunTask,
    folder: Path,
    frame: pd.DataFrame,
    parties: Sequence[str] = ("alice", "bob"),
    spu: dict[str, str] | None = None,
    **extra: Any,
) -> TaskOutcome:
    config = {
        "task_type": "vif",
        "input_data": split(folder, frame, spread(frame, parties)),
        "id_columns": ["uid"],
        "output_report": str(folder / "out" / "report.json"),
        **extra,
    }
    return run_task(config, parties, spu)


def entangled(across: float, within: float) -> pd.DataFrame:
    """Return six columns of which x5 follows x0, and x1 follows x0, up to so much noise."""
    frame = mixed(80, 6, seed=2)
    noise = np.random.default_rng(3).normal(size=(80, 2))
    size = float(frame["x0"].std())
    return frame.assign(
        x5=2 * frame["x0"] + across * size * noise[:, 0],
        x1=frame["x0"] - within * size * noise[:, 1],
    )


@pytest.mark.parametrize(("parties", "spu"), DEVICES, ids=name_of)
@pytest.mark.parametrize(
    ("across", "within"), [(1.0, 1.0), (0.06, 0.5)], ids=["independent", "condition 1e3"]
)
def test_it_is_what_statsmodels_says(
    run_task: RunTask,
    tmp_path: Path,
    parties: tuple[str, ...],
    spu: dict[str, str] | None,
    across: float,
    within: float,
) -> None:
    frame = entangled(across, within)

    outcome = run(run_task, tmp_path, frame, parties, spu)

    told = outcome.result["vif_values"]
    expected = plain(frame)
    assert list(told) == list(frame.columns)
    assert list(told.values()) == pytest.approx(expected, rel=TOLERANCE)
    assert max(expected) > (500 if across < 1 else 5)
    assert outcome.result["collinear"] == outcome.result["constant"] == []


def test_inside_one_party_more_is_told_apart_than_fixed_point_could(
    run_task: RunTask, tmp_path: Path
) -> None:
    frame = entangled(across=0.8, within=0.02)

    spu = {"protocol": "SEMI2K", "field": "FM64"}
    told = run(run_task, tmp_path, frame, spu=spu).result["vif_values"]

    assert told["x1"] > 2000
    assert list(told.values()) == pytest.approx(plain(frame), rel=TOLERANCE)


@pytest.mark.parametrize("spu", [None, {"protocol": "SEMI2K", "field": "FM64"}], ids=name_of)
def test_columns_that_others_determine_have_no_figure_and_spoil_no_other(
    run_task: RunTask, tmp_path: Path, spu: dict[str, str] | None
) -> None:
    frame = mixed(60, 8)
    frame["x1"] = 3 * frame["x0"] - 7  # at alice
    frame["x7"] = frame["x2"] + 1  # at alice and bob
    frame["x6"] = 4.5

    outcome = run(run_task, tmp_path, frame, spu=spu)

    assert outcome.result["collinear"] == ["x0", "x1", "x2", "x7"]
    assert outcome.result["constant"] == ["x6"]
    told = outcome.result["vif_values"]
    alone = plain(frame[["x0", "x2", "x3", "x4", "x5"]])
    assert [told["x3"], told["x4"], told["x5"]] == pytest.approx(alone[2:], rel=TOLERANCE)
    assert [told[name] for name in ("x0", "x1", "x2", "x6", "x7")] == [None] * 5


def test_dummies_of_every_category_are_collinear(run_task: RunTask, tmp_path: Path) -> None:
    kinds = np.arange(30) % 3
    frame = mixed(30, 2).assign(**{f"is_{kind}": (kinds == kind) * 1.0 for kind in range(3)})
    parties = {"alice": ["x0", "is_0", "is_1", "is_2"], "bob": ["x1"]}

    config = {
        "task_type": "vif",
        "input_data": split(tmp_path, frame, parties),
        "id_columns": ["uid"],
        "output_report": str(tmp_path / "report.json"),
    }
    outcome = run_task(config)

    assert outcome.result["collinear"] == ["is_0", "is_1", "is_2"]
    alone = plain(frame[["x0", "x1", "is_0", "is_1"]])
    told = outcome.result["vif_values"]
    assert [told["x0"], told["x1"]] == pytest.approx(alone[:2], rel=TOLERANCE)


def test_two_hundred_columns(run_task: RunTask, tmp_path: Path) -> None:
    frame = mixed(600, 200)

    told = run(run_task, tmp_path, frame).result["vif_values"]

    assert list(told.values()) == pytest.approx(plain(frame), rel=TOLERANCE)


def test_a_single_column_is_inflated_by_nothing(run_task: RunTask, tmp_path: Path) -> None:
    outcome = run(run_task, tmp_path, mixed(20, 2), columns=["x0"])

    assert outcome.result["vif_values"] == {"x0": 1.0}


def test_the_report_has_the_figures_and_bars(run_task: RunTask, tmp_path: Path) -> None:
    frame = mixed(20, 3).assign(x2=1.0)
    outcome = run(run_task, tmp_path, frame, receivers=["bob"])

    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["vif_values"] == outcome.result["vif_values"]
    assert report["constant"] == ["x2"]
    (chart,) = report["charts"]
    assert chart["kind"] == "bar"
    assert chart["series"][0]["x"] == ["x0", "x1", "x2"]
    assert chart["series"][0]["y"] == list(report["vif_values"].values())


def test_too_few_rows_and_too_small_a_ring_are_refused(run_task: RunTask, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="5 rows are too few for 4 columns"):
        run(run_task, tmp_path, mixed(5, 4))
    with pytest.raises(ProtocolUnfit, match="FM32"):
        run(run_task, tmp_path, mixed(20, 4), spu={"protocol": "SEMI2K", "field": "FM32"})
