"""A task that fails says what is wrong and where, and never with a value of the file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import pytest

from tests.privacy.test_success import FEATURES, LR, XGB, training
from tests.privacy.world import PARTIES, World

Config = dict[str, Any]


def spoil(world: World, party: str, column: str, value: Any, name: str = "train.csv") -> str:
    """Return a copy of a party's table whose `column` holds `value` in one row."""
    table = world.read(party, name).astype({column: object})
    table.loc[3, column] = value
    path = world.house(party) / f"spoilt-{column}-{len(list(world.house(party).iterdir()))}.csv"
    table.to_csv(path, index=False)
    return str(path)


def refuse(world: World, config: Config, code: str, words: str, canary: object = "") -> None:
    """Check that a task fails so, at one party's data or another, and that nothing got out."""
    error = world.fail(config)
    assert error["code"] == code, error
    assert words in error["message"]
    assert error["traceback"] is None
    if canary:
        tables = (world.place / "data").rglob("*.csv")
        assert any(str(canary) in path.read_text(errors="replace") for path in tables)
    world.assert_silent()


def psi(world: World, **changes: Any) -> Config:
    return {
        "task_type": "psi",
        "keys": {party: ["uid"] for party in PARTIES},
        "input_paths": world.paths("people.csv"),
        "output_paths": world.paths("never.csv"),
        **changes,
    }


def test_psi_with_a_key_twice(world: World) -> None:
    key = str(world.read("bob", "people.csv")["uid"][0])
    paths = {**world.paths("people.csv"), "bob": spoil(world, "bob", "uid", key, "people.csv")}
    refuse(world, psi(world, input_paths=paths), "INPUT_INVALID", "more than once", key)


def test_psi_with_a_row_without_a_key(world: World) -> None:
    paths = {**world.paths("people.csv"), "bob": spoil(world, "bob", "uid", "", "people.csv")}
    refuse(world, psi(world, input_paths=paths), "INPUT_INVALID", "without a key")


def test_psi_without_the_key_column(world: World) -> None:
    keys = {"alice": ["uid"], "bob": ["nowhere"]}
    refuse(world, psi(world, keys=keys), "INPUT_INVALID", "'nowhere'")


MALFORMED: dict[str, Callable[[str], bytes]] = {
    "a field too many": lambda key: f"uid,x\na,1\n{key},2,{key}\n".encode(),
    "an open quote": lambda key: f'uid,x\na,1\n"{key},2\nb,3\n'.encode(),
    "not UTF-8": lambda key: f"uid,x\na,1\n{key}".encode() + b"\xff\xfe,2\n",
    "text in Parquet's place": lambda key: f"PAR1{key}PAR1".encode(),
}


@pytest.mark.parametrize("kind", MALFORMED)
@pytest.mark.parametrize("task_type", ["psi", "standard_scaler", "onehot_encoder", "ss_lr"])
def test_a_file_that_is_no_table(world: World, task_type: str, kind: str) -> None:
    key = world.canaries.text("bob")
    ending = "parquet" if "Parquet" in kind else "csv"
    path = world.house("bob") / f"malformed-{task_type}.{ending}"
    path.write_bytes(MALFORMED[kind](key))
    if task_type == "psi":
        config = psi(world, input_paths={**world.paths("people.csv"), "bob": str(path)})
    elif task_type == "ss_lr":
        data = {**world.paths("train.csv"), "bob": str(path)}
        config = training(
            world, "ss_lr", "never", train_data=data, features={"alice": ["x_alice"], "bob": ["x"]}
        )
    else:
        columns = {"columns": ["x"]} if task_type == "onehot_encoder" else {}
        config = prepare(world, task_type, str(path), **columns)
    refuse(world, config, "INPUT_INVALID", path.name)


def prepare(world: World, task_type: str, bob: str, **extra: Any) -> Config:
    config: Config = {
        "task_type": task_type,
        "input_data": {"alice": world.at("alice", "train.csv"), "bob": bob},
        **extra,
    }
    if task_type == "table_statistics":
        return {**config, "output_report": world.report("never.json")}
    return {**config, "output_data": world.paths("never.csv")}


@pytest.mark.parametrize("task_type", ["standard_scaler", "table_statistics"])
@pytest.mark.parametrize("kind", ["text", "infinity", "column"])
def test_numbers_that_are_none(world: World, task_type: str, kind: str) -> None:
    canary = world.canaries.text("bob")
    value = {"text": canary, "infinity": "inf", "column": 1}[kind]
    bob = spoil(world, "bob", "x_bob", value)
    columns = ["x_bob", "z_bob"] if kind != "column" else ["x_bob", "nowhere"]
    words = "'x_bob'" if kind != "column" else "'nowhere'"
    config = prepare(world, task_type, bob, columns=columns)
    refuse(world, config, "INPUT_INVALID", words, canary if kind == "text" else "")


@pytest.mark.parametrize(
    ("column", "extra", "words"),
    [
        ("note_bob", {"max_categories": 5}, "more than 5 categories"),
        ("nowhere", {}, "'nowhere'"),
        ("kind_bob", {}, "too long to be a column's name"),
    ],
)
def test_onehot_encoder(world: World, column: str, extra: Config, words: str) -> None:
    canary = world.canaries.text("bob")
    bob = spoil(world, "bob", "kind_bob", canary + "y" * 300)
    config = prepare(world, "onehot_encoder", bob, columns=[column], **extra)
    refuse(world, config, "INPUT_INVALID", words, canary)


def crossed_ids(world: World, name: str) -> str:
    """Return a copy of bob's table with two rows exchanged."""
    table = world.read("bob", name)
    table.loc[[1, 2]] = table.loc[[2, 1]].to_numpy()
    path = world.house("bob") / f"crossed-{name}"
    table.to_csv(path, index=False)
    return str(path)


@pytest.mark.parametrize("task_type", ["ss_lr", "ss_xgb"])
@pytest.mark.parametrize("kind", ["text", "missing", "label", "column", "crossed", "fewer"])
def test_training(world: World, task_type: str, kind: str) -> None:
    canary = world.canaries.text("bob")
    number = world.canaries.number("alice")
    data = world.paths("train.csv")
    changes: Config = {}
    code, words = "INPUT_INVALID", "'x_bob'"
    if kind == "text":
        data["bob"] = spoil(world, "bob", "x_bob", canary)
    elif kind == "missing":
        data["bob"] = spoil(world, "bob", "x_bob", "")
    elif kind == "label":
        data["alice"] = spoil(world, "alice", "y", number)
        words = "0 or 1"
    elif kind == "column":
        changes["features"] = [*FEATURES, "nowhere"]
        words = "'nowhere'"
    elif kind == "crossed":
        data["bob"] = crossed_ids(world, "train.csv")
        code, words = "ROWS_NOT_ALIGNED", "id_columns differ"
    else:
        data["bob"] = world.at("bob", "test.csv")
        code, words = "ROWS_NOT_ALIGNED", "row counts differ: alice 40, bob 20"
    config = training(world, task_type, "never", train_data=data, **changes)
    refuse(world, config, code, words, canary if kind == "text" else "")


def test_ss_lr_with_a_number_too_large(world: World) -> None:
    whole = world.canaries.wholes("bob", 1)[0]
    data = {**world.paths("train.csv"), "bob": spoil(world, "bob", "x_bob", whole)}
    config = training(world, "ss_lr", "never", train_data=data)
    refuse(world, config, "INPUT_INVALID", "values beyond 1000", whole)


def test_ss_lr_that_diverges(world: World) -> None:
    config = training(world, "ss_lr", "never", params={**LR, "learning_rate": 0.01})
    refuse(world, config, "INPUT_INVALID", "diverged")


@pytest.fixture(scope="module")
def model(world: World) -> str:
    """Return the folder name of a model in both houses."""
    config = training(world, "ss_xgb", "kept", params=XGB)
    del config["test_data"], config["prediction_output"]
    world.run(config)
    return "kept/model"


@pytest.mark.parametrize("kind", ["share.bin", "own.json", "manifest.json", "crossed", "text"])
def test_predict(world: World, model: str, kind: str) -> None:
    altered = world.house("bob") / "altered"
    shutil.copytree(world.house("bob") / model, altered, dirs_exist_ok=True)
    models, data = world.paths(model), world.paths("test.csv")
    code, words, canary = "MODEL_INVALID", kind, world.canaries.text("bob")
    if kind == "crossed":
        data["bob"] = crossed_ids(world, "test.csv")
        code, words = "ROWS_NOT_ALIGNED", "id_columns differ"
    elif kind == "text":
        data["bob"] = spoil(world, "bob", "z_bob", canary, "test.csv")
        code, words = "INPUT_INVALID", "'z_bob'"
    else:
        content = (altered / kind).read_bytes()
        (altered / kind).write_bytes(content[:-3] + canary.encode())
        models["bob"] = str(altered)
    config = {
        "task_type": "predict",
        "model": models,
        "data": data,
        "id_columns": ["uid"],
        "receiver": "alice",
        "prediction_output": {"alice": world.at("alice", "never.csv")},
    }
    refuse(world, config, code, words, canary if kind == "text" else "")


@pytest.mark.parametrize(
    ("column", "words"),
    [("y", "others than 0 and 1"), ("pred_prob", "not between 0 and 1"), ("note", "text")],
)
def test_biclassification_eval(world: World, column: str, words: str) -> None:
    canaries = world.canaries
    columns: dict[str, list[Any]] = {"y": [0, 1] * 4, "pred_prob": [0.25] * 8}
    columns["note"] = canaries.texts("alice", 8)
    if column != "note":
        columns[column][3] = canaries.number("alice")
    path = world.write("alice", f"bad-{column}.csv", columns)
    config = {
        "task_type": "biclassification_eval",
        "prediction_data": {"alice": path},
        "label_column": "y",
        "prediction_column": "note" if column == "note" else "pred_prob",
        "output_report": world.report("never.json"),
    }
    refuse(world, config, "INPUT_INVALID", words, columns["note"][0])


@pytest.mark.parametrize("party", PARTIES)
def test_a_bug_in_a_task_type_leaves_its_text_out_of_the_log(world: World, party: str) -> None:
    """The plugin's program fails with a foreign exception, whose text is ``value-4711``."""
    config = {"task_type": "engine_probe", "act": "fail", "options": {"party": party}}
    refuse(world, config, "INTERNAL", f"party {party} failed with ZeroDivisionError")
    logs = list((world.worker.folder / "state" / "logs").rglob(f"{party}.log"))
    newest = max(logs, key=lambda log: log.stat().st_mtime).read_text()
    assert "builtins.ZeroDivisionError: (its text is left out)" in newest
    assert "engine_probe.py" in newest, "the frames stay"
    world.assert_nowhere(b"Error: value-4711")
