"""The README, in both languages: no claim without a command that is there to show it."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BOTH = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
CODE = re.compile(r"`([^`]+)`")
ROW = re.compile(r"^\| (.+?) \| (.+?) \|$", re.MULTILINE)
COMMAND = re.compile(r"(?:make|sfw) [a-z]")


def rows(page: Path) -> list[tuple[str, str]]:
    """Return each claim with what shows it."""
    return ROW.findall(page.read_text("utf-8"))[2:]  # after the head and its line


@pytest.mark.parametrize("page", BOTH, ids=lambda page: page.stem)
def test_every_claim_has_a_command(page: Path) -> None:
    assert len(rows(page)) > 15
    for claim, shown in rows(page):
        assert any(COMMAND.match(code) for code in CODE.findall(shown)), claim


def test_both_languages_show_the_same_commands() -> None:
    english, chinese = ([CODE.findall(shown) for _, shown in rows(page)] for page in BOTH)

    assert english == chinese


def test_the_commands_are_there() -> None:
    text = BOTH[0].read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in set(re.findall(r"(?:`|\$ )make ([a-z]+)", text)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for name in re.findall(r"ONLY=(\w+)", text):
        assert find_spec(f"benchmarks.{name}"), name
    for paths in re.findall(r'ARGS="?(tests/[\w/. ]+)', text):
        for path in paths.split():
            assert (ROOT / path).exists(), path


def test_the_order_is_that_of_a_reader() -> None:
    """What it is, two commands, a picture, what it can do, how to go to production."""
    text = BOTH[0].read_text("utf-8")
    places = [
        text.index(part) for part in ("make demo", "![", "## What it can", "## To production")
    ]

    assert places == sorted(places)
