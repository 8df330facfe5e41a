"""What a run found is read as pictures and as tables, taken away as files, and compared."""

from __future__ import annotations

import csv
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.ui.acting import choose
from tests.ui.conftest import OpenPage
from tests.ui.running import Site


def test_intersection_is_a_picture_a_table_and_files(
    site: Site, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(f"/chains/{site.scored.chain_id}?view=results")
    figure = page.get_by_role("figure", name="Intersection")
    expect(figure.get_by_role("img", name="864 rows in common")).to_be_visible()
    figure.get_by_title("Table").click()
    expect(figure.get_by_role("row", name="bank")).to_contain_text("864")
    rows = list(csv.reader(take(page, figure, "CSV", tmp_path).read_text("utf-8-sig").splitlines()))
    assert rows[0] == ["Party", "Rows", "in common", "Share matched"]
    assert [row[:3] for row in rows[1:]] == [["bank", "930", "864"], ["retailer", "930", "864"]]
    assert take(page, figure, "PNG", tmp_path).read_bytes().startswith(b"\x89PNG")


def test_threshold_moves_the_confusion(site: Site, open_page: OpenPage) -> None:
    page = open_page(f"/chains/{site.scored.chain_id}?view=results")
    card = page.get_by_role("region", name="Evaluate the regression").get_by_role(
        "group", name="Confusion at a threshold"
    )
    slider = card.get_by_role("slider", name="Threshold")
    slider.press("Home")
    # Everybody is taken for positive: all positives are found, and no negative is spared.
    positive, negative = card.get_by_role("row").nth(1), card.get_by_role("row").nth(2)
    expect(positive.get_by_role("cell").nth(1)).to_have_text("00%")
    expect(negative.get_by_role("cell").nth(1)).to_have_text("00%")
    slider.press("End")
    expect(positive.get_by_role("cell").nth(0)).to_have_text("00%")
    expect(negative.get_by_role("cell").nth(0)).to_have_text("00%")


def test_charts_are_on_paper(site: Site, open_page: OpenPage) -> None:
    page = open_page(f"/chains/{site.scored.chain_id}?view=results", color_scheme="dark")
    # That of the last task is far below what the window shows, where nothing is drawn yet.
    figure = page.get_by_role("figure", name="ROC").nth(1)
    expect(figure.get_by_role("img", name="true positive rate")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    expect(figure.locator("canvas").last).to_be_visible()
    expect(page.get_by_role("button", name="Run again")).to_be_hidden()
    sheets = page.evaluate("[...document.querySelectorAll('[role=img] > canvas')].length")
    assert sheets > 5, "every chart has a picture for paper, also one that was never looked at"
    page.emulate_media(media="screen")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_runs_are_compared(site: Site, open_page: OpenPage) -> None:
    with site.client() as client:
        client.chains.execute(site.scored.chain_id)
        client.chains.wait(site.scored.chain_id, timeout_s=100)
    page = open_page(f"/compare?chain={site.scored.chain_id}")
    choose(page, "Runs", "Run 1")
    expect(page.get_by_role("heading", name="Choose one more run to compare")).to_be_visible()
    choose(page, "Runs", "Run 2")
    expect(page.get_by_text("All settings are the same.")).to_be_visible()
    page.get_by_role("button", name="figures are the same").click()
    expect(page.get_by_role("row", name="AUC").first).to_be_visible()


def take(page: Page, figure: Locator, kind: str, folder: Path) -> Path:
    """Download a figure as a file of a kind."""
    figure.get_by_role("button", name="Download").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=kind).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path
