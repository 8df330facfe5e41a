"""``sfw run``: a request through the engine, with real parties and without Redis."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Sfw, error_line
from tests.conftest import make_request, write_csv


@pytest.fixture
def request_document(tmp_path: Path) -> dict[str, Any]:
    """A PSI of two tables with 3 ids in common."""
    root = tmp_path / "data"
    return make_request(
        {
            "task_type": "psi",
            "keys": {"alice": ["uid"], "bob": ["id"]},
            "input_paths": {
                "alice": write_csv(root / "alice.csv", {"uid": [1, 2, 3, 4], "age": [9, 8, 7, 6]}),
                "bob": write_csv(root / "bob.csv", {"id": [5, 4, 3, 2]}),
            },
            "output_paths": {"alice": str(root / "a_out.csv"), "bob": str(root / "b_out.csv")},
            "broadcast_result": True,
            "receiver": "alice",
        }
    )


def write(tmp_path: Path, document: object) -> Path:
    path = tmp_path / "request.json"
    path.write_text(json.dumps(document))
    return path


def test_the_result_is_the_only_thing_on_stdout(
    sfw: Sfw, tmp_path: Path, request_document: dict[str, Any]
) -> None:
    done = sfw("run", write(tmp_path, request_document), "--data-root", tmp_path / "data")

    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert outcome["status"] == "success"
    assert outcome["result"]["intersection_count"] == 3
    assert (tmp_path / "data" / "a_out.csv").read_text().splitlines()[1:] == ["2,8", "3,7", "4,6"]
    assert not (tmp_path / "home").exists()


def test_a_request_can_come_from_standard_input(
    sfw: Sfw, tmp_path: Path, request_document: dict[str, Any]
) -> None:
    document = json.dumps(request_document)

    done = sfw("run", "-", "--data-root", tmp_path / "data", input=document)

    assert done.returncode == 0, done.stderr


def test_a_failure_is_its_document_on_stdout_and_a_line_on_stderr(
    sfw: Sfw, tmp_path: Path, request_document: dict[str, Any]
) -> None:
    request_document["task_config"]["keys"]["bob"] = ["nope"]

    done = sfw("run", write(tmp_path, request_document), "--data-root", tmp_path / "data")

    failure = json.loads(done.stdout)
    assert failure["status"] == "failure"
    assert failure["error"]["code"] == "INPUT_INVALID"
    assert failure["error"]["party"] == "bob"
    assert "INPUT_INVALID" in error_line(done)
    assert not list((tmp_path / "data").glob("*_out.csv"))


def test_a_path_outside_the_data_root_is_refused(
    sfw: Sfw, tmp_path: Path, request_document: dict[str, Any]
) -> None:
    other = tmp_path / "other"
    other.mkdir()

    done = sfw("run", write(tmp_path, request_document), "--data-root", other)

    assert json.loads(done.stdout)["error"]["code"] == "PATH_FORBIDDEN"


def test_an_unknown_field_is_named(
    sfw: Sfw, tmp_path: Path, request_document: dict[str, Any]
) -> None:
    request_document["task_conf"] = {}

    done = sfw("run", write(tmp_path, request_document))

    assert "task_conf: unknown field" in error_line(done)
    assert json.loads(done.stdout)["error"]["code"] == "CONFIG_INVALID"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object"),
        ("\xff", "not UTF-8"),
        (None, "No such file"),
    ],
)
def test_a_file_that_is_no_request_is_named(
    sfw: Sfw, tmp_path: Path, content: str | None, says: str
) -> None:
    path = tmp_path / "request.json"
    if content is not None:
        path.write_text(content, encoding="latin-1")

    for command in ("run", "submit"):
        line = error_line(sfw(command, path))
        assert "request.json" in line
        assert says in line
