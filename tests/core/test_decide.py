"""What follows from what, step by step."""

from __future__ import annotations

from typing import Any

import pytest

from secretflow_worker.contract.chain import ChainStatus, NodeStatus, SkipReason
from secretflow_worker.contract.errors import ErrorReport, InputError, PeerLost
from secretflow_worker.orchestrator.core import model
from secretflow_worker.orchestrator.core.decide import decide, initial_state
from secretflow_worker.orchestrator.core.due import next_due
from tests.core.plans import plan_of

LINE = {"a": [], "b": ["a"]}


class Play:
    """A run that is told what happens; keeps what it asked for."""

    def __init__(self, plan: model.RunPlan) -> None:
        self.plan = plan
        self.state = initial_state(plan)
        self.commands: list[model.Command] = []
        self.apply(model.Started(0.0))

    def apply(self, event: model.Event) -> Play:
        decision = decide(self.plan, self.state, event)
        self.state = decision.state
        self.commands = list(decision.commands)
        return self

    def report(
        self, node_id: str, status: str, at: float = 1.0, result: Any = None,
        error: ErrorReport | None = None, party: str | None = None,
    ) -> Play:  # fmt: skip
        execution_id = self.state.nodes[node_id].execution_id or ""
        return self.apply(
            model.Reported(at, execution_id, NodeStatus(status), party, 0.5, result, error)
        )

    @property
    def sent(self) -> list[model.Dispatch]:
        return [command for command in self.commands if isinstance(command, model.Dispatch)]

    @property
    def stopped(self) -> list[model.StopAttempt]:
        return [command for command in self.commands if isinstance(command, model.StopAttempt)]

    def statuses(self) -> dict[str, str]:
        return {node_id: node.status.value for node_id, node in self.state.nodes.items()}


def test_a_result_goes_into_the_next_message() -> None:
    task = {"task_params": {"task_config": {"n": "${tasks.a.result.count}"}}, "timeout_s": 30}
    play = Play(plan_of(LINE, tasks={"b": task}, priority="high"))
    assert [one.execution_id for one in play.sent] == ["r-1:a:1"]
    play.report("a", "SUCCESS", result={"count": 7})
    assert play.sent[0].request == {
        "task_id": "c-1",
        "subtask_id": "b",
        "execution_id": "r-1:b:1",
        "priority": "high",
        "timeout_s": 30,
        "sf_init_config": {"parties": ["alice", "bob"], "address": "local"},
        "task_config": {"task_type": "psi", "n": 7},
    }
    play.report("b", "SUCCESS")
    assert play.state.status is ChainStatus.SUCCESS


def test_what_time_alone_cannot_start_is_not_due() -> None:
    """The reconciler would apply it again and again, each time in a transaction."""
    retried = {"a": {"retry": {"max_retries": 2, "backoff_s": 4}}}
    paused = Play(plan_of(LINE, tasks=retried)).report(
        "a", "FAILURE", 10, error=PeerLost("x").report()
    )
    assert next_due(paused.plan, paused.apply(model.PauseAsked(11)).state) is None
    assert [one.attempt for one in paused.apply(model.ResumeAsked(99)).sent] == [2]

    full = Play(plan_of({"a": [], "b": []}, tasks=retried, max_parallel=1))
    full.report("a", "FAILURE", 10, error=PeerLost("x").report())
    assert [one.node_id for one in full.sent] == ["b"], "it has taken the place"
    assert next_due(full.plan, full.state) is None
    assert [one.attempt for one in full.report("b", "SUCCESS", 20).sent] == [2]


def test_a_passing_failure_is_tried_again_later_and_another_is_not() -> None:
    tasks = {"a": {"retry": {"max_retries": 2, "backoff_s": 4}}}
    play = Play(plan_of(LINE, tasks=tasks)).report("a", "FAILURE", 10, error=PeerLost("x").report())
    assert play.state.nodes["a"].status is NodeStatus.RETRY
    assert next_due(play.plan, play.state) == 14.0
    assert play.apply(model.TimePassed(13.9)).sent == []
    assert [one.attempt for one in play.apply(model.TimePassed(14.0)).sent] == [2]
    play.report("a", "FAILURE", 20, error=PeerLost("x").report())
    assert next_due(play.plan, play.state) == 28.0, "twice as long as before"
    play.apply(model.TimePassed(28.0)).report("a", "FAILURE", 30, error=InputError("y").report())
    assert play.statuses() == {"a": "FAILURE", "b": "SKIPPED"}
    assert play.state.status is ChainStatus.FAILURE
    assert play.state.error is not None
    assert play.state.error.message == "y"


def test_after_a_failure_only_what_waits_for_it_starts() -> None:
    graph = {"a": [], "slow": [], "after": ["slow"], "clean": ["a"], "tell": ["a"]}
    rules = {"clean": {"trigger_rule": "all_done"}, "tell": {"trigger_rule": "one_failed"}}
    play = Play(plan_of(graph, tasks=rules)).report("a", "FAILURE", error=InputError("no").report())
    assert {one.node_id for one in play.sent} == {"clean", "tell"}
    play.report("slow", "SUCCESS").report("clean", "SUCCESS").report("tell", "SUCCESS")
    assert play.statuses()["after"] == "SKIPPED"
    assert play.state.status is ChainStatus.FAILURE


def test_other_branches_go_on_where_an_error_does_not_stop() -> None:
    graph = {"a": [], "b": ["a"], "c": [], "d": ["c"]}
    play = Play(plan_of(graph, stop_on_error=False))
    play.report("a", "FAILURE", error=InputError("no").report()).report("c", "SUCCESS")
    assert play.statuses() == {"a": "FAILURE", "b": "SKIPPED", "c": "SUCCESS", "d": "QUEUED"}


def test_a_condition_skips_and_a_broken_one_fails() -> None:
    tasks = {"b": {"when": "tasks.a.result.count > 5"}}
    for result, status in ({"count": 6}, "QUEUED"), ({"count": 5}, "SKIPPED"), ({}, "FAILURE"):
        play = Play(plan_of(LINE, tasks=tasks)).report("a", "SUCCESS", result=result)
        assert play.statuses()["b"] == status
    assert play.state.error is not None
    assert "task b, when" in play.state.error.message


def test_a_sweep_runs_every_combination_and_is_read_as_a_list() -> None:
    sweep = {
        "for_each": {"rate": [0.1, 0.2], "depth": [3]},
        "task_params": {"task_config": {"rate": "${each.rate}", "out": "/d/${each.depth}"}},
    }
    after = {"task_params": {"task_config": {"best": "${tasks.a.1.result.auc}"}}}
    play = Play(plan_of(LINE, tasks={"a": sweep, "b": after}))
    assert [one.request["task_config"] for one in play.sent] == [
        {"task_type": "psi", "rate": 0.1, "out": "/d/3"},
        {"task_type": "psi", "rate": 0.2, "out": "/d/3"},
    ]
    assert [one.execution_id for one in play.sent] == ["r-1:a.0:1", "r-1:a.1:1"]
    play.report("a[0]", "SUCCESS", result={"auc": 0.6}).report(
        "a[1]", "SUCCESS", result={"auc": 0.7}
    )
    assert play.sent[0].request["task_config"]["best"] == 0.7


def test_in_cluster_mode_every_party_must_succeed() -> None:
    ends = {party: {"address": "127.0.0.1:1"} for party in ("alice", "bob")}
    play = Play(plan_of({"a": []}, parties=None, sf_init_config={"parties": ends}))
    assert play.sent[0].parties == ("alice", "bob")
    play.report("a", "SUCCESS", party="alice", result={"n": None, "mine": 1})
    assert play.statuses() == {"a": "QUEUED"}
    play.report("a", "SUCCESS", party="mallory", result={"n": 9})
    play.report("a", "SUCCESS", party="bob", result={"n": 7, "mine": None})
    assert play.state.nodes["a"].result == {"n": 7, "mine": 1}
    assert play.state.status is ChainStatus.SUCCESS


def test_in_cluster_mode_one_partys_failure_stops_the_others() -> None:
    ends = {party: {"address": "127.0.0.1:1"} for party in ("alice", "bob", "carol")}
    retry = {"a": {"retry": {"max_retries": 1}}}
    plan = plan_of({"a": []}, tasks=retry, parties=None, sf_init_config={"parties": ends})
    play = Play(plan).report("a", "FAILURE", party="bob", error=PeerLost("x").report())
    assert play.stopped == [model.StopAttempt("r-1:a:1", ("alice", "carol"))]
    assert play.apply(model.TimePassed(5.0)).sent == [], "the old attempt has not ended everywhere"
    for party in ("alice", "carol"):
        play.apply(model.Reported(6.0, "r-1:a:1", NodeStatus.CANCELLED, party))
    assert [one.attempt for one in play.sent] == [2]


def test_time_limits() -> None:
    limits = {"a": {"queue_timeout_s": 10, "timeout_s": 20}}
    waiting = Play(plan_of(LINE, tasks=limits)).apply(model.TimePassed(10.0))
    assert waiting.state.status is ChainStatus.FAILURE
    assert waiting.stopped
    assert next_due(waiting.plan, waiting.state) == 70.0, "the attempt may never end"
    running = Play(plan_of(LINE, tasks=limits)).report("a", "RUNNING", 5.0)
    assert next_due(running.plan, running.state) == 85.0, "a minute later than at the worker"
    assert running.apply(model.TimePassed(84.0)).state.status is ChainStatus.RUNNING
    assert running.apply(model.TimePassed(85.0)).state.status is ChainStatus.FAILURE
    whole = Play(plan_of(LINE, timeout=50)).apply(model.TimePassed(50.0))
    assert whole.statuses() == {"a": "CANCELLED", "b": "CANCELLED"}
    assert whole.state.error is not None
    assert whole.state.error.code == "TIMEOUT"


def test_pause_starts_nothing_and_resume_goes_on() -> None:
    play = Play(plan_of(LINE)).apply(model.PauseAsked(1.0)).report("a", "SUCCESS")
    assert (play.sent, play.state.status) == ([], ChainStatus.PAUSED)
    assert [one.node_id for one in play.apply(model.ResumeAsked(2.0)).sent] == ["b"]


def test_cancel_then_retry_runs_only_what_had_not_succeeded() -> None:
    play = Play(plan_of({"a": [], "b": ["a"], "c": ["b"]})).report("a", "SUCCESS")
    play.report("b", "RUNNING").apply(model.CancelAsked(3.0))
    assert play.stopped == [model.StopAttempt("r-1:b:1", ())]
    assert play.statuses() == {"a": "SUCCESS", "b": "CANCELLED", "c": "CANCELLED"}
    play.apply(model.RetryAsked(4.0))
    assert play.sent == [], "the old attempt has not ended"
    play.apply(model.Reported(5.0, "r-1:b:1", NodeStatus.CANCELLED))
    assert [one.execution_id for one in play.sent] == ["r-1:b:2"]
    play.report("b", "SUCCESS").report("c", "SUCCESS")
    assert play.state.status is ChainStatus.SUCCESS


@pytest.mark.parametrize("skips", [{"trigger_rule": "one_failed"}, {"when": "false"}])
@pytest.mark.parametrize(("named", "again"), [((), {"a", "held"}), (("a", "no"), {"a"})])
def test_a_retry_leaves_what_its_own_rule_has_skipped(
    skips: dict[str, Any], named: tuple[str, ...], again: set[str]
) -> None:
    graph: dict[str, list[str]] = {"a": [], "b": [], "held": ["b"], "no": [], "done": ["no"]}
    play = Play(plan_of(graph, tasks={"no": skips, "done": {"trigger_rule": "all_done"}}))
    play.report("a", "FAILURE", error=InputError("x").report())
    play.report("b", "SUCCESS").report("done", "SUCCESS")
    ended = {"a": "FAILURE", "b": "SUCCESS", "held": "SKIPPED", "no": "SKIPPED", "done": "SUCCESS"}
    assert play.statuses() == ended
    play.apply(model.RetryAsked(2.0, named))
    assert {one.node_id for one in play.sent} == again
    assert {name for name, status in play.statuses().items() if status != ended[name]} == again


def test_a_skipped_task_says_why() -> None:
    """A false condition is the reason even after a failure: a retry does not run it."""
    graph: dict[str, list[str]] = {"bad": [], "a": [], "after": ["bad"], "held": ["a"]}
    rules = {"rule": {"trigger_rule": "one_failed"}, "no": {"when": "false"}}
    play = Play(plan_of({**graph, "rule": ["a"], "no": ["a"]}, tasks=rules))
    play.report("bad", "FAILURE", error=InputError("x").report()).report("a", "SUCCESS")
    reasons = {name: node.skip_reason for name, node in play.state.nodes.items()}
    assert reasons == {
        "bad": None,
        "a": None,
        "after": SkipReason.DEPENDS_ON,
        "held": SkipReason.STOP_ON_ERROR,
        "rule": SkipReason.TRIGGER_RULE,
        "no": SkipReason.WHEN,
    }
    play.apply(model.RetryAsked(2.0))
    assert play.state.nodes["held"].skip_reason is None


@pytest.mark.parametrize("call", [model.PauseAsked, model.ResumeAsked, model.CancelAsked])
def test_a_run_that_has_ended_stays_ended(call: type[model.Event]) -> None:
    play = Play(plan_of({"a": []})).report("a", "SUCCESS")
    before = play.state
    assert play.apply(call(9.0)).state is before
    assert play.commands == []


def test_no_party_says_where_the_files_of_another_are() -> None:
    """Whoever is faster could have the next task read another table of its peer."""
    ends = {party: {"address": f"{party}:1"} for party in ("alice", "bob")}
    task = {"task_params": {"task_config": {"data": "${tasks.a.result.paths}"}}}
    options = {"parties": None, "sf_init_config": {"parties": ends}}
    for order in (("alice", "bob"), ("bob", "alice")):
        play = Play(plan_of(LINE, tasks={"b": task}, **options))
        told = {
            "alice": {"paths": {"alice": "/d/alice", "bob": None}, "rows": None},
            "bob": {"paths": {"alice": "/d/other", "bob": "/d/bob"}, "rows": 7},
        }
        for party in order:
            play.report("a", "SUCCESS", result=told[party], party=party)
        assert play.sent[0].request["task_config"]["data"] == {"alice": "/d/alice", "bob": "/d/bob"}
        result = play.state.nodes["a"].result
        assert result is not None
        assert result["rows"] == 7


def test_a_result_of_any_size_ends_in_an_error() -> None:
    """An exception here would leave the run standing for ever."""
    many = {"task_params": {"task_config": {"all": ["${tasks.a.result.text}"] * 5_000}}}
    cases: list[tuple[dict[str, Any], Any, str]] = [
        ({"when": "tasks.a.result.n > 1"}, {"n": 2**64}, "64 bits"),
        (many, {"text": "x" * 5_000}, "too large"),
    ]
    for change, result, why in cases:
        play = Play(plan_of(LINE, tasks={"b": change})).report("a", "SUCCESS", result=result)
        assert play.statuses()["b"] == "FAILURE"
        assert play.state.error is not None
        assert why in play.state.error.message
