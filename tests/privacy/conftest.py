"""One world for all tests that leave it whole, with tables of both parties."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.privacy.world import PARTIES, ROWS, World, open_world


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """``train.csv`` and ``test.csv``, whose rows are aligned, and ``people.csv``, whose are not."""
    with open_world(tmp_path_factory.mktemp("privacy"), seed=20_26) as world:
        for name, rows in (("train", ROWS), ("test", ROWS // 2)):
            plant_aligned(world, f"{name}.csv", rows)
        plant_people(world)
        yield world


def plant_aligned(world: World, name: str, rows: int) -> None:
    """Give both parties the same entities: canaries in every column but the label."""
    canaries = world.canaries
    ids = canaries.texts("both", rows)
    for party in PARTIES:
        kinds = canaries.texts(party, 4)
        columns: dict[str, Any] = {
            "uid": ids,
            f"x_{party}": canaries.numbers(party, rows),
            f"z_{party}": canaries.numbers(party, rows),
            f"kind_{party}": [kinds[row % 4] for row in range(rows)],
            f"note_{party}": canaries.texts(party, rows),
        }
        if party == "alice":
            columns["y"] = [row % 2 for row in range(rows)]
            columns["amount"] = canaries.numbers(party, rows)
        world.write(party, name, columns)


def plant_people(world: World) -> None:
    """Give both parties tables of which some keys are common; odd keys need an encoding."""
    canaries = world.canaries
    common = [*canaries.texts("both", 8), *(f"{text} ,;" for text in canaries.texts("both", 3))]
    for party in PARTIES:
        own = [*canaries.texts(party, 9), *(f"{text} {text}" for text in canaries.texts(party, 3))]
        keys = [key for pair in zip(own, [*common, *own[:1]], strict=False) for key in pair][:-1]
        columns: dict[str, Any] = {
            "uid": keys,
            "account": canaries.wholes(party, len(keys)),
            f"x_{party}": canaries.numbers(party, len(keys)),
        }
        world.write(party, "people.csv", columns)
