"""Server-sent events: a chain's history as it grows, resumed where a client left it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from secretflow_worker.contract.events import Status
from secretflow_worker.orchestrator.api import stream
from tests.conftest import eventually
from tests.orchestrator.api_site import V1, Site
from tests.orchestrator.stored import event, success
from tests.orchestrator.test_api_chains import create, status_of


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("events"), max_streams=3)
    yield site
    site.close()


def parse(text: str) -> list[dict[str, Any]]:
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line[:1] != ":")
        if fields:
            found.append({**fields, "id": int(fields["id"]), "data": json.loads(fields["data"])})
    return found


def so_far(site: Site, chain_id: str, **headers: str) -> list[dict[str, Any]]:
    answered = site.ask("vera", "GET", f"/chains/{chain_id}/events?follow=false", headers=headers)
    assert answered.headers["content-type"].startswith("text/event-stream")
    return parse(answered.text)


def test_what_happened_so_far_is_told_in_order(site: Site) -> None:
    chain_id = create(site)
    other = create(site)
    site.ask("olga", "POST", f"/chains/{chain_id}/execute")
    events = so_far(site, chain_id)
    told = [(line["event"], line["data"].get("status")) for line in events]
    assert ("chain", "RUNNING") in told
    assert ("task", "QUEUED") in told
    numbers = [line["id"] for line in events]
    assert numbers == sorted(set(numbers))
    assert {line["data"]["chain_id"] for line in events} == {chain_id}
    assert [line["event"] for line in so_far(site, other)] == ["created"]


def test_a_client_goes_on_where_it_was(site: Site) -> None:
    chain_id = create(site)
    site.ask("olga", "POST", f"/chains/{chain_id}/execute")
    everything = so_far(site, chain_id)
    for number, line in enumerate(everything):
        later = so_far(site, chain_id, **{"Last-Event-ID": str(line["id"])})
        assert later == everything[number + 1 :]
    path = f"/chains/{chain_id}/events?follow=false&after={everything[0]['id']}"
    assert parse(site.ask("vera", "GET", path).text) == everything[1:]


def test_events_come_while_it_happens(site: Site) -> None:
    chain_id = create(site)
    headers = {"Authorization": f"Bearer {site.tokens['vera']}"}

    def watch() -> list[str]:
        seen: list[str] = []
        url = f"{site.url}{V1}/chains/{chain_id}/events"
        with httpx.stream("GET", url, headers=headers, timeout=60) as answered:
            for line in answered.iter_lines():
                if line.startswith("data: "):
                    data = json.loads(line.removeprefix("data: "))
                    seen.append(f"{data.get('task_id', 'chain')} {data.get('status')}")
                    if seen[-1] == "chain SUCCESS":
                        return seen
        return seen

    with ThreadPoolExecutor(2) as pool:
        watching = [pool.submit(watch) for _ in range(2)]
        eventually(lambda: site.services.watch.watchers == 2)
        site.ask("olga", "POST", f"/chains/{chain_id}/execute")
        runs = site.services.control._runs
        for number in range(2):
            attempt = status_of(site, chain_id)["tasks"][number]["task_request_id"]
            runs.report(event(attempt, Status.RUNNING, progress=0.5))
            runs.report(success(attempt, {"n": 1}))
        first, second = (seen.result(60) for seen in watching)
    assert first == second
    assert [line for line in first if line.startswith("b ")] == [
        "b QUEUED", "b RUNNING", "b SUCCESS",
    ]  # fmt: skip
    eventually(lambda: site.services.watch.watchers == 0)


def test_a_stream_ends_when_its_token_does(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "BEAT_EVERY_S", 0.1)
    monkeypatch.setattr(stream, "_LOOK_ANYWAY_S", 0.05)
    chain_id = create(site)
    made = site.ask("vera", "POST", "/tokens", json={"label": "t", "role": "viewer"}).json()
    headers = {"Authorization": f"Bearer {made['token']}"}
    url = f"{site.url}{V1}/chains/{chain_id}/events"
    with httpx.stream("GET", url, headers=headers, timeout=60) as answered:
        lines = answered.iter_lines()
        assert any(line == ": still here" for line in lines)
        site.ask("vera", "DELETE", f"/tokens/{made['token_id']}")
        for _ in lines:
            pass


def test_only_so_many_may_watch(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    chain_id = create(site)
    monkeypatch.setattr(site.services.watch, "watchers", 3)
    refused = site.ask("vera", "GET", f"/chains/{chain_id}/events")
    assert (refused.status_code, refused.json()["code"]) == (503, "NOT_READY")


def test_one_user_does_not_take_the_room_of_others(site: Site) -> None:
    path = f"/chains/{create(site)}/events"
    url, headers = site.url + V1 + path, {"Authorization": f"Bearer {site.tokens['vera']}"}
    with ExitStack() as watching:
        for count in (1, 2):
            watching.enter_context(httpx.stream("GET", url, headers=headers, timeout=60))
            eventually(lambda count=count: site.services.watch.watchers == count)  # type: ignore[misc]
        assert site.ask("vera", "GET", f"{path}?follow=false").status_code == 503
        assert site.ask("olga", "GET", f"{path}?follow=false").status_code == 200
    eventually(lambda: site.services.watch.watchers == 0)
    assert site.ask("vera", "GET", f"{path}?follow=false").status_code == 200


@pytest.mark.parametrize("given", ["x", "-1", "9" * 30, "1.5"])
def test_a_place_that_is_none_is_refused(site: Site, given: str) -> None:
    chain_id = create(site)
    path = f"/chains/{chain_id}/events?follow=false"
    refused = site.ask("vera", "GET", path, headers={"Last-Event-ID": given})
    assert refused.status_code == 422
    assert site.ask("vera", "GET", "/chains/c-none/events").status_code == 404
