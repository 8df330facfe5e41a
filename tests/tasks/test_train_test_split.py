"""train_test_split against scikit-learn's, with real parties."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from secretflow_worker.contract.errors import ConfigError, InputError, RowsNotAligned
from secretflow_worker.contract.result import TaskOutcome
from secretflow_worker.tasks.preprocessing.train_test_split import _write_rows, choose_test_rows
from tests.conftest import RunTask

TWO = ("alice", "bob")
SECRET = "Zq7secret"


class Split:
    """Writes tables, splits them with real parties, and reads what came out."""

    def __init__(self, run_task: RunTask, folder: Path) -> None:
        self._run_task = run_task
        self.folder = folder

    def __call__(self, tables: dict[str, str], **extra: Any) -> TaskOutcome:
        for party, content in tables.items():
            (self.folder / f"{party}.csv").write_bytes(content.encode())
        spu = extra.pop("spu", None)
        config = {
            "task_type": "train_test_split",
            "input_data": {party: str(self.folder / f"{party}.csv") for party in tables},
            **{
                f"{part}_data": {p: str(self.folder / "out" / f"{p}-{part}.csv") for p in tables}
                for part in ("train", "test")
            },
            **extra,
        }
        return self._run_task(config, tuple(tables), spu)

    def rows(self, party: str, part: str) -> list[str]:
        text = (self.folder / "out" / f"{party}-{part}.csv").read_text(encoding="utf-8")
        return text.splitlines()[1:]


@pytest.fixture
def split(run_task: RunTask, tmp_path: Path) -> Split:
    return Split(run_task, tmp_path)


def table(party: str, rows: int) -> str:
    return f"uid,of_{party}\n" + "".join(f"u{i:03},{party}{i}\n" for i in range(rows))


@pytest.mark.parametrize(
    ("parties", "spu"),
    [
        (TWO, None),
        (TWO, {"protocol": "CHEETAH", "field": "FM64"}),
        (("alice", "bob", "carol"), {"protocol": "ABY3", "field": "FM64"}),
        (("alice", "bob", "carol", "dave", "erin"), None),
    ],
    ids=["two", "cheetah", "aby3", "five"],
)
def test_every_party_gets_the_rows_of_scikit_learn_in_their_order(
    split: Split, parties: Sequence[str], spu: Any
) -> None:
    outcome = split(
        {party: table(party, 101) for party in parties}, id_columns=["uid"], seed=7, spu=spu
    )
    train, test = (sorted(part) for part in train_test_split(range(101), random_state=7))
    for party in parties:
        for part, expected in (("train", train), ("test", test)):
            assert split.rows(party, part) == [f"u{i:03},{party}{i}" for i in expected]
    told = outcome.result
    assert (told["train_rows"], told["test_rows"]) == (75, 26)
    assert told["test_data"]["bob"] == str(split.folder / "out" / "bob-test.csv")


def test_the_default_is_repeated_without_ids(split: Split) -> None:
    tables = {party: table(party, 40) for party in TWO}
    split(tables)
    first = split.rows("bob", "test")
    assert [row.split(",")[0] for row in first] == [
        f"u{i:03}" for i in sorted(train_test_split(range(40), random_state=42)[1])
    ]
    split(tables, test_size=10, seed=42)
    assert split.rows("bob", "test") == first
    split(tables, seed=43)
    assert split.rows("bob", "test") != first


def test_without_shuffling_the_last_rows_are_the_test(split: Split) -> None:
    split({party: table(party, 7) for party in TWO}, shuffle=False, test_size=0.3)
    assert split.rows("alice", "train") == [f"u{i:03},alice{i}" for i in range(4)]
    assert split.rows("bob", "test") == [f"u{i:03},bob{i}" for i in (4, 5, 6)]


def test_rows_are_written_as_they_came(split: Split) -> None:
    odd = ['007,-0,"a, ""b"""', '1e5,,"two\nlines 名"', '12345678901234567890123,"",2020-01-01']
    text = "\ufeffrow,row_,x\r\n" + "\r\n".join(odd) + "\r\n"
    split({"alice": text, "bob": text}, shuffle=False, test_size=1)
    written = (split.folder / "out" / "alice-train.csv").read_text(encoding="utf-8")
    assert written == "row,row_,x\n" + "\n".join(odd[:2]) + "\n"
    assert split.rows("bob", "test") == odd[2:]


def test_parquet_and_csv_side_by_side(run_task: RunTask, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    wide = pd.DataFrame(rng.normal(size=(20, 200)), columns=[f"c{i}" for i in range(200)])
    wide["when"] = pd.Timestamp("2020-01-01")
    wide.to_parquet(tmp_path / "a.parquet")
    wide[["c0"]].to_csv(tmp_path / "b.csv", index=False)
    run_task(
        {
            "task_type": "train_test_split",
            "input_data": {"alice": str(tmp_path / "a.parquet"), "bob": str(tmp_path / "b.csv")},
            "train_data": {"alice": str(tmp_path / "at.parquet"), "bob": str(tmp_path / "bt.csv")},
            "test_data": {"alice": str(tmp_path / "as.parquet"), "bob": str(tmp_path / "bs.csv")},
            "test_size": 0.5,
        }
    )
    train, test = (
        sorted(part) for part in train_test_split(range(20), test_size=0.5, random_state=42)
    )
    for name, rows in (("t", train), ("s", test)):
        found = pd.read_parquet(tmp_path / f"a{name}.parquet")
        pd.testing.assert_frame_equal(found, wide.iloc[rows].reset_index(drop=True))
        numbers = pd.read_csv(tmp_path / f"b{name}.csv", float_precision="round_trip")["c0"]
        assert list(numbers) == list(wide["c0"][rows])


@pytest.mark.parametrize(
    ("tables", "extra", "error", "says"),
    [
        ((3, 4), {}, RowsNotAligned, "row counts differ: alice 3, bob 4"),
        ((1, 1), {}, InputError, "of 1 rows none would be left to train on"),
        ((3, 3), {"test_size": 3}, InputError, "of 3 rows none would be left"),
        ((3, 3), {"test_size": 0.99}, InputError, "of 3 rows none would be left"),
        ((0, 0), {}, InputError, "no rows"),
        ((3, 3), {"id_columns": ["nowhere"]}, InputError, "no column 'nowhere'"),
        ((3, 3), {"id_columns": {"alice": ["uid"], "bob": ["of_bob"]}}, RowsNotAligned, "differ"),
    ],
)
def test_tables_that_cannot_be_split_are_refused(
    split: Split, tables: tuple[int, int], extra: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        split({"alice": table("alice", tables[0]), "bob": table("bob", tables[1])}, **extra)
    assert not (split.folder / "out").exists()


def test_a_faulty_file_is_not_quoted(split: Split) -> None:
    with pytest.raises(InputError, match="not a well-formed CSV") as caught:
        split({"alice": table("alice", 3), "bob": f"x\n1\n2,{SECRET}\n3\n"})
    assert SECRET not in caught.value.message
    assert caught.value.party == "bob"


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ({"test_size": 0}, "test_size"),
        ({"test_size": 1.0}, "test_size"),
        ({"test_size": -3}, "test_size"),
        ({"test_size": 1.5}, "test_size"),
        ({"test_size": True}, "test_size"),
        ({"seed": -1}, "seed"),
        ({"stratify": "y"}, "stratify: unknown field"),
        ({"test_data": {"alice": "/app/data/a.csv"}}, "test_data: party bob is missing"),
        ({"input_data": {"alice": "/app/data/a.csv"}}, "input_data: party bob is missing"),
        ({"id_columns": {"alice": ["uid"]}}, "id_columns: party bob is missing"),
    ],
)
def test_faulty_requests_are_refused(split: Split, extra: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        split({party: table(party, 4) for party in TWO}, **extra)


@given(st.integers(2, 300), st.floats(0.01, 0.6) | st.integers(1, 150), st.integers(0, 2**32 - 1))
@settings(max_examples=100, deadline=None)
def test_the_rows_are_those_of_scikit_learn(rows: int, test_size: float | int, seed: int) -> None:
    try:
        _, expected = train_test_split(range(rows), test_size=test_size, random_state=seed)
    except ValueError:
        with pytest.raises(InputError):
            choose_test_rows(rows, test_size, seed)
        return
    assert list(np.flatnonzero(choose_test_rows(rows, test_size, seed))) == sorted(expected)


def test_a_table_of_many_batches_keeps_its_order(tmp_path: Path) -> None:
    rows = 400_000
    pl.DataFrame({"i": range(rows), "text": ["x" * 40] * rows}).write_csv(tmp_path / "t.csv")
    chosen = choose_test_rows(rows, 0.5, 1)
    _write_rows(tmp_path / "t.csv", chosen, tmp_path / "out.csv")
    np.testing.assert_array_equal(pl.read_csv(tmp_path / "out.csv")["i"], np.flatnonzero(chosen))
