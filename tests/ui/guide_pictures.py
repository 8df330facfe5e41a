"""What the guide to the page shows, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, StorageState

from secretflow_worker.client import ChainFailed
from tests.ui.documents import credit_scoring, named_in_chinese
from tests.ui.running import Site

SIZE = (1280, 720)


@dataclass(frozen=True)
class Words:
    """What the pictures' pages call things, and the chains that they show."""

    locale: str
    ending: str
    regression: re.Pattern[str]
    learned: str
    fields: str
    scored: str
    failed: str


def draw_guide(site: Site, browser: Browser, signed_in: StorageState, folder: Path) -> None:
    """Draw each scene in each language."""
    english = Words(
        "en-GB", "", re.compile("^Logistic regression,"), "Who learned what", "Inputs",
        site.scored.chain_id, fail(site, "fails", is_chinese=False),
    )  # fmt: skip
    with site.client() as client:
        document = credit_scoring(client, site.data, "zh")
        scored = client.chains.run(named_in_chinese(document), timeout_s=100)
    chinese = Words(
        "zh-CN", ".zh-CN", re.compile("^逻辑回归,"), "谁得知了什么", "输入",
        scored.chain_id, fail(site, "fails-zh", is_chinese=True),
    )  # fmt: skip
    for words in (english, chinese):
        for name, scene in SCENES.items():
            page = browser.new_context(
                storage_state=signed_in, base_url=site.url, reduced_motion="reduce",
                locale=words.locale, color_scheme="light",
                viewport={"width": SIZE[0], "height": SIZE[1]},
            ).new_page()  # fmt: skip
            scene(page, words)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=folder / f"{name}{words.ending}.png")
            page.context.close()


def fail(site: Site, name: str, *, is_chinese: bool) -> str:
    """Run a chain in which a text is taken for a number; return its id."""
    with site.client() as client:
        features = ["age_in_years", "housing"]
        document = credit_scoring(client, site.data, name, other_features=features)
        try:
            client.chains.run(named_in_chinese(document) if is_chinese else document, timeout_s=100)
        except ChainFailed as fault:
            return fault.chain.chain_id
    raise AssertionError("the chain should have failed")


def task(page: Page, words: Words) -> Locator:
    """Return the regression in the picture; in Chinese another task's name has its name in it."""
    return page.get_by_role("application").first.get_by_role("button", name=words.regression)


def failure(page: Page, words: Words) -> None:
    page.goto(f"/chains/{words.failed}")
    page.locator("[role=application] [role=button]").first.wait_for()


def learned(page: Page, words: Words) -> None:
    page.goto(f"/chains/{words.scored}")
    task(page, words).click()
    page.get_by_role("tab", name=words.learned, exact=True).click()
    page.get_by_role("tabpanel", name=words.learned).get_by_role("table").first.wait_for()


def fields(page: Page, words: Words) -> None:
    page.goto(f"/chains/{words.scored}/edit")
    task(page, words).click()
    page.get_by_role("tab", name=words.fields, exact=True).wait_for()


SCENES: dict[str, Callable[[Page, Words], None]] = {
    "page-failure": failure,
    "page-learned": learned,
    "page-fields": fields,
}
