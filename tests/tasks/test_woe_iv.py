"""woe_iv against plain pandas and SecretFlow, with real parties."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretflow_worker.contract.errors import ConfigError, InputError, RowsNotAligned
from secretflow_worker.contract.result import TaskOutcome
from secretflow_worker.tasks import TaskDispatcher
from secretflow_worker.tasks._config import ColumnUse, Receives
from secretflow_worker.tasks._rules import load_rules
from secretflow_worker.tasks.stats._woe_bins import (
    BinnedFeature,
    Binning,
    join_neighbours,
    join_rare,
)
from secretflow_worker.tasks.stats._woe_counts import Packing
from tests.conftest import RunTask
from tests.oracle.run import run_oracle
from tests.tasks.preparation import signed
from tests.tasks.vertical_data import make_split, paths, write_split

TWO = ("alice", "bob")
THREE = ("alice", "bob", "carol")
SECRET = "Zq7secret"
GERMAN_CREDIT = Path(__file__).parents[2] / "examples/german_credit/german_credit.csv"
EXACT = 1e-12
"""Counts are integers, so WOE and IV differ by no more than the order of a sum."""


class Woe:
    """Writes tables, runs real parties, and reads what they wrote."""

    def __init__(self, run_task: RunTask, folder: Path) -> None:
        self._run_task = run_task
        self.folder = folder

    def __call__(
        self,
        tables: Mapping[str, pd.DataFrame],
        spu: Mapping[str, str] | None = None,
        ending: str = ".csv",
        **extra: Any,
    ) -> TaskOutcome:
        inputs = {}
        for party, table in tables.items():
            path = self.folder / f"{party}{ending}"
            if ending == ".csv":
                table.to_csv(path, index=False)
            else:
                table.to_parquet(path, index=False)
            inputs[party] = str(path)
        config = {
            "task_type": "woe_iv",
            "input_data": inputs,
            "features": [n for t in tables.values() for n in t.columns if n not in ("y", "uid")],
            "label": "y",
            "label_party": next(iter(tables)),
            "output_report": self.paths("report.json", tables),
            **extra,
        }
        return self._run_task(config, tuple(tables), spu)

    def apply(self, rules: str, table: str) -> TaskOutcome:
        """Apply bob's rules file to a table of his; writes ``applied.csv``."""
        return self._run_task(
            {
                "task_type": "apply_rules",
                "rules": {"bob": str(self.folder / rules)},
                "input_data": {"bob": str(self.folder / table)},
                "output_data": {"bob": str(self.folder / "applied.csv")},
            },
            ("bob",),
        )

    def paths(self, name: str, parties: Sequence[str] | Mapping[str, Any] = TWO) -> dict[str, str]:
        return {party: str(self.folder / party / name) for party in parties}

    def report(self, party: str) -> Any:
        return json.loads((self.folder / party / "report.json").read_text())

    def figures(self, party: str) -> dict[str, Any]:
        """Return a party's report by feature, as tables of bins."""
        return {
            each["feature"]: (pd.DataFrame(each["bins"]), each["iv"])
            for each in self.report(party)["features"]
        }


@pytest.fixture
def woe(run_task: RunTask, tmp_path: Path) -> Woe:
    for party in THREE:
        (tmp_path / party).mkdir()
    return Woe(run_task, tmp_path)


def make_tables(parties: Sequence[str] = TWO, rows: int = 300, seed: int = 4) -> Any:
    """Return tables with numbers, repeated numbers and categories, and gaps in each."""
    rng = np.random.default_rng(seed)
    tables = {}
    score = np.zeros(rows)
    for party in parties:
        x = rng.normal(size=rows)
        n = rng.integers(0, 4, rows).astype(float)
        kind = rng.choice(["red", "blue", "light, green 名"], rows)
        score += x + 0.5 * n + (kind == "red")
        table = pd.DataFrame({f"x_{party}": x, f"n_{party}": n, f"kind_{party}": kind})
        table.iloc[5:25, 0] = np.nan
        table.iloc[20:40, 2] = np.nan
        tables[party] = table
    first = tables[parties[0]]
    first["y"] = (score + rng.normal(size=rows) > score.mean()).astype(int)
    return tables


def plain_woe(column: Any, y: Any, bins: int = 5) -> tuple[Any, float]:
    """Return (rows, positives, woe, iv) by bin and the IV, as a scorecard's author would."""
    if column.dtype == object:
        codes = column.fillna("~missing").astype("category").cat.codes
    else:
        codes = pd.qcut(column, bins, labels=False, duplicates="drop").fillna(99)
    grouped = y.groupby(codes).agg(["size", "sum"])
    rows, positives = grouped["size"].to_numpy(), grouped["sum"].to_numpy()
    negatives = rows - positives
    added = np.where((positives == 0) | (negatives == 0), 0.5, 0.0)
    p, n = (positives + added) / y.sum(), (negatives + added) / (1 - y).sum()
    woe = np.log(p / n)
    ivs = (p - n) * woe
    return np.stack([rows, positives, woe, ivs], axis=1), float(ivs.sum())


def assert_as_in_pandas(woe: Woe, tables: Any, party: str, y: Any) -> None:
    figures = woe.figures(party)
    assert list(figures) == [name for name in tables[party] if name not in ("y", "uid")]
    for name, (bins, iv) in figures.items():
        expected, expected_iv = plain_woe(tables[party][name], y)
        found = bins[["rows", "positives", "woe", "iv"]].to_numpy()
        np.testing.assert_allclose(found, expected, rtol=EXACT, atol=EXACT)
        np.testing.assert_allclose(bins["positive_rate"], expected[:, 1] / expected[:, 0])
        assert iv == pytest.approx(expected_iv, rel=EXACT)


@pytest.mark.parametrize(
    ("parties", "spu"),
    [
        (TWO, None),
        (TWO, {"protocol": "SEMI2K", "field": "FM64"}),
        (TWO, {"protocol": "SEMI2K", "field": "FM32"}),
        (TWO, {"protocol": "CHEETAH", "field": "FM64"}),
        (THREE, None),
        (THREE, {"protocol": "ABY3", "field": "FM64"}),
        (("alice", "bob", "carol", "dave", "erin"), {"protocol": "SEMI2K", "field": "FM128"}),
    ],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else None,
)
def test_every_owner_gets_the_woe_of_its_own_bins(
    woe: Woe, parties: tuple[str, ...], spu: dict[str, str] | None
) -> None:
    for party in parties:
        (woe.folder / party).mkdir(exist_ok=True)
    tables = make_tables(parties)
    outcome = woe(tables, spu, bin_num=5)

    y = tables["alice"]["y"]
    for party in parties:
        assert_as_in_pandas(woe, tables, party, y)
    counts = outcome.result["bin_counts"]
    assert (counts["x_bob"], counts["kind_bob"]) == (6, 4)
    assert outcome.result["iv"] is None


def test_the_label_may_be_at_the_last_party(woe: Woe) -> None:
    tables = make_tables()
    tables["bob"]["y"] = tables["alice"].pop("y")
    outcome = woe(tables, label_party="bob", bin_num=5, disclose_iv=True)
    for party in TWO:
        assert_as_in_pandas(woe, tables, party, tables["bob"]["y"])
        for name, (_, iv) in woe.figures(party).items():
            assert outcome.result["iv"][name] == iv


def test_it_agrees_with_secretflow(run_task: RunTask, tmp_path: Path) -> None:
    split = make_split(500, 6)
    write_split(tmp_path, split)

    theirs = run_oracle("woe_iv", tmp_path, split, {"bin_num": 6})
    outcome = run_task(
        {
            "task_type": "woe_iv",
            "input_data": paths(tmp_path, "train.csv"),
            "features": split.names,
            "label": "y",
            "label_party": "alice",
            "bin_num": 6,
            "disclose_iv": True,
            "output_report": {"alice": str(tmp_path / "report.json")},
        }
    )
    ours = [outcome.result["iv"][name] for name in sorted(split.names)]
    np.testing.assert_allclose(ours, theirs, rtol=EXACT)


def test_german_credit_has_the_information_values_that_are_published(woe: Woe) -> None:
    """Of columns of categories, as the R package scorecard gives them in its documentation."""
    table = pd.read_csv(GERMAN_CREDIT)
    table["y"] = (table.pop("creditability") == "bad").astype(int)
    known = {
        "status_of_existing_checking_account": 0.6660,
        "credit_history": 0.2932,
        "savings_account_and_bonds": 0.1960,
        "purpose": 0.1692,
        "property": 0.1126,
    }
    own = list(known)
    tables = {"alice": table[["y", *own[:2]]], "bob": table[own[2:]]}
    outcome = woe(tables, disclose_iv=True)
    assert outcome.result["iv"] == pytest.approx(known, abs=5e-5)


def test_equal_width_and_custom_edges(woe: Woe) -> None:
    tables = make_tables()
    edges = [-9, -0.5, 0.5, 9]
    woe(tables, method="equal_width", bin_num=4, min_bin_count=2, bin_edges={"x_bob": edges})
    y = tables["alice"]["y"]
    cut = pd.cut(tables["bob"]["x_bob"], edges, labels=False).fillna(9)
    bins, _ = woe.figures("bob")["x_bob"]
    assert list(bins["rows"]) == list(cut.value_counts().sort_index())
    assert list(bins["positives"]) == list(y.groupby(cut).sum())
    assert list(bins["bin"]) == ["(-inf, -0.5]", "(-0.5, 0.5]", "(0.5, inf)", "missing"]
    even = pd.cut(tables["bob"]["n_bob"], 4, labels=False)
    bins, _ = woe.figures("bob")["n_bob"]
    assert list(bins["rows"]) == list(even.value_counts().sort_index())


def test_tables_and_rules_have_woe_in_place_of_features(woe: Woe) -> None:
    tables = make_tables()
    tables["bob"].insert(0, "uid", [f"0{index}" for index in range(300)])
    outcome = woe(
        tables,
        bin_num=5,
        output_data=woe.paths("woe.csv"),
        rules_output={"bob": str(woe.folder / "bob" / "rules.json")},
    )
    assert outcome.result["output_data"] == woe.paths("woe.csv")
    y = tables["alice"]["y"]
    for party in TWO:
        written = pd.read_csv(woe.folder / party / "woe.csv", dtype={"uid": str})
        assert list(written.columns) == list(tables[party].columns)
        for name in ("x", "n", "kind"):
            column = tables[party][f"{name}_{party}"]
            expected, _ = plain_woe(column, y)
            values, rows = np.unique(written[f"{name}_{party}"], return_counts=True)
            ranked = expected[expected[:, 2].argsort()]
            np.testing.assert_allclose(values, ranked[:, 2], atol=EXACT)
            np.testing.assert_array_equal(rows, ranked[:, 0])
    assert list(written["uid"]) == list(tables["bob"]["uid"])
    assert list(pd.read_csv(woe.folder / "alice" / "woe.csv")["y"]) == list(y)

    new = tables["bob"].iloc[:60].copy()
    new.loc[0, "x_bob"], new.loc[1, "kind_bob"] = 1e9, "never seen"
    new.to_csv(woe.folder / "new.csv", index=False)
    rules = load_rules(woe.folder / "bob" / "rules.json")
    assert (rules.task_type, rules.task_version) == ("woe_iv", 1)
    changed = woe.apply("bob/rules.json", "new.csv").result["columns_changed"]
    assert changed == ["x_bob", "n_bob", "kind_bob"]
    applied = pd.read_csv(woe.folder / "applied.csv")
    bins, _ = woe.figures("bob")["x_bob"]
    assert applied["x_bob"][0] == bins["woe"][4], "a value beyond all is in the last bin"
    assert applied["kind_bob"][1] == 0, "a category that is new says nothing"
    for name in changed:
        assert list(applied[name][2:]) == list(written[name][2:60])


@pytest.mark.parametrize(
    "change",
    [
        {"woe": [0.5]},
        {"cuts": [2.0, 1.0], "woe": [0.1, 0.2, 0.3]},
        {"kind": "categories", "groups": [["a"], ["a"]]},
        {"missing_woe": None},
    ],
)
def test_altered_rules_are_refused(woe: Woe, change: dict[str, Any]) -> None:
    entry = {
        "kind": "intervals",
        "cuts": [1.0],
        "groups": [],
        "woe": [0.1, 0.2],
        "missing_woe": 0.0,
    }
    (woe.folder / "t.csv").write_text("x\n1\n")
    rules = {"task_type": "woe_iv", "task_version": 1, "columns": {"x": entry}}
    (woe.folder / "rules.json").write_text(json.dumps(signed(rules)))
    woe.apply("rules.json", "t.csv")
    assert (woe.folder / "applied.csv").read_text() == "x\n0.1\n"
    rules["columns"] = {"x": {**entry, **change}}
    (woe.folder / "rules.json").write_text(json.dumps(signed(rules)))
    with pytest.raises(InputError, match="entry of column 'x'"):
        woe.apply("rules.json", "t.csv")


def test_the_report_draws_each_feature(woe: Woe) -> None:
    woe(make_tables(), bin_num=5)
    report = woe.report("bob")
    assert (report["task_type"], report["party"], report["rows"]) == ("woe_iv", "bob", 300)
    assert [chart["id"] for chart in report["charts"]] == ["iv", "woe-0", "woe-1", "woe-2"]
    ivs = report["charts"][0]["series"][0]
    assert ivs["y"] == sorted(ivs["y"], reverse=True)
    assert report["headlines"][0]["value"] == ivs["x"][0]
    assert "alice" not in json.dumps(report)


def test_a_party_without_features_learns_nothing(woe: Woe) -> None:
    tables = make_tables(THREE)
    woe(
        tables,
        features={"alice": ["x_alice"], "carol": ["n_carol"]},
        output_report=woe.paths("report.json", THREE),
        output_data={"bob": str(woe.folder / "bob" / "woe.csv")},
    )
    report = woe.report("bob")
    assert (report["features"], report["positives"], report["charts"]) == ([], None, [])
    pd.testing.assert_frame_equal(pd.read_csv(woe.folder / "bob" / "woe.csv"), tables["bob"])
    assert set(woe.figures("carol")) == {"n_carol"}


@pytest.mark.parametrize(
    ("cells", "rows", "labels"),
    [
        ([5.0] * 20, [20], ["(-inf, inf)"]),
        ([None] * 20, [20], ["(-inf, inf) or missing"]),
        ([1.0] * 10 + [None] * 10, [10, 10], ["(-inf, inf)", "missing"]),
        ([1.0] * 18 + [None] * 2, [20], ["(-inf, inf) or missing"]),
        ([1.0] * 2 + [None] * 18, [20], ["(-inf, inf) or missing"]),
        ([1.0] * 9 + [2.0] * 8 + [None] * 3, [9, 11], ["(-inf, 1.5]", "(1.5, inf) or missing"]),
        ([-0.0, 0.0] * 5 + [1.0] * 10, [10, 10], ["(-inf, 0.5]", "(0.5, inf)"]),
        ([1.0] * 8 + [2.0] * 2 + [3.0] * 10, [10, 10], ["(-inf, 2.5]", "(2.5, inf)"]),
        (["a"] * 10 + ["b"] * 10, [10, 10], ["a", "b"]),
        (["a"] * 10 + ["b"] * 6 + list("cdef"), [10, 10], ["a", "c, d, e, f, b"]),
        (["a"] * 10 + list("bcdef") * 2, [10, 10], ["a", "b, c, d, e, f"]),
        (["a"] * 18 + [None] * 2, [20], ["a or missing"]),
        (["a", "1"] * 10, [10, 10], ["1", "a"]),
        (["2020-01-01", "2020-01-02"] * 10, [10, 10], ["2020-01-01", "2020-01-02"]),
    ],
)
def test_no_bin_is_small(woe: Woe, cells: list[Any], rows: list[int], labels: list[str]) -> None:
    tables = {
        "alice": pd.DataFrame({"y": [0, 1] * 10}),
        "bob": pd.DataFrame({"f": pd.Series(cells, dtype=object)}),
    }
    woe(
        tables,
        method="equal_width",
        bin_edges={"f": [0, 0.5, 1.5, 2.5, 3]} if isinstance(cells[0], float) else None,
    )
    bins, iv = woe.figures("bob")["f"]
    assert list(bins["bin"]) == labels
    assert list(bins["rows"]) == rows
    assert list(bins["positives"].groupby(bins.index).sum()) == list(bins["positives"])
    assert np.isfinite(bins["woe"]).all()
    assert iv >= 0


def test_a_bin_of_one_class_is_smoothed(woe: Woe) -> None:
    y = [1] * 10 + [0] * 5 + [1] * 5
    tables = {
        "alice": pd.DataFrame({"y": y}),
        "bob": pd.DataFrame({"f": list("a" * 10 + "b" * 10)}),
    }
    woe(tables)
    bins, _ = woe.figures("bob")["f"]
    assert bins["woe"].tolist() == pytest.approx([np.log(10.5 / 15 / (0.5 / 5)), np.log(5 / 15)])


def test_two_hundred_features_of_a_parquet_table(woe: Woe) -> None:
    rng = np.random.default_rng(2)
    wide = pd.DataFrame(rng.normal(size=(60, 200)), columns=[f"c{i}" for i in range(200)])
    y = rng.integers(0, 2, 60)
    tables = {"alice": pd.DataFrame({"y": y, "big": np.arange(60) * 10**15}), "bob": wide}
    woe(tables, ending=".parquet", bin_num=5)
    figures = woe.figures("bob")
    assert len(figures) == 200
    for name in ("c0", "c199"):
        expected, _ = plain_woe(wide[name], pd.Series(y))
        found = figures[name][0][["rows", "positives", "woe", "iv"]].to_numpy()
        np.testing.assert_allclose(found, expected, atol=EXACT)
    assert len(woe.figures("alice")["big"][0]) == 5


@pytest.mark.parametrize(
    ("change", "extra", "error", "says"),
    [
        ({"y": [0] * 20}, {}, InputError, "'y' is the same in every row"),
        ({"y": [0, 2] * 10}, {}, InputError, "must be 0 or 1"),
        ({"y": [0, None] * 10}, {}, InputError, "'y' must be all numbers and holds a missing"),
        ({}, {"label": "nowhere"}, InputError, "no column 'nowhere', which task_config.label"),
        ({}, {"features": ["a", "b", "z"]}, InputError, "no party has a column 'z'"),
        ({"b": [1] * 20}, {"features": ["b"]}, InputError, "'b' is at alice and bob"),
        ({}, {"features": {"bob": ["a"]}}, InputError, "no column 'a'"),
        ({"a": [np.inf] * 20}, {}, InputError, "'a' must be all numbers and holds NaN or infinity"),
        ({"a": [1.7e308, -1.7e308] * 10}, {}, InputError, "'a' holds numbers too large"),
        ({"a": [SECRET] * 20}, {"bin_edges": {"a": [1, 2, 3]}}, InputError, "holds text"),
        ({"a": [f"{SECRET}{i}" for i in range(20)]}, {"max_categories": 9}, InputError,
         "'a' has more than 9 categories"),
        ({}, {"min_bin_count": 21}, InputError, "20 rows, fewer than a bin may have"),
    ],
)  # fmt: skip
def test_faulty_tables_are_refused_and_nothing_is_written(
    woe: Woe, change: dict[str, Any], extra: dict[str, Any], error: type[Exception], says: str
) -> None:
    alice = pd.DataFrame({"y": [0, 1] * 10, "a": range(20), **change})
    tables = {"alice": alice, "bob": pd.DataFrame({"b": range(20)})}
    with pytest.raises(error, match=says) as caught:
        woe(tables, **{"features": ["a", "b"], **extra})
    assert SECRET not in str(caught.value)
    assert not list(woe.folder.rglob("report.json"))


def test_rows_that_are_not_aligned_are_refused(woe: Woe) -> None:
    alice = pd.DataFrame({"uid": range(20), "y": [0, 1] * 10})
    bob = pd.DataFrame({"uid": range(20), "b": range(20)})
    woe({"alice": alice, "bob": bob}, id_columns=["uid"])
    with pytest.raises(RowsNotAligned, match="id_columns differ"):
        woe({"alice": alice, "bob": bob[::-1]}, id_columns=["uid"])
    with pytest.raises(RowsNotAligned, match="row counts differ: alice 20, bob 19"):
        woe({"alice": alice, "bob": bob[:-1]})


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ({"bin_num": 0}, "bin_num"),
        ({"bin_num": 1}, "bin_num"),
        ({"min_bin_count": 1}, "min_bin_count"),
        ({"label_party": "carol"}, "label_party: 'carol' is not a party"),
        ({"label": None}, "label"),
        ({"features": ["a", "y"]}, "features: 'y' is the label"),
        ({"features": {"alice": ["y"]}}, "features: 'y' is the label"),
        ({"features": ["b", "b"]}, "features: 'b' is named more than once"),
        ({"features": {"carol": ["b"]}}, "'carol'"),
        ({"bin_edges": {"z": [1, 2, 3]}}, "bin_edges: 'z' is not one of features"),
        ({"bin_edges": {"b": [1, 2]}}, "bin_edges"),
        ({"bin_edges": {"b": [3, 2, 1]}}, "bin_edges.b: edges must ascend"),
        ({"method": "chimerge"}, "method"),
        ({"output_report": "/app/data/r.json"}, "output_report"),
        ({"output_report": {"carol": "/app/data/r.json"}}, "output_report: 'carol'"),
        ({"input_data": {"alice": "/app/data/a.csv"}}, "input_data: party bob is missing"),
        ({"positive_label": 1}, "positive_label: unknown field"),
    ],
)
def test_faulty_requests_are_refused(woe: Woe, extra: dict[str, Any], says: str) -> None:
    tables = {"alice": pd.DataFrame({"y": [0, 1], "a": [1, 2]}), "bob": pd.DataFrame({"b": [1, 2]})}
    with pytest.raises(ConfigError, match=says):
        woe(tables, **{"features": ["a", "b"], **extra})


@pytest.mark.parametrize("disclose_iv", [False, True])
@pytest.mark.parametrize(
    ("features", "told"),
    [(["a", "b"], {"bob", "carol"}), ({"alice": ["a"], "bob": ["b"]}, {"bob"})],
)
def test_it_states_what_it_does_with_columns_and_who_is_told(
    features: Any, told: set[str], disclose_iv: bool
) -> None:
    task = TaskDispatcher.find("woe_iv")
    files = {party: f"/app/data/{party}.csv" for party in THREE}
    config = task.parse(
        {
            "input_data": files,
            "features": features,
            "label": "y",
            "label_party": "alice",
            "disclose_iv": disclose_iv,
            "output_report": {party: f"/app/data/{party}.json" for party in THREE},
        },
        THREE,
    )
    uses = {party: {use.field: use.use for use in config.column_uses(party)} for party in THREE}
    of_features = ColumnUse.STATISTIC if disclose_iv else ColumnUse.MPC
    assert uses["alice"] == {"features": of_features, "label": ColumnUse.STATISTIC}
    assert uses["bob"] == {"features": of_features}
    receivers = {(each.party, each.what) for each in config.declared_receivers(THREE)}
    assert receivers == {(party, Receives.STATISTICS) for party in told}
    lines = [line for line in task.learns if line.who == "owner of a feature"]
    assert {party for party in THREE if lines[0].reaches(config, party)} == told


def binning(minimum: int) -> Binning:
    return Binning("quantile", 10, {}, 100, minimum)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=30), st.integers(2, 15))
@settings(max_examples=200, deadline=None)
def test_joined_bins_are_large_enough_and_keep_their_order(counts: list[int], least: int) -> None:
    groups = join_neighbours(np.array(counts), binning(least))
    sizes = np.bincount(groups, weights=counts)
    assert groups[0] == 0
    assert set(np.diff(groups)) <= {0, 1}
    assert len(sizes) == 1 or sizes.min() >= least

    names = [f"{index:02}" for index in range(len(counts))]
    counted = dict(zip(names, counts, strict=True))
    joined = join_rare(names, counted, binning(least))
    assert sorted(name for group in joined for name in group) == names
    sizes = np.array([sum(counted[name] for name in group) for group in joined])
    assert len(sizes) == 1 or sizes.min() >= least


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=5),
    st.integers(5, 300),
    st.sampled_from(["FM32", "FM64", "FM128"]),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=100, deadline=None)
def test_packed_counts_come_apart_again(bins: list[int], rows: int, field: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    own = []
    for number, count in enumerate(bins):
        codes = rng.integers(0, count, rows).astype(np.int32)
        counts = np.bincount(codes, minlength=count)
        own.append(BinnedFeature(f"f{number}", codes, counts, None, None, -1))
    y = rng.integers(0, 2, rows)
    packing = Packing.of(rows, field)
    packed = packing.pack(own, slice(0, rows))
    assert packed.shape == (rows, packing.columns(sum(bins)))
    expected = [np.bincount(one.codes[y == 1], minlength=len(one.counts)) for one in own]
    found = packing.unpack(y @ packed, sum(bins))
    np.testing.assert_array_equal(found, np.concatenate(expected))


@pytest.mark.parametrize(
    ("rows", "field", "digits"),
    [
        (10_000, "FM64", 4),
        (10_000, "FM128", 4),
        (10_000, "FM32", 2),
        (10**6, "FM64", 3),
        (2**31 - 2, "FM32", 1),
        (2**31, "FM64", 2),
    ],
)
def test_as_many_counts_are_packed_as_cannot_overflow(rows: int, field: str, digits: int) -> None:
    packing = Packing.of(rows, field)
    assert packing.digits == digits
    assert (rows + 1) ** digits <= np.iinfo(packing.dtype).max
