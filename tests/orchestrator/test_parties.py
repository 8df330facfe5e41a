"""What parties tell, over HTTP, with a real worker of each party: one shares, one does not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from secretflow_worker.broker.address import read_address
from secretflow_worker.contract.asks import FilesAsk, new_ask_id, worker_ask_list
from secretflow_worker.contract.nodes import NODES, node_key
from secretflow_worker.orchestrator.api.services import make_services
from secretflow_worker.orchestrator.services.parties import Parties
from secretflow_worker.orchestrator.services.running import Services
from secretflow_worker.worker import start_embedded_redis
from tests.conftest import eventually, write_csv
from tests.orchestrator.api_site import Site
from tests.policies import open_policy, write_policy
from tests.worker.harness import Worker

pytestmark = pytest.mark.timeout(240)  # two workers start, on a busy machine slowly
PARTIES = ("alice", "bob")
END_S = 60
SHARES = {"tables": True, "logs": True, "models": True}


@dataclass
class Sites:
    """The API over a Redis at which alice's and bob's workers listen."""

    folder: Path
    redis: Redis
    site: Site
    workers: dict[str, Worker]
    redis_url: str

    def data(self, party: str) -> Path:
        return self.folder / party / "data"

    def paths(self, name: str) -> dict[str, str]:
        return {party: str(self.data(party) / name) for party in PARTIES}

    def get(self, path: str) -> Any:
        answered = self.site.ask("vera", "GET", path)
        assert answered.status_code == 200, answered.text
        return answered.json()

    def do(self, path: str) -> Any:
        answered = self.site.ask("olga", "POST", path)
        assert answered.status_code == 200, answered.text
        return answered.json()

    def scaler(self, name: str, source: str, *after: str, **config: Any) -> dict[str, Any]:
        own = {
            "input_data": self.paths(source),
            "output_data": self.paths(f"{name}.csv"),
            "columns": ["x"],
            **config,
        }
        return {
            "task_id": name,
            "task_type": "standard_scaler",
            "depends_on": list(after),
            "task_params": {"task_config": own},
        }

    def first_run(self, chain_id: str) -> str:
        return str(self.get(f"/chains/{chain_id}/runs")["items"][-1]["run_id"])

    def end(self, chain_id: str) -> dict[str, Any]:
        """Wait for a chain's end and return its tasks by id."""
        place = f"/chains/{chain_id}"
        ended = ("SUCCESS", "FAILURE")
        eventually(lambda: self.get(place)["status"] in ended, END_S)
        return {task["task_id"]: task for task in self.get(place)["tasks"]}


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    folder = tmp_path_factory.mktemp("parties")
    with ExitStack() as ending:
        redis = start_embedded_redis(folder)
        ending.callback(redis.stop)
        workers = start_workers(folder, redis.url, ending)
        (folder / "web").mkdir()
        site = Site(folder / "web")
        ending.callback(site.close)
        carrying = Services(site.database, read_address(redis.url))
        carrying.start()
        ending.callback(carrying.stop)
        parts = make_services(
            site.settings,
            site.database,
            runs=carrying.runs,
            parties=carrying.parties,
            wake=carrying.wake,
        )
        more = {name: getattr(parts, name) for name in ("control", "parties", "wake")}
        site.app.state.services = replace(site.services, **more)
        client = Redis.from_url(redis.url, decode_responses=True)
        ending.callback(client.close)
        yield Sites(folder, client, site, workers, redis.url)
        for worker in workers.values():
            assert worker.terminate() == 0, worker.log()


def start_workers(folder: Path, redis_url: str, ending: ExitStack) -> dict[str, Worker]:
    """Start both parties' workers; bob's policy shares nothing that it does not by itself."""
    workers = {}
    for party in PARTIES:
        house = folder / party
        write_csv(house / "data" / "in.csv", {"x": [1, 2, 3], "income": [7, 8, 9]})
        policy = open_policy(house / "data", {"*": None})
        shares = {"share": SHARES} if party == "alice" else {}
        workers[party] = Worker(
            redis_url,
            house / f"{party}s",
            party=party,
            data_root=house / "data",
            policy_file=write_policy(house / "policy.toml", {**policy, **shares}),
        ).start()
        ending.callback(workers[party].close)
    for worker in workers.values():
        eventually(lambda log=worker.log: " ready: " in log(), END_S)  # type: ignore[misc]
    return workers


@pytest.fixture(scope="module")
def chain(sites: Sites) -> str:
    """A chain that has run: a and b succeeded, c lacks its input."""
    tasks = [
        sites.scaler("a", "in.csv", rules_output=sites.paths("rules.json")),
        sites.scaler("b", "a.csv", "a"),
        sites.scaler("c", "late.csv"),
    ]
    ends = {party: {"address": f"127.0.0.1:{29_000 + at}"} for at, party in enumerate(PARTIES)}
    options = {"sf_init_config": {"parties": ends}, "stop_on_error": False}
    document = {"chain_name": "shared", "tasks": tasks, "options": options}
    made = sites.site.ask("olga", "POST", "/chains/", json=document)
    assert made.status_code == 200, made.text
    chain_id = str(made.json()["chain_id"])
    sites.do(f"/chains/{chain_id}/execute")
    ended = sites.end(chain_id)
    found = {name: task["status"] for name, task in ended.items()}
    assert found == {"a": "SUCCESS", "b": "SUCCESS", "c": "FAILURE"}, ended["a"]["error"]
    return chain_id


def test_workers_and_their_tables_are_shown(sites: Sites) -> None:
    eventually(lambda: len(sites.get("/nodes")["items"]) == 2)
    nodes = {node["party"]: node for node in sites.get("/nodes")["items"]}
    assert nodes["alice"]["shares"] == ["tables", "models", "logs", "fingerprints"]
    assert nodes["bob"]["shares"] == ["fingerprints"]
    assert sites.get("/nodes/alices") == sites.get(f"/nodes/{nodes['alice']['worker_id']}")
    assert sites.site.ask("vera", "GET", "/nodes/nobody").status_code == 404
    prefix = f"{sites.data('alice')}/in"
    told = sites.get(f"/files?party=alice&prefix={prefix}")
    (table,) = told["tables"]
    assert (table["path"], table["rows"]) == (f"{prefix}.csv", 3)
    assert [column["name"] for column in table["columns"]] == ["x", "income"]
    bob = sites.get("/files?party=bob")
    assert (bob["tables"], bob["silence"]["code"]) == ([], "POLICY_REFUSED")
    assert "bob does not share" in bob["silence"]["message"]
    carol = sites.get("/files?party=carol")["silence"]
    assert "no worker of party carol is there" in carol["message"]
    outside = sites.get("/files?party=alice&prefix=/etc/")["silence"]
    assert outside["code"] == "PATH_FORBIDDEN"


def test_a_worker_that_is_silent_is_said_to_be(sites: Sites) -> None:
    nodes = eventually(Parties(sites.redis).nodes)
    dumb = nodes[0].model_copy(update={"worker_id": "dumb-1", "party": "dora"})
    sites.redis.set(node_key("dumb-1"), dumb.model_dump_json(), ex=60)
    sites.redis.set(node_key("broken-1"), "{}", ex=60)
    sites.redis.sadd(NODES, "dumb-1", "broken-1", "gone-1")
    parties = Parties(sites.redis, wait_s=3)
    try:
        assert "dora" in {node.party for node in parties.nodes()}
        assert not sites.redis.sismember(NODES, "gone-1")
        asks = [
            FilesAsk(ask_id=new_ask_id(), party=party, prefix=f"{sites.data('alice')}/in")
            for party in ("dora", "alice", "nobody")
        ]
        dora, alice, nobody = parties.ask_all(asks)
        assert (dora.code, dora.note) == ("TIMEOUT", "the worker of party dora does not answer")
        assert alice.answers, "one that is silent does not keep the others from being heard"
        assert nobody.note == "no worker of party nobody is there"
    finally:
        sites.redis.delete(node_key("dumb-1"), node_key("broken-1"), worker_ask_list("dumb-1"))


def test_a_dry_run_says_which_inputs_are_not_there(sites: Sites) -> None:
    tasks = [
        sites.scaler("a", "in.csv"), sites.scaler("b", "a.csv", "a"), sites.scaler("c", "no.csv"),
    ]  # fmt: skip
    ends = {party: {"address": f"127.0.0.1:{29_000 + at}"} for at, party in enumerate(PARTIES)}
    document = {
        "chain_name": "dry",
        "tasks": tasks,
        "options": {"sf_init_config": {"parties": ends}},
    }
    tried = sites.site.ask("vera", "POST", "/chains/dry-run?inputs=true", json=document).json()
    missing = {"node_id": "c", "party": "alice", "path": sites.paths("no.csv")["alice"]}
    assert tried["inputs"]["unseen"] == [missing]
    assert "bob does not share" in tried["inputs"]["silent"]["bob"]
    tried = sites.site.ask("vera", "POST", "/chains/dry-run", json=document).json()
    assert tried["inputs"] is None, "nobody is asked unless told"


def test_each_party_tells_its_own_log_or_none(sites: Sites, chain: str) -> None:
    first = sites.first_run(chain)
    told = sites.get(f"/chains/{chain}/tasks/c/logs?level=WARNING&attempt=1&run={first}")
    by_party = {one["party"]: one for one in told["parties"]}
    assert by_party["bob"]["silence"]["code"] == "POLICY_REFUSED"
    assert by_party["bob"]["lines"] == []
    lines = by_party["alice"]["lines"]
    assert any("INPUT_NOT_FOUND" in line["message"] for line in lines)
    assert {line["level"] for line in lines} <= {"WARNING", "ERROR"}
    query = f"party=alice&attempt=1&limit=1&run={first}"
    one = sites.get(f"/chains/{chain}/tasks/a/logs?{query}")
    assert [party["party"] for party in one["parties"]] == ["alice"]
    assert (len(one["parties"][0]["lines"]), one["parties"][0]["is_cut"]) == (1, True)
    for wrong in (f"/chains/{chain}/tasks/none/logs", f"/chains/{chain}/tasks/a/logs?attempt=9"):
        assert sites.site.ask("vera", "GET", wrong).status_code == 404


def test_a_worker_that_knows_no_line_hides_no_refusal(
    sites: Sites, chain: str, tmp_path: Path
) -> None:
    local = Worker(sites.redis_url, tmp_path / "local", data_root=tmp_path).started()
    try:
        eventually(lambda: None in {node.party for node in Parties(sites.redis).nodes()})
        told = sites.get(f"/chains/{chain}/tasks/a/logs?attempt=1&run={sites.first_run(chain)}")
        assert [bool(one["lines"]) for one in told["parties"]] == [True, False]
        assert told["parties"][1]["silence"]["code"] == "POLICY_REFUSED"
    finally:
        assert local.terminate() == 0
        local.close()


def test_what_was_made_is_listed_and_described(sites: Sites, chain: str) -> None:
    made = sites.get("/models?kind=rules")["items"][-1]  # of the first run
    assert (made["chain_id"], made["task_id"], made["created_by"]) == (chain, "a", "olga")
    assert made["holders"] == sites.paths("rules.json")
    shown = sites.get(f"/models/{made['model_id']}")
    held = {one["party"]: one for one in shown["held"]}
    assert held["alice"]["saved"]["features"] == {"alice": ["x"]}
    assert held["bob"]["silence"]["code"] == "POLICY_REFUSED"
    newest = sites.get("/models?kind=rules")["items"][0]
    held = {one["party"]: one for one in sites.get(f"/models/{newest['model_id']}")["held"]}
    assert [held[party]["is_unchanged"] for party in PARTIES] == [True, True]
    assert set(shown["inputs"]) == {"alice", "bob"}, "each by its own worker"
    assert sites.get("/models?task_type=ss_lr")["total"] == 0
    assert sites.site.ask("vera", "GET", "/models/m-none").status_code == 404


def test_a_chain_does_again_only_what_it_has_to(sites: Sites, chain: str) -> None:
    for party in PARTIES:
        write_csv(sites.data(party) / "late.csv", {"x": [4, 5, 6]})
    sites.do(f"/chains/{chain}/retry")
    tasks = sites.end(chain)
    assert {name: task["attempt"] for name, task in tasks.items()} == {"a": 1, "b": 1, "c": 2}

    write_csv(sites.data("bob") / "in.csv", {"x": [1, 2, 9], "income": [7, 8, 9]})
    sites.do(f"/chains/{chain}/execute?reuse=true")
    tasks = sites.end(chain)
    assert [tasks[name]["status"] for name in "abc"] == ["SUCCESS"] * 3
    assert [tasks[name]["reused_from"] is not None for name in "abc"] == [False, False, True]
    told = sites.site.ask("vera", "GET", f"/chains/{chain}/events?follow=false").text
    assert "in.csv of party bob has changed" in told

    assert sites.do(f"/chains/{chain}/execute?reuse=true")["status"] == "SUCCESS"
    tasks = sites.end(chain)
    assert all(tasks[name]["reused_from"] for name in "abc")
    logs = sites.get(f"/chains/{chain}/tasks/a/logs?party=alice")
    assert logs["execution_id"] == tasks["a"]["reused_from"]


def test_no_value_reaches_the_orchestrator(sites: Sites, chain: str) -> None:
    write_csv(sites.data("alice") / "canary.csv", {"x": ["8153.25871", "cnry-alice-77"]})
    texts = [
        sites.site.ask("vera", "GET", path).text
        for path in ("/nodes", "/files?party=alice", "/models", f"/chains/{chain}/tasks/a/logs")
    ]
    assert any("canary.csv" in text for text in texts)
    assert not any("8153" in text or "cnry" in text for text in texts)
