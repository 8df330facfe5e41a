"""One-hot encoding against pandas, its names, and what of them the sender learns."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secretflow_worker.contract.errors import ConfigError, InputError
from secretflow_worker.contract.result import TaskOutcome
from secretflow_worker.tasks import _tables
from secretflow_worker.tasks._config import ColumnUse
from secretflow_worker.tasks._rules import load_rules
from secretflow_worker.tasks.preprocessing.onehot_encoder import OneHotConfig
from tests.conftest import RunTask

SECRET = "Zq7secret"


class Encode:
    """Writes tables, encodes them with real parties, and reads what came out."""

    def __init__(self, run_task: RunTask, folder: Path) -> None:
        self._run_task = run_task
        self.folder = folder

    def __call__(self, tables: dict[str, str], **extra: Any) -> TaskOutcome:
        for party, content in tables.items():
            (self.folder / f"{party}.csv").write_text(content, encoding="utf-8")
        config = {
            "task_type": "onehot_encoder",
            "input_data": {party: str(self.folder / f"{party}.csv") for party in tables},
            "output_data": {party: str(self.folder / "out" / f"{party}.csv") for party in tables},
            **extra,
        }
        return self._run_task(config, tuple(tables))

    def output(self, party: str = "alice") -> str:
        return (self.folder / "out" / f"{party}.csv").read_text(encoding="utf-8")


@pytest.fixture
def encode(run_task: RunTask, tmp_path: Path) -> Encode:
    return Encode(run_task, tmp_path)


@pytest.mark.parametrize("drop", ["none", "first"])
def test_each_party_encodes_its_own_columns_as_pandas_does(encode: Encode, drop: str) -> None:
    rng = np.random.default_rng(4)
    tables = {
        party: pd.DataFrame(
            {
                "id": range(rows),
                "color": rng.choice(["red", "green", "Blue", "", "名"], rows),
                own: rng.choice(["10", "9", "-1"], rows),
            }
        )
        for party, rows, own in (("alice", 200, "size"), ("bob", 90, "rank"))
    }
    outcome = encode(
        {party: table.to_csv(index=False) for party, table in tables.items()},
        columns=["color", "size", "rank"],
        drop=drop,
    )
    for party, own in (("alice", "size"), ("bob", "rank")):
        colors = tables[party]["color"]
        table = tables[party].assign(color=colors.where(colors != "")).astype({own: int})
        expected = pd.get_dummies(
            table, columns=["color", own], drop_first=drop == "first", dtype=int
        )
        pd.testing.assert_frame_equal(pd.read_csv(encode.folder / f"out/{party}.csv"), expected)
    per_column = {"none": (4, 3), "first": (3, 2)}[drop]
    assert outcome.result == {
        "output_paths": {
            party: str(encode.folder / "out" / f"{party}.csv") for party in ("alice", "bob")
        },
        "columns_encoded": ["color", "size", "rank"],
        "output_column_counts": {
            "color": per_column[0],
            "size": per_column[1],
            "bob.color": per_column[0],
            "rank": per_column[1],
        },
        "output_columns": None,
        "rules_output": None,
    }


def test_new_columns_stand_where_the_old_one_stood(encode: Encode) -> None:
    encode({"alice": 'id,c,note\n007,b,"1,0"\n1e5,,\n-0,a,""\n'}, columns=["c"])
    assert encode.output() == 'id,c_a,c_b,note\n007,0,1,"1,0"\n1e5,0,0,\n-0,1,0,""\n'


def test_categories_keep_their_text(encode: Encode) -> None:
    encode({"alice": 'c\n9.0\n9\n10\n"x, ""y""\nz"\n'}, columns=["c"])
    names = _tables.columns_of(encode.folder / "out" / "alice.csv")
    assert names == ["c_10", "c_9", "c_9.0", 'c_x, "y"\nz']
    assert _tables.load_numbers(encode.folder / "out" / "alice.csv", names).tolist() == [
        [0, 0, 1, 0],
        [0, 1, 0, 0],
        [1, 0, 0, 0],
        [0, 0, 0, 1],
    ]


def test_blanks_are_missing_and_a_column_of_them_goes(encode: Encode) -> None:
    outcome = encode({"alice": 'id,c,d\n1,,a\n2," ",""\n'}, columns=["c", "d"])
    assert encode.output() == "id,d_a\n1,1\n2,0\n"
    assert outcome.result["output_column_counts"] == {"c": 0, "d": 1}


def test_the_sender_learns_categories_only_if_it_asked(encode: Encode) -> None:
    table = f"id,c\n1,{SECRET}\n2,a\n"
    rules_at = {"alice": str(encode.folder / "rules.json")}
    outcome = encode({"alice": table}, columns=["c"], rules_output=rules_at)
    assert SECRET not in outcome.model_dump_json()
    asked = encode({"alice": table}, columns=["c"], drop="first", disclose_names=True)
    assert asked.result["output_columns"] == {"c": ["c_a"]}
    rules = load_rules(Path(rules_at["alice"]))
    assert (rules.task_type, rules.task_version) == ("onehot_encoder", 1)
    assert rules.columns == {
        "c": {
            "categories": [SECRET, "a"],
            "dropped": None,
            "unknown": "error",
        }
    }


def test_rules_name_the_category_that_was_dropped(encode: Encode) -> None:
    rules_at = {"bob": str(encode.folder / "rules.json")}
    encode(
        {"alice": "x\n1\n", "bob": "c\nb\na\n"},
        columns={"bob": ["c"]},
        drop="first",
        rules_output=rules_at,
    )
    assert json.loads(Path(rules_at["bob"]).read_text())["columns"]["c"]["dropped"] == "a"
    assert encode.output("alice") == "x\n1\n"


@pytest.mark.parametrize(
    ("content", "extra", "says"),
    [
        ("c,x\na,1\nb,2\nc,3\n", {"max_categories": 2}, "'c' has more than 2 categories"),
        ("c,c_a\na,1\n", {}, "new column of 'c' would have the name of another column"),
        (
            "c,c_a\na_b,1\nx,b\n",
            {"columns": ["c", "c_a"]},
            "new column of 'c' would have the name of another",
        ),
        (f"c,x\n{SECRET * 40},1\n", {}, "'c' holds a text too long"),
        ("c\na\n", {"drop": "first"}, "no column is left"),
        ("c,x\n", {}, "no rows"),
        ("x,y\n1,2\n", {}, "no party has a column 'c'"),
        ("x,y\n1,2\n", {"columns": {"alice": ["c"]}}, "no column 'c', which"),
        ("c,c\n1,2\n", {}, "'c' is there more than once"),
        (f"c,x\na,2\n{SECRET},3,4\n", {}, "not a well-formed CSV"),
        ("", {}, "empty"),
    ],
)
def test_faulty_tables_are_refused_and_nothing_is_written(
    encode: Encode, content: str, extra: dict[str, Any], says: str
) -> None:
    with pytest.raises(InputError, match=says) as caught:
        encode({"alice": content}, **{"columns": ["c"], **extra})
    assert SECRET not in caught.value.message + caught.value.hint
    assert not (encode.folder / "out").exists()


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ({}, "columns: required field is missing"),
        ({"columns": []}, "columns"),
        ({"columns": ["c", "c"]}, "columns: 'c' is named more than once"),
        ({"columns": ["c"], "drop": "last"}, "drop"),
        ({"columns": ["c"], "max_categories": 0}, "max_categories"),
        ({"columns": ["c"], "rules_output": {"bob": "/app/data/r"}}, "rules_output: 'bob'"),
    ],
)
def test_faulty_requests_are_refused(encode: Encode, extra: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        encode({"alice": "c\na\n"}, **extra)


def test_parquet_categories_by_type(run_task: RunTask, tmp_path: Path) -> None:
    table = pd.DataFrame(
        {"n": [10, 9, 10], "f": [0.5, np.nan, 0.5], "b": [True, False, True], "x": [1, 2, 3]}
    )
    table.to_parquet(tmp_path / "in.parquet")
    run_task(
        {
            "task_type": "onehot_encoder",
            "input_data": {"alice": str(tmp_path / "in.parquet")},
            "output_data": {"alice": str(tmp_path / "out.parquet")},
            "columns": ["n", "f", "b"],
        },
        ("alice",),
    )
    expected = {
        "n_9": [0, 1, 0],
        "n_10": [1, 0, 1],
        "f_0.5": [1, 0, 1],
        "b_false": [0, 1, 0],
        "b_true": [1, 0, 1],
        "x": [1, 2, 3],
    }
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "out.parquet"), pd.DataFrame(expected))


cells = st.text(
    st.characters(categories=["L", "P", "N", "S"], include_characters=" \n"), max_size=3
)


@given(st.lists(cells, min_size=1, max_size=12))
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_row_is_one_in_its_own_category_only(encode: Encode, rows: list[str]) -> None:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([["id", "c"], *enumerate(rows)])
    encode({"alice": written.getvalue()}, columns=["c"], disclose_names=True)
    with (encode.folder / "out" / "alice.csv").open(encoding="utf-8", newline="") as file:
        encoded = list(csv.DictReader(file))
    for cell, row in zip(rows, encoded, strict=True):
        assert {name for name, one in row.items() if name != "id" and one == "1"} == (
            {f"c_{cell}"} if cell.strip() else set()
        )


@pytest.mark.parametrize("disclose_names", [True, False])
def test_names_that_are_told_are_a_statistic_to_a_policy(disclose_names: bool) -> None:
    config = OneHotConfig(
        task_type="onehot_encoder",
        input_data={"alice": "/a.csv"},
        output_data={"alice": "/b.csv"},
        columns=["c"],
        disclose_names=disclose_names,
    )
    (use,) = config.column_uses("alice")
    assert use.use is (ColumnUse.STATISTIC if disclose_names else ColumnUse.LOCAL)
    assert use.columns == frozenset({"c"})
