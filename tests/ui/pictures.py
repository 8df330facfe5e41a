"""Draw the page as people see it: ``python -m tests.ui.pictures FOLDER [NAME ...]``.

Every page in every look, or the pages named. ``--readme`` draws those of the documentation instead,
into ``docs/images``. The page is built by ``make ui``.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser, StorageState

from tests.ui.documents import credit_scoring, named_in_chinese
from tests.ui.guide_pictures import draw_guide
from tests.ui.looks import LOOKS, PAGES, visit
from tests.ui.running import Site, chromium, running_site, sign_in_first

IMAGES = Path(__file__).parents[2] / "docs/images"


def draw(
    site: Site, browser: Browser, signed_in: StorageState, folder: Path, names: list[str]
) -> None:
    """Draw some pages in every look."""
    for look, options in LOOKS.items():
        page = browser.new_context(
            storage_state=signed_in, base_url=site.url, reduced_motion="reduce", **options
        ).new_page()
        for name in names:
            visit(page, site, name)
            page.wait_for_load_state("networkidle")
            # Charts are drawn as they come into sight: the window is as tall as the page.
            height = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": options["viewport"]["width"], "height": height})
            page.wait_for_load_state("networkidle")
            page.screenshot(path=folder / f"{name}-{look}.png", full_page=True)
            page.set_viewport_size(options["viewport"])
        page.context.close()


def draw_readme(site: Site, browser: Browser, signed_in: StorageState) -> None:
    """Draw the run of a chain, in both languages."""
    with site.client() as client:
        document = credit_scoring(client, site.data, "chinese")
        chinese = client.chains.run(named_in_chinese(document), timeout_s=100)
    for file, locale, chain in (
        ("run.png", "en-GB", site.scored),
        ("run.zh-CN.png", "zh-CN", chinese),
    ):
        page = browser.new_context(
            storage_state=signed_in, base_url=site.url, reduced_motion="reduce", locale=locale,
            viewport={"width": 1280, "height": 1000}, color_scheme="light",
        ).new_page()  # fmt: skip
        visit(page, replace(site, scored=chain), "run")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=IMAGES / file)
        page.context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="where the pictures go")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PAGES))
    parser.add_argument("--readme", action="store_true", help="those of the documentation")
    given = parser.parse_args()
    unknown = set(given.names) - set(PAGES)
    if unknown or (given.folder is None and not given.readme):
        parser.error(f"no page is called {', '.join(unknown)}" if unknown else "say a folder")
    with (
        tempfile.TemporaryDirectory(prefix="sfw-pictures-") as temporary,
        running_site(Path(temporary), Path(temporary) / "programs") as site,
        chromium() as browser,
    ):
        signed_in = sign_in_first(site, browser)
        if given.readme:
            draw_readme(site, browser, signed_in)
            draw_guide(site, browser, signed_in, IMAGES)
        if given.folder is not None:
            given.folder.mkdir(parents=True, exist_ok=True)
            draw(site, browser, signed_in, given.folder, given.names or list(PAGES))


if __name__ == "__main__":
    main()
