"""Canaries in a task on SecretFlow's devices: what it tells, to whom, and what a failure leaves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.privacy.world import World


def grouping(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "task_type": "group_statistics",
        "input_data": world.paths("train.csv"),
        "group_party": "bob",
        "group_by": "kind_bob",
        "values": {"alice": ["x_alice", "z_alice"]},
        "id_columns": ["uid"],
        "output_report": world.at("bob", "groups.json"),
        **changes,
    }


def test_only_sums_of_groups_reach_the_group_party(world: World) -> None:
    world.run(grouping(world))

    report = json.loads(Path(world.at("bob", "groups.json")).read_text())
    assert len(report["groups"]) == 4
    world.assert_silent()


def test_a_column_of_text_is_quoted_nowhere(world: World) -> None:
    error = world.fail(grouping(world, values={"alice": ["note_alice"]}))

    assert (error["code"], error["party"]) == ("INPUT_INVALID", "alice")
    world.assert_silent()


def test_words_that_secretflow_quotes_stay_where_they_are(world: World) -> None:
    error = world.fail(
        {
            "task_type": "bridge_probe",
            "act": "regress",
            "inputs": {"bob": world.at("bob", "train.csv")},
        }
    )

    assert (error["code"], error["party"]) == ("INTERNAL", "bob")
    world.assert_silent()
