"""The designer keeps picture, text and faults in step, and old versions at hand."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.ui.acting import choose, name_parties, node
from tests.ui.conftest import OpenPage
from tests.ui.documents import intersection
from tests.ui.running import Site

TYPED = """chain_name: Typed
tasks:
- task_id: first
  task_name: Of the text
  task_type: psi
  task_params: {task_config: {}}
options: {parties: [bank, retailer]}
"""


def test_faults_are_at_their_node_and_field(open_page: OpenPage) -> None:
    page = open_page("/chains/new")
    name_parties(page, "bank", "retailer")
    page.get_by_role("button", name="Begin with an intersection").click()
    expect(node(page, "Private set intersection, psi, 2 faults")).to_be_visible()
    expect(page.get_by_text("Required field is missing")).to_have_count(2)
    page.get_by_role("button", name="warning 2 faults").click()
    page.get_by_role("button", name="Go to Private set intersection · Key columns").click()
    expect(page.get_by_label("Key columns: bank")).to_be_focused()
    choose(page, "Tables: Path at bank", "bank/credit.csv")
    expect(node(page, "Private set intersection, psi, 1 fault")).to_be_visible()


def test_picture_and_yaml_edit_each_other(open_page: OpenPage) -> None:
    page = open_page("/chains/new")
    page.get_by_role("button", name="YAML").click()
    text = page.get_by_role("textbox", name="YAML")
    page.get_by_role("button", name="Begin with an intersection").click()
    expect(text).to_contain_text("task_id: psi")

    text.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(TYPED)
    expect(page.get_by_label("Name of the chain")).to_have_value("Typed")
    expect(node(page, "Of the text, first")).to_be_visible()
    node(page, "Of the text, first").click()
    page.keyboard.press("Delete")
    expect(text).not_to_contain_text("task_id: first")


def test_old_version_is_restored(site: Site, open_page: OpenPage) -> None:
    with site.client() as client:
        document = intersection(client, site.data, "First thought")
        chain_id = client.chains.create(document).chain_id
        page = open_page(f"/chains/{chain_id}/edit")
        name = page.get_by_label("Name of the chain")
        name.fill("Second thought")
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_label("What is new in it").fill("a better name")
        page.get_by_role("dialog").get_by_role("button", name="Save").click()
        expect(page.get_by_text("Version 2", exact=True)).to_be_visible()

        page.get_by_role("button", name="Versions").click()
        versions = page.get_by_role("dialog", name="Versions")
        expect(versions).to_contain_text("a better name")
        versions.get_by_role("listitem").filter(has_text="Version 1").get_by_role(
            "button", name="Restore"
        ).click()
        expect(name).to_have_value("First thought")
        page.keyboard.press("ControlOrMeta+s")
        page.get_by_role("dialog").get_by_role("button", name="Save").click()
        expect(page.get_by_text("Version 3", exact=True)).to_be_visible()
        assert client.chains.document(chain_id, 3) == client.chains.document(chain_id, 1)


def test_what_could_not_be_checked_is_checked_when_the_network_is_back(
    site: Site, open_page: OpenPage
) -> None:
    page = open_page(f"/chains/{site.scored.chain_id}/edit", allowed="ERR_INTERNET_DISCONNECTED")
    told = page.get_by_role("status")
    expect(told.filter(has_text="No faults")).to_be_visible()
    page.context.set_offline(True)
    page.get_by_label("Description").fill("On a train")
    expect(told.filter(has_text="Could not be checked")).to_be_visible()
    page.context.set_offline(False)
    expect(told.filter(has_text="No faults")).to_be_visible()
