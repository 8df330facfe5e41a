"""Binning against pandas' qcut and cut, and everything beside the binned columns left as it was."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretflow_worker.contract.errors import ConfigError, InputError
from secretflow_worker.contract.result import TaskOutcome
from secretflow_worker.tasks import TaskDispatcher
from secretflow_worker.tasks import _by_column as by_column
from secretflow_worker.tasks._bins import (
    bin_labels,
    count_bins,
    cuts_of,
    equal_width_edges,
    find_bins,
    quantile_edges,
)
from secretflow_worker.tasks._config import ColumnUse
from secretflow_worker.tasks._numeric import measure
from secretflow_worker.tasks._rules import Rules, load_rules, save_rules
from tests.conftest import RunTask

TYPES = ("quantile_binning", "equal_width_binning")
SECRET = "Zq7secret"


class Bin:
    """Writes tables, bins them with real parties, and reads what came out."""

    def __init__(self, run_task: RunTask, folder: Path) -> None:
        self._run_task = run_task
        self.folder = folder

    def __call__(
        self, tables: dict[str, str | bytes], task_type: str = "quantile_binning", **extra: Any
    ) -> TaskOutcome:
        for party, content in tables.items():
            raw = content if isinstance(content, bytes) else content.encode()
            (self.folder / f"{party}.csv").write_bytes(raw)
        config = {
            "task_type": task_type,
            "input_data": {party: str(self.folder / f"{party}.csv") for party in tables},
            "output_data": {party: str(self.folder / "out" / f"{party}.csv") for party in tables},
            **extra,
        }
        return self._run_task(config, tuple(tables))

    def apply(self, rules: Path, new: str) -> TaskOutcome:
        """Apply a rules file of alice to ``<new>.csv``; writes ``applied.csv``."""
        return self._run_task(
            {
                "task_type": "apply_rules",
                "rules": {"alice": str(rules)},
                "input_data": {"alice": str(self.folder / f"{new}.csv")},
                "output_data": {"alice": str(self.folder / "applied.csv")},
            },
            ("alice",),
        )

    def output(self, party: str = "alice") -> str:
        with (self.folder / "out" / f"{party}.csv").open(encoding="utf-8", newline="") as file:
            return file.read()


@pytest.fixture
def bins(run_task: RunTask, tmp_path: Path) -> Bin:
    return Bin(run_task, tmp_path)


def expected_bins(task_type: str, column: Any, bin_num: int) -> Any:
    if task_type == "quantile_binning":
        return pd.qcut(column, bin_num, labels=False, duplicates="drop")
    return pd.cut(column, bin_num, labels=False)


@pytest.mark.parametrize("task_type", TYPES)
@pytest.mark.parametrize("parties", [("alice", "bob"), ("alice", "bob", "carol")])
def test_each_party_bins_its_own_columns_as_pandas_does(
    bins: Bin, task_type: str, parties: Sequence[str]
) -> None:
    rng = np.random.default_rng(5)
    tables = {
        party: pd.DataFrame(
            {
                f"x_{party}": rng.normal(size=200 + index),
                f"n_{party}": rng.integers(0, 6, 200 + index).astype(float),
                "text": "a, b",
            }
        )
        for index, party in enumerate(parties)
    }
    for table in tables.values():
        table.iloc[3, 0] = np.nan
    rules = {party: str(bins.folder / "rules" / f"{party}.json") for party in parties}
    columns = [f"{kind}_{party}" for kind in "nx" for party in parties]

    outcome = bins(
        {party: table.to_csv(index=False) for party, table in tables.items()},
        task_type,
        columns=columns,
        bin_num=7,
        rules_output=rules,
    )

    told = outcome.result
    assert told["columns_binned"] == [f"{kind}_{p}" for p in parties for kind in "xn"]
    assert told["rules_output"] == rules
    for party, table in tables.items():
        written = pd.read_csv(bins.folder / "out" / f"{party}.csv")
        for name in (f"x_{party}", f"n_{party}"):
            expected = expected_bins(task_type, table[name], 7)
            np.testing.assert_array_equal(written[name], expected)
            if task_type == "quantile_binning":
                assert told["bin_counts"][name] == int(expected.max()) + 1
            else:
                assert told["bin_counts"][name] == 7
        assert list(written["text"]) == list(table["text"])
        saved = load_rules(Path(rules[party]))
        assert (saved.task_type, saved.task_version) == (task_type, 1)
        assert list(saved.columns) == [f"x_{party}", f"n_{party}"]


def test_all_that_is_not_binned_is_left_as_it_was(bins: Bin) -> None:
    bins(
        {
            "alice": b"\xef\xbb\xbf"
            + (
                "id,when,x 名,big,note\r\n"
                '007,2020-01-01,1,12345678901234567890123,"a, ""b"""\r\n'
                '1e5,,3,-0,"two\nlines 名"\r\n'
                '0x1,01/02/03,,"",NA\r\n'
            ).encode()
        },
        columns=["x 名"],
        bin_num=2,
    )
    assert bins.output() == (
        "id,when,x 名,big,note\n"
        '007,2020-01-01,0,12345678901234567890123,"a, ""b"""\n'
        '1e5,,1,-0,"two\nlines 名"\n'
        '0x1,01/02/03,,"",NA\n'
    )


@pytest.mark.parametrize(
    ("task_type", "cells", "binned", "count"),
    [
        ("quantile_binning", ["5"], ["0"], 1),
        ("equal_width_binning", ["5"], ["0"], 1),
        ("quantile_binning", ["0.1"] * 4, ["0"] * 4, 1),
        ("equal_width_binning", ["0.1"] * 4, ["0"] * 4, 1),
        ("quantile_binning", ["", "2", "", "4", ""], ["", "0", "", "3", ""], 4),
        ("equal_width_binning", ["", "2", "", "4", ""], ["", "0", "", "3", ""], 4),
        ("quantile_binning", ["", ""], ["", ""], 0),
        ("equal_width_binning", ["", ""], ["", ""], 0),
        ("quantile_binning", ["-0", "0", "1"], ["0", "0", "1"], 2),
        ("equal_width_binning", ["-0", "0", "1"], ["0", "0", "3"], 4),
        ("quantile_binning", ["1", "2", "2", "2", "3"], ["0", "0", "0", "0", "1"], 2),
        ("equal_width_binning", ["1", "1", "5"], ["0", "0", "3"], 4),
        ("quantile_binning", ["1", "2", "3"], ["0", "1", "3"], 4),
        ("equal_width_binning", [" 1", "2 ", "true"], None, 0),
        ("quantile_binning", ["9007199254740993", "9007199254740992"], ["0", "0"], 1),
        ("quantile_binning", ["1" + "0" * 22, "9" * 23], ["0", "3"], 4),
        ("equal_width_binning", ["1e16", "10000000000000002"], ["0", "0"], 1),
    ],
)
def test_edge_cases_have_the_bins_a_user_expects(
    bins: Bin, task_type: str, cells: list[str], binned: list[str] | None, count: int
) -> None:
    table = "id,x\n" + "".join(f"k,{cell}\n" for cell in cells)
    if binned is None:
        with pytest.raises(InputError, match="'x' must be all numbers"):
            bins({"alice": table}, task_type, columns=["x"], bin_num=4)
        return
    outcome = bins({"alice": table}, task_type, columns=["x"], bin_num=4)
    written = [line.split(",")[1] for line in bins.output().splitlines()[1:]]
    assert written == binned
    assert outcome.result["bin_counts"] == {"x": count}


@pytest.mark.parametrize("task_type", TYPES)
def test_custom_edges_take_what_is_outside_into_the_outer_bins(bins: Bin, task_type: str) -> None:
    values = [-50.0, 0.0, 0.5, 18.0, 18.5, 65.0, 1e9]
    edges = [0, 18, 30.5, 65]
    bins(
        {"alice": "x,y\n" + "".join(f"{v},{v}\n" for v in values)},
        task_type,
        columns=["x", "y"],
        bin_edges={"x": edges},
        bin_num=3,
        output="label",
    )
    written = pd.read_csv(bins.folder / "out" / "alice.csv")
    known = pd.cut(values, edges, labels=False, include_lowest=True)
    expected = np.where(np.isnan(known), [0, 0, 0, 0, 0, 0, 2], known)
    labels = np.array(["(-inf, 18.0]", "(18.0, 30.5]", "(30.5, inf)"])
    assert list(written["x"]) == list(labels[expected.astype(int)])
    assert len(set(written["y"])) == (3 if task_type == "quantile_binning" else 2)


def test_with_edges_for_every_column_no_number_is_needed(bins: Bin) -> None:
    outcome = bins(
        {"alice": "x\n1\n3\n", "bob": "x\n5\n2\n"},
        "equal_width_binning",
        columns={"alice": ["x"], "bob": ["x"]},
        bin_edges={"x": [0, 2, 9]},
    )
    assert outcome.result["bin_counts"] == {"x": 2, "bob.x": 2}
    assert outcome.result["columns_binned"] == ["x"]
    assert bins.output("alice") == "x\n0\n1\n"
    assert bins.output("bob") == "x\n1\n0\n"


@pytest.mark.parametrize(
    ("method", "task_type"), [("quantile", TYPES[0]), ("equal_width", TYPES[1])]
)
def test_binning_with_a_method_is_one_of_the_two(bins: Bin, method: str, task_type: str) -> None:
    outcome = bins({"alice": "x\n1\n3\n"}, "binning", method=method, columns=["x"], bin_num=2)
    assert outcome.task_metadata.task_type == task_type
    with pytest.raises(ConfigError, match=r"task_config\.method"):
        bins({"alice": "x\n1\n3\n"}, "binning", columns=["x"], bin_num=2)
    with pytest.raises(ConfigError, match="method"):
        bins({"alice": "x\n1\n3\n"}, task_type, method="chimerge", columns=["x"], bin_num=2)


@pytest.mark.parametrize("task_type", TYPES)
@pytest.mark.parametrize("output", ["index", "label"])
def test_saved_rules_bin_new_data_alike(bins: Bin, task_type: str, output: str) -> None:
    rng = np.random.default_rng(8)
    table = pd.DataFrame({"x": rng.normal(size=50), "flat": 3.0})
    path = bins.folder / "rules.json"
    bins(
        {"alice": table.to_csv(index=False)},
        task_type,
        columns=["x", "flat"],
        bin_num=5,
        output=output,
        rules_output={"alice": str(path)},
    )
    new = table.iloc[:10].copy()
    new.loc[[0, 1, 2], "x"] = [-99.0, 99.0, np.nan]
    new.to_csv(bins.folder / "new.csv", index=False)

    outcome = bins.apply(path, "new")

    assert outcome.result["columns_changed"] == ["x", "flat"]
    applied = pd.read_csv(bins.folder / "applied.csv")
    before = pd.read_csv(bins.folder / "out" / "alice.csv")
    assert list(applied["x"][3:]) == list(before["x"][3:10])
    labels = bin_labels(cuts_of(json.loads(path.read_text())["columns"]["x"]["edges"]))
    outer = [0, 4] if output == "index" else [labels[0], labels[-1]]
    assert list(applied["x"][:2]) == outer
    assert pd.isna(applied["x"][2])
    assert set(applied["flat"]) == ({0} if output == "index" else {"(-inf, inf)"})


@pytest.mark.parametrize(
    "entry",
    [{"edges": [1, 3, 2], "output": "index"}, {"edges": [1, 2]}, {"edges": [1], "output": "index"}],
)
def test_rules_that_are_no_edges_are_refused(bins: Bin, entry: dict[str, Any]) -> None:
    (bins.folder / "t.csv").write_text("x\n1\n")
    save_rules(
        Rules(task_type=TYPES[0], task_version=1, columns={"x": entry}), bins.folder / "r.json"
    )
    with pytest.raises(InputError, match="entry of column 'x'"):
        bins.apply(bins.folder / "r.json", "t")
    assert not (bins.folder / "applied.csv").exists()


@pytest.mark.parametrize("task_type", TYPES)
@pytest.mark.parametrize(
    ("content", "columns", "says"),
    [
        (f"x,y\n1,2\n3,{SECRET}\n", ["y"], "'y' must be all numbers and holds text"),
        ("x,y\n1,2020-01-01\n", ["y"], "'y' must be all numbers and holds text"),
        ("x,y\n1,2\n3,nan\n", ["y"], "'y' must be all numbers and holds NaN or infinity"),
        ("x,y\n1,1.7e308\n3,-1.7e308\n", ["y"], "'y' holds numbers too large"),
        ("x,y\n1,2\n", ["z", "x"], "no party has a column 'z'"),
        ("x,y\n1,2\n", {"alice": ["z"]}, "no column 'z', which task_config.columns.alice"),
        ("x,y\n", ["x"], "no rows"),
        (f"x,y\n1,2,{SECRET}\n", ["x"], "not a well-formed CSV"),
    ],
)
def test_faulty_tables_are_refused_and_nothing_is_written(
    bins: Bin, task_type: str, content: str, columns: Any, says: str
) -> None:
    with pytest.raises(InputError, match=says) as caught:
        bins({"alice": content}, task_type, columns=columns, bin_num=3)
    assert SECRET not in caught.value.message
    assert not (bins.folder / "out").exists()


@pytest.mark.parametrize("task_type", TYPES)
@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ({"bin_num": 0}, "bin_num"),
        ({"bin_num": 1}, "bin_num"),
        ({"bin_num": -3}, "bin_num"),
        ({"bin_num": 10_001}, "bin_num"),
        ({"bin_num": None}, "bin_num: required, 'x'"),
        ({"columns": ["x", "x"]}, "columns: 'x' is named more than once"),
        ({"columns": {"bob": ["x"]}}, "columns: 'bob' has no table"),
        ({"columns": None}, "columns"),
        ({"bin_edges": {"x": [1, 2]}}, "bin_edges"),
        ({"bin_edges": {"x": [1, 3, 3]}}, "bin_edges.x: edges must ascend"),
        ({"bin_edges": {"z": [1, 2, 3]}}, "bin_edges: 'z' is not one of columns"),
        ({"output": "onehot"}, "output"),
        ({"rules_output": {"bob": "/app/data/r.json"}}, "rules_output: 'bob'"),
        ({"output_data": {"bob": "/app/data/r.csv"}}, "output_data"),
        ({"bins": 3}, "bins: unknown field"),
    ],
)
def test_faulty_requests_are_refused(
    bins: Bin, task_type: str, extra: dict[str, Any], says: str
) -> None:
    with pytest.raises(ConfigError, match=says):
        bins({"alice": "x\n1\n"}, task_type, **{"columns": ["x"], "bin_num": 3, **extra})


def test_only_the_columns_named_are_read() -> None:
    files = {"alice": "/app/data/a.csv"}
    config = TaskDispatcher.find(TYPES[0]).parse(
        {"input_data": files, "output_data": files, "columns": ["x"], "bin_num": 3}, ("alice",)
    )
    uses = [(use.field, use.use, use.columns) for use in config.column_uses("alice")]
    assert uses == [("columns", ColumnUse.LOCAL, frozenset({"x"}))]
    assert list(config.declared_receivers(("alice",))) == []


def test_parquet_in_and_out_and_two_hundred_columns(run_task: RunTask, tmp_path: Path) -> None:
    rng = np.random.default_rng(9)
    table = pd.DataFrame(rng.normal(size=(40, 200)), columns=[f"c{i}" for i in range(200)])
    table["whole"] = np.arange(40) * 10**15
    table["flag"] = table["whole"] % 2 == 0
    table.to_parquet(tmp_path / "in.parquet")
    run_task(
        {
            "task_type": "quantile_binning",
            "input_data": {"alice": str(tmp_path / "in.parquet")},
            "output_data": {"alice": str(tmp_path / "out.parquet")},
            "columns": list(table.columns),
            "bin_num": 4,
        },
        ("alice",),
    )
    written = pd.read_parquet(tmp_path / "out.parquet")
    for name in table.columns:
        column = table[name].astype(float)
        expected = pd.qcut(column, 4, labels=False, duplicates="drop").fillna(0)
        np.testing.assert_array_equal(written[name], expected)


@given(
    st.lists(st.floats(-1e9, 1e9) | st.integers(-4, 4).map(float), min_size=2, max_size=40).filter(
        lambda values: len(set(values)) > 1
    ),
    st.integers(2, 12),
)
@settings(max_examples=200, deadline=None)
def test_bins_are_those_of_pandas(values: list[float], bin_num: int) -> None:
    x = np.array(values)
    edges = quantile_edges(x, bin_num)
    codes, theirs = pd.qcut(x, bin_num, labels=False, duplicates="drop", retbins=True)
    assert edges == theirs.tolist()
    np.testing.assert_array_equal(find_bins(x, cuts_of(edges)), codes)
    assert count_bins(edges) == len(bin_labels(cuts_of(edges)))

    even = equal_width_edges(float(x.min()), float(x.max()), bin_num)
    if len(even) == bin_num + 1:  # pandas refuses edges that are equal
        codes, theirs = pd.cut(x, bin_num, labels=False, retbins=True)
        assert even[1:] == theirs[1:].tolist()
        np.testing.assert_array_equal(find_bins(x, cuts_of(even)), codes)


def test_a_large_table_is_copied_by_column(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = pd.DataFrame({"x": [1.5, None, 3.0], "text": ["a", "b", "c"], "y": [1, 2, 3]})
    table.to_csv(tmp_path / "t.csv", index=False)
    numeric = measure(tmp_path / "t.csv", ["x", "y"], {})
    monkeypatch.setattr(by_column, "HELD_AT_ONCE_BYTES", 24)
    scratch = tmp_path / "scratch.parquet"
    found = {
        name: values.tolist()
        for name, values in by_column.each_column(numeric, ["y", "x"], tmp_path / "t.csv", scratch)
    }
    assert found == {"y": [1, 2, 3], "x": [1.5, 3.0]}
    assert not scratch.exists()
