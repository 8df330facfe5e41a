"""What somebody sends whom nobody knows costs the orchestrator next to nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from secretflow_worker.orchestrator.api.limits import SMALL_BODY_BYTES, limit_of
from tests.orchestrator.api_site import V1, Site
from tests.orchestrator.test_api_bounds import assert_problem

MOST = 8 << 20
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("strangers"))
    yield site
    site.close()


def test_a_body_that_is_parsed_before_the_caller_is_known_is_small(site: Site) -> None:
    """FastAPI parses a model's body first, in the one thread that answers everybody."""
    document = site.app.openapi()
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            content = call.get("requestBody", {}).get("content", {})
            names = {
                str(kind["schema"]).rpartition("/")[2].strip("'}") for kind in content.values()
            }
            if names and not names <= {"ChainDocument", "Execution", "Template", "Values"}:
                limit = limit_of(path, MOST)
                assert limit <= 4 * SMALL_BODY_BYTES, f"{method} {path}"
                large = b"[" + b"1," * limit + b"1]"
                place = path.replace("{chain_id}", "c-none").replace("{name}", "nobody")
                answered = site.client.request(
                    method, place.replace("{schedule_id}", "s-0"), content=large, headers=JSON
                )
                assert_problem(answered, 413, "TOO_LARGE")


@pytest.mark.parametrize(
    "path",
    ["/chains", "/chains/", "/chains/c-1", "/chains/import", "/chains/dry-run", "/executions",
     "/templates", "/templates/mine/render", "/templates/mine/chains"],
)  # fmt: skip
def test_documents_may_be_large(path: str) -> None:
    assert limit_of(V1 + path, MOST) == MOST


def test_methods_that_somebody_made_up_make_no_new_series(site: Site) -> None:
    for number in range(3):
        answered = site.client.request(f"MADEUP{number}", f"{V1}/chains/")
        assert_problem(answered, 405, "METHOD_NOT_ALLOWED")
    text = site.ask("ann", "GET", "/metrics").text
    assert "MADEUP" not in text
    assert 'method="other",path="/api/v1/chains/",status="405"' in text
