"""Text for users is in English and Chinese: the same commands and code, linked to and fro."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.shown import DOCS, GUIDES

BLOCK = re.compile(r"```\w+\n(.*?)```", re.DOTALL)
ENGLISH = sorted([*GUIDES.glob("*[!N].md"), DOCS.parent / "README.md"])


def shown(page: Path) -> list[str]:
    """Return a page's commands and code without comments, which are translated."""
    return [re.sub(r"\s+#.*", "", block) for block in BLOCK.findall(page.read_text("utf-8"))]


@pytest.mark.parametrize("english", ENGLISH, ids=lambda page: page.stem)
def test_a_page_has_a_chinese_edition_with_the_same_commands_and_code(english: Path) -> None:
    chinese = english.with_suffix(".zh-CN.md")

    assert shown(chinese) == shown(english)
    assert f"]({chinese.name})" in english.read_text("utf-8")
    assert f"]({english.name})" in chinese.read_text("utf-8")


@pytest.mark.parametrize("english", ENGLISH, ids=lambda page: page.stem)
def test_a_chinese_page_leads_to_chinese_pages(english: Path) -> None:
    text = english.with_suffix(".zh-CN.md").read_text("utf-8")
    there = {page.name for page in ENGLISH} - {english.name}

    for target in re.findall(r"\]\((?!https?:)(?:[\w./-]*/)?([\w-]+\.md)", text):
        assert target not in there or target == "README.md", f"{target} has a Chinese edition"
