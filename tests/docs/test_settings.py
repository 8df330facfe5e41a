"""The guides' settings and the page's words are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from secretflow_worker.orchestrator.settings import WebSettings
from secretflow_worker.worker.settings import load_settings
from tests.docs.shown import DOCS, GUIDES, blocks

WORDS = DOCS.parent / "ui/src/words"
LITERAL = re.compile(r'"((?:[^"\\]|\\.)+)"')
LABEL = {
    "page.md": ("en", re.compile(r"(?<!\*)\*([A-Z][^*]+)\*(?!\*)")),
    "page.zh-CN.md": ("zh", re.compile(r"“([^”]+)”")),
}


def test_the_settings_file_that_is_shown_is_read(tmp_path: Path) -> None:
    (shown,) = blocks(GUIDES / "settings.md", "toml")
    file = tmp_path / "worker.toml"
    file.write_text(shown)

    assert load_settings(file).policy_file == Path("/etc/sfw/alice.toml")


@pytest.mark.parametrize("page", ["orchestrator.md", "orchestrator.zh-CN.md"])
def test_the_orchestrator_s_guide_names_every_setting(page: str) -> None:
    text = (GUIDES / page).read_text("utf-8")

    assert [name for name in WebSettings.model_fields if f"`{name}`" not in text] == []


@pytest.mark.parametrize("page", LABEL)
def test_the_guide_to_the_page_calls_things_as_the_page_does(page: str) -> None:
    language, label = LABEL[page]
    files = (WORDS / language).glob("*.ts")
    words = {text for file in files for text in LITERAL.findall(file.read_text("utf-8"))}
    said = set(label.findall((GUIDES / page).read_text("utf-8")))

    assert len(said) > 8
    for name in said:
        assert any(re.match(rf"{re.escape(name)}( \{{\{{|$)", word) for word in words), name
