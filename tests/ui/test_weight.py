"""A page loads what it shows, and not what other pages do."""

from __future__ import annotations

from urllib.parse import urlparse

import pytest
from playwright.sync_api import Page, expect

from tests.ui.conftest import OpenPage
from tests.ui.looks import UNFINISHED
from tests.ui.running import Site

CHARTS, CANVAS, EDITOR = "Plot-", "ChainCanvas-", "YamlPane-"
MOST = {"/chains": (15, 520, 4), "/chains/{chain}": (17, 600, 10), "/chains/new": (23, 665, 12)}
"""How many files a first view takes at most, how many kB they are, and how many answers it asks
for; what answers weigh depends on what is stored."""
SENT = """() => performance.getEntriesByType('resource').map(
    ({ name, startTime, transferSize }) => [name, startTime, transferSize])"""


def test_each_page_loads_its_own_part(site: Site, open_page: OpenPage) -> None:
    page = open_page("/chains")
    expect(page.get_by_role("heading", name="Chains", level=1)).to_be_visible()
    assert not loaded(page, CHARTS, CANVAS, EDITOR, "Designer")

    page.goto(f"/chains/{site.scored.chain_id}")
    expect(page.get_by_text("7 of 7 tasks done")).to_be_visible()
    expect(page.get_by_role("application").first).to_be_visible()
    assert loaded(page, CANVAS)
    assert not loaded(page, CHARTS, EDITOR, "Designer")


@pytest.mark.parametrize("path", MOST)
def test_a_first_view_is_few_small_answers(site: Site, open_page: OpenPage, path: str) -> None:
    page = open_page(path.format(chain=site.scored.chain_id))
    page.locator("main h1").first.wait_for(state="attached")
    page.wait_for_function("(unfinished) => !document.querySelector(unfinished)", arg=UNFINISHED)
    sent = [(urlparse(name).path, size) for name, _, size in page.evaluate(SENT)]
    files = {name: size for name, size in sent if not name.startswith("/api/")}
    most_files, most_kb, most_answers = MOST[path]
    assert len(files) <= most_files, files
    assert sum(files.values()) / 1000 <= most_kb, files
    answers = [name for name, _ in sent if name not in files]
    assert len(answers) <= most_answers, answers


def test_what_a_page_shows_is_asked_for_before_its_script(open_page: OpenPage) -> None:
    page = open_page("/chains")
    expect(page.get_by_role("heading", name="Chains", level=1)).to_be_visible()
    page.wait_for_function("(unfinished) => !document.querySelector(unfinished)", arg=UNFINISHED)
    began: dict[str, list[float]] = {}
    for name, start, _ in page.evaluate(SENT):
        what = "script" if "/ChainsPage-" in name and name.endswith(".js") else urlparse(name).path
        began.setdefault(what, []).append(start)
    for asked in ("/api/v1/auth/session", "/api/v1/chains/"):
        assert len(began[asked]) == 1, "what was asked ahead is not asked again"
        assert began[asked] <= began["script"]


def loaded(page: Page, *parts: str) -> list[str]:
    """Return the scripts that the page has loaded of some parts, by how their names begin."""
    names = page.evaluate(
        "() => performance.getEntriesByType('resource').map(({ name }) => name.split('/').at(-1))"
    )
    return [name for name in names if name.startswith(parts)]
