"""What operators see of calls: lines in the log, ids, and the address of the client."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from secretflow_worker.broker.logs import ConsoleFormatter, JsonFormatter, log_fields
from secretflow_worker.contract.errors import ConfigError
from secretflow_worker.orchestrator.api.clients import client_of
from secretflow_worker.orchestrator.settings import load_settings
from secretflow_worker.orchestrator.store import audit
from tests.conftest import eventually
from tests.orchestrator.api_site import V1, Site

ACCESS = "secretflow_worker.orchestrator.access"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("observed"), trusted_proxies=["127.0.0.0/8"])
    yield site
    site.close()


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[dict[str, Any]]]:
    """What is logged from now on, as a JSON log would have it."""
    written: list[dict[str, Any]] = []

    class _Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(json.loads(JsonFormatter().format(record)))

    keep, logger = _Keep(), logging.getLogger("secretflow_worker")
    before = logger.level
    logger.addHandler(keep)
    logger.setLevel(logging.DEBUG)
    yield written
    logger.removeHandler(keep)
    logger.setLevel(before)


def _calls(lines: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """Return the lines of calls once there are so many: they are written after the answer."""

    def found() -> list[dict[str, Any]]:
        return [line for line in lines if line["logger"] == ACCESS]

    eventually(lambda: len(found()) >= count)
    return found()


def test_a_call_is_a_line_without_what_it_carried(site: Site, lines: list[dict[str, Any]]) -> None:
    secret = "canary-in-a-body"
    headers = {"X-Request-ID": "from-outside.1"}
    answered = site.ask(
        "olga", "POST", "/chains/?canary=query", json={"chain_name": secret}, headers=headers
    )
    assert answered.headers["X-Request-ID"] == "from-outside.1"
    line = _calls(lines, 1)[0]
    assert line["level"] == "INFO"
    assert (line["method"], line["path"], line["status"], line["user"]) == (
        "POST", f"{V1}/chains/", 422, "olga",
    )  # fmt: skip
    assert line["request_id"] == "from-outside.1"
    assert line["duration_s"] >= 0
    assert "canary" not in json.dumps(lines)
    assert site.tokens["olga"] not in json.dumps(lines)


def test_a_made_up_id_or_path_is_not_written(site: Site, lines: list[dict[str, Any]]) -> None:
    headers = {"X-Request-ID": "a b\tc"}
    answered = site.ask(None, "GET", "/chains/no%0Asuch%20chain", headers=headers)
    assert len(answered.headers["X-Request-ID"]) == 32
    site.client.get("/api/no/such/path")
    site.client.get("/healthz")
    told = _calls(lines, 3)
    assert [line["path"] for line in told] == [f"{V1}/chains/{{chain_id}}", "other", "/healthz"]
    assert [line["level"] for line in told] == ["INFO", "INFO", "DEBUG"]
    assert "such" not in json.dumps(told)


def test_a_bug_is_logged_with_its_frames_and_not_its_words(
    site: Site, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(caller: object, *, of_all: bool) -> None:
        raise ValueError("-".join(("canary", "word")))

    monkeypatch.setattr(site.services.tokens, "list", fail)
    answered = site.ask("vera", "GET", "/tokens")
    assert answered.status_code == 500
    _calls(lines, 1)
    line = next(line for line in lines if line["level"] == "ERROR")
    assert answered.json()["instance"] in line["message"]
    assert line["request_id"] == answered.headers["X-Request-ID"]
    assert "in fail" in line["traceback"]
    assert "ValueError" in line["traceback"]
    assert "canary-word" not in json.dumps(lines)


def test_fields_are_of_what_is_around(caplog: pytest.LogCaptureFixture) -> None:
    record = logging.makeLogRecord(
        {"msg": "at postgresql://me:canary@db/x", "chain_id": "c-1", "levelname": "INFO"}
    )
    with log_fields(request_id="q", chain_id="c-0"), log_fields(run_id="r-1"):
        assert json.loads(JsonFormatter().format(record)).items() >= {
            "request_id": "q", "chain_id": "c-1", "run_id": "r-1",
            "message": "at postgresql://me:***@db/x",
        }.items()  # fmt: skip
        assert ConsoleFormatter().format(record).endswith("[request_id=q chain_id=c-1 run_id=r-1]")
    assert "request_id" not in JsonFormatter().format(record)


PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("1.2.3.4", ["6.6.6.6"], "1.2.3.4"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["5.5.5.5"], "5.5.5.5"),
        # What the client itself wrote stands first, and is not believed.
        ("10.0.0.1", ["9.9.9.9, 5.5.5.5"], "5.5.5.5"),
        ("10.0.0.1", ["9.9.9.9", "5.5.5.5, 10.0.0.2"], "5.5.5.5"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("fd00::1", ["[2001:db8::5]:4711"], "2001:db8::5"),
        ("::ffff:10.0.0.1", ["5.5.5.5:80"], "5.5.5.5"),
        ("10.0.0.1", ["5.5.5.5, <script>, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", [","], "10.0.0.1"),
        ("testclient", ["5.5.5.5"], "testclient"),
        ("10.0.0.1", [",".join(["10.0.0.2"] * 10_000)], "10.0.0.2"),
    ],
)
def test_whose_call_it_is_behind_proxies(peer: str, forwarded: list[str], client: str) -> None:
    assert client_of(peer, forwarded, PROXIES) == client


def test_sign_ins_are_limited_and_recorded_by_the_clients_address(site: Site) -> None:
    wrong = {"name": "admin", "password": "wrong"}

    def try_from(address: str) -> int:
        headers = {"X-Forwarded-For": f"1.1.1.1, {address}"}
        return site.ask(None, "POST", "/auth/login", json=wrong, headers=headers).status_code

    assert [try_from("7.7.7.7") for _ in range(11)] == [401] * 10 + [429]
    assert try_from("8.8.8.8") == 401
    begun = site.client.post(
        f"{V1}/auth/link", json={"token": site.link}, headers={"X-Forwarded-For": "8.8.4.4"}
    )
    assert begun.status_code == 200
    with site.database.reading() as connection:
        newest = audit.read(connection, who="admin", limit=1)[0]
    assert newest.facts == {"by": "link", "from": "8.8.4.4"}


def test_proxies_are_networks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert load_settings().trusted_proxies == ()
    monkeypatch.setenv("SFW_TRUSTED_PROXIES", '["10.0.0.0/8", "fd00::/8"]')
    assert list(load_settings().trusted_proxies) == PROXIES
    monkeypatch.setenv("SFW_TRUSTED_PROXIES", '["proxy.example"]')
    with pytest.raises(ConfigError, match="trusted_proxies"):
        load_settings()
