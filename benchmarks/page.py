"""How soon the page is there: each visit by a browser that has nothing of it yet."""

import statistics

from playwright.sync_api import Browser, StorageState

from benchmarks._harness import Bench, Figure
from tests.ui.looks import UNFINISHED
from tests.ui.running import LAPTOP, Site, chromium, running_site, sign_in_first

VISITS, LIMIT_S = 10, 1.0
PATHS = {"list of chains": "/chains", "a run": "/chains/{chain}", "designer": "/chains/new"}


def run(bench: Bench) -> list[Figure]:
    folder = bench.folder / "page"
    folder.mkdir()
    figures = []
    with running_site(folder, folder / "programs") as site, chromium() as browser:
        signed_in = sign_in_first(site, browser)
        for name, path in PATHS.items():
            visits = [visit(site, browser, signed_in, path) for _ in range(VISITS)]
            seconds = [visited[0] for visited in visits]
            samples = {"ours": seconds}
            median = statistics.median(seconds)
            figures += [
                Figure(f"first view of {name}", "s", median, None, LIMIT_S, samples),
                Figure(f"sent for {name}", "kB", visits[0][1] / 1000),
            ]
    return figures


def visit(site: Site, browser: Browser, signed_in: StorageState, path: str) -> tuple[float, float]:
    """Return when all of a page is there, in seconds from the navigation's start, and its bytes."""
    context = browser.new_context(storage_state=signed_in, base_url=site.url, **LAPTOP)
    page = context.new_page()
    page.goto(path.format(chain=site.scored.chain_id), wait_until="commit")
    page.locator("main h1").first.wait_for(state="attached")
    seconds = page.wait_for_function(
        "(unfinished) => !document.querySelector(unfinished) && performance.now() / 1000",
        arg=UNFINISHED,
    ).json_value()
    sent = page.evaluate(
        "() => performance.getEntriesByType('resource').reduce((sum, r) => sum + r.transferSize, 0)"
    )
    context.close()
    return float(seconds), float(sent)
