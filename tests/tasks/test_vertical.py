"""What the trainings refuse, and where: configs before anything starts, data at the party."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretflow_worker.contract.errors import ConfigError, InputError, RowsNotAligned
from secretflow_worker.tasks import TaskDispatcher
from secretflow_worker.tasks.ml._buckets import compare, cut_points
from secretflow_worker.tasks.ml._vertical import digest_of, row_blocks
from tests.conftest import RunTask
from tests.tasks.vertical_data import make_split, training, write_split

SECRET = "7315.25"
"""Stands in the tables of some tests, and may not stand in any message."""


def change(folder: Path, party: str, edit: Callable[[pd.DataFrame], Any], name: str) -> None:
    path = folder / party / name
    table = pd.read_csv(path, dtype=str)
    edited = edit(table)
    (table if edited is None else edited).to_csv(path, index=False)


def put(column: str, value: str) -> Callable[[pd.DataFrame], None]:
    def edit(table: pd.DataFrame) -> None:
        table.loc[3, column] = value

    return edit


Fault = tuple[str, Callable[[pd.DataFrame], Any], str, str]
DATA_FAULTS: dict[str, Fault] = {
    "text": ("bob", put("x2", f"about {SECRET}"), "x2", "holds text"),
    "missing value": ("bob", put("x3", ""), "x3", "a missing value"),
    "NaN": ("alice", put("x0", "nan"), "x0", "NaN or infinity"),
    "infinity": ("alice", put("x1", "-inf"), "x1", "NaN or infinity"),
    "label of text": ("alice", put("y", "good"), "y", "holds text"),
    "no such feature": ("bob", lambda t: t.drop(columns="x2"), "x2", "no party has a column"),
    "feature at two parties": (
        "alice",
        lambda t: t.assign(x2="1"),
        "x2",
        "is at alice and bob",
    ),
    "label not there": ("alice", lambda t: t.drop(columns="y"), "y", "no column"),
    "label not 0 or 1": ("alice", put("y", SECRET), "y", "must be 0 or 1"),
    "constant label": ("alice", lambda t: t.assign(y="1"), "y", "the same in every row"),
    "ids not there": ("bob", lambda t: t.drop(columns="uid"), "uid", "no column"),
    "header only": ("bob", lambda t: t[:0], "", "no rows"),
}


@pytest.mark.parametrize("task_type", ["ss_lr", "ss_xgb"])
@pytest.mark.parametrize("fault", DATA_FAULTS)
def test_faults_of_the_data_are_found_at_their_party(
    run_task: RunTask, tmp_path: Path, fault: str, task_type: str
) -> None:
    split = make_split(60)
    write_split(tmp_path, split)
    party, edit, column, message = DATA_FAULTS[fault]
    change(tmp_path, party, edit, "train.csv")

    with pytest.raises(InputError, match=message) as caught:
        run_task(training(tmp_path, task_type, split, {}))

    assert repr(column) in caught.value.message or not column
    assert caught.value.party == party or "at two" in fault or "no such" in fault
    assert SECRET not in caught.value.message + caught.value.hint
    assert not (tmp_path / "alice" / "model").exists()
    assert not (tmp_path / "bob" / "model").exists()


@pytest.mark.parametrize("table", ["train", "test"])
def test_row_counts_that_differ_are_refused(run_task: RunTask, tmp_path: Path, table: str) -> None:
    split = make_split(60)
    write_split(tmp_path, split)
    change(tmp_path, "bob", lambda t: t[1:], f"{table}.csv")

    with pytest.raises(RowsNotAligned, match=rf"{table}_data: the parties' row counts differ"):
        run_task(training(tmp_path, "ss_lr", split, {}))


@pytest.mark.parametrize("table", ["train", "test"])
def test_rows_in_another_order_are_refused(run_task: RunTask, tmp_path: Path, table: str) -> None:
    split = make_split(60)
    write_split(tmp_path, split)
    change(tmp_path, "bob", lambda t: t[::-1], f"{table}.csv")

    with pytest.raises(RowsNotAligned, match=rf"{table}_data: .* not the same entities") as caught:
        run_task(training(tmp_path, "ss_lr", split, {}))

    assert "psi" in caught.value.hint
    assert "u000" not in caught.value.message


def test_an_id_that_is_missing_is_refused(run_task: RunTask, tmp_path: Path) -> None:
    split = make_split(60)
    write_split(tmp_path, split)
    change(tmp_path, "bob", put("uid", ""), "train.csv")

    with pytest.raises(InputError, match="'uid' has missing values"):
        run_task(training(tmp_path, "ss_lr", split, {}))


@pytest.mark.parametrize("task_type", ["ss_lr", "ss_xgb"])
def test_a_partys_values_stay_in_its_own_folder(
    run_task: RunTask, tmp_path: Path, task_type: str
) -> None:
    """Only the receiver's ids, its label and the predictions are new beside its own tables."""
    split = make_split(60)
    write_split(tmp_path, split)
    params = {"epochs": 1} if task_type == "ss_lr" else {"num_boost_round": 1, "max_depth": 2}

    outcome = run_task(training(tmp_path, task_type, split, params))

    told = [outcome.model_dump_json()]
    told += [
        path.read_text("latin-1") for path in (tmp_path / "alice").rglob("*") if path.is_file()
    ]
    for value in split.x[:, 2:].ravel():
        assert not any(str(value)[:12] in text for text in told)
    told[1:] = [path.read_text("latin-1") for path in (tmp_path / "bob").rglob("*.json")]
    for value in split.x[:, :2].ravel():
        assert not any(str(value)[:12] in text for text in told)


Changes = dict[str, Any]


@pytest.mark.parametrize("task_type", ["ss_lr", "ss_xgb"])
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"label_party": "carol"}, "label_party: 'carol' is not a party"),
        ({"prediction_receiver": "carol"}, "prediction_receiver: 'carol' is not a party"),
        ({"prediction_receiver": "bob"}, "party alice is not the prediction_receiver"),
        (
            {"prediction_output": {"alice": "/d/a.csv", "bob": "/d/b.csv"}},
            "party bob is not the prediction_receiver",
        ),
        ({"prediction_output": None}, "prediction_output: required beside test_data"),
        ({"test_data": None}, "test_data: required beside prediction_output"),
        ({"test_data": {"alice": "/d/t.csv"}}, "test_data: party bob is missing"),
        ({"train_data": {"bob": "/d/t.csv"}}, "train_data: party alice is missing"),
        ({"model_output": {"bob": "/d/m"}}, "model_output: party alice is missing"),
        ({"model_output": {"alice": "/d/m", "bob": "/d/m", "eve": "/d/m"}}, "'eve' is not a party"),
        ({"features": ["x0", "y"]}, "features: 'y' is the label"),
        ({"features": {"alice": ["x0", "y"]}}, "features: 'y' is the label"),
        ({"features": ["x0", "x1", "x0"]}, "features: 'x0' is named more than once"),
        ({"features": []}, "features"),
        ({"features": {"carol": ["x0"]}}, "features: 'carol' has no table"),
        ({"prediction_column": "y"}, "prediction_column: 'y' is the label"),
        ({"prediction_column": "uid"}, "prediction_column: 'uid' is an id column"),
        ({"id_columns": {"alice": ["uid"]}}, "id_columns: party bob is missing"),
        ({"epochs": 3}, "epochs: unknown field"),
        ({"params": {"epoch": 3}}, "params.epoch: unknown field"),
        ({"params": {"learning_rate": 0}}, "params.learning_rate"),
    ],
)
def test_faults_of_the_config_are_found_before_anything_starts(
    changes: Changes, message: str, task_type: str
) -> None:
    config = training(Path("/d"), task_type, make_split(8), {}) | changes

    with pytest.raises(ConfigError, match=message):
        TaskDispatcher.find(task_type).parse(config, ("alice", "bob"))


@pytest.mark.parametrize(
    ("task_type", "params", "message"),
    [
        ("ss_lr", {"penalty": "l3"}, "params.penalty"),
        ("ss_lr", {"sig_type": "cubic", "reg_type": "linear"}, "no sigmoid"),
        ("ss_lr", {"learning_rate": float("nan")}, "params.learning_rate"),
        ("ss_xgb", {"objective": "rank:pairwise"}, "params.objective"),
        ("ss_xgb", {"max_depth": 17}, "params.max_depth"),
        ("ss_xgb", {"subsample": 0}, "params.subsample"),
        ("ss_xgb", {"sketch_eps": 1}, "params.sketch_eps"),
    ],
)
def test_params_out_of_range_are_refused(
    task_type: str, params: dict[str, Any], message: str
) -> None:
    config = training(Path("/d"), task_type, make_split(8), params)

    with pytest.raises(ConfigError, match=message):
        TaskDispatcher.find(task_type).parse(config, ("alice", "bob"))


@pytest.mark.parametrize("penalty", ["None", "L2", None])
def test_secretflows_names_of_penalties_are_accepted(penalty: str | None) -> None:
    config = training(Path("/d"), "ss_lr", make_split(8), {"penalty": penalty})

    TaskDispatcher.find("ss_lr").parse(config, ("alice", "bob"))


@pytest.mark.parametrize("task_type", ["ss_lr", "ss_xgb", "predict"])
def test_the_example_is_a_config(task_type: str) -> None:
    task = TaskDispatcher.find(task_type)

    task.parse(task.example, ("alice", "bob"))


def test_the_digest_is_of_the_ids_in_order_and_cannot_be_moved_about(tmp_path: Path) -> None:
    def digest(name: str, *rows: tuple[str, str]) -> bytes:
        path = tmp_path / f"{name}.csv"
        path.write_text("\n".join(["a,b", *(",".join(row) for row in rows)]) + "\n")
        return digest_of(path, ["a", "b"])

    reference = digest("reference", ("1", "23"), ("4", "5"))
    assert digest("same", ("1", "23"), ("4", "5")) == reference
    for rows in (
        [("12", "3"), ("4", "5")],
        [("4", "5"), ("1", "23")],
        [("1", "234"), ("5", "6")],
        [("01", "23"), ("4", "5")],
    ):
        assert digest("other", *rows) != reference


@given(
    st.lists(st.integers(-5, 5) | st.floats(-1e9, 1e9), min_size=1, max_size=60), st.integers(2, 12)
)
def test_cuts_ascend_and_leave_no_side_empty(values: list[float], buckets: int) -> None:
    column = np.array(values, float)

    cuts = cut_points(column, buckets)

    assert len(cuts) <= buckets - 1
    assert cuts == sorted(set(cuts))
    assert all(column.min() < cut <= column.max() for cut in cuts)
    if len(set(values)) <= buckets:
        assert len(cuts) == len(set(column)) - 1


def test_buckets_of_distinct_values_are_even() -> None:
    cuts = cut_points(np.random.default_rng(1).normal(size=1000), 10)

    left = compare(np.random.default_rng(1).normal(size=(1000, 1)), [cuts], 9)
    assert list(left.sum(axis=0)) == [100 * bucket for bucket in range(1, 10)]


def test_a_feature_with_few_values_is_filled_up_with_candidates_that_split_nothing() -> None:
    left = compare(np.array([[0.0], [1.0]]), [[1.0]], 3)

    assert left.tolist() == [[1, 1, 1], [0, 1, 1]]


@given(st.integers(1, 10**7), st.integers(1, 10**5))
def test_blocks_cover_the_rows_in_at_most_two_lengths(rows: int, width: int) -> None:
    rows = min(rows, 10**8 // width + 1)
    blocks = row_blocks(rows, width)

    assert [block.start for block in blocks[1:]] == [block.stop for block in blocks[:-1]]
    assert (blocks[0].start, blocks[-1].stop) == (0, rows)
    lengths = {block.stop - block.start for block in blocks}
    assert max(lengths) - min(lengths) <= 1
    assert max(lengths) * width <= 2**22 or max(lengths) == 1
