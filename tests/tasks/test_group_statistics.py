"""Statistics by another party's groups against pandas' ``groupby``; exact, so to 1e-12."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from secretflow_worker.contract.errors import ConfigError, InputError, RowsNotAligned
from secretflow_worker.contract.result import TaskOutcome
from secretflow_worker.engine import extras
from secretflow_worker.tasks import TaskDispatcher
from tests.conftest import RunTask, write_csv

TWO = ("alice", "bob")
THREE = ("alice", "bob", "carol")
VALUES = {"bob": ["v", "w"], "carol": ["z"]}


def config_of(folder: Path, parties: Sequence[str] = TWO, **changes: Any) -> dict[str, Any]:
    return {
        "task_type": "group_statistics",
        "input_data": {party: str(folder / f"{party}.csv") for party in parties},
        "group_party": "alice",
        "group_by": "city",
        "values": {party: VALUES[party] for party in parties if party != "alice"},
        "min_group_rows": 2,
        "output_report": str(folder / "report.json"),
        **changes,
    }


@pytest.fixture
def frame(tmp_path: Path) -> pd.DataFrame:
    """Alice's cities (one in few rows, one with a comma, one row with none) and numbers."""
    rng = np.random.default_rng(7)
    rows = 41
    cities = ["北京", '"Paris, TX"', "0"] * 13 + ["alone", ""]
    columns: dict[str, Any] = {
        "uid": [f"u{row}" for row in range(rows)],
        "city": cities,
        "v": rng.normal(size=rows) * 10.0 ** rng.integers(-9, 12, rows),
        "w": rng.integers(-(2**52), 2**52, rows),
        "z": [-0.0] * rows,
    }
    for party, names in {"alice": ["city"], "bob": ["v", "w"], "carol": ["z"]}.items():
        write_csv(tmp_path / f"{party}.csv", {name: columns[name] for name in ["uid", *names]})
    frame = pd.DataFrame(columns)
    frame["city"] = frame["city"].str.strip('"')
    return frame


def report_of(outcome: TaskOutcome) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(Path(outcome.result["output_report"]).read_text())
    return report


@pytest.mark.parametrize("parties", [TWO, THREE], ids=["two", "three"])
def test_it_is_what_pandas_groups(
    run_task: RunTask, frame: pd.DataFrame, tmp_path: Path, parties: tuple[str, ...]
) -> None:
    outcome = run_task(config_of(tmp_path, parties, id_columns=["uid"]), parties)

    report = report_of(outcome)
    assert outcome.result["groups"] == 3
    assert [report[key] for key in ("groups_left_out", "rows_left_out")] == [1, 1]
    assert report["rows_without_group"] == 1
    plain = frame.groupby("city")
    assert [each["group"] for each in report["groups"]] == ["0", "Paris, TX", "北京"]
    for each in report["groups"]:
        of_group = plain.get_group(each["group"])
        assert each["rows"] == len(of_group)
        assert len(each["columns"]) == 2 * len(parties) - 2 - (len(parties) - 2)
        for column, told in each["columns"].items():
            values = of_group[column.partition(".")[2]].astype(float)
            scale = np.abs(values).max()
            assert told["sum"] == pytest.approx(values.sum(), abs=1e-12 * scale * len(values))
            assert told["mean"] == pytest.approx(values.mean(), abs=1e-12 * scale)
            assert told["std"] == pytest.approx(values.std(), abs=1e-12 * scale)
    assert len(report["charts"]) == len(report["groups"][0]["columns"])


def test_another_worker_is_told_nothing(frame: pd.DataFrame, tmp_path: Path) -> None:
    task = TaskDispatcher.find("group_statistics")
    config = task.parse(config_of(tmp_path), TWO)
    assert task.combine_function is not None
    assert task.report_document is not None
    reports = {"bob": task.report()}
    result = task.combine_function(config, reports)
    assert result.model_dump() == {"output_report": None, "groups": None}
    assert task.report_document(config, reports) is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"group_party": "dave"}, "group_party: 'dave' is not a party"),
        ({"values": {"alice": ["v"]}}, "values: alice has the groups"),
        ({"values": {"dave": ["v"]}}, "values: 'dave' has no table"),
        ({"values": {"bob": ["v", "v"]}}, "values: 'v' is named more than once"),
        ({"values": {}}, "values"),
        ({"min_group_rows": 1}, "min_group_rows"),
        ({"input_data": {"alice": "/a.csv"}}, "input_data: party bob is missing"),
    ],
)
def test_what_it_refuses(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        TaskDispatcher.find("group_statistics").parse(config_of(tmp_path, **changes), TWO)


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"min_group_rows": 30}, InputError, "'city' has 0 groups of 30 rows or more"),
        ({"group_by": "town"}, InputError, "town"),
        ({"values": {"bob": ["uid"]}}, InputError, "'uid'"),
        ({"input_data": "short"}, RowsNotAligned, "row counts differ"),
    ],
)
def test_what_a_party_refuses(
    run_task: RunTask,
    frame: pd.DataFrame,
    tmp_path: Path,
    changes: dict[str, Any],
    kind: type[Exception],
    words: str,
) -> None:
    config = config_of(tmp_path)
    if changes == {"input_data": "short"}:
        config["input_data"]["bob"] = write_csv(tmp_path / "short.csv", {"v": [1], "w": [2]})
        changes = {}
    with pytest.raises(kind, match=words):
        run_task(config | changes)


def test_numbers_beyond_the_limit_are_refused(
    run_task: RunTask, frame: pd.DataFrame, tmp_path: Path
) -> None:
    write_csv(tmp_path / "bob.csv", {"v": [1e19] * 41, "w": [1] * 41})
    with pytest.raises(InputError, match=r"bob\.csv: 'v' holds values beyond"):
        run_task(config_of(tmp_path))


def test_without_the_extra_nothing_starts(
    run_task: RunTask, frame: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for found, words in ((None, "no secretflow where"), ("1.12.0", r"secretflow 1\.12\.0 where")):
        monkeypatch.setattr(extras, "_installed", lambda name, found=found: found)
        with pytest.raises(ConfigError, match=words) as caught:
            run_task(config_of(tmp_path))
        assert "pip install 'secretflow_worker-...whl[secretflow]'" in caught.value.hint
