"""Somebody who has never seen the page scores customers: from an empty picture to the AUC."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from playwright.sync_api import Page, expect
from sklearn.metrics import auc as area
from sklearn.metrics import roc_auc_score

from tests.ui.acting import choose, name_parties, node
from tests.ui.conftest import WAIT_MS, OpenPage
from tests.ui.running import Site


def test_newcomer_draws_a_chain_and_reads_its_auc(
    site: Site, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page("/chains/new")
    page.get_by_label("Name of the chain").fill("Scores")
    name_parties(page, "bank", "retailer")
    intersect_by_mouse(page)
    prepare_by_keyboard(page)
    expect(page.get_by_role("status").filter(has_text="No faults")).to_be_visible()
    read_who_learns_what(page)
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("button", name="Save and run").click()
    page.wait_for_url("**/chains/c-*")
    expect(page.get_by_text("4 of 4 tasks done")).to_be_visible(timeout=2 * WAIT_MS)
    expect(node(page, "biclassification_eval, Success")).to_be_visible()

    predicted = pd.read_csv(site.data / "bank/scores/ss_lr_predictions.csv")
    auc = roc_auc_score(predicted["y"], predicted["pred_prob"])
    page.get_by_role("tab", name="Results").click()
    shown = page.get_by_role("term").filter(has_text="AUC").locator("xpath=following-sibling::*")
    expect(shown.first).to_have_text(f"{auc:.4f}")
    curve = download_roc(page, tmp_path)
    # The report gives points with four digits.
    assert abs(area(curve[:, 0], curve[:, 1]) - auc) < 1e-4
    page.goto("/chains/new")  # what was saved is no draft any more
    expect(page.get_by_role("heading", name="An empty chain")).to_be_visible()


def intersect_by_mouse(page: Page) -> None:
    page.get_by_role("button", name="Begin with an intersection").click()
    expect(node(page, "Private set intersection, psi, 2 faults")).to_be_visible()
    choose(page, "Tables: Path at bank", "bank/credit.csv")
    choose(page, "Tables: Path at retailer", "retailer/persons.csv")
    choose(page, "Key columns: bank", "customer_id")
    choose(page, "Key columns: retailer", "member_id")


def prepare_by_keyboard(page: Page) -> None:
    """Each type is searched and follows the one before; what it takes is proposed."""
    search = page.get_by_role("searchbox", name="Search task types")
    for typed, title in (
        ("Standard scaler", "Standard scaler"),
        ("Logistic", "Logistic regression"),
        ("Evaluate a cl", "Evaluate a classifier"),
    ):
        search.focus()
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type(typed)
        expect(page.get_by_role("button", name=f"Add {title}")).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name=title)).to_be_visible()


def read_who_learns_what(page: Page) -> None:
    node(page, "Private set intersection").click()
    page.get_by_role("tab", name="Who learns what").click()
    panel = page.get_by_role("tabpanel", name="Who learns what")
    expect(panel.get_by_role("heading", name="bank learns")).to_be_visible()
    expect(panel.get_by_role("heading", name="retailer learns")).to_be_visible()


def download_roc(page: Page, folder: Path) -> npt.NDArray[np.float64]:
    """Return the points of the chart as its table gives them: false and true positive rates."""
    chart = page.get_by_role("figure", name="ROC")
    chart.get_by_role("button", name="Download: ROC").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Figures as CSV").click()
    path = folder / "roc.csv"
    download.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return np.array([[float(value) for value in row[-2:]] for row in rows])
