"""A page loads what it shows, and not what other pages do."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.ui.conftest import OpenPage
from tests.ui.running import Site

CHARTS, CANVAS, EDITOR = "Plot-", "ChainCanvas-", "YamlPane-"


def test_each_page_loads_its_own_part(site: Site, open_page: OpenPage) -> None:
    page = open_page("/chains")
    expect(page.get_by_role("heading", name="Chains", level=1)).to_be_visible()
    assert not loaded(page, CHARTS, CANVAS, EDITOR, "Designer")

    page.goto(f"/chains/{site.scored.chain_id}")
    expect(page.get_by_text("7 of 7 tasks done")).to_be_visible()
    expect(page.get_by_role("application").first).to_be_visible()
    assert loaded(page, CANVAS)
    assert not loaded(page, CHARTS, EDITOR, "Designer")


def loaded(page: Page, *parts: str) -> list[str]:
    """Return the scripts that the page has loaded of some parts, by how their names begin."""
    names = page.evaluate(
        "() => performance.getEntriesByType('resource').map(({ name }) => name.split('/').at(-1))"
    )
    return [name for name in names if name.startswith(parts)]
