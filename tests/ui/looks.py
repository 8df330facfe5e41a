"""The pages, and the ways in which people look at them."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.ui.running import LAPTOP, Site

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
LOOKS: dict[str, dict[str, Any]] = {
    f"{width}-{theme}-{language[:2]}": {**size, "color_scheme": theme, "locale": language}
    for width, size in (("laptop", LAPTOP), ("phone", PHONE))
    for theme in ("light", "dark")
    for language in ("en-GB", "zh-CN")
}
PAGES = {
    "chains": "/chains",
    "designer-new": "/chains/new",
    "designer": "/chains/{chain}/edit",
    "run": "/chains/{chain}",
    "results": "/chains/{chain}/results/eval_lr",
    "intersection": "/chains/{chain}/results/psi",
    "compare": "/compare",
    "models": "/models",
    "parties": "/parties",
    "party": "/parties/bank",
    "templates": "/templates",
    "schedules": "/schedules",
    "audit": "/audit",
    "settings": "/settings",
    "errors": "/errors",
}
# Its measure of itself tells a row of tabs which of them have room.
UNFINISHED = ".ant-skeleton, .ant-spin-spinning, [role=tablist]:not(:has([role=tab]))"


def visit(page: Page, site: Site, name: str) -> None:
    """Go to a page and wait until all of it is there."""
    page.goto(PAGES[name].format(chain=site.scored.chain_id))
    page.locator("main h1, main h2").first.wait_for()
    page.wait_for_function("(unfinished) => !document.querySelector(unfinished)", arg=UNFINISHED)
