"""A refusal says which rule, and neither it nor the audit log says anything of the data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from secretflow_worker.engine.audit import read_all, verify
from tests.policies import open_policy, write_policy
from tests.privacy.conftest import plant_aligned, plant_people
from tests.privacy.test_success import training
from tests.privacy.world import PARTIES, World, open_world


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world of its own, in which both parties have policies."""
    place = tmp_path_factory.mktemp("policy")
    files = {party: str(place / f"{party}.toml") for party in PARTIES}
    for file in files.values():
        write_policy(Path(file), {})
    with open_world(place, seed=47, party_policies=json.dumps(files)) as world:
        plant_aligned(world, "train.csv", 40)
        plant_aligned(world, "test.csv", 20)
        plant_people(world)
        yield world


def say(world: World, party: str, **changes: Any) -> None:
    document = open_policy(world.house(party), {"*": None})
    document["folders"]["write"].append(str(world.place / "data"))
    write_policy(world.place / f"{party}.toml", {**document, **changes})


@pytest.fixture(autouse=True)
def all_open(guarded: World) -> None:
    for party in PARTIES:
        say(guarded, party)


def psi(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "task_type": "psi",
        "keys": {party: ["uid"] for party in PARTIES},
        "input_paths": world.paths("people.csv"),
        "output_paths": world.paths("never.csv"),
        **changes,
    }


def only(world: World, **columns: Any) -> list[dict[str, Any]]:
    return [{"path": f"{world.house('bob')}/*", "columns": columns}]


def refuse(world: World, config: dict[str, Any], rule: str) -> None:
    error = world.fail(config)
    assert (error["code"], error["party"]) == ("POLICY_REFUSED", "bob"), error
    assert rule in error["message"]
    world.assert_silent()
    path = world.place / "worker" / "state" / "audit" / "bob.jsonl"
    last = list(read_all(path))[-1]
    assert rule in last.facts["message"]
    assert verify(path).broken is None
    assert not list((world.place / "data").rglob("never*"))


def test_a_task_type(guarded: World) -> None:
    say(guarded, "bob", tasks={"allow": []})
    refuse(guarded, psi(guarded), "tasks.allow")


def test_a_column(guarded: World) -> None:
    say(guarded, "bob", tables=only(guarded, uid="key"))
    refuse(guarded, training(guarded, "ss_lr", "never"), "columns does not allow column 'x_bob'")


def test_every_column_of_a_header(guarded: World) -> None:
    say(guarded, "bob", tables=only(guarded, uid="key"))
    config = {
        "task_type": "table_statistics",
        "input_data": guarded.paths("train.csv"),
        "output_report": guarded.report("never.json"),
    }
    refuse(guarded, config, "column 'note_bob' as statistic")


def test_a_receiver(guarded: World) -> None:
    say(guarded, "bob", receivers={})
    refuse(guarded, psi(guarded, receiver="alice"), "receivers.intersection")


def test_a_table_of_few_rows(guarded: World) -> None:
    say(guarded, "bob", limits={"min_rows": 10_000})
    refuse(guarded, psi(guarded), "limits.min_rows")


def test_a_small_intersection(guarded: World) -> None:
    say(guarded, "bob", limits={"min_intersection": 10_000})
    refuse(guarded, psi(guarded), "limits.min_intersection")


def test_a_task_that_is_allowed(guarded: World) -> None:
    guarded.run(psi(guarded, output_paths=guarded.paths("allowed.csv")))
    guarded.assert_silent()
    for party in PARTIES:
        path = guarded.place / "worker" / "state" / "audit" / f"{party}.jsonl"
        events = [record.event for record in read_all(path)]
        assert events[-2:] == ["started", "disclosed"]
