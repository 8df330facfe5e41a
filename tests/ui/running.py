"""The page over everything real: ``sfw up``, German Credit at two parties, headless Chromium."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, StorageState, sync_playwright

from secretflow_worker.cli.demo import german_credit
from secretflow_worker.client import Chain, Client
from tests.conftest import eventually
from tests.ui.documents import credit_scoring

LAPTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PASSWORD = "a passphrase of no account elsewhere"
PAGE = Path(__file__).parents[2] / "src/secretflow_worker/orchestrator/static/index.html"
START_S = 60


@dataclass(frozen=True)
class Site:
    """A running ``sfw up`` with both parties' tables below its data root."""

    url: str
    token: str
    sign_in: str
    data: Path
    #: Credit scoring, which ran to its end at the start.
    scored: Chain

    def client(self) -> Client:
        return Client(self.url, self.token)


@contextmanager
def running_site(folder: Path, programs: Path) -> Iterator[Site]:
    """Start ``sfw up`` with its files in `folder`, and run credit scoring once."""
    if not PAGE.exists():
        raise FileNotFoundError("the page is not built: run `make ui`")
    data = folder / "data"
    german_credit.split(data)
    log = folder / "up.log"
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SFW_", "REDIS_URL"))}
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "secretflow_worker", "up", "--port", "0",
             "--state-dir", folder / "state", "--data-root", data,
             "--set", f"programs_dir={programs}"],
            env=environment, stdout=file, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        up_file = folder / "state" / "up.json"
        eventually(lambda: up_file.exists() or process.poll() is not None, START_S)
        assert process.poll() is None, log.read_text()
        up = json.loads(up_file.read_text())
        with Client(up["url"], up["token"]) as client:
            scored = client.chains.run(credit_scoring(client, data), timeout_s=100)
        yield Site(up["url"], up["token"], up["sign_in"], data, scored)
    finally:
        process.terminate()
        assert process.wait(timeout=60) == 0, log.read_text()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the system's Chromium, without a window."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise FileNotFoundError("no chromium on the PATH; Debian's package is called chromium")
    # As root, which containers are, Chromium has no sandbox of its own.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


def sign_in_first(site: Site, browser: Browser) -> StorageState:
    """Use the one-time link as the first user does; return what the browser keeps from then on."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(site.sign_in)
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Set password").click()
    page.get_by_role("heading", name="Chains").wait_for()
    kept = context.storage_state()
    context.close()
    return kept
