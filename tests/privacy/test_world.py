"""The search itself: it finds what a run would leave, wherever and whenever it was written."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.privacy.world import World


@pytest.fixture(autouse=True)
def whole_world(world: World) -> Iterator[None]:
    yield
    (world.worker.folder / "state" / "left.txt").unlink(missing_ok=True)
    world.client.redis.delete("left")


def _into_a_file(world: World, text: str) -> None:
    with (world.worker.folder / "state" / "left.txt").open("a") as file:
        file.write(text)


def _into_redis(world: World, text: str) -> None:
    world.client.redis.append("left", text)


@pytest.mark.parametrize("write", [_into_a_file, _into_redis], ids=["file", "redis"])
def test_what_was_searched_is_searched_again_when_it_changes(
    world: World, write: Callable[[World, str], None]
) -> None:
    write(world, "nothing of anybody's; ")
    world.assert_silent()
    for _ in range(2):
        canary = world.canaries.text("alice")
        write(world, f"{canary}; ")
        with pytest.raises(AssertionError, match=canary):
            world.assert_silent()
    world.assert_silent()  # it was told


def test_a_number_that_becomes_known_is_looked_for_in_what_was_searched(world: World) -> None:
    _into_a_file(world, "417.293128114312; ")
    world.assert_silent()
    world.canaries.know("bob", [417.293128114312])
    with pytest.raises(AssertionError, match=r"417\.293"):
        world.assert_silent()
