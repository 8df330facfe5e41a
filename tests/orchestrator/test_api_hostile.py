"""What a hostile or unlucky caller sends to the real API is answered, in bounded time."""

from __future__ import annotations

import json
import select
import socket
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from tests.orchestrator.api_site import Site
from tests.orchestrator.documents import chain, psi, scaler, task
from tests.orchestrator.test_api_bounds import assert_problem

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("hostile"))
    yield site
    site.close()


def refuse(site: Site, document: Any) -> list[dict[str, Any]]:
    """Send a chain that is to be refused, to be kept and to be looked at; return its faults."""
    sent = site.ask("olga", "POST", "/chains/", json=document)
    faults: list[dict[str, Any]] = assert_problem(sent, 422, "CONFIG_INVALID")["faults"]
    assert faults
    return faults


@pytest.mark.parametrize(
    "fault",
    [OperationalError("SELECT canary", {}, Exception()), NoConnectionLeft("all in use")],
)
def test_a_database_that_is_away_is_no_bug(
    site: Site, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def fail() -> None:
        raise fault

    monkeypatch.setattr(site.services.accounts, "list", fail)
    answered = site.ask("ann", "GET", "/users")
    assert_problem(answered, 503, "NOT_READY")
    assert answered.headers["retry-after"]
    assert "canary" not in answered.text


def test_cycles_are_named_by_the_api(site: Site) -> None:
    faults = refuse(site, chain(psi("a", "c"), psi("b", "a"), psi("c", "b")))
    assert any(fault["code"] == "CYCLE" and "->" in fault["message"] for fault in faults)


@pytest.mark.timeout(300)
def test_ten_thousand_tasks_are_taken_and_one_more_is_refused(site: Site) -> None:
    """Each depends on the one before: the longest line there may be."""
    config = {
        "keys": {"alice": ["id"], "bob": ["id"]},
        "input_paths": {"alice": "/d/a", "bob": "/d/b"},
        "output_paths": {"alice": "/d/c", "bob": "/d/d"},
    }
    tasks = [
        task(f"t{number}", "psi", *([f"t{number - 1}"] if number else []), **config)
        for number in range(10_000)
    ]
    for each in tasks:  # no task writes another's file
        own = {p: f"/d/{each['task_id']}-{p}" for p in ("alice", "bob")}
        each["task_params"] = {"task_config": {**config, "output_paths": own}}
    made = site.ask("olga", "POST", "/chains/", json=chain(*tasks), timeout=200)
    assert made.status_code == 200, made.text
    place = f"/chains/{made.json()['chain_id']}"
    run = site.ask("olga", "POST", f"{place}/execute", timeout=200)
    assert run.json()["status"] == "RUNNING"
    faults = refuse(site, chain(*tasks, psi("one-more")))
    assert any("10000" in fault["message"] for fault in faults)


def test_fifty_megabytes_are_refused_before_they_are_read(site: Site) -> None:
    """Over a bare socket: whoever sends on when it was refused may find the connection reset."""
    announced = send_until_answered(site, b"Content-Length: %d" % (50 << 20), [])
    assert b" 413 " in announced
    assert b"TOO_LARGE" in announced
    sent: list[int] = []

    def chunks() -> Iterator[bytes]:
        for _ in range(800):
            sent.append(1)
            yield b"10000\r\n" + b" " * 65_536 + b"\r\n"

    answered = send_until_answered(site, b"Transfer-Encoding: chunked", chunks())
    assert b" 413 " in answered or not answered
    assert len(sent) < 800


def send_until_answered(site: Site, header: bytes, body: Iterable[bytes]) -> bytes:
    """Send a new chain until there is an answer, and return that; empty where it was reset."""
    host, _, port = site.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        head = (
            b"POST /api/v1/chains/ HTTP/1.1", b"Host: x", b"Content-Type: application/json",
            b"Authorization: Bearer " + site.tokens["olga"].encode(), header, b"", b"",
        )  # fmt: skip
        try:
            connection.sendall(b"\r\n".join(head))
            for part in body:
                if select.select([connection], [], [], 0)[0]:
                    break
                connection.sendall(part)
            answer = b""
            while b"TOO_LARGE" not in answer and (more := connection.recv(65_536)):
                answer += more
            return answer
        except ConnectionError:
            return b""


@pytest.mark.parametrize("depth", [65, 900, 1_200, 2_400, 10_000, 500_000])
def test_deep_json_is_refused_whatever_the_interpreter_would_bear(site: Site, depth: int) -> None:
    """A library of ours raises Python's recursion limit once a condition is read."""
    with_condition = psi("b", "a")
    with_condition["when"] = "tasks.a.status == 'SUCCESS'"
    made = site.ask("olga", "POST", "/chains/", json=chain(psi("a"), with_condition))
    assert made.status_code == 200, made.text
    assert sys.getrecursionlimit() > 1000
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        deep = opening * depth + "1" + closing * depth
        body = '{"chain_name": "deep", "tasks": ' + deep + "}"
        answered = site.ask("olga", "POST", "/chains/", content=body.encode(), headers=JSON)
        assert_problem(answered, 422, "CONFIG_INVALID")
        assert "deeper" in answered.text


HOSTILE = [
    "<script>alert(1)</script>", "'; DROP TABLE users; --", "${jndi:ldap://x}", "{{7*7}}",
    "../../etc/passwd", "%s%n%x", "\u202eright to left", "a\r\nSet-Cookie: x=1", "\U0001f600" * 60,
    "NULL", "=cmd|'/c calc'!A0", "x" * 255,
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_a_name(site: Site, name: str) -> None:
    made = site.ask("olga", "POST", "/chains/", json=chain(psi(), name=name))
    assert made.status_code == 200, made.text
    place = f"/chains/{made.json()['chain_id']}"
    shown = site.ask("vera", "GET", place)
    assert shown.json()["chain_name"] == name
    assert "set-cookie" not in shown.headers
    exported = site.ask("vera", "GET", f"{place}/export")
    kind = {"Content-Type": "application/yaml"}
    again = site.ask("olga", "POST", "/chains/import", content=exported.content, headers=kind)
    copied = site.ask("vera", "GET", f"/chains/{again.json()['chain_id']}").json()
    assert copied["chain_name"] == name


@pytest.mark.parametrize("word", ["../x", "a b", "a;b", "a\n", "", "a" * 65, "__proto__", "\u0430"])
def test_a_hostile_id_is_refused(site: Site, word: str) -> None:
    assert refuse(site, chain(psi(word)))


@pytest.mark.parametrize(
    "reference",
    [
        "${env.DATABASE_URL}", "${secrets.redis_url}", "${settings.database_url}", "${tasks}",
        "${tasks.psi.__class__.__init__.__globals__}", "${tasks.psi.result.__class__}",
        "${tasks.psi.request}", "${tasks.psi.attempts}", "${each.__class__}", "${file:/etc/passwd}",
        "${tasks.psi.result.output_paths.alice.__class__}", "${${tasks.psi.status}}",
    ],
)  # fmt: skip
def test_no_reference_leads_to_a_secret(site: Site, reference: str) -> None:
    faults = refuse(site, chain(psi(), scaler("scale", "psi", columns=[reference])))
    assert any(fault["code"] == "REFERENCE" for fault in faults)


def test_an_expired_token_lets_nobody_in(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"label": "short", "role": "viewer", "expires_in_days": 1}
    token = site.ask("vera", "POST", "/tokens", json=asked).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert site.client.get("/api/v1/chains/", headers=headers).status_code == 200
    now = time.time()
    monkeypatch.setattr(site.services.sign_in, "_clock", lambda: now + 25 * 3600)
    monkeypatch.setattr(site.services.tokens, "_clock", lambda: now + 25 * 3600)
    refused = site.client.get("/api/v1/chains/", headers=headers)
    assert_problem(refused, 401, "UNAUTHENTICATED")


def test_two_cancels_and_a_retry_at_once(database_url: str, tmp_path: Path) -> None:
    site = Site(tmp_path, database_url=database_url)
    try:
        made = site.ask("olga", "POST", "/chains/", json=chain(psi(), psi("other")))
        place = f"/api/v1/chains/{made.json()['chain_id']}"
        headers = {"Authorization": f"Bearer {site.tokens['olga']}"}
        calls = [("DELETE", ""), ("DELETE", ""), ("POST", "/retry"), ("POST", "/execute")] * 4
        with ThreadPoolExecutor(len(calls)) as at_once:
            answered = [
                at_once.submit(site.client.request, method, place + more, headers=headers)
                for method, more in calls
            ]
            codes = {each.result().status_code for each in answered}
        assert codes <= {200, 409}
        shown = site.client.get(place, headers=headers).json()
        in_flight = {each["status"] for each in shown["tasks"]}
        assert shown["status"] != "CANCELLED" or in_flight == {"CANCELLED"}
        assert site.ask("ann", "GET", "/audit/verify").json()["broken_at"] is None
    finally:
        site.close()


def test_a_caller_who_hangs_up_is_no_bug(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    host, _, port = site.url.removeprefix("http://").partition(":")
    token = f"Authorization: Bearer {site.tokens['ann']}"
    kind = "Content-Type: application/json"
    head = ["POST /api/v1/chains/ HTTP/1.1", "Host: x", token, kind, "Content-Length: 99", "", ""]
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall("\r\n".join(head).encode() + b"[")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100) == b""
    # Its end is seen by the time that another call is answered.
    assert site.ask("ann", "GET", "/chains/").status_code == 200
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_json_of_every_kind_where_a_chain_is_due(site: Site) -> None:
    bodies: list[Any] = [7, "x", None, True, [], [[]], {"tasks": {}}, {"tasks": [None]}]
    for body in bodies:
        sent = site.ask("olga", "POST", "/chains/", content=json.dumps(body), headers=JSON)
        assert sent.status_code == 422, body
