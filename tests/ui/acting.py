"""What people do on the page, by the names that they see or hear."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, TimeoutError

STEP_MS = 300
STEPS = 100


def choose(page: Page, label: str, offered: str) -> None:
    """Click a field that offers values, and then the offer that has a text."""
    field = page.get_by_role("combobox", name=label, exact=True)
    field.click()
    # The drawn offers of each field stand apart from the list that a screen reader is told.
    lists = page.locator(".ant-select-dropdown:not(.ant-select-dropdown-hidden)")
    offer = lists.locator(".ant-select-item-option", has_text=offered)
    for _ in range(STEPS):
        try:
            offer.wait_for(timeout=STEP_MS)
            break
        except TimeoutError:
            # A long list draws only what is near the chosen one; or the check's answer came at
            # that moment, and moved the field away from the pointer.
            field.press("ArrowDown")
    offer.click()
    field.press("Escape")


def name_parties(page: Page, *names: str) -> None:
    """Call the chain's parties so."""
    for number, name in enumerate(names, start=1):
        field = page.get_by_role("textbox", name=f"Party {number}", exact=True)
        field.fill(name)
        field.press("Enter")


def node(page: Page, name: str) -> Locator:
    """Return a task of the picture whose name, with how it stands, begins so."""
    return page.get_by_role("application").first.get_by_role("button", name=name)
