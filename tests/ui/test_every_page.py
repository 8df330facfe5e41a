"""Every page, in either language and theme, on a laptop and on a phone: readable by all of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.ui.conftest import OpenPage
from tests.ui.looks import LOOKS, PAGES, visit
from tests.ui.running import Site

AXE = Path(__file__).parents[2] / "ui/node_modules/axe-core/axe.min.js"
WIDER = """() => [document.documentElement, ...document.querySelectorAll('.ant-table-content')]
    .map((each) => [each.className || 'the page', each.scrollWidth - each.clientWidth])
    .filter(([, width]) => width > 0)"""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


# Both widths, themes and languages; `python -m tests.ui.pictures` draws every look.
@pytest.mark.parametrize("look", ["laptop-dark-zh", "phone-light-en"])
def test_every_page_is_readable(site: Site, open_page: OpenPage, look: str) -> None:
    found: list[str] = []
    page = open_page("/chains", **LOOKS[look])
    for name in PAGES:
        visit(page, site, name)
        found += [f"{name}: {fault}" for fault in faults_of(page)]
    assert not found, "\n".join(found)


def faults_of(page: Page) -> list[str]:
    """Return what keeps somebody from reading the page: axe's findings, and what juts out."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    report = page.evaluate(
        "(rules) => axe.run({ runOnly: rules, resultTypes: ['violations'] })", RULES
    )
    found = [
        f"{rule['id']}: {rule['help']}: {json.dumps([node['target'] for node in rule['nodes']])}"
        for rule in report["violations"]
    ]
    wider = page.evaluate(WIDER)
    return [*found, *(f"{place} is {width} px wider than its place" for place, width in wider)]
