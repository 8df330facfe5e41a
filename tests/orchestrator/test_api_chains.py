"""Chains over HTTP: the documented calls, edits, copies, single tasks, and who may do what."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from secretflow_worker.contract.events import Status
from tests.orchestrator.api_site import Site
from tests.orchestrator.stored import event, success

SCALE = {
    "input_data": {"alice": "/data/in.csv"},
    "output_data": {"alice": "/data/out.csv"},
    "columns": {"alice": ["age"]},
}
CHAIN: dict[str, Any] = {
    "chain_name": "two steps",
    "tasks": [
        {"task_id": "a", "task_type": "standard_scaler", "task_params": {"task_config": SCALE}},
        {
            "task_id": "b",
            "task_type": "standard_scaler",
            "depends_on": ["a"],
            "task_params": {
                "task_config": {
                    **SCALE,
                    "input_data": {"alice": "/data/out.csv"},
                    "output_data": {"alice": "/data/out2.csv"},
                }
            },
        },
    ],
    "options": {"parties": ["alice"]},
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("chains"))
    yield site
    site.close()


def create(site: Site, who: str = "olga", **changes: Any) -> str:
    answered = site.ask(who, "POST", "/chains/", json={**CHAIN, **changes})
    assert answered.status_code == 200, answered.text
    return str(answered.json()["chain_id"])


def status_of(site: Site, chain_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = site.ask("vera", "GET", f"/chains/{chain_id}").json()
    return shown


def test_the_documented_calls_answer_as_documented(site: Site) -> None:
    made = site.ask("olga", "POST", "/chains/", json=CHAIN)
    body = made.json()
    assert {key: body[key] for key in ("chain_name", "chain_type", "total_tasks", "status")} == {
        "chain_name": "two steps", "chain_type": "sequential", "total_tasks": 2,
        "status": "PENDING",
    }  # fmt: skip
    assert body["created_at"].endswith("Z")
    chain_id = body["chain_id"]
    assert made.headers["Location"] == f"/api/v1/chains/{chain_id}"
    woken = site.woken
    run = site.ask("olga", "POST", f"/chains/{chain_id}/execute").json()
    assert (run["chain_id"], run["status"]) == (chain_id, "RUNNING")
    assert site.woken == woken + 1
    shown = status_of(site, chain_id)
    assert [task["status"] for task in shown["tasks"]] == ["QUEUED", "PENDING"]
    assert (shown["celery_chain_id"], shown["progress"]) == (run["celery_chain_id"], 0.0)
    first = shown["tasks"][0]["task_request_id"]
    runs = site.services.control._runs
    runs.report(event(first, Status.RUNNING, progress=0.5))
    runs.report(success(first, {"n": 1}))
    shown = status_of(site, chain_id)
    assert [task["status"] for task in shown["tasks"]] == ["SUCCESS", "QUEUED"]
    assert (shown["completed_tasks"], shown["progress"]) == (1, 50.0)
    task = site.ask("vera", "GET", f"/chains/{chain_id}/tasks/a").json()
    assert task["result"] == {"n": 1}
    assert [attempt["status"] for attempt in task["attempts"]] == ["SUCCESS"]
    assert task["disclosure"]
    ended = site.ask("olga", "DELETE", f"/chains/{chain_id}").json()
    assert (ended["status"], ended["chain_id"]) == ("CANCELLED", chain_id)
    assert ended["cancelled_at"].endswith("Z")
    again = site.ask("olga", "DELETE", f"/chains/{chain_id}")
    assert (again.status_code, again.json()["code"]) == (409, "CONFLICT")
    listed = site.ask("vera", "GET", "/chains/?status=CANCELLED&page=1&page_size=5").json()
    assert chain_id in [line["chain_id"] for line in listed["items"]]
    assert (listed["page"], listed["page_size"]) == (1, 5)


def test_lists_are_filtered_and_sorted(site: Site) -> None:
    for number in range(3):
        create(site, "otto", chain_name=f"Nightly_{number}%")
    path = "/chains/?created_by=otto&name=nightly_&sort=-chain_name&page_size=2"
    first = site.ask("vera", "GET", path).json()
    assert [line["chain_name"] for line in first["items"]] == ["Nightly_2%", "Nightly_1%"]
    assert first["total"] == 3
    second = site.ask("vera", "GET", f"{path}&page=2").json()
    assert [line["chain_name"] for line in second["items"]] == ["Nightly_0%"]
    assert site.ask("vera", "GET", "/chains/?name=nightly%25").json()["total"] == 0
    assert site.ask("vera", "GET", "/chains?created_by=nobody").json()["items"] == []


def test_every_fault_of_a_chain_is_listed_and_nothing_kept(site: Site) -> None:
    before = site.ask("vera", "GET", "/chains/").json()["total"]
    broken = copy.deepcopy(CHAIN)
    broken["tasks"][0]["depends_on"] = ["b"]
    broken["tasks"][1]["task_type"] = "magic"
    broken["typo"] = 1
    refused = site.ask("olga", "POST", "/chains/", json=broken)
    assert refused.status_code == 422
    assert len(refused.json()["faults"]) >= 3
    tried = site.ask("vera", "POST", "/chains/dry-run", json=broken).json()
    assert tried["nodes"] == []
    assert tried["faults"] == refused.json()["faults"]
    assert site.ask("vera", "GET", "/chains/").json()["total"] == before


@pytest.mark.parametrize("body", [None, [], 1, "x", {}, {"tasks": {}}, {"chain_name": None}])
def test_what_is_no_chain_is_refused(site: Site, body: Any) -> None:
    for path in ("/chains/", "/executions"):
        answered = site.ask("olga", "POST", path, json=body)
        assert answered.status_code in (415, 422), answered.text  # httpx sends None as no body
        assert answered.headers["content-type"] == "application/problem+json"


def test_a_dry_run_says_what_would_run_and_who_learns_what(site: Site) -> None:
    tried = site.ask("vera", "POST", "/chains/dry-run", json=CHAIN).json()
    assert (tried["faults"], tried["levels"]) == ([], [["a"], ["b"]])
    assert [(node["node_id"], node["depends_on"]) for node in tried["nodes"]] == [
        ("a", []), ("b", ["a"]),
    ]  # fmt: skip
    assert {fact["to"] for fact in tried["learns"]}


def test_the_same_key_is_done_once(site: Site) -> None:
    key = {"Idempotency-Key": "create-1"}
    made = [site.ask("olga", "POST", "/chains/", json=CHAIN, headers=key).json() for _ in "ab"]
    assert made[0] == made[1]
    other = site.ask("otto", "POST", "/chains/", json=CHAIN, headers=key).json()
    assert other["chain_id"] != made[0]["chain_id"]
    changed = {**CHAIN, "chain_name": "another"}
    refused = site.ask("olga", "POST", "/chains/", json=changed, headers=key)
    assert (refused.status_code, refused.json()["code"]) == (422, "KEY_REUSED")
    path = f"/chains/{made[0]['chain_id']}/execute"
    runs = [site.ask("olga", "POST", path, headers=key).json() for _ in "ab"]
    assert runs[0] == runs[1]
    assert site.ask("olga", "POST", path).status_code == 409


def test_a_key_of_a_call_that_failed_can_be_used_again(site: Site) -> None:
    key = {"Idempotency-Key": "create-2"}
    assert site.ask("olga", "POST", "/chains/", json={}, headers=key).status_code == 422
    assert site.ask("olga", "POST", "/chains/", json=CHAIN, headers=key).status_code == 200


def test_a_version_keeps_the_note_it_is_saved_with(site: Site) -> None:
    path = f"/chains/{create(site)}"

    edited = site.ask(
        "olga", "PUT", f"{path}?note=more+epochs", json=CHAIN, headers={"If-Match": "*"}
    )

    assert edited.status_code == 200
    listed = site.ask("olga", "GET", f"{path}/versions").json()["items"]
    assert [line["note"] for line in listed] == ["more epochs", None]


def test_an_edit_needs_the_version_that_was_read(site: Site) -> None:
    chain_id = create(site)
    path = f"/chains/{chain_id}"
    tag = site.ask("vera", "GET", path).headers["ETag"]
    new = {**CHAIN, "description": "new"}
    assert site.ask("olga", "PUT", path, json=new).status_code == 428
    weak = {"If-Match": f"W/{tag}"}  # as a proxy that compresses hands it on
    edited = site.ask("olga", "PUT", path, json=new, headers=weak)
    assert (edited.status_code, edited.json()["version"]) == (200, 2)
    assert edited.headers["ETag"] == '"2"'
    stale = site.ask("olga", "PUT", path, json=CHAIN, headers={"If-Match": tag})
    assert (stale.status_code, stale.json()["code"]) == (412, "STALE_VERSION")
    listed = site.ask("vera", "GET", f"{path}/versions").json()["items"]
    assert [line["version"] for line in listed] == [2, 1]
    diff = site.ask("vera", "GET", f"{path}/diff?from=1&to=2").json()["items"]
    assert [(change["kind"], change["path"]) for change in diff] == [("added", "description")]
    back = site.ask(
        "olga", "POST", f"{path}/rollback", json={"version": 1}, headers={"If-Match": "*"}
    )
    assert back.json()["version"] == 3
    assert site.ask("vera", "GET", f"{path}/versions/3").json() == CHAIN
    assert site.ask("vera", "GET", f"{path}/versions/9").status_code == 404
    site.ask("olga", "POST", f"{path}/execute")
    running = site.ask("olga", "PUT", path, json=new, headers={"If-Match": "*"})
    assert running.status_code == 409


def test_a_chain_is_copied_and_carried_over_as_yaml(site: Site) -> None:
    chain_id = create(site)
    copied = site.ask("otto", "POST", f"/chains/{chain_id}/clone", json={"chain_name": "mine"})
    assert copied.json()["chain_name"] == "mine"
    assert site.ask("otto", "POST", f"/chains/{chain_id}/clone").json()["total_tasks"] == 2
    exported = site.ask("vera", "GET", f"/chains/{chain_id}/export")
    assert exported.headers["content-type"].startswith("application/yaml")
    kind = {"Content-Type": "application/yaml"}
    made = site.ask("otto", "POST", "/chains/import", content=exported.content, headers=kind)
    path = f"/chains/{made.json()['chain_id']}/versions/1"
    assert site.ask("vera", "GET", path).json() == CHAIN
    for text in (b"\xff", b"a: [", b"!!python/object:os.system {}", b"a: &a [*a]"):
        refused = site.ask("otto", "POST", "/chains/import", content=text, headers=kind)
        assert refused.status_code in (400, 422), text


def test_a_run_is_paused_resumed_retried(site: Site) -> None:
    chain_id = create(site)
    path = f"/chains/{chain_id}"
    for word in ("pause", "resume", "retry"):
        assert site.ask("olga", "POST", f"{path}/{word}").status_code == 409
    site.ask("olga", "POST", f"{path}/execute")
    assert site.ask("olga", "POST", f"{path}/pause").json()["status"] == "PAUSED"
    assert site.ask("olga", "POST", f"{path}/pause").status_code == 409
    assert site.ask("olga", "POST", f"{path}/retry").status_code == 409
    assert site.ask("olga", "POST", f"{path}/resume").json()["status"] == "RUNNING"
    attempt = status_of(site, chain_id)["tasks"][0]["task_request_id"]
    error = {"code": "INPUT_NOT_FOUND", "type": "FileNotFoundError", "message": "no file"}
    site.services.control._runs.report(event(attempt, Status.FAILURE, error=error))
    shown = status_of(site, chain_id)
    assert (shown["status"], shown["error"]["code"]) == ("FAILURE", "INPUT_NOT_FOUND")
    assert shown["error_code"] == "INPUT_NOT_FOUND"
    lines = site.ask("vera", "GET", "/chains/?page_size=100").json()["items"]
    assert {line["error_code"] for line in lines if line["status"] == "FAILURE"} == {
        "INPUT_NOT_FOUND"
    }
    assert all(line["error_code"] is None for line in lines if line["status"] != "FAILURE")
    unknown = site.ask("olga", "POST", f"{path}/retry", json={"task_ids": ["nope"]})
    assert unknown.status_code == 404
    again = site.ask("olga", "POST", f"{path}/retry", json={"task_ids": ["a"]})
    assert again.json()["status"] == "RUNNING"
    assert status_of(site, chain_id)["tasks"][0]["attempt"] == 2


def test_a_chain_that_never_ran_is_cancelled_and_may_run_later(site: Site) -> None:
    chain_id = create(site)
    assert site.ask("olga", "DELETE", f"/chains/{chain_id}").json()["status"] == "CANCELLED"
    assert site.ask("olga", "DELETE", f"/chains/{chain_id}").status_code == 409
    assert site.ask("olga", "POST", f"/chains/{chain_id}/execute").json()["status"] == "RUNNING"


def test_another_users_chain_is_seen_but_not_touched(site: Site) -> None:
    chain_id = create(site, "olga")
    path = f"/chains/{chain_id}"
    assert site.ask("otto", "GET", path).status_code == 200
    edit = {"json": CHAIN, "headers": {"If-Match": "*"}}
    back = {"json": {"version": 1}, "headers": {"If-Match": "*"}}
    for method, word, more in (
        ("POST", "/execute", {}), ("POST", "/pause", {}), ("POST", "/resume", {}),
        ("POST", "/retry", {}), ("DELETE", "", {}), ("PUT", "", edit), ("POST", "/rollback", back),
    ):  # fmt: skip
        assert site.ask("otto", method, f"{path}{word}", **more).status_code == 403, word
    assert status_of(site, chain_id)["status"] == "PENDING"
    assert site.ask("ann", "POST", f"{path}/execute").status_code == 200


def test_a_single_task_is_a_chain_of_one(site: Site) -> None:
    sent = {"task_type": "standard_scaler", "parties": ["alice"], "task_config": SCALE}
    key = {"Idempotency-Key": "task-1"}
    runs = [site.ask("olga", "POST", "/executions", json=sent, headers=key).json() for _ in "ab"]
    assert runs[0] == runs[1]
    shown = site.ask("vera", "GET", f"/executions/{runs[0]['chain_id']}").json()
    assert (shown["task_type"], shown["status"]) == ("standard_scaler", "QUEUED")
    wrong = {**sent, "task_config": {**SCALE, "colums": 1}}
    refused = site.ask("olga", "POST", "/executions", json=wrong).json()
    assert all(fault["path"].startswith("task_config") for fault in refused["faults"])
    unknown = site.ask("olga", "POST", "/executions", json={**sent, "typo": 1}).json()
    assert [fault["path"] for fault in unknown["faults"]] == ["typo"]


def test_what_was_done_is_in_the_audit_log(site: Site) -> None:
    chain_id = create(site)
    site.ask("olga", "POST", f"/chains/{chain_id}/execute")
    site.ask("olga", "DELETE", f"/chains/{chain_id}")
    site.ask("otto", "DELETE", f"/chains/{chain_id}")
    records = site.ask("ann", "GET", "/audit?limit=20").json()["items"]
    of_chain = [record for record in records if record["facts"].get("chain") == chain_id]
    assert [(record["who"], record["event"]) for record in reversed(of_chain)] == [
        ("olga", "chain.create"), ("olga", "chain.execute"), ("olga", "chain.cancel"),
    ]  # fmt: skip
    assert site.ask("ann", "GET", "/audit/verify").json()["is_intact"]
    page = site.ask("ann", "GET", "/audit?limit=2").json()
    older = site.ask("ann", "GET", f"/audit?limit=2&before={page['next_before']}").json()
    assert older["items"][0]["seq"] == page["items"][-1]["seq"] - 1
    assert site.ask("ann", "GET", "/audit?who=otto").json()["items"][0]["who"] == "otto"


def test_a_chain_is_made_of_a_template(site: Site) -> None:
    listed = site.ask("vera", "GET", "/templates").json()["items"]
    assert "psi" in [template["name"] for template in listed]
    shown = site.ask("vera", "GET", "/templates/psi").json()
    values = {
        each["name"]: each["example"]
        for each in shown["parameters"]
        if each["default"] is None and each["example"] is not None
    }
    rendered = site.ask("vera", "POST", "/templates/psi/render", json=values)
    assert rendered.json()["tasks"]
    made = site.ask("olga", "POST", "/templates/psi/chains", json=values)
    assert made.status_code == 200, made.text
    assert site.ask("vera", "GET", f"/chains/{made.json()['chain_id']}").status_code == 200
    refused = site.ask("olga", "POST", "/templates/psi/chains", json={"typo": 1})
    assert "values.typo" in [fault["path"] for fault in refused.json()["faults"]]
    own = {"name": "mine", "title": "Mine", "document": CHAIN}
    assert site.ask("olga", "POST", "/templates", json=own).status_code == 201
    assert site.ask("olga", "POST", "/templates", json=own).status_code == 409
    assert site.ask("olga", "POST", "/templates/mine/chains", json={}).status_code == 200
    # Who could delete it could put another one in its place, and wait for whoever uses it.
    assert site.ask("otto", "DELETE", "/templates/mine").status_code == 403
    assert site.ask("olga", "DELETE", "/templates/mine").status_code == 204
    assert site.ask("olga", "DELETE", "/templates/mine").status_code == 404
    assert site.ask("olga", "POST", "/templates", json=own).status_code == 201
    assert site.ask("ann", "DELETE", "/templates/mine").status_code == 204
    assert site.ask("olga", "DELETE", "/templates/psi").status_code == 403
