"""Hostile requests, the form of errors, and what surrounds every answer."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from secretflow_worker.orchestrator.api.bodies import parse_json
from secretflow_worker.orchestrator.api.problems import STATUS_BY_CODE, Refused
from secretflow_worker.orchestrator.errors import Invalid
from tests.orchestrator.api_site import V1, Site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("bounds"))
    yield site
    site.close()


def assert_problem(answered: Any, status: int, code: str) -> dict[str, Any]:
    assert answered.status_code == status, answered.text
    assert answered.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answered.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["type"] == f"tag:secretflow-worker,2025:problem/{code}"
    assert problem["title"]
    assert problem["detail"]
    return problem


def test_every_error_is_a_problem_document(site: Site) -> None:
    assert_problem(site.ask("ann", "GET", "/nothing"), 404, "NOT_FOUND")
    assert_problem(site.ask("ann", "GET", "/chains/c-none"), 404, "NOT_FOUND")
    assert_problem(site.ask("ann", "PUT", "/tokens"), 405, "METHOD_NOT_ALLOWED")
    assert_problem(site.ask(None, "GET", "/chains/"), 401, "UNAUTHENTICATED")
    assert_problem(site.ask("vera", "GET", "/users"), 403, "FORBIDDEN")
    taken = site.ask("ann", "POST", "/users", json={"name": "vera", "role": "admin"})
    assert_problem(taken, 409, "CONFLICT")


def test_every_fault_of_a_body_is_listed_with_its_place(site: Site) -> None:
    sent = {"label": "\x00", "role": "root", "expires_in_days": 0, "typo": 1}
    problem = assert_problem(site.ask("ann", "POST", "/tokens", json=sent), 422, "CONFIG_INVALID")
    assert {fault["path"] for fault in problem["faults"]} == set(sent)
    assert "root" not in json.dumps(problem)
    queried = site.ask("ann", "GET", "/chains/?page=0&page_size=1000&sort=rm&status=x&name=%00")
    places = {fault["path"] for fault in assert_problem(queried, 422, "CONFIG_INVALID")["faults"]}
    assert places == {f"query.{word}" for word in ("page", "page_size", "sort", "status", "name")}


def test_a_bug_tells_nothing_but_its_id(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("what the house knows")

    monkeypatch.setattr(site.services.accounts, "list", fail)
    answered = site.ask("ann", "GET", "/users")
    problem = assert_problem(answered, 500, "INTERNAL")
    assert problem["instance"].startswith("urn:uuid:")
    assert "house" not in answered.text
    assert answered.headers["x-content-type-options"] == "nosniff"


def test_a_large_body_is_refused_announced_or_not(site: Site) -> None:
    large = b"[" + b"1," * 40_000 + b"1]"
    kind = {"Content-Type": "application/json"}
    announced = site.ask("ann", "POST", "/tokens", content=large, headers=kind)
    assert_problem(announced, 413, "TOO_LARGE")
    chunks = (large[:30_000] for _ in range(3))
    assert_problem(
        site.ask("ann", "POST", "/tokens", content=chunks, headers=kind), 413, "TOO_LARGE"
    )


def test_a_length_that_is_a_lie_is_refused(site: Site) -> None:
    host, _, port = site.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        lines = ["POST /api/v1/tokens HTTP/1.1", "Host: x", f"Content-Length: {'9' * 15}", "", ""]
        connection.sendall("\r\n".join(lines).encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[" * 20_000,
        b"\xff\xfe",
        b'{"label": "\\ud800", "role": "viewer"}',
        b"NaN",
        b"[]",
    ],
    ids=["empty", "cut", "deep", "bytes", "surrogate", "nan", "list"],
)
def test_a_body_that_is_none_is_refused(site: Site, body: bytes) -> None:
    kind = {"Content-Type": "application/json"}
    answered = site.ask("ann", "POST", "/tokens", content=body, headers=kind)
    assert answered.status_code in (400, 422)
    assert answered.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "/chains/%00", "/chains/..%2f..%2fetc", "/chains/" + "x" * 5000, "/chains/c%0d%0aX:1",
        "/tasks/%F0%9F%98%80", "/users/'%20OR%201=1", "/chains/c-1/tasks/lr[99999]",
        "/audit?before=99999999999999999999", "/chains/?page=99999999999", "/chains/?name=%25_%5C",
        "/chains/c-1/events?after=-1", "/tasks/psi@x", "/tasks/psi@99",
    ],
)  # fmt: skip
def test_hostile_paths_and_queries_are_answered(site: Site, path: str) -> None:
    answered = site.ask("ann", "GET", path)
    assert answered.status_code in (200, 404, 405, 422)


def test_answers_carry_what_keeps_browsers_safe(site: Site) -> None:
    for answered in (site.ask(None, "GET", "/healthz"), site.ask(None, "GET", "/nothing")):
        assert answered.headers["x-content-type-options"] == "nosniff"
        assert answered.headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in answered.headers["content-security-policy"]
        assert answered.headers["cache-control"] == "no-store"
        assert "server" not in answered.headers


def test_other_sites_are_kept_out_unless_named(site: Site, tmp_path: Path) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answered = site.ask(None, "OPTIONS", "/tokens", headers=asked)
    assert "access-control-allow-origin" not in answered.headers
    other = Site(tmp_path, cors_origins=("https://ours.example",))
    for origin, is_let_in in (("https://ours.example", True), ("https://evil.example", False)):
        answered = other.ask(None, "OPTIONS", "/tokens", headers={**asked, "Origin": origin})
        assert ("access-control-allow-origin" in answered.headers) is is_let_in
        assert "access-control-allow-credentials" not in answered.headers
    other.close()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1, "a": 2}', "twice"),
        ("[1e999]", "too large"),
        ("[Infinity]", "no JSON"),
        ('["\\u0000"]', "NUL"),
        ('{"\\ud83d": 1}', "Unicode"),
        ("[" * 20 + "]" * 20, "deeper"),
        ("[" * 100_000, "deeper"),
    ],
)
def test_json_that_cannot_be_kept_is_refused(text: str, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        parse_json(text.encode(), 10)


@pytest.mark.parametrize("text", ["", "{'a': 1}", "1" * 5000, "[1,]", "\xff"])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="not JSON"):
        parse_json(text.encode("latin-1"), 10)


def test_json_that_can_be_kept_is_returned() -> None:
    document = {"名": ["é", "😀", 1.5, None, True, {"a": [1]}]}
    assert parse_json(json.dumps(document).encode(), 10) == document


def test_metrics_count_calls_by_their_declared_path(site: Site) -> None:
    site.ask("ann", "GET", "/chains/c-none")
    site.ask("ann", "GET", "/no-such-path-at-all")
    text = site.ask("ann", "GET", "/metrics").text
    assert 'path="/api/v1/chains/{chain_id}",status="404"' in text
    assert "no-such-path" not in text
    assert 'sfw_chains{status="RUNNING"} 0.0' in text
    assert "sfw_outbox_age_seconds 0.0" in text


def test_readiness_names_what_is_not_ready(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise ConnectionRefusedError

    checks = site.services.checks
    assert isinstance(checks, dict)
    assert site.ask(None, "GET", "/readyz").status_code == 200
    monkeypatch.setitem(checks, "redis", away)
    answered = site.ask(None, "GET", "/readyz")
    assert answered.status_code == 503
    assert answered.json()["checks"] == {"database": "ok", "redis": "ConnectionRefusedError"}
    assert site.client.get("/healthz").json() == {"status": "alive"}


def test_every_code_has_a_status() -> None:
    assert all(400 <= status < 600 for status in STATUS_BY_CODE.values())


def test_types_show_their_schemas(site: Site) -> None:
    listed = site.ask("vera", "GET", "/tasks").json()["items"]
    assert {"psi", "ss_lr"} <= {kind["name"] for kind in listed}
    plain = site.ask("vera", "GET", "/tasks", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    packed = site.ask("vera", "GET", "/tasks", headers={"Accept-Encoding": "gzip"})
    assert (packed.headers["content-encoding"], packed.content) == ("gzip", plain.content)
    assert int(packed.headers["content-length"]) < len(plain.content) / 4
    shown = site.ask("vera", "GET", "/tasks/psi@1").json()
    assert shown["config_schema"]["properties"]
    assert shown["disclosure"]
    assert f"{V1}/chains/" in site.app.openapi()["paths"]


def test_the_page_of_the_calls_needs_no_script(site: Site) -> None:
    answered = site.client.get("/docs")
    assert answered.headers["content-type"].startswith("text/html")
    assert "POST /api/v1/chains/{chain_id}/execute" in answered.text
    assert 'href="#ChainDocument"' in answered.text
    assert "<script" not in answered.text
