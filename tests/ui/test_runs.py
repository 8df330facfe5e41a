"""Runs are stopped, mended and tried again from the page."""

from __future__ import annotations

import shutil

from playwright.sync_api import expect

from tests.ui.acting import node
from tests.ui.conftest import OpenPage
from tests.ui.documents import credit_scoring, intersection
from tests.ui.running import Site


def test_run_is_cancelled(site: Site, open_page: OpenPage) -> None:
    with site.client() as client:
        slow = credit_scoring(client, site.data, "slow", lr_epochs=500)
        chain_id = client.chains.create(slow).chain_id
        client.chains.execute(chain_id)
        page = open_page(f"/chains/{chain_id}")
        expect(node(page, "Logistic regression, Running")).to_be_visible()
        page.get_by_role("button", name="Cancel").click()
        asked = page.get_by_role("dialog")
        expect(asked).to_contain_text("Finished results stay.")
        asked.get_by_role("button", name="Cancel").click()
        expect(node(page, "Logistic regression, Cancelled")).to_be_visible()
        expect(node(page, "Private set intersection, Success")).to_be_visible()
        assert client.chains.get(chain_id).status == "CANCELLED"


def test_failed_run_says_why_and_is_retried(site: Site, open_page: OpenPage) -> None:
    late = site.data / "bank/late.csv"
    with site.client() as client:
        document = intersection(client, site.data, "Late", first_table=str(late))
        chain_id = client.chains.create(document).chain_id
        client.chains.execute(chain_id)
        page = open_page(f"/chains/{chain_id}")
        why = page.get_by_role("region", name="Why it failed")
        expect(why).to_contain_text("What to do")
        expect(why.get_by_role("link", name="About")).to_be_visible()
        shutil.copy(site.data / "bank/credit.csv", late)
        page.get_by_role("button", name="Retry what failed").click()
        page.get_by_role("dialog").get_by_role("button", name="Retry").click()
        expect(page.get_by_text("1 of 1 tasks done")).to_be_visible()
        expect(node(page, "Private set intersection, Success")).to_be_visible()
        assert client.chains.get(chain_id).status == "SUCCESS"
