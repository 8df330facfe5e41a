"""Successes that are kept, run again or taken over, by what parties tell of their files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from secretflow_worker.contract.asks import Answer, FingerprintsAnswer, FingerprintsAsk
from secretflow_worker.contract.chain import ChainStatus
from secretflow_worker.contract.events import Status
from secretflow_worker.orchestrator.errors import NotReady
from secretflow_worker.orchestrator.services.control import Control
from secretflow_worker.orchestrator.services.parties import Heard, Parties
from secretflow_worker.orchestrator.services.reuse import Reuse
from secretflow_worker.orchestrator.services.runs import Runs
from secretflow_worker.orchestrator.services.sign_in import Caller
from secretflow_worker.orchestrator.store import models
from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.orchestrator.store.accounts import Role
from secretflow_worker.orchestrator.store.database import Database
from tests.orchestrator.stored import event, rows, statuses, store_chain, success

ME = Caller("me", Role.OPERATOR)
ERROR = {"code": "INPUT_NOT_FOUND", "type": "FileNotFoundError", "message": "gone"}


def scaler(name: str, source: str, *after: str, **config: Any) -> dict[str, Any]:
    own = {
        "input_data": {"alice": source},
        "output_data": {"alice": f"/{name}.csv"},
        "columns": ["x"],
        **config,
    }
    return {
        "task_id": name,
        "task_type": "standard_scaler",
        "depends_on": list(after),
        "task_params": {"task_config": own},
    }


CHAIN: dict[str, Any] = {
    "chain_name": "three",
    "tasks": [
        scaler("a", "/raw.csv", rules_output={"alice": "/rules.json"}),
        scaler("b", "/a.csv", "a"),
        scaler("c", "/other.csv"),
    ],
    "options": {"parties": ["alice"], "stop_on_error": False},
}


class Alice(Parties):
    """Her files by path, as their fingerprints; or why she tells nothing."""

    def __init__(self) -> None:
        super().__init__(None)
        self.files = {path: f"key:{path}:1" for path in ("/raw.csv", "/other.csv")}
        self.silence = ""
        self.is_away = False
        self.asked = 0

    def ask_all(self, asks: Sequence[Any]) -> list[Heard]:
        self.asked += 1
        if self.is_away:
            raise NotReady("the workers' Redis does not answer")
        if self.silence:
            return [Heard(ask.party, note=self.silence, code="TIMEOUT") for ask in asks]
        return [self._heard(ask) for ask in asks]

    def _heard(self, ask: FingerprintsAsk) -> Heard:
        prints = FingerprintsAnswer(prints={path: self.files.get(path) for path in ask.paths})
        told = Answer(ask_id=ask.ask_id, party="alice", worker_id="w", fingerprints=prints)
        return Heard(ask.party, (told,))


class House:
    """Control over a database, and Alice's worker."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.alice = Alice()
        self.runs = Runs(database)
        self.control = Control(database, self.runs, reuse=Reuse(database, self.alice))
        store_chain(database, CHAIN)

    def execute(self, *, reuse: bool = False) -> str:
        offered = self.control.offer("c-1", ME) if reuse else None
        run_id = self.control.execute("c-1", ME, offered=offered).run_id
        assert run_id is not None
        return run_id

    def succeed(self, run_id: str, node: str, attempt: int = 1, version: int = 1) -> None:
        """Let Alice's worker run a task: it writes its output, and tells its fingerprints."""
        config = next(one for one in CHAIN["tasks"] if one["task_id"] == node)
        own = config["task_params"]["task_config"]
        outputs = [own["output_data"]["alice"], *own.get("rules_output", {}).values()]
        for path in outputs:
            self.alice.files[path] = f"key:{path}:{run_id}:{attempt}"
        source = own["input_data"]["alice"]
        told = {
            "inputs": {source: self.alice.files[source]},
            "outputs": {path: self.alice.files[path] for path in outputs},
        }
        ended = success(f"{run_id}:{node}:{attempt}", {"n": 1}, fingerprints={"alice": told})
        metadata = {"task_type": "standard_scaler", "task_version": version}
        ended.data["result"]["task_metadata"] = metadata
        assert self.runs.report(ended)

    def fail(self, run_id: str, node: str) -> None:
        self.runs.report(event(f"{run_id}:{node}:1", Status.FAILURE, error=ERROR))

    def told(self) -> dict[str, dict[str, Any]]:
        """Return what the history says of reuse, by node."""
        lines = rows(self.database, t.history, t.history.c.id)
        return {line.node_id: line.data for line in lines if line.kind == "reuse"}

    def reused(self) -> dict[str, str | None]:
        newest = max(row.created_at for row in rows(self.database, t.chain_runs))
        runs = {r.run_id for r in rows(self.database, t.chain_runs) if r.created_at == newest}
        nodes = rows(self.database, t.chain_tasks, t.chain_tasks.c.node_id)
        return {node.node_id: node.reused_from for node in nodes if node.run_id in runs}


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


@pytest.fixture
def failed(house: House) -> str:
    """A run in which a and b succeeded and c failed."""
    run_id = house.execute()
    house.succeed(run_id, "a")
    house.succeed(run_id, "b")
    house.fail(run_id, "c")
    assert statuses(house.database) == {"a": "SUCCESS", "b": "SUCCESS", "c": "FAILURE"}
    return run_id


def test_a_retry_keeps_what_has_not_changed(house: House, failed: str) -> None:
    house.control.retry("c-1", ME, ())
    assert statuses(house.database) == {"a": "SUCCESS", "b": "SUCCESS", "c": "QUEUED"}
    assert house.told() == {"a": {"holds": "kept"}, "b": {"holds": "kept"}}


@pytest.mark.parametrize(
    ("path", "print_", "statuses_then", "holds", "why"),
    [
        ("/raw.csv", "key:new", "QUEUED PENDING QUEUED", "changed", "input /raw.csv of party"),
        ("/b.csv", None, "SUCCESS QUEUED QUEUED", "changed", "output /b.csv of party alice is go"),
        ("/a.csv", "key:new", "QUEUED PENDING QUEUED", "changed", "output /a.csv of party alice"),
        ("/b.csv", "other:1", "SUCCESS QUEUED QUEUED", "forgotten", "has a new key"),
    ],
)
def test_a_retry_runs_again_what_has_changed_and_what_follows(
    house: House, failed: str, path: str, print_: str | None, statuses_then: str, holds: str,
    why: str,
) -> None:  # fmt: skip
    if print_ is None:
        del house.alice.files[path]
    else:
        house.alice.files[path] = print_
    house.control.retry("c-1", ME, ())
    found = statuses(house.database)
    assert [found[node] for node in "abc"] == statuses_then.split()
    lines = [line for line in house.told().values() if line["holds"] == holds]
    assert any(why in line["why"] for line in lines)
    assert lines[0]["party"] == "alice"


def test_a_retry_runs_again_what_would_run_in_another_version(house: House) -> None:
    run_id = house.execute()
    house.succeed(run_id, "a", version=2)
    house.fail(run_id, "b")
    house.succeed(run_id, "c")
    house.control.retry("c-1", ME, ())
    assert statuses(house.database) == {"a": "QUEUED", "b": "PENDING", "c": "SUCCESS"}
    assert "another version" in house.told()["a"]["why"]


def test_a_retry_of_named_tasks_looks_at_what_comes_before_them(house: House) -> None:
    run_id = house.execute()
    house.succeed(run_id, "a")
    house.fail(run_id, "b")
    house.succeed(run_id, "c")
    house.alice.files["/other.csv"] = house.alice.files["/raw.csv"] = "key:new"
    house.control.retry("c-1", ME, ("b",))
    assert statuses(house.database) == {"a": "QUEUED", "b": "PENDING", "c": "SUCCESS"}
    assert set(house.told()) == {"a"}


@pytest.mark.parametrize("is_away", [True, False])
def test_what_cannot_be_checked_is_kept_and_said_so(
    house: House, failed: str, is_away: bool
) -> None:
    house.alice.is_away = is_away
    house.alice.silence = "the worker of party alice does not answer"
    house.control.retry("c-1", ME, ())
    assert statuses(house.database) == {"a": "SUCCESS", "b": "SUCCESS", "c": "QUEUED"}
    for line in house.told().values():
        assert line["holds"] == "unchecked"
        assert "does not answer" in line["why"]


def test_a_success_without_fingerprints_is_kept_unchecked(house: House) -> None:
    run_id = house.execute()
    house.runs.report(success(f"{run_id}:a:1", {"n": 1}))
    house.fail(run_id, "c")
    house.fail(run_id, "b")
    house.control.retry("c-1", ME, ())
    assert statuses(house.database)["a"] == "SUCCESS"
    assert "told no fingerprints" in house.told()["a"]["why"]
    assert house.alice.asked == 0, "there is nothing to ask about"


def test_a_stranger_is_not_told_by_the_parties(house: House, failed: str) -> None:
    stranger = Caller("you", Role.OPERATOR)
    for call in (
        lambda: house.control.retry("c-1", stranger, ()),
        lambda: house.control.offer("c-1", stranger),
    ):
        with pytest.raises(Exception, match="another user"):
            call()
    assert house.alice.asked == 0


def complete(house: House) -> str:
    run_id = house.execute()
    for node in "acb":
        house.succeed(run_id, node)
    return run_id


def test_a_new_run_takes_over_what_was_done_and_has_not_changed(house: House) -> None:
    first = complete(house)
    again = house.execute(reuse=True)
    assert house.reused() == {node: f"{first}:{node}:1" for node in "abc"}
    run = next(row for row in rows(house.database, t.chain_runs) if row.run_id == again)
    assert run.status == ChainStatus.SUCCESS.value
    attempts = {row.run_id for row in rows(house.database, t.task_attempts)}
    assert attempts == {first}, "nothing was sent"
    lines = [line for line in rows(house.database, t.history) if line.run_id == again]
    taken = {line.node_id: line.data for line in lines if line.kind == "task"}
    assert taken["a"]["reused_from"] == f"{first}:a:1"
    third = house.execute(reuse=True)
    assert house.reused() == {node: f"{first}:{node}:1" for node in "abc"}, "from where it ran"
    assert third != again


def test_a_new_run_does_again_what_has_changed_and_what_follows(house: House) -> None:
    first = complete(house)
    house.alice.files["/raw.csv"] = "key:new"
    again = house.execute(reuse=True)
    assert house.reused() == {"a": None, "b": None, "c": f"{first}:c:1"}
    assert house.told()["a"]["holds"] == "changed"
    house.succeed(again, "a")
    house.succeed(again, "b")
    assert {row.status for row in rows(house.database, t.chain_runs)} == {"SUCCESS"}


@pytest.mark.parametrize("reason", ["not asked for", "silent", "another version", "replaced"])
def test_a_new_run_does_what_it_is_not_sure_of(house: House, reason: str) -> None:
    run_id = house.execute()
    for node in "acb":
        house.succeed(run_id, node, version=2 if reason == "another version" else 1)
    if reason == "silent":
        house.alice.silence = "no answer"
    if reason == "replaced":
        house.alice.files = {path: f"{print_}9" for path, print_ in house.alice.files.items()}
    house.execute(reuse=reason != "not asked for")
    assert house.reused() == dict.fromkeys("abc")


def test_an_edited_task_is_not_taken_over(house: House) -> None:
    first = complete(house)
    tasks: list[Any] = [*CHAIN["tasks"][:2], scaler("c", "/other.csv", columns=["y"])]
    with house.database.transaction() as connection:
        connection.execute(t.chain_versions.update().values(document={**CHAIN, "tasks": tasks}))
    house.execute(reuse=True)
    assert house.reused() == {"a": f"{first}:a:1", "b": f"{first}:b:1", "c": None}


def test_what_a_success_saves_is_listed_with_its_lineage(house: House, failed: str) -> None:
    with house.database.reading() as connection:
        found, total = models.list_models(connection, models.Filters(), 1, 10)
        none, _ = models.list_models(connection, models.Filters(kind="model"), 1, 10)
    assert (total, list(none)) == (1, [])
    (rules,) = found
    assert (rules.kind, rules.task_type, rules.task_version) == ("rules", "standard_scaler", 1)
    assert (rules.execution_id, rules.node_id) == (f"{failed}:a:1", "a")
    assert rules.holders == {"alice": "/rules.json"}
    assert rules.inputs == {"alice": {"/raw.csv": "key:/raw.csv:1"}}
    assert rules.outputs == {"alice": {"/rules.json": f"key:/rules.json:{failed}:1"}}
    assert rules.parameters["columns"] == ["x"]
    assert not any("/" in str(value) for value in rules.parameters.values())
