"""What is told of a report: its charts, coarsely, and nothing of a file that is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from secretflow_worker.contract.errors import InputError, InputNotFound
from secretflow_worker.engine.offers import describe_report
from secretflow_worker.engine.offers.reports import MOST_POINTS
from secretflow_worker.tasks._charts import (
    Axis,
    Chart,
    Figures,
    Headline,
    HeatMap,
    Series,
    Text,
    dump_charts,
    dump_headlines,
)

NAME = Text(en="name", zh="名称")


def write(folder: Path, **fields: Any) -> Path:
    path = folder / "report.json"
    content = {"task_type": "biclassification_eval", "task_version": 1, "party": "bob", **fields}
    path.write_text(json.dumps(content))
    return path


def line(values: list[float]) -> Chart:
    series = [Series(name=NAME, x=list(values), y=list(values))]
    return Chart(kind="line", id="roc", title=NAME, x=Axis(name=NAME), y=Axis(name=NAME),
                 series=series)  # fmt: skip


def test_headlines_and_charts_are_told_and_nothing_else(tmp_path: Path) -> None:
    table = Figures(id="f", title=NAME, columns=[NAME], values=[["x"], [None]])
    first = Headline(name=NAME, value=0.5, meaning=NAME)
    path = write(tmp_path, charts=dump_charts([table]), headlines=dump_headlines([first]),
                 curves={"scores": [0.123456]})  # fmt: skip
    told = describe_report(path, "/data/report.json", "alice")
    assert set(told) == {
        "task_type", "task_version", "party", "headlines", "charts", "is_cut",
    }  # fmt: skip
    assert (told["party"], told["is_cut"]) == ("bob", False)
    assert told["charts"][0]["values"] == [["x"], [None]]
    assert told["headlines"][0]["value"] == 0.5
    assert "0.123456" not in json.dumps(told)


def test_a_curve_is_thinned_and_rounded_between_its_ends(tmp_path: Path) -> None:
    values = [at / 12_345 for at in range(12_346)]
    told = describe_report(write(tmp_path, charts=dump_charts([line(values)])), "p", "alice")
    x = told["charts"][0]["series"][0]["x"]
    assert len(x) == MOST_POINTS
    assert (x[0], x[-1]) == (0.0, 1.0)
    assert x == sorted(x)
    assert all(value == float(f"{value:.4g}") for value in x)


def test_a_matrix_is_rounded(tmp_path: Path) -> None:
    heat = HeatMap(id="h", title=NAME, columns=["a"], rows=["a"], values=[[-0.123456]], low=-1,
                   high=1)  # fmt: skip
    told = describe_report(write(tmp_path, charts=dump_charts([heat])), "p", "alice")
    assert told["charts"][0]["values"] == [[-0.1235]]


@pytest.mark.parametrize(
    "text",
    ["uid,secret\n7,9\n", "[]", "{}", "7", '{"task_type": "psi", "task_version": "secret"}',
     '{"task_type": "psi", "task_version": 1, "charts": [{"kind": "secret"}]}',
     '{"task_type": "psi", "task_version": 1, "headlines": {"secret": 1}}'],
)  # fmt: skip
def test_what_is_no_report_is_not_quoted(tmp_path: Path, text: str) -> None:
    path = tmp_path / "report.json"
    path.write_text(text)
    with pytest.raises(InputError) as raised:
        describe_report(path, "/data/report.json", "alice")
    assert "secret" not in str(raised.value.report().model_dump())
    assert raised.value.__cause__ is None


def test_what_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(InputNotFound):
        describe_report(tmp_path / "none.json", "/data/none.json", "alice")
