"""Requests that are refused before a party process starts, and disks that fill while one runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from secretflow_worker.contract.errors import (
    ConfigError,
    DiskFull,
    InputError,
    InputNotFound,
    OutputNotWritable,
    PathForbidden,
    ProtocolUnfit,
    UnknownTask,
    WorkerError,
)
from secretflow_worker.contract.request import parse_request
from secretflow_worker.engine import Engine, EngineSettings
from tests.conftest import make_request, write_csv
from tests.engine.hosts import Host, assert_nothing_runs_in, half_written

TWO = ("alice", "bob")
FIVE = ("alice", "bob", "carol", "dave", "eve")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A data root with an input at each party, and something outside of it."""
    root = tmp_path / "root"
    for party in FIVE:
        write_csv(root / f"{party}.csv", {"id": ["a", "b"], "x": [1, 2]})
    write_csv(tmp_path / "outside.csv", {"id": ["a"]})
    return root


@pytest.fixture
def refuse(root: Path, tmp_path: Path) -> Callable[..., WorkerError]:
    """Prepare a request, which must be refused, by an engine whose data root is `root`."""
    engine = Engine(EngineSettings(data_root=root, state_dir=tmp_path / "state"))

    def prepare(request: dict[str, Any]) -> WorkerError:
        with pytest.raises(WorkerError) as caught:
            engine.prepare(parse_request(request))
        assert not (tmp_path / "state").exists(), "something was started"
        return caught.value

    return prepare


def psi(root: Path, **changes: Any) -> dict[str, Any]:
    return {
        "task_type": "psi",
        "keys": {party: ["id"] for party in TWO},
        "input_paths": {party: str(root / f"{party}.csv") for party in TWO},
        "output_paths": {party: str(root / "out" / f"{party}.csv") for party in TWO},
        **changes,
    }


def with_input(root: Path, path: str | Path) -> dict[str, Any]:
    config = psi(root)
    config["input_paths"]["bob"] = str(path)
    return make_request(config)


def with_output(root: Path, path: str | Path) -> dict[str, Any]:
    config = psi(root)
    config["output_paths"]["bob"] = str(path)
    return make_request(config)


def test_the_request_as_it_should_be_passes(root: Path, tmp_path: Path) -> None:
    engine = Engine(EngineSettings(data_root=root, state_dir=tmp_path / "state"))
    plan = engine.prepare(parse_request(make_request(psi(root))))
    assert (plan.parties, plan.own, plan.needs_link) == (TWO, TWO, True)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "{root}/../outside.csv",
        "{root}/out/../../outside.csv",
        "{root}",
        "{root}/.",
        "{root}/link.csv",
        "{root}/links/outside.csv",
        "{root}/linked-root/../outside.csv",
        "/",
    ],
)
def test_a_path_outside_the_root(
    refuse: Callable[..., WorkerError], root: Path, tmp_path: Path, path: str
) -> None:
    (root / "link.csv").symlink_to(tmp_path / "outside.csv")
    (root / "links").symlink_to(tmp_path)
    (root / "linked-root").symlink_to(root)
    for request in (
        with_input(root, path.format(root=root)),
        with_output(root, path.format(root=root)),
    ):
        error = refuse(request)
        assert isinstance(error, PathForbidden)
        assert error.party == "bob"
        assert "outside the data root" in error.message


@pytest.mark.parametrize(
    "path",
    ["relative.csv", "{root}/$(id).csv", "{root}/a b.csv", "{root}/a;b.csv", "{root}/a\n.csv",
     "{root}/`id`.csv", "{root}/'a'.csv", "{root}/a|b.csv", "{root}/é.csv", "{root}/a\x00b", ""],
)  # fmt: skip
def test_a_path_that_a_shell_could_read(
    refuse: Callable[..., WorkerError], root: Path, path: str
) -> None:
    for request in (
        with_input(root, path.format(root=root)),
        with_output(root, path.format(root=root)),
    ):
        assert type(refuse(request)) is ConfigError


def test_inputs_that_cannot_be_read(refuse: Callable[..., WorkerError], root: Path) -> None:
    (root / "empty.csv").touch()
    (root / "folder.csv").mkdir()
    (root / "dangling.csv").symlink_to(root / "nothing")
    (root / "loop.csv").symlink_to(root / "loop.csv")
    os.mkfifo(root / "pipe.csv")
    for name, kind in (
        ("missing.csv", InputNotFound),
        ("dangling.csv", InputNotFound),
        ("loop.csv", InputNotFound),
        ("alice.csv/deeper.csv", InputNotFound),
        ("empty.csv", InputError),
        ("folder.csv", InputError),
        ("pipe.csv", InputError),
        ("x" * 300, InputError),
    ):
        error = refuse(with_input(root, root / name))
        assert type(error) is kind, name
        assert error.party == "bob"
        assert "input_paths.bob" in error.message


def test_outputs_that_cannot_be_written(refuse: Callable[..., WorkerError], root: Path) -> None:
    (root / "folder.csv").mkdir()
    for name in ("folder.csv", "alice.csv/deeper.csv", "alice.csv/much/deeper.csv", "x" * 300):
        error = refuse(with_output(root, root / name))
        assert type(error) is OutputNotWritable, name
        assert error.party == "bob"
        assert "output_paths.bob" in error.message


@pytest.mark.parametrize(
    ("alice", "bob"), [("one.csv", "one.csv"), ("a", "a/b.csv"), ("d/a/b", "d/a"), ("l/x", "d/x")]
)
def test_outputs_that_would_replace_each_other(
    refuse: Callable[..., WorkerError], root: Path, alice: str, bob: str
) -> None:
    (root / "d").mkdir()
    (root / "l").symlink_to(root / "d")
    config = psi(root, output_paths={"alice": str(root / alice), "bob": str(root / bob)})
    error = refuse(make_request(config))
    assert type(error) is ConfigError
    assert "collides" in error.message


@pytest.mark.parametrize("name", ["table", "out.xlsx", "out.csv.gz", "out.CSV"])
def test_tables_of_other_formats(refuse: Callable[..., WorkerError], root: Path, name: str) -> None:
    error = refuse(with_output(root, root / name))
    assert type(error) is InputError
    assert error.party == "bob"
    assert f"{name} does not end in .csv or .parquet" in error.message


def test_an_output_replaces_no_input_but_the_table_it_is_made_of(
    refuse: Callable[..., WorkerError], root: Path
) -> None:
    tables = {party: str(root / f"{party}.csv") for party in ("alice", "bob")}
    crossed = {"alice": tables["bob"], "bob": str(root / "new.csv")}
    error = refuse(make_request(psi(root, output_paths=crossed)))
    assert type(error) is ConfigError
    assert "would replace what task_config.input_paths names" in error.message
    report = {
        "task_type": "table_statistics",
        "input_data": {"alice": tables["alice"]},
        "output_report": tables["alice"],
    }
    assert "would replace" in refuse(make_request(report)).message


@pytest.mark.parametrize(
    ("change", "kind", "match"),
    [
        ({"task_type": "no_such_type"}, UnknownTask, "no_such_type"),
        ({"task_type": ["psi"]}, ConfigError, "task_type"),
        ({"task_type": ""}, ConfigError, "task_type"),
        ({"task_version": 99}, UnknownTask, "version 99"),
        ({"task_version": "1"}, ConfigError, "task_version"),
        ({"no_such_field": 1}, ConfigError, "no_such_field"),
        ({"keys": {"alice": ["id"], "mallory": ["id"]}}, ConfigError, "keys"),
        ({"receiver": "mallory"}, ConfigError, "mallory"),
        ({"input_paths": {}}, ConfigError, "input_paths"),
    ],
)
def test_a_task_config_that_says_what_cannot_be(
    refuse: Callable[..., WorkerError],
    root: Path,
    change: dict[str, Any],
    kind: type[WorkerError],
    match: str,
) -> None:
    error = refuse(make_request(psi(root, **change)))
    assert type(error) is kind
    assert match in error.message


@pytest.mark.parametrize(
    ("parties", "spu"),
    [
        (("alice", "bob"), {"protocol": "ABY3"}),
        (("alice", "bob", "carol"), {"protocol": "CHEETAH", "field": "FM64"}),
        (("alice", "bob"), {"protocol": "CHEETAH", "field": "FM128"}),
        (("alice", "bob"), {"protocol": "SECURENN"}),
        (("alice", "bob"), {"protocol": "SEMI2K", "field": "FM256"}),
        (("alice", "bob"), {"protocol": "SEMI2K", "beaver_type": "MultiParty"}),
    ],
)
def test_a_protocol_that_does_not_fit(
    refuse: Callable[..., WorkerError], root: Path, parties: tuple[str, ...], spu: dict[str, str]
) -> None:
    config = psi(root)
    for name, value in (("keys", ["id"]), ("input_paths", str), ("output_paths", str)):
        for party in parties:
            config[name][party] = value if name == "keys" else str(root / f"{name}-{party}.csv")
    for party in parties:
        config["input_paths"][party] = str(root / f"{party}.csv")
    error = refuse(make_request(config, parties, spu))
    assert isinstance(error, ConfigError)
    assert ("spu_config" in error.message) or isinstance(error, ProtocolUnfit)


def test_spu_nodes_that_are_not_the_parties(refuse: Callable[..., WorkerError], root: Path) -> None:
    request = make_request(psi(root), spu={"protocol": "SEMI2K"})
    request["spu_config"]["cluster_def"]["nodes"][1]["party"] = "mallory"
    error = refuse(request)
    assert type(error) is ConfigError
    assert "nodes" in error.message


@pytest.mark.parametrize("address", ["ray://127.0.0.1:10001", "127.0.0.1:6379"])
def test_ray_mode_is_refused(refuse: Callable[..., WorkerError], root: Path, address: str) -> None:
    request = make_request(psi(root))
    request["sf_init_config"]["address"] = address
    error = refuse(request)
    assert type(error) is ConfigError
    assert "Ray" in error.message


def test_too_many_parties(refuse: Callable[..., WorkerError], root: Path) -> None:
    error = refuse(make_request(psi(root), FIVE))
    assert type(error) is ConfigError
    assert "psi takes 2 to 3 parties" in error.message


def test_a_file_that_goes_after_the_check_is_found_at_its_party(
    engine: Engine, tmp_path: Path
) -> None:
    for party in TWO:
        write_csv(tmp_path / f"{party}.csv", {"id": ["a"]})
    plan = engine.prepare(parse_request(make_request(psi(tmp_path))))
    (tmp_path / "bob.csv").unlink()
    with pytest.raises(InputNotFound) as caught:
        engine.run(plan)
    assert caught.value.party == "bob"
    assert not (tmp_path / "out").exists()


@pytest.fixture
def small_files(tmp_path: Path) -> Iterator[Host]:
    """A worker none of whose processes may write a file of more than 200 kB, as on a full disk."""
    settings = EngineSettings(data_root=tmp_path, state_dir=tmp_path / "state")
    host = Host(settings, file_limit_bytes=200_000).await_ready()
    yield host
    host.close()


def test_a_disk_that_fills(small_files: Host, tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows = range(20_000)
    write_csv(data / "alice.csv", {"id": [1, 2], "x": [1, 2]})
    write_csv(data / "bob.csv", {"id": rows, "x": [f"{row * 0.123:.9f}" for row in rows]})
    paths = {party: str(data / f"{party}.csv") for party in TWO}
    outputs = {party: str(data / "out" / party / "table.csv") for party in TWO}
    scale = {
        "task_type": "standard_scaler",
        "input_data": paths,
        "output_data": outputs,
        "columns": ["x"],
    }
    intersect = psi(data, input_paths={**paths, "alice": paths["bob"]}, output_paths=outputs)
    native = {"task_type": "engine_probe_alone", "act": "fill_the_disk"}
    large = {
        "task_type": "engine_probe_alone",
        "act": "stage",
        "outputs": {"bob": outputs["bob"]},
        "options": {"bytes": 300_000},
    }
    for config in (scale, intersect, native, large):
        run = small_files.run(make_request(config))
        error = run.error()
        assert isinstance(error, DiskFull), (config, error)
        assert error.party in TWO
        if config in (scale, large):
            assert error.party == "bob"
        assert not (data / "out").exists()
        assert half_written(data) == []
        folder = small_files.settings.runs_dir / run.token
        assert_nothing_runs_in(folder)
        assert not folder.exists()


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (5, "columns: Input should be a valid list or a valid dictionary"),
        ([], "columns: List should have at least 1 item after validation, not 0"),
        (["a", 5], "columns.1: Input should be a valid string"),
        ({"alice": 5}, "columns.alice: Input should be a valid list"),
        ({"alice": [5]}, "columns.alice.0: Input should be a valid string"),
    ],
)
def test_a_field_of_two_kinds_has_one_fault(
    refuse: Callable[..., WorkerError], root: Path, columns: object, message: str
) -> None:
    config = {
        "task_type": "table_statistics",
        "input_data": {"alice": str(root / "alice.csv")},
        "output_report": str(root / "report.json"),
        "columns": columns,
    }
    assert refuse(make_request(config)).message == f"task_config: {message}"


def test_names_of_a_request_write_no_line_of_a_log() -> None:
    """They stand in messages that workers log; whoever may send a request has chosen them."""
    request = make_request({"task_type": "noop"})
    forged = "x\n2031-01-01 00:00:00,000 INFO secretflow_worker.engine [r-1 alice] fine\x1b[2J"
    with pytest.raises(ConfigError) as refused:
        parse_request({**request, forged: 1, "y" * 100_000: 1})
    assert refused.value.message.isprintable()
    assert len(refused.value.message) < 1_000
    with pytest.raises(ConfigError, match="and 900 more faults"):
        parse_request({**request, **{f"x{number}": 1 for number in range(1_000)}})
