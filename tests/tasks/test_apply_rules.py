"""Rules of one day applied on another: the same numbers, and clear words where they do not fit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretflow_worker.contract.errors import ConfigError, InputError, InputNotFound
from secretflow_worker.contract.request import parse_request
from secretflow_worker.engine import Engine, EngineSettings
from secretflow_worker.tasks._rules import Rule, load_rules, make_rules, read_rules, save_rules
from tests.conftest import RunTask, make_request
from tests.tasks.preparation import SECRET, Prepare, signed

FIVE = ("alice", "bob", "carol", "dave", "erin")
FITS: dict[str, dict[str, Any]] = {
    "standard_scaler": {"columns": ["x", "y"]},
    "minmax_scaler": {"columns": ["x", "y"], "feature_range": [-1, 3]},
    "label_encoder": {"columns": ["c"], "unknown": "value"},
    "onehot_encoder": {"columns": ["c"], "drop": "first", "unknown": "zeros"},
    "fillna": {"method": {"x": "mean", "y": "median", "c": "mode"}},
    "quantile_binning": {"columns": ["x", "y"], "bin_num": 4},
    "equal_width_binning": {"columns": ["x", "y"], "bin_num": 4},
}


@pytest.fixture
def prepare(run_task: RunTask, tmp_path: Path) -> Callable[[str], Prepare]:
    return lambda task_type: Prepare(run_task, tmp_path, task_type)


def random_table(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    values = {name: rng.normal(1 / 3, 10 ** rng.uniform(-9, 9), 40) for name in "xy"}
    table = pd.DataFrame({**values, "c": rng.choice(["b", "a", "名"], 40)})
    return table.mask(rng.random(table.shape) < 0.2).assign(id=range(40))


@pytest.mark.parametrize("parties", [("alice",), FIVE[:2], FIVE[:3], FIVE])
@pytest.mark.parametrize("task_type", FITS)
def test_the_fitted_table_comes_out_the_same_to_the_byte(
    prepare: Callable[[str], Prepare], task_type: str, parties: tuple[str, ...]
) -> None:
    fit = prepare(task_type)
    tables = {p: random_table(i).to_csv(index=False) for i, p in enumerate(parties)}
    fit(tables, **FITS[task_type])
    outcome = fit.again(tables)
    for party in parties:
        assert fit.output(party, "again") == fit.output(party)
        assert fit.output(party) != tables[party]
    named = [name for name in "xyc" if name in fit.rules().columns]
    assert outcome.result == {
        "output_paths": {p: str(fit.folder / "again" / f"{p}.csv") for p in parties},
        "columns_changed": named,
    }


@pytest.mark.parametrize("task_type", FITS)
def test_some_rows_alone_come_out_as_they_did_among_all(
    prepare: Callable[[str], Prepare], task_type: str
) -> None:
    fit = prepare(task_type)
    table = random_table(5)
    fit({"alice": table.to_csv(index=False)}, **FITS[task_type])
    extra = table[10:13].assign(new="other").iloc[:, ::-1]
    fit.again({"alice": extra.to_csv(index=False)})
    alone = pd.read_csv(fit.folder / "again" / "alice.csv", dtype=str)
    among = pd.read_csv(fit.folder / "out" / "alice.csv", dtype=str)[10:13]
    assert alone["new"].to_list() == ["other"] * 3
    pd.testing.assert_frame_equal(alone[list(among)], among.reset_index(drop=True))


def test_another_worker_gives_the_same_numbers(
    prepare: Callable[[str], Prepare], tmp_path: Path
) -> None:
    other = Engine(EngineSettings(data_root=tmp_path, state_dir=tmp_path / "state"))
    table = random_table(7).to_csv(index=False)
    for task_type, config in FITS.items():
        fit = prepare(task_type)
        fit({"alice": table}, **config)
        request = make_request(
            {
                "task_type": "apply_rules",
                "rules": fit.rules_paths({"alice": table}),
                "input_data": {"alice": str(tmp_path / "alice.csv")},
                "output_data": {"alice": str(tmp_path / "again" / "alice.csv")},
            },
            ("alice",),
        )
        other.run(other.prepare(parse_request(request)))
        assert fit.output(folder="again") == fit.output()


@pytest.mark.parametrize("task_type", ["standard_scaler", "label_encoder", "fillna"])
def test_rules_of_a_csv_apply_to_parquet(prepare: Callable[[str], Prepare], task_type: str) -> None:
    fit = prepare(task_type)
    table = random_table(8)
    fit({"alice": table.to_csv(index=False)}, **FITS[task_type])
    fit.again({"alice": pl.from_pandas(table)})
    expected = pl.read_csv(fit.folder / "out" / "alice.csv", null_values="")
    written = fit.parquet(folder="again")
    assert written.select("x", "y", "id").equals(expected.select("x", "y", "id"))
    assert written["c"].cast(pl.String).equals(expected["c"].cast(pl.String))


def test_onehot_names_what_the_fit_named_and_refuses_what_it_lacks(
    prepare: Callable[[str], Prepare],
) -> None:
    fit = prepare("onehot_encoder")
    fit({"alice": "id,c\n1,a\n2,b\n"}, columns=["c"])
    fit.again({"alice": "c,id\nb,7\n,8\n"})
    assert fit.output(folder="again") == "c_a,c_b,id\n0,1,7\n0,0,8\n"
    with pytest.raises(InputError, match="'c' holds a category that the rules do not") as caught:
        fit.again({"alice": f"c\n{SECRET}\n"})
    assert SECRET not in caught.value.message + caught.value.hint
    with pytest.raises(InputError, match="would have the name of another column"):
        fit.again({"alice": "c,c_a\na,1\n"})


def test_onehot_gives_an_unknown_category_zeros_if_told_so(
    prepare: Callable[[str], Prepare],
) -> None:
    fit = prepare("onehot_encoder")
    fit({"alice": "c\na\nb\n"}, columns=["c"], unknown="zeros")
    fit.again({"alice": "c\nz\nb\n"})
    assert fit.output(folder="again") == "c_a,c_b\n0,0\n0,1\n"


def test_a_party_without_a_table_has_nothing_to_do(
    prepare: Callable[[str], Prepare], run_task: RunTask
) -> None:
    fit = prepare("standard_scaler")
    fit({"bob": "x\n1\n3\n"}, parties=["alice", "bob"])
    config = {
        "task_type": "apply_rules",
        "rules": fit.rules_paths({"bob": None}),
        "input_data": {"bob": str(fit.folder / "bob.csv")},
        "output_data": {"bob": str(fit.folder / "again" / "bob.csv")},
    }
    run_task(config, ("alice", "bob", "carol"))
    assert fit.output("bob", "again") == "x\n-1.0\n1.0\n"


@pytest.mark.parametrize("task_type", FITS)
def test_rules_of_no_column_change_nothing(
    prepare: Callable[[str], Prepare], task_type: str
) -> None:
    fit = prepare(task_type)
    tables = {"alice": random_table(9).to_csv(index=False), "bob": "uid\n007\n"}
    fit(tables, **FITS[task_type])
    outcome = fit.again({"bob": "uid\n1e5\n"})
    assert fit.rules("bob").columns == {}
    assert outcome.result["columns_changed"] == []
    assert fit.output("bob", "again") == "uid\n1e5\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("y\n1\n", "no column 'x', which task_config.rules.alice names"),
        ("x\n", "no rows"),
        (f"x\n{SECRET}\n", "'x' must be all numbers and holds text"),
        ("x\nnan\n", "'x' must be all numbers and holds NaN"),
        (f'x\n"{SECRET}\n', "not a well-formed CSV"),
        ("x\n1e308\n", "'x' holds numbers too large to scale"),
    ],
)
@pytest.mark.parametrize("task_type", ["standard_scaler", "minmax_scaler"])
def test_new_data_that_does_not_fit_is_refused(
    prepare: Callable[[str], Prepare], task_type: str, content: str, says: str
) -> None:
    fit = prepare(task_type)
    fit({"alice": "x\n1e-30\n3e-15\n"})
    with pytest.raises(InputError, match=says) as caught:
        fit.again({"alice": content})
    assert SECRET not in caught.value.message + caught.value.hint
    assert not (fit.folder / "again").exists()


def entry(**changes: Any) -> dict[str, Any]:
    return {"center": 1.0, "scale": 2.0, **changes}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"task_version": 7}, "a task type or version that this worker cannot apply"),
        ({"task_type": SECRET}, "a task type or version that this worker cannot apply"),
        ({"task_type": ""}, "a task type or version that this worker cannot apply"),
        ({"task_type": "psi"}, "a task type or version that this worker cannot apply"),
        ({"task_type": "minmax_scaler"}, "the entry of column 'x' is none that minmax_scaler"),
        ({"task_version": "1"}, "no rules file"),
        ({"note": SECRET}, "no rules file"),
        ({"columns": [SECRET]}, "no rules file"),
        ({"columns": {"x": SECRET}}, "no rules file"),
        ({"columns": {"x": entry(scale=0)}}, "the entry of column 'x'"),
        ({"columns": {"x": entry(scale="2")}}, "the entry of column 'x'"),
        ({"columns": {"x": entry(center=None)}}, "the entry of column 'x'"),
        ({"columns": {"x": entry(more=SECRET)}}, "the entry of column 'x'"),
        ({"columns": {"x": {"center": 1.0}}}, "the entry of column 'x'"),
    ],
)
def test_altered_rules_are_refused_and_not_quoted(
    prepare: Callable[[str], Prepare], changes: dict[str, Any], says: str
) -> None:
    fit = prepare("standard_scaler")
    rules = {"task_type": "standard_scaler", "task_version": 1, "columns": {"x": entry()}}
    (fit.folder / "rules").mkdir()
    (fit.folder / "rules" / "alice.json").write_text(json.dumps(signed({**rules, **changes})))
    with pytest.raises(InputError, match=says) as caught:
        fit.again({"alice": "x\n1\n"})
    assert SECRET not in caught.value.message + caught.value.hint
    assert caught.value.party == "alice"


@pytest.mark.parametrize(
    ("task_type", "entries"),
    [
        ("minmax_scaler", {"low": 0, "width": 1, "start": 1, "end": 1, "clip": False}),
        ("minmax_scaler", {"low": 0, "width": -1, "start": 0, "end": 1, "clip": False}),
        ("minmax_scaler", {"low": 1e999, "width": 1, "start": 0, "end": 1, "clip": False}),
        ("label_encoder", {"categories": ["a", "a"], "unknown": "error", "unknown_value": None}),
        ("label_encoder", {"categories": ["a"], "unknown": "value", "unknown_value": None}),
        ("label_encoder", {"categories": ["a"], "unknown": "value", "unknown_value": 0}),
        ("label_encoder", {"categories": [1], "unknown": "error", "unknown_value": None}),
        ("onehot_encoder", {"categories": ["a", "b"], "dropped": "b", "unknown": "error"}),
        ("onehot_encoder", {"categories": ["a", "a"], "dropped": None, "unknown": "error"}),
        ("fillna", {"method": "guess", "value": 1}),
        ("fillna", {"method": "mean", "value": None}),
        ("fillna", {"method": "mode", "value": [1]}),
    ],
)
def test_an_entry_that_its_type_would_not_write_is_refused(
    prepare: Callable[[str], Prepare], task_type: str, entries: dict[str, Any]
) -> None:
    fit = prepare(task_type)
    rules = {"task_type": task_type, "task_version": 1, "columns": {"x": entries}}
    (fit.folder / "rules").mkdir()
    (fit.folder / "rules" / "alice.json").write_text(
        json.dumps(signed(rules)).replace("Infinity", "1e999")
    )
    with pytest.raises(InputError, match=r"entry of column 'x' is none|no rules file|was altered"):
        fit.again({"alice": "x\n1\n"})


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ({"rules": {"bob": "/r.json"}}, "input_data and rules must name the same parties"),
        ({"output_data": {"bob": "/r.csv"}}, "input_data and output_data must name the same"),
        ({"rules": {"alice": ["/r.json"]}}, "rules"),
        ({"columns": ["x"]}, "columns: unknown field"),
    ],
)
def test_faulty_requests_are_refused(
    prepare: Callable[[str], Prepare], extra: dict[str, Any], says: str
) -> None:
    with pytest.raises(ConfigError, match=says):
        prepare("standard_scaler").again({"alice": "x\n1\n"}, ("alice", "bob"), **extra)


def test_a_number_that_was_changed_since_is_noticed(prepare: Callable[[str], Prepare]) -> None:
    fit = prepare("standard_scaler")
    fit({"alice": "x\n1\n2\n"})
    path = fit.folder / "rules" / "alice.json"
    path.write_text(path.read_text().replace("1.5", "1.25"))
    with pytest.raises(InputError, match="altered since it was saved"):
        fit.again({"alice": "x\n1\n"})


def test_rules_that_are_not_there(prepare: Callable[[str], Prepare]) -> None:
    with pytest.raises(InputNotFound, match=r"task_config.rules.alice"):
        prepare("standard_scaler").again({"alice": "x\n1\n"})


class _Number(Rule):
    value: float


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=200, deadline=None)
def test_a_number_is_read_as_it_was_fitted(tmp_path_factory: Any, number: float) -> None:
    path = tmp_path_factory.getbasetemp() / "number.json"
    save_rules(make_rules("any", 1, {"x": _Number(value=number)}), path)
    read = read_rules(load_rules(path), _Number)["x"].value
    assert np.float64(read).tobytes() == np.float64(number).tobytes()
