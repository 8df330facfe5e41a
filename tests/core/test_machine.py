"""A run under every kind of bad luck: reports late, doubled and out of order, and people's calls.

A Hypothesis state machine plays workers and people against the core and checks its promises
after every step. Planted mutants show that the checks can fail: each must be found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from secretflow_worker.contract.chain import ChainStatus, NodeStatus
from secretflow_worker.contract.errors import InputError, PeerLost
from secretflow_worker.orchestrator.core import decide as core
from secretflow_worker.orchestrator.core import model
from secretflow_worker.orchestrator.core.due import next_due
from secretflow_worker.orchestrator.core.reuse import content_of
from secretflow_worker.orchestrator.core.working import DRAIN_S, Working
from tests.core.plans import plan_of

BAD = (NodeStatus.FAILURE, NodeStatus.CANCELLED)
RULES = ("all_success", "all_success", "all_success", "all_done", "one_failed")


class RunMachine(RuleBasedStateMachine):
    """Plays one run. `sent` are all attempts that were dispatched, `alive` those at a worker."""

    @initialize(data=st.data())
    def begin(self, data: Any) -> None:
        names = [f"t{number}" for number in range(data.draw(st.integers(1, 6)))]
        graph = {
            name: data.draw(
                st.lists(st.sampled_from(names[:at]), unique=True) if at else st.just([])
            )
            for at, name in enumerate(names)
        }
        changes = {
            name: {
                "trigger_rule": data.draw(st.sampled_from(RULES)),
                "retry": {"max_retries": data.draw(st.integers(0, 2)), "backoff_s": 5},
                "timeout_s": 100,
                "task_params": {"task_config": {"name": name}},
            }
            for name in names
        }
        self.plan = plan_of(
            graph,
            tasks=changes,
            stop_on_error=data.draw(st.booleans()),
            max_parallel=data.draw(st.none() | st.integers(1, 3)),
        )
        self.state = core.initial_state(self.plan)
        self.now = 1000.0
        self.sent: dict[str, model.Dispatch] = {}
        self.alive: dict[str, NodeStatus] = {}
        self.told_to_stop: dict[str, float] = {}
        self.reports: list[model.Reported] = []
        self.accepted: dict[str, list[int]] = {name: [] for name in self.plan.nodes}
        self.offered = {
            core_content(self.plan, name): model.Reusable(f"earlier:{name}", {"earlier": name})
            for name in data.draw(st.lists(st.sampled_from(names), unique=True))
        }
        self.apply(model.Started(self.now, self.offered))

    def apply(self, event: model.Event) -> None:
        before = self.state
        decision = core.decide(self.plan, before, event)
        self.state = decision.state
        assert before.status is not ChainStatus.PENDING or isinstance(event, model.Started)
        for command in decision.commands:
            if isinstance(command, model.Dispatch):
                self.check_dispatch(before, command)
            elif isinstance(command, model.StopAttempt):
                self.told_to_stop.setdefault(command.execution_id, self.now)
        self.check_change(before, event)

    def check_dispatch(self, before: model.RunState, sent: model.Dispatch) -> None:
        assert self.state.status is ChainStatus.RUNNING, "started while nothing may start"
        assert sent.execution_id not in self.sent, "the same attempt was sent twice"
        old = [one for one in self.sent.values() if one.node_id == sent.node_id]
        assert sent.attempt == len(old) + 1, "an attempt's number was left out"
        plan = self.plan.nodes[sent.node_id]
        statuses = [self.state.nodes[name].status for name in plan.depends_on]
        assert all(status.is_terminal for status in statuses), "started before its dependencies"
        if plan.trigger_rule.value == "all_success":
            assert all(status is NodeStatus.SUCCESS for status in statuses)
        if plan.trigger_rule.value == "one_failed":
            assert any(status in BAD for status in statuses)
        for earlier in old:
            if earlier.execution_id in self.alive:
                since = self.told_to_stop.get(earlier.execution_id)
                assert since is not None, "two attempts of a task at once"
                assert self.now >= since + DRAIN_S, "the old attempt had not ended"
        self.sent[sent.execution_id] = sent
        self.alive[sent.execution_id] = NodeStatus.QUEUED

    def check_change(self, before: model.RunState, event: model.Event) -> None:
        if isinstance(event, model.RetryAsked):
            self.check_retry(before, event)
            return
        if before.status.is_terminal:
            assert self.state.status is before.status, "a run that had ended went on"
        for name, node in before.nodes.items():
            now = self.state.nodes[name]
            assert (now.status is NodeStatus.SKIPPED) == (now.skip_reason is not None)
            if node.status.is_terminal:
                assert (now.status, now.result) == (node.status, node.result), (
                    "changed after its end"
                )
            elif now.status is NodeStatus.SUCCESS and now.reused_from is not None:
                self.check_taken_over(name, now, event)
            elif now.status is NodeStatus.SUCCESS:
                assert isinstance(event, model.Reported)
                assert event.execution_id == node.execution_id, "an old attempt's result was taken"
                assert now.result == event.result
                self.accepted[name].append(now.attempt)

    def check_taken_over(self, name: str, now: model.NodeState, event: model.Event) -> None:
        assert isinstance(event, model.Started), "taken over while files may have changed"
        earlier = self.offered[core_content(self.plan, name)]
        assert (now.reused_from, now.result) == (earlier.execution_id, earlier.result)
        assert now.attempt == 0
        for before in self.plan.nodes[name].depends_on:
            node = self.state.nodes[before]
            assert node.reused_from is not None or node.status is NodeStatus.SKIPPED, (
                "taken over although something before it runs"
            )

    def check_retry(self, before: model.RunState, event: model.RetryAsked) -> None:
        if self.state is before:
            return
        again = {name for name, node in self.state.nodes.items() if node != before.nodes[name]}
        for name, node in before.nodes.items():
            was = node.reused_from or node.execution_id
            if node.status is not NodeStatus.SUCCESS:
                continue
            is_lost = was in event.lost
            is_after = any(each in again for each in self.plan.nodes[name].depends_on)
            is_bound = any(
                was in group and any(self.is_again(before, one, again) for one in group - {was})
                for group in event.together
            )
            assert (name in again) == (is_lost or is_after or is_bound), (
                "a success that holds was thrown away, or one that does not was kept"
            )

    def is_again(self, before: model.RunState, execution_id: str, again: set[str]) -> bool:
        return any(
            execution_id == (node.reused_from or node.execution_id) and name in again
            for name, node in before.nodes.items()
            if node.status is NodeStatus.SUCCESS
        )

    def report(self, execution_id: str, status: NodeStatus, **fields: Any) -> None:
        attempt = self.sent[execution_id].attempt
        event = model.Reported(
            self.now, execution_id, status, result={"attempt": attempt}, **fields
        )
        self.reports.append(event)

    @precondition(lambda self: self.alive)
    @rule(data=st.data(), ending=st.sampled_from(["run", "succeed", "fail", "lose", "cancel"]))
    def work(self, data: Any, ending: str) -> None:
        execution_id = data.draw(st.sampled_from(sorted(self.alive)))
        if ending == "run":
            self.alive[execution_id] = NodeStatus.RUNNING
            self.report(execution_id, NodeStatus.RUNNING, progress=0.5)
            return
        del self.alive[execution_id]
        if ending == "succeed":
            self.report(execution_id, NodeStatus.SUCCESS)
        elif ending == "cancel":
            self.report(execution_id, NodeStatus.CANCELLED)
        else:
            error = (InputError if ending == "fail" else PeerLost)("no").report()
            self.report(execution_id, NodeStatus.FAILURE, error=error)

    @precondition(lambda self: self.reports)
    @rule(data=st.data(), keep=st.booleans())
    def deliver(self, data: Any, keep: bool) -> None:
        index = data.draw(st.integers(0, len(self.reports) - 1))
        report = self.reports[index] if keep else self.reports.pop(index)
        self.apply(replace(report, at=self.now))

    @rule(seconds=st.sampled_from([1.0, 10.0, 70.0, 200.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.let_time_pass()

    def let_time_pass(self) -> None:
        """Tell the run that time has passed as the reconciler does: only where something is due."""
        for _ in self.plan.nodes:
            due = next_due(self.plan, self.state)
            if due is None or due > self.now:
                return
            before = self.state
            self.apply(model.TimePassed(self.now))
            assert self.state is not before, "woken for nothing, and so again and again"

    @rule(call=st.sampled_from([model.PauseAsked, model.ResumeAsked, model.Started]))
    def ask(self, call: Callable[[float], model.Event]) -> None:
        self.apply(call(self.now))

    @rule(really=st.integers(0, 3))
    def cancel(self, really: int) -> None:
        if really == 0:
            self.apply(model.CancelAsked(self.now))

    @rule(data=st.data())
    def retry(self, data: Any) -> None:
        names = data.draw(st.lists(st.sampled_from(sorted(self.plan.nodes)), max_size=2))
        nodes = self.state.nodes.values()
        succeeded = sorted(
            one
            for node in nodes
            if node.status is NodeStatus.SUCCESS and (one := node.reused_from or node.execution_id)
        )
        some = st.frozensets(st.sampled_from(succeeded)) if succeeded else st.just(frozenset())
        together = tuple(data.draw(st.lists(some, max_size=1)))
        self.apply(model.RetryAsked(self.now, tuple(names), data.draw(some), together))

    @invariant()
    def is_whole(self) -> None:
        if not hasattr(self, "state"):
            return
        nodes = self.state.nodes.values()
        in_flight = [node for node in nodes if node.is_in_flight]
        assert len(in_flight) <= (self.plan.max_parallel or len(self.plan.nodes))
        has_ended = all(node.status.is_terminal for node in nodes)
        assert self.state.status.is_terminal == has_ended
        if self.state.status is ChainStatus.SUCCESS:
            assert not any(node.status in BAD for node in nodes)
        if self.state.status is ChainStatus.FAILURE:
            assert any(node.status in BAD for node in nodes)
        for attempts in self.accepted.values():
            assert attempts == sorted(set(attempts)), "a result was accepted twice"

    def teardown(self) -> None:
        """Let everything come to its end: the run must, too."""
        if not hasattr(self, "state"):
            return
        self.apply(model.ResumeAsked(self.now))
        for _ in range(60):
            for execution_id in list(self.alive):
                del self.alive[execution_id]
                self.report(execution_id, NodeStatus.SUCCESS)
            while self.reports:
                self.apply(replace(self.reports.pop(0), at=self.now))
            self.now += 100
            self.let_time_pass()
        assert self.state.status.is_terminal, "the run never ends"


def core_content(plan: model.RunPlan, name: str) -> str:
    """Return what a node of a plan asks for; its tasks refer to no others."""
    return content_of(dict(plan.nodes[name].params))


QUICK = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.timeout(400)  # what is found is made smaller for up to 5 minutes, and told then
def test_a_run_keeps_its_promises() -> None:
    run_state_machine_as_test(RunMachine, settings=QUICK)  # type: ignore[no-untyped-call]


def without_fence(original: Any) -> Any:
    def take_report(self: Working, report: model.Reported) -> None:
        node_id = report.execution_id.split(":")[1]
        newest = self._nodes[node_id].execution_id
        original(self, replace(report, execution_id=newest or report.execution_id))

    return take_report


def without_state_check(original: Any) -> Any:
    def take_report(self: Working, report: model.Reported) -> None:
        for node_id, node in list(self._nodes.items()):
            if node.execution_id == report.execution_id:
                self._take(node_id, report)

    return take_report


def with_lost_successor(original: Any) -> Any:
    def consider(self: Working, node_id: str) -> None:
        if (
            not any(node.is_in_flight for node in self._nodes.values())
            and self._plan.nodes[node_id].depends_on
        ):
            return
        original(self, node_id)

    return consider


def with_double_dispatch(original: Any) -> Any:
    def dispatch(self: Working, node_id: str) -> None:
        original(self, node_id)
        self._commands += self._commands[-1:]

    return dispatch


def without_drain(original: Any) -> Any:
    def let_go(self: Working, node_id: str, heard: Any = None) -> None:
        original(self, node_id, heard)
        self._change(node_id, draining=None)

    return let_go


def with_stale_reuse(original: Any) -> Any:
    kept: dict[int, tuple[model.RunPlan, Any]] = {}

    def take_over(self: Working, node_id: str) -> bool:
        self._reusable = kept.setdefault(id(self._plan), (self._plan, self._reusable))[1]
        return bool(original(self, node_id))

    return take_over


def with_kept_followers(original: Any) -> Any:
    def with_what_follows(self: Working, chosen: set[str], asked: model.RetryAsked) -> set[str]:
        succeeded = {n for n, node in self._nodes.items() if node.status is NodeStatus.SUCCESS}
        found: set[str] = original(self, chosen, asked)
        return found - succeeded | chosen

    return with_what_follows


def without_limit(original: Any) -> Any:
    def has_room(self: Working, node: model.NodeState) -> bool:
        return node.draining is None

    return has_room


@pytest.mark.parametrize(
    ("method", "mutate"),
    [
        ("take_report", without_fence),
        ("take_report", without_state_check),
        ("_consider", with_lost_successor),
        ("_dispatch", with_double_dispatch),
        ("_let_go", without_drain),
        ("_has_room", without_limit),
        ("_take_over", with_stale_reuse),
        ("_with_what_follows", with_kept_followers),
    ],
)
def test_a_planted_fault_is_found(
    method: str, mutate: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Working, method, mutate(getattr(Working, method)))
    # Finding it is enough; to shrink it to the smallest example would take long.
    hunt = settings(QUICK, max_examples=400, phases=[Phase.generate], database=None)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(RunMachine, settings=hunt)  # type: ignore[no-untyped-call]
