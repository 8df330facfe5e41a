"""The pages of docs/ that must follow the code."""

import json
import re
from pathlib import Path

import pytest

from scripts.generate_docs import FOLDER, pages
from secretflow_worker.contract.errors import ERRORS_BY_CODE
from secretflow_worker.contract.request import parse_request
from secretflow_worker.tasks import TaskDispatcher

DOCS = FOLDER.parent
ROOT = DOCS.parent
ERRORS = DOCS / "errors"
WRITTEN = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md"), *ROOT.glob("examples/**/*.md")])

JSON_BLOCK = re.compile(r"^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"\b(?:ui/)?(?:tests|src|scripts|examples|benchmarks)/[\w./-]*\w")
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)")
HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)


def anchors_of(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as forges make them."""
    headings = HEADING.findall(page.read_text())
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


def test_the_reference_is_as_the_generator_writes_it() -> None:
    on_disk = {str(path.relative_to(FOLDER)): path.read_text() for path in FOLDER.rglob("*.md")}

    assert on_disk == pages(), "run `make docs` and commit what it writes"


def test_there_is_a_page_for_every_error_code_and_no_other() -> None:
    on_disk = {path.stem for path in ERRORS.glob("*.md")} - {"README"}

    assert on_disk == set(ERRORS_BY_CODE)


@pytest.mark.parametrize("code", sorted(ERRORS_BY_CODE))
def test_an_error_page_names_its_code_and_type_and_says_how_to_mend(code: str) -> None:
    text = (ERRORS / f"{code}.md").read_text()

    assert text.startswith(f"# {code}\n")
    assert f"`{ERRORS_BY_CODE[code].documented_type.__name__}`" in text
    retried = "retried by itself" if ERRORS_BY_CODE[code].transient else "not retried"
    assert retried in text
    for heading in ("## Common causes", "## How to mend it", "## 中文"):
        assert f"\n{heading}\n" in text


@pytest.mark.parametrize("page", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text()):
        there = (page.parent / target).resolve() if target else page
        assert there.exists(), f"{target} is not there"
        if anchor and there.suffix == ".md":
            assert anchor in anchors_of(there), f"{target}#{anchor} is not there"


@pytest.mark.parametrize("page", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_request_that_a_page_shows_is_one_that_a_worker_takes(page: Path) -> None:
    for block in JSON_BLOCK.findall(page.read_text()):
        document = json.loads(block)
        if "task_config" in document:
            request = parse_request(document)
            task = TaskDispatcher.resolve(request.task_config)
            task.parse(request.task_config, request.parties)


@pytest.mark.parametrize("page", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_of_the_repository_that_a_page_names_are_there(page: Path) -> None:
    made = {"benchmarks/results"}
    for name in set(FILE.findall(page.read_text())) - made:
        assert (ROOT / name).exists() or (ROOT / "src" / "secretflow_worker" / name).exists(), name
