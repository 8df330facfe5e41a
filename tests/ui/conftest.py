"""One site and one browser for all tests of the page, and pages that must not complain."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect

from tests.ui.running import LAPTOP, Site, chromium, running_site, sign_in_first

WAIT_MS = 30_000
LOUD = ("error", "warning")

OpenPage = Callable[..., Page]


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory, kept_programs: Path) -> Iterator[Site]:
    """Every test of this process shares it."""
    with running_site(tmp_path_factory.mktemp("ui"), kept_programs) as site:
        yield site


@pytest.fixture(scope="package")
def signed_in(site: Site) -> StorageState:
    with chromium() as browser:
        return sign_in_first(site, browser)


@pytest.fixture(scope="module")
def browser(signed_in: StorageState) -> Iterator[Browser]:
    """Gone before tests of other modules: Playwright leaves an event loop running in its thread."""
    expect.set_options(timeout=WAIT_MS)
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_page(site: Site, browser: Browser, signed_in: StorageState) -> Iterator[OpenPage]:
    """Open a path of the page; whatever the page complains of fails the test.

    The admin is signed in unless ``storage_state=None``; ``allowed`` is part of a complaint that
    a test means to provoke. Further options are Playwright's for a context.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_path(path: str, allowed: str | None = None, **options: Any) -> Page:
        usual: dict[str, Any] = {
            "storage_state": signed_in, "base_url": site.url, "locale": "en-GB", **LAPTOP,
            # Without motion nothing has to be waited for, and those who want none are served too.
            "reduced_motion": "reduce",
        }  # fmt: skip
        context = browser.new_context(**{**usual, **options})
        contexts.append(context)
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()

        def note(text: str) -> None:
            if allowed is None or allowed not in text:
                complaints.append(f"{page.url}: {text}")

        page.on("pageerror", lambda error: note(str(error)))
        page.on("console", lambda told: note(told.text) if told.type in LOUD else None)
        page.on("request", lambda asked: note(asked.url) if _is_foreign(site, asked.url) else None)
        page.goto(path)
        return page

    yield open_path
    for context in contexts:
        context.close()
    assert complaints == []


def _is_foreign(site: Site, url: str) -> bool:
    asked = urlparse(url)
    return asked.scheme in ("http", "https") and asked.netloc != urlparse(site.url).netloc
