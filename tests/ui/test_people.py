"""Who is at the page: their password, their language, and what their role lets them do."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.ui.conftest import OpenPage
from tests.ui.running import PASSWORD, Site

UNKNOWN = "status of 401"  # Chromium's console tells of every refusal


def test_sign_in_by_password_and_out(open_page: OpenPage) -> None:
    page = open_page("/models", allowed=UNKNOWN, storage_state=None)
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Models", level=1)).to_be_visible()
    page.get_by_role("button", name="Account: admin").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.goto("/chains")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_language_is_switched_and_kept(open_page: OpenPage) -> None:
    page = open_page("/chains")
    page.get_by_role("button", name="Language: 中文").click()
    expect(page.get_by_role("heading", name="任务链")).to_be_visible()
    page.goto("/settings")
    expect(page.get_by_role("heading", name="设置", level=1)).to_be_visible()
    assert page.evaluate("() => document.documentElement.lang") == "zh-CN"


def test_viewer_looks_and_may_not_run(site: Site, open_page: OpenPage) -> None:
    admin = open_page("/settings")
    admin.get_by_role("tab", name="Users").click()
    admin.get_by_role("button", name="New user").click()
    made = admin.get_by_role("dialog", name="New user")
    made.get_by_label("Name").fill("guest")
    made.get_by_role("radio", name="Viewer").check()
    made.get_by_role("button", name="Make user").click()
    told = admin.get_by_role("dialog", name="One-time link for guest")
    link = told.get_by_text("#sfwl_").text_content()
    assert link is not None

    page = open_page(link, allowed=UNKNOWN, storage_state=None)
    page.get_by_role("button", name="Not now").click()
    page.goto(f"/chains/{site.scored.chain_id}")
    expect(page.get_by_text("7 of 7 tasks done")).to_be_visible()
    expect(page.get_by_role("button", name="More")).to_be_visible()
    for deed in ("Run again", "Edit", "Retry what failed"):
        expect(page.get_by_role("button", name=deed)).to_have_count(0)
    session = page.request.get("/api/v1/auth/session").json()
    answer = page.request.post(
        f"/api/v1/chains/{site.scored.chain_id}/execute",
        headers={"X-CSRF-Token": session["csrf_token"]},
    )
    assert answer.status == 403
    assert "operator" in answer.json()["detail"]
