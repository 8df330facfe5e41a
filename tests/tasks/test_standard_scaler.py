"""Scaling against scikit-learn, and everything beside the scaled columns left as it was."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from secretflow_worker.contract.errors import ConfigError, InputError
from secretflow_worker.contract.request import parse_request
from secretflow_worker.contract.result import TaskOutcome
from secretflow_worker.engine import Engine
from secretflow_worker.tasks._numeric import measure
from secretflow_worker.tasks._rules import load_rules
from tests.conftest import RunTask, make_request, write_csv

ALONE = ("alice",)
TWO = ("alice", "bob")
SECRET = "Zq7secret"


class Scale:
    """Writes tables, scales them with real parties, and reads what came out."""

    def __init__(self, run_task: RunTask, folder: Path) -> None:
        self._run_task = run_task
        self.folder = folder

    def __call__(self, tables: dict[str, str | bytes], **extra: Any) -> TaskOutcome:
        for party, content in tables.items():
            raw = content if isinstance(content, bytes) else content.encode()
            (self.folder / f"{party}.csv").write_bytes(raw)
        config = {
            "task_type": "standard_scaler",
            "input_data": {party: str(self.folder / f"{party}.csv") for party in tables},
            "output_data": {party: str(self.folder / "out" / f"{party}.csv") for party in tables},
            **extra,
        }
        return self._run_task(config, tuple(tables))

    def output(self, party: str = "alice") -> str:
        with (self.folder / "out" / f"{party}.csv").open(encoding="utf-8", newline="") as file:
            return file.read()


@pytest.fixture
def scale(run_task: RunTask, tmp_path: Path) -> Scale:
    return Scale(run_task, tmp_path)


def random_table(seed: int, rows: int, columns: Sequence[str]) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    size = rng.uniform(0.01, 1000, len(columns))
    values = rng.normal(size * 3, size, (rows, len(columns)))
    return pd.DataFrame(values, columns=list(columns))


@pytest.mark.parametrize(
    ("with_mean", "with_std"), [(True, True), (False, True), (True, False), (False, False)]
)
def test_each_party_scales_its_own_columns_as_scikit_learn_does(
    scale: Scale, with_mean: bool, with_std: bool
) -> None:
    tables = {
        "alice": random_table(1, 300, ["x1", "x2", "extra"]),
        "bob": random_table(2, 200, ["x3"]),
    }
    outcome = scale(
        {party: table.to_csv(index=False) for party, table in tables.items()},
        columns=["x3", "x2", "x1"],
        with_mean=with_mean,
        with_std=with_std,
    )
    scaler = StandardScaler(with_mean=with_mean, with_std=with_std)
    for party, columns in {"alice": ["x1", "x2"], "bob": ["x3"]}.items():
        written = pd.read_csv(scale.folder / "out" / f"{party}.csv")
        expected = scaler.fit_transform(tables[party][columns])
        np.testing.assert_allclose(written[columns], expected, rtol=1e-9, atol=1e-12)
        assert list(written.columns) == list(tables[party].columns)
    left = pd.read_csv(scale.folder / "out" / "alice.csv", float_precision="round_trip")["extra"]
    np.testing.assert_array_equal(left, tables["alice"]["extra"])
    assert outcome.result == {
        "output_paths": {
            party: str(scale.folder / "out" / f"{party}.csv") for party in ("alice", "bob")
        },
        "columns_scaled": ["x1", "x2", "x3"],
        "rules_output": None,
    }


def test_all_that_is_not_scaled_is_left_as_it_was(scale: Scale) -> None:
    scale(
        {
            "alice": b"\xef\xbb\xbf"
            + (
                "id,when,x,big,note\r\n"
                '007,2020-01-01,1,12345678901234567890123,"a, ""b"""\r\n'
                '1e5,,3,-0,"two\nlines 名"\r\n'
                '0x1,01/02/03,,"",NA\r\n'
            ).encode()
        },
        columns=["x"],
    )
    assert scale.output() == (
        "id,when,x,big,note\n"
        '007,2020-01-01,-1.0,12345678901234567890123,"a, ""b"""\n'
        '1e5,,1.0,-0,"two\nlines 名"\n'
        '0x1,01/02/03,,"",NA\n'
    )


def test_without_columns_every_column_of_numbers_is_scaled(scale: Scale) -> None:
    outcome = scale(
        {
            "alice": "text,x,nothing,late,flag\na,1,,1,true\nb,2,,2,true\nc,3,,x,false\n",
            "bob": "y\n 5 \n7\n",
        }
    )
    assert outcome.result["columns_scaled"] == ["x", "y"]
    assert scale.output("bob") == "y\n-1.0\n1.0\n"


def test_a_text_after_many_numbers_makes_no_column_of_numbers(scale: Scale) -> None:
    rows = "".join(f"{i},{i}\n" for i in range(3000))
    outcome = scale({"alice": f"x,y\n{rows}7,no number\n"})
    assert outcome.result["columns_scaled"] == ["x"]
    assert [line.split(",")[1] for line in scale.output().splitlines()[-2:]] == [
        "2999",
        "no number",
    ]


def test_columns_may_be_given_by_party(scale: Scale) -> None:
    outcome = scale(
        {"alice": "x,y\n1,1\n3,3\n", "bob": "x,y\n1,1\n3,3\n"},
        columns={"alice": ["x"], "bob": ["y"]},
    )
    assert outcome.result["columns_scaled"] == ["x", "y"]
    assert scale.output("alice") == "x,y\n-1.0,1\n1.0,3\n"
    assert scale.output("bob") == "x,y\n1,-1.0\n3,1.0\n"


def test_a_party_without_any_of_the_columns_keeps_its_table(scale: Scale) -> None:
    scale({"alice": "x\n1\n3\n", "bob": "y\n1\n3\n"}, columns=["x"])
    assert scale.output("bob") == "y\n1\n3\n"


def test_a_party_without_a_table_has_nothing_to_do(run_task: RunTask, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", {"x": [1, 3]})
    outcome = run_task(
        {
            "task_type": "standard_scaler",
            "input_data": {"bob": path},
            "output_data": {"bob": str(tmp_path / "o.csv")},
        },
        ("alice", "bob", "carol"),
    )
    assert outcome.result["columns_scaled"] == ["x"]


def test_in_cluster_mode_a_worker_scales_its_own_party_only(engine: Engine, tmp_path: Path) -> None:
    paths = {party: write_csv(tmp_path / f"{party}.csv", {party: [1, 3]}) for party in TWO}
    request = make_request(
        {
            "task_type": "standard_scaler",
            "input_data": paths,
            "output_data": {party: str(tmp_path / "out" / f"{party}.csv") for party in TWO},
            "columns": ["alice", "bob", "carol"],
        }
    )
    addresses = {party: {"address": f"127.0.0.1:{12100 + i}"} for i, party in enumerate(TWO)}
    request["sf_init_config"] = {"parties": addresses, "self_party": "bob"}
    settings = engine.settings.model_copy(update={"allow_no_policy": True})
    outcome = engine.run(Engine(settings).prepare(parse_request(request)))
    assert outcome.result["columns_scaled"] == ["bob"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["bob.csv"]


@pytest.mark.parametrize(
    ("cells", "scaled"),
    [
        (["5"], [0]),
        (["0.1"] * 7, [0] * 7),
        (["1e15", "1e15", "1e15"], [0] * 3),
        (["", "2", "", "4", ""], [None, -1, None, 1, None]),
        (["", ""], [None, None]),
        (["-0", "0"], [0, 0]),
        (["99999999999999999999999", "99999999999999999999999"], [0, 0]),
    ],
)
def test_missing_stays_missing_and_constant_becomes_zero(
    scale: Scale, cells: list[str], scaled: list[float | None]
) -> None:
    scale({"alice": "id,x\n" + "".join(f"k,{cell}\n" for cell in cells)}, columns=["x"])
    written = [line.split(",")[1] for line in scale.output().splitlines()[1:]]
    assert [float(cell) if cell else None for cell in written] == scaled


def test_rules_hold_what_was_applied_at_the_owner_only(scale: Scale) -> None:
    rules_at = {"alice": str(scale.folder / "rules" / "alice.json")}
    outcome = scale({"alice": "a,b\n1,10\n3,10\n", "bob": "c\n1\n2\n"}, rules_output=rules_at)
    assert outcome.result["rules_output"] == rules_at
    rules = load_rules(Path(rules_at["alice"]))
    assert (rules.task_type, rules.task_version) == ("standard_scaler", 1)
    assert rules.columns == {
        "a": {"center": 2.0, "scale": 1.0},
        "b": {"center": 10.0, "scale": 1.0},
    }
    assert [path.name for path in (scale.folder / "rules").iterdir()] == ["alice.json"]


def test_another_file_is_no_rules_file(tmp_path: Path) -> None:
    path = tmp_path / "rules.json"
    path.write_text(f'{{"columns": {{"{SECRET}": 1}}}}')
    with pytest.raises(InputError, match="no rules file") as caught:
        load_rules(path)
    assert SECRET not in caught.value.message


@pytest.mark.parametrize(
    ("content", "columns", "says"),
    [
        (f"x,y\n1,2\n3,{SECRET}\n", ["y"], "'y' must be all numbers and holds text"),
        ("x,y\n1,2\n3,nan\n", ["y"], "'y' must be all numbers and holds NaN or infinity"),
        ("x,y\n1,2\n3,-inf\n", None, "'y' must be all numbers and holds NaN or infinity"),
        ("x,y\n1,1e200\n3,-1e200\n", ["y"], "'y' holds numbers too large"),
        ("x,y\n1,2\n", ["z", "x", "w"], "no party has a column 'z', 'w'"),
        ("x,y\n1,2\n", {"alice": ["z"]}, "no column 'z', which task_config.columns.alice"),
        ("x,y\n", ["x"], "no rows"),
        ("x,y\n", None, "no rows"),
        ("x,x\n1,2\n", ["x"], "'x' is there more than once"),
        (f"x,y\n1,2,{SECRET}\n", ["x"], "not a well-formed CSV"),
        ("", ["x"], "empty"),
    ],
)
def test_faulty_tables_are_refused_and_nothing_is_written(
    scale: Scale, content: str, columns: Any, says: str
) -> None:
    with pytest.raises(InputError, match=says) as caught:
        scale({"alice": content}, columns=columns)
    assert SECRET not in caught.value.message
    assert not (scale.folder / "out").exists()


def test_the_party_with_the_fault_is_named(scale: Scale) -> None:
    with pytest.raises(InputError) as caught:
        scale({"alice": "x\n1\n", "bob": "y\ntext\n"}, columns=["x", "y"])
    assert caught.value.party == "bob"


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ({"columns": ["x", "x"]}, "columns: 'x' is named more than once"),
        ({"columns": {"bob": ["x"]}}, "columns: 'bob' has no table"),
        ({"columns": []}, "columns"),
        ({"rules_output": {"bob": "/app/data/r.json"}}, "rules_output: 'bob'"),
        ({"output_data": {"bob": "/app/data/r.csv"}}, "output_data"),
        ({"column": ["x"]}, "column: unknown field"),
        ({"with_mean": "perhaps"}, "with_mean"),
    ],
)
def test_faulty_requests_are_refused(scale: Scale, extra: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        scale({"alice": "x\n1\n"}, **extra)


def test_parquet_in_and_out(run_task: RunTask, tmp_path: Path) -> None:
    table = pd.DataFrame({"id": ["007", "8"], "n": [1, 3], "f": [0.5, np.nan], "b": [True, False]})
    table.to_parquet(tmp_path / "in.parquet")
    outcome = run_task(
        {
            "task_type": "standard_scaler",
            "input_data": {"alice": str(tmp_path / "in.parquet")},
            "output_data": {"alice": str(tmp_path / "out.parquet")},
        },
        ALONE,
    )
    assert outcome.result["columns_scaled"] == ["n", "f"]
    expected = table.assign(n=[-1.0, 1.0], f=[0.0, np.nan])
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "out.parquet"), expected)


@pytest.mark.parametrize("column", [["1", SECRET], [[1], [2]], [b"1", b"2"]])
def test_a_parquet_column_that_holds_no_numbers_is_refused(
    run_task: RunTask, tmp_path: Path, column: list[Any]
) -> None:
    pd.DataFrame({"x": [1, 3], "y": column}).to_parquet(tmp_path / "in.parquet")
    with pytest.raises(InputError, match="'y' must be all numbers") as caught:
        run_task(
            {
                "task_type": "standard_scaler",
                "input_data": {"alice": str(tmp_path / "in.parquet")},
                "output_data": {"alice": str(tmp_path / "out.parquet")},
                "columns": ["x", "y"],
            },
            ALONE,
        )
    assert SECRET not in caught.value.message
    assert not (tmp_path / "out.parquet").exists()


def test_two_hundred_columns(scale: Scale) -> None:
    table = random_table(3, 40, [f"c{i}" for i in range(200)])
    scale({"alice": table.to_csv(index=False)})
    written = pd.read_csv(scale.folder / "out" / "alice.csv")
    np.testing.assert_allclose(written, StandardScaler().fit_transform(table), atol=1e-9)


finite = st.floats(-1e12, 1e12) | st.integers(-5, 5).map(float)


@given(st.lists(st.none() | finite, min_size=1, max_size=40))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_measures_are_those_of_numpy(tmp_path: Path, values: list[float | None]) -> None:
    path = tmp_path / "t.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["x", "y"], *([value, "text"] for value in values)])
    measured = measure(
        path,
        ["x"],
        {"mean": lambda column: column.mean(), "variance": lambda column: column.var(ddof=0)},
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        known = np.array([np.nan if value is None else value for value in values])
        expected = [np.nanmean(known), np.nanvar(known)]
    size = np.nanmax(np.abs(known), initial=0.0)
    found = {key: np.nan if value is None else value for key, value in measured.of["x"].items()}
    assert measured.rows == len(values)
    assert found["count"] == np.count_nonzero(~np.isnan(known))
    np.testing.assert_allclose(found["mean"], expected[0], rtol=1e-12, atol=1e-12 * size)
    np.testing.assert_allclose(found["variance"], expected[1], rtol=1e-9, atol=1e-12 * size**2)
