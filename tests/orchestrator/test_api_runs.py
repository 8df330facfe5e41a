"""A chain's runs over HTTP, old and new, and what was disclosed by them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from secretflow_worker.contract.asks import (
    Answer,
    AnyAsk,
    FingerprintsAnswer,
    ReportAnswer,
    ReportAsk,
)
from secretflow_worker.contract.events import Status
from secretflow_worker.orchestrator.services.parties import Heard
from tests.orchestrator.api_site import Site
from tests.orchestrator.stored import event, success
from tests.orchestrator.test_api_chains import create, status_of
from tests.orchestrator.test_api_events import so_far

FACT = {"to": "alice", "what": "the number of rows", "about": "each party's input"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("runs"))
    yield site
    site.close()


def execute(site: Site, chain_id: str) -> str:
    answered = site.ask("olga", "POST", f"/chains/{chain_id}/execute")
    return str(answered.json()["celery_chain_id"])


def test_runs_are_listed_and_shown_after_the_next_has_begun(site: Site) -> None:
    chain_id = create(site)
    assert site.ask("vera", "GET", f"/chains/{chain_id}/runs").json() == {"items": []}
    first = execute(site, chain_id)
    site.services.control._runs.report(success(f"{first}:a:1", {"rows": 3}))
    site.ask("olga", "DELETE", f"/chains/{chain_id}")
    second = execute(site, chain_id)
    listed = site.ask("vera", "GET", f"/chains/{chain_id}/runs").json()["items"]
    assert [(run["run_id"], run["number"], run["status"]) for run in listed] == [
        (second, 2, "RUNNING"),
        (first, 1, "CANCELLED"),
    ]
    old = site.ask("vera", "GET", f"/chains/{chain_id}/runs/{first}").json()
    assert (old["chain_name"], old["started_by"], old["version"]) == ("two steps", "olga", 1)
    assert [task["status"] for task in old["tasks"]] == ["SUCCESS", "CANCELLED"]
    task = site.ask("vera", "GET", f"/chains/{chain_id}/runs/{first}/tasks/a").json()
    assert task["result"] == {"rows": 3}
    assert [attempt["status"] for attempt in task["attempts"]] == ["SUCCESS"]
    assert status_of(site, chain_id)["celery_chain_id"] == second


@pytest.mark.parametrize("path", ["/runs/r-none", "/runs/{run}/tasks/none", "/runs/r-none/tasks/a"])
def test_what_is_not_there_is_not_found(site: Site, path: str) -> None:
    chain_id = create(site)
    run_id = execute(site, chain_id)
    answered = site.ask("vera", "GET", f"/chains/{chain_id}{path.format(run=run_id)}")
    assert (answered.status_code, answered.json()["code"]) == (404, "NOT_FOUND")
    other = create(site)
    assert site.ask("vera", "GET", f"/chains/{other}/runs/{run_id}").status_code == 404
    assert site.ask("vera", "GET", "/chains/c-none/runs").status_code == 404


def test_lines_of_a_task_tell_its_stage_and_each_partys_progress(site: Site) -> None:
    chain_id = create(site)
    run_id = execute(site, chain_id)
    runs = site.services.control._runs
    for stage, progress in (("received", 0.0), ("cluster_init", 0.1), ("nonsense", 0.2)):
        told = {"stage": stage, "progress": progress, "party": "alice"}
        runs.report(event(f"{run_id}:a:1", Status.RUNNING, **told))
    lines = [line["data"] for line in so_far(site, chain_id) if line["data"].get("progress")]
    assert [(line.get("stage"), line["party"]) for line in lines] == [
        ("cluster_init", "alice"),
        (None, "alice"),
    ]


def test_what_was_disclosed_is_listed_once_newest_first(site: Site) -> None:
    before = site.ask("vera", "GET", "/disclosed").json()["items"]
    chain_id = create(site)
    run_id = execute(site, chain_id)
    stated: dict[str, Any] = {"disclosed": [FACT, FACT, {"to": 1}]}
    outcome = {"result": {}, "performance_metrics": {}, "task_metadata": stated}
    site.services.control._runs.report(event(f"{run_id}:a:1", Status.SUCCESS, result=outcome))
    items = site.ask("vera", "GET", "/disclosed").json()["items"]
    assert len(items) == len(before) + 1
    assert {key: items[0][key] for key in FACT} == FACT
    assert (items[0]["chain_id"], items[0]["task_id"]) == (chain_id, "a")
    of_chain = site.ask("vera", "GET", f"/disclosed?chain_id={chain_id}").json()
    assert (of_chain["items"], of_chain["is_cut"]) == (items[:1], False)


def test_a_report_that_nobody_tells_of_is_said_so(site: Site) -> None:
    config = {
        "task_type": "table_statistics",
        "input_data": {"alice": "/data/in.csv"},
        "output_report": "/data/report.json",
    }
    task = {"task_id": "a", "task_type": "table_statistics", "task_params": {"task_config": config}}
    chain_id = create(site, tasks=[task])
    run_id = execute(site, chain_id)
    told = site.ask("vera", "GET", f"/chains/{chain_id}/tasks/a/report").json()
    assert told["execution_id"] == f"{run_id}:a:1"
    assert [(one["party"], one["path"], one["report"]) for one in told["parties"]] == [
        ("alice", "/data/report.json", None)
    ]
    assert told["parties"][0]["silence"]["code"] == "NOT_READY"
    other = create(site)
    execute(site, other)
    assert site.ask("vera", "GET", f"/chains/{other}/tasks/a/report").json()["parties"] == []
    assert site.ask("vera", "GET", f"/chains/{other}/tasks/none/report").status_code == 404


@pytest.mark.parametrize(
    ("now", "told"), [("k:1", ["alice"]), ("k:2", []), (None, ["alice"])], ids=str
)
def test_a_report_of_two_parties_is_told_once_unless_it_was_written_anew(
    site: Site, monkeypatch: pytest.MonkeyPatch, now: str | None, told: list[str]
) -> None:
    path = "/data/both.json"
    config = {
        "input_data": {party: f"/data/{party}.csv" for party in ("alice", "bob")},
        "output_report": path,
    }
    task = {"task_id": "a", "task_type": "table_statistics", "task_params": {"task_config": config}}
    chain_id = create(site, tasks=[task], options={"parties": ["alice", "bob"]})
    attempt = f"{execute(site, chain_id)}:a:1"
    written = {party: {"outputs": {path: "k:1"}} for party in ("alice", "bob")}
    site.services.control._runs.report(success(attempt, {}, fingerprints=written))

    def answer(ask: AnyAsk) -> Heard:
        found = (
            {"report": ReportAnswer(document={"task_type": "table_statistics"})}
            if isinstance(ask, ReportAsk)
            else {"fingerprints": FingerprintsAnswer(prints={path: now})}
        )
        return Heard(
            ask.party, (Answer(ask_id=ask.ask_id, party=ask.party, worker_id="w", **found),)
        )

    monkeypatch.setattr(site.services.parties, "ask_all", lambda asks: list(map(answer, asks)))
    shown = site.ask("vera", "GET", f"/chains/{chain_id}/tasks/a/report").json()["parties"]
    assert [one["party"] for one in shown if one["report"]] == told
    assert {one["silence"]["code"] for one in shown if one["silence"]} == (
        set() if told else {"CHANGED"}
    )
