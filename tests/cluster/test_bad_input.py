"""A fault in one party's data ends the task at all; its text stays in that party's house."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from tests.cluster.sites import Joint, Sites
from tests.conftest import write_csv
from tests.tasks.vertical_data import paths

pytestmark = pytest.mark.timeout(300)  # three workers start, on a busy machine slowly

SECRET = "wombat-8123"


def assert_told(sites: Sites, joint: Joint, owner: str, code: str, words: Sequence[str]) -> None:
    """Check that the owner's client reads all `words`, and the peer's the code and the owner."""
    peer = "alice" if owner == "bob" else "bob"
    errors = joint.failures()
    for error in errors.values():
        assert (error["code"], error["party"]) == (code, owner)
    for word in words:
        assert word in errors[owner]["message"]
        assert word not in errors[peer]["message"] + errors[peer]["hint"]
    for party in ("alice", "bob"):
        events = sites[party].client.events(joint.execution_ids[party])
        assert events[-1]["data"]["error"] == errors[party]
        assert SECRET not in json.dumps(events)
        kept = [path.read_text() for path in sites[party].state.rglob("*.log")]
        assert not [log for log in [*kept, sites[party].worker.log()] if SECRET in log]
        assert not [name for name in sites[party].files() if ".part" in name]


def lr_config(sites: Sites, name: str) -> dict[str, Any]:
    return {
        "task_type": "ss_lr",
        "train_data": paths(sites.folder, f"{name}.csv"),
        "features": ["x_alice", "x_bob"],
        "label": "y",
        "label_party": "alice",
        "id_columns": ["uid"],
        "model_output": paths(sites.folder, f"{name}-model"),
    }


@pytest.mark.parametrize("owner", ["alice", "bob"])
def test_text_in_a_numeric_column(sites: Sites, owner: str) -> None:
    name = f"text-{owner}"
    for party in ("alice", "bob"):
        x: list[Any] = [1, 2, 3, 4]
        if party == owner:
            x[2] = SECRET
        columns: dict[str, Any] = {"uid": "abcd", f"x_{party}": x, "y": [0, 1, 1, 0]}
        write_csv(sites[party].data / f"{name}.csv", columns)

    joint = sites.send(lr_config(sites, name))

    words = [f"{name}.csv", f"'x_{owner}'", "text"]
    assert_told(sites, joint, owner, "INPUT_INVALID", words)
    assert not list(sites.folder.rglob(f"{name}-model"))


@pytest.mark.parametrize("owner", ["alice", "bob"])
def test_a_key_that_is_there_twice(sites: Sites, owner: str) -> None:
    for party in ("alice", "bob"):
        keys = ["a", SECRET, "c", SECRET if party == owner else "d"]
        write_csv(sites[party].data / "doubled.csv", {f"uid_{party}": keys})

    joint = sites.send(
        {
            "task_type": "psi",
            "keys": {party: [f"uid_{party}"] for party in ("alice", "bob")},
            "input_paths": paths(sites.folder, "doubled.csv"),
            "output_paths": paths(sites.folder, "doubled-out.csv"),
        }
    )

    assert_told(sites, joint, owner, "INPUT_INVALID", [f"'uid_{owner}'", "more than once"])
    assert not list(sites.folder.rglob("doubled-out.csv"))


def test_rows_that_are_not_aligned_are_told_by_both(sites: Sites) -> None:
    for party, ids in {"alice": ["a", "b", SECRET], "bob": ["a", SECRET, "b"]}.items():
        columns: dict[str, Any] = {"uid": ids, f"x_{party}": [1, 2, 3], "y": [0, 1, 1]}
        write_csv(sites[party].data / "crossed.csv", columns)

    errors = sites.send(lr_config(sites, "crossed")).failures()

    assert [errors[party]["code"] for party in ("alice", "bob")] == ["ROWS_NOT_ALIGNED"] * 2
    assert SECRET not in json.dumps(errors)


def test_messages_that_ask_for_different_things(sites: Sites) -> None:
    for party in ("alice", "bob"):
        write_csv(sites[party].data / "same.csv", {"uid": "abc"})

    def config(party: str) -> dict[str, Any]:
        return {
            "task_type": "psi",
            "keys": {"alice": ["uid"], "bob": ["uid"]},
            "input_paths": paths(sites.folder, "same.csv"),
            "output_paths": paths(sites.folder, "same-out.csv"),
            "receiver": party,
        }

    errors = sites.send(config).failures()

    assert [errors[party]["code"] for party in ("alice", "bob")] == ["CONFIG_INVALID"] * 2
    assert not list(sites.folder.rglob("same-out.csv"))
