"""A run while one event is decided: the state as it changes, and the commands gathered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from secretflow_worker.contract.chain import ChainStatus, NodeStatus, SkipReason
from secretflow_worker.contract.errors import Cancelled, ErrorReport, TaskTimeout
from secretflow_worker.orchestrator.core.attempts import backoff_s, is_retried, merge_results
from secretflow_worker.orchestrator.core.due import running_limit
from secretflow_worker.orchestrator.core.graph import followers_of, reachable
from secretflow_worker.orchestrator.core.model import (
    Command,
    Decision,
    Dispatch,
    NodePlan,
    NodeState,
    Reported,
    RetryAsked,
    Reusable,
    RunPlan,
    RunState,
    StopAttempt,
)
from secretflow_worker.orchestrator.core.readiness import Verdict, judge, make_request
from secretflow_worker.orchestrator.core.reuse import content_of

DRAIN_S = 60.0
"""How long a new attempt waits for the end of an old one that was told to stop."""
_BAD = (NodeStatus.FAILURE, NodeStatus.CANCELLED)


class Working:
    """Every method keeps the rules of `model`; ``advance`` comes last."""

    def __init__(self, plan: RunPlan, state: RunState, at: float) -> None:
        self._plan = plan
        self._before = state
        self._at = at
        self._nodes = dict(state.nodes)
        self._in_flight = sum(node.is_in_flight for node in self._nodes.values())
        self._bad = sum(node.status in _BAD for node in self._nodes.values())
        self._commands: list[Command] = []
        self._started_at = state.started_at
        self._ended_at = state.ended_at
        self._error = state.error
        self._reusable: Mapping[str, Reusable] = {}
        self.status = state.status

    def decision(self) -> Decision:
        """Return what has become of the run."""
        state = RunState(self.status, self._nodes, self._started_at, self._ended_at, self._error)
        return Decision(self._before if state == self._before else state, tuple(self._commands))

    def start(self, reusable: Mapping[str, Reusable]) -> None:
        """Begin the run; what may be taken over is taken over in this same decision."""
        self._reusable = reusable
        self.status = ChainStatus.RUNNING
        self._started_at = self._at

    def cancel(self, status: ChainStatus, error: ErrorReport | None = None) -> None:
        """End the run at once; what is in flight is told to stop, and counts no more."""
        for node_id, node in list(self._nodes.items()):
            if not node.status.is_terminal:
                self._let_go(node_id)
                self._change(node_id, status=NodeStatus.CANCELLED, ended_at=self._at)
        self._error = self._error or error
        self._end(status)

    def retry(self, asked: RetryAsked) -> None:
        """Make the named nodes, or all that ended without success, and what follows them new.

        So are successes that do not hold any more. What was skipped by its own rule or condition
        stays so, and with it what follows it.
        """
        chosen = {
            node_id
            for node_id, node in self._nodes.items()
            if node.status in _BAD or node.skip_reason is SkipReason.STOP_ON_ERROR
            if not asked.node_ids or node_id in asked.node_ids
        }
        if not chosen or self.status is ChainStatus.PENDING:
            return
        for node_id in self._with_what_follows(chosen, asked):
            self._let_go(node_id)  # what is in flight goes by inputs that are made anew
            old = self._nodes[node_id]
            anew = NodeState(
                attempt=old.attempt,
                budget_from=old.attempt,
                draining=old.draining,
                draining_parties=old.draining_parties,
                drained_by=old.drained_by,
            )
            self._put(node_id, anew)
        self._error = next((n.error for n in self._nodes.values() if n.status in _BAD), None)
        if self.status is not ChainStatus.PAUSED:
            self.status = ChainStatus.RUNNING
        self._ended_at = None
        self._started_at = self._at

    def _with_what_follows(self, chosen: set[str], asked: RetryAsked) -> set[str]:
        followers = followers_of({key: node.depends_on for key, node in self._plan.nodes.items()})
        succeeded = {
            node.reused_from or node.execution_id: node_id
            for node_id, node in self._nodes.items()
            if node.status is NodeStatus.SUCCESS
        }
        found = chosen | {succeeded[one] for one in asked.lost if one in succeeded}
        while True:
            found |= reachable(followers, found)
            bound = {
                succeeded[one]
                for group in asked.together
                if any(succeeded.get(one) in found for one in group)
                for one in group
                if one in succeeded
            }
            if bound <= found:
                return found
            found |= bound

    def take_report(self, report: Reported) -> None:
        """Take what a worker says of an attempt; of any but the newest only that it ended."""
        for node_id, node in list(self._nodes.items()):
            if node.draining == report.execution_id and report.status.is_terminal:
                self._drain(node_id, report.party)
            if node.execution_id == report.execution_id and node.is_in_flight:
                self._take(node_id, report)

    def check_deadlines(self) -> None:
        """Act on every time limit that is over."""
        limit = self._plan.timeout_s
        if not self.status.is_terminal and self._is_over(self._started_at, limit):
            timeout = TaskTimeout(f"the chain ran longer than its timeout of {limit:g} s")
            self.cancel(ChainStatus.FAILURE, timeout.report())
        for node_id, node in list(self._nodes.items()):
            plan = self._plan.nodes[node_id]
            if node.drained_by is not None and node.drained_by <= self._at:
                self._drain(node_id, None)
            if node.status is NodeStatus.QUEUED and self._is_over(
                node.queued_at, plan.queue_timeout_s
            ):
                self._fail(node_id, TaskTimeout("no worker took the task in time").report())
            elif node.status is NodeStatus.RUNNING and self._is_over(
                node.started_at, running_limit(plan)
            ):
                self._fail(node_id, TaskTimeout("the task ran longer than its timeout_s").report())

    def advance(self) -> None:
        """Start what may start, pass over what may not any more, and end what has ended."""
        if self.status is ChainStatus.RUNNING:
            for node_id in self._plan.nodes:
                self._consider(node_id)
        if self.status in (ChainStatus.RUNNING, ChainStatus.PAUSED) and all(
            node.status.is_terminal for node in self._nodes.values()
        ):
            failed = any(node.status in _BAD for node in self._nodes.values())
            self._end(ChainStatus.FAILURE if failed else ChainStatus.SUCCESS)

    def _consider(self, node_id: str) -> None:
        node = self._nodes[node_id]
        if node.status is NodeStatus.RETRY:
            if self._is_halted:
                self._change(node_id, status=NodeStatus.FAILURE, ended_at=self._at, retry_at=None)
            elif node.retry_at is not None and node.retry_at <= self._at and self._has_room(node):
                self._dispatch(node_id)
        elif node.status is NodeStatus.PENDING:
            verdict = judge(self._plan.nodes[node_id], self._nodes, self._is_halted)
            if isinstance(verdict, SkipReason):
                self._skip(node_id, verdict)
            elif verdict is Verdict.RUN and not self._take_over(node_id) and self._has_room(node):
                self._dispatch(node_id)

    def _take_over(self, node_id: str) -> bool:
        """End a node by an earlier success of the same request, where there is one.

        Only as the run starts: then what comes before the node has been taken over, too, and
        nothing has written a file since the earlier success was found to hold.
        """
        if not self._reusable:
            return False
        made = make_request(self._plan, self._plan.nodes[node_id], self._nodes, "")
        if made is None or isinstance(made, ErrorReport):
            return False
        earlier = self._reusable.get(content_of(made))
        if earlier is None:
            return False
        self._change(
            node_id,
            status=NodeStatus.SUCCESS,
            progress=1.0,
            started_at=self._at,
            ended_at=self._at,
            result=earlier.result,
            reused_from=earlier.execution_id,
        )
        return True

    def _dispatch(self, node_id: str) -> None:
        plan, node = self._plan.nodes[node_id], self._nodes[node_id]
        attempt = node.attempt + 1
        execution_id = self._plan.execution_id(node_id, attempt)
        made = make_request(self._plan, plan, self._nodes, execution_id)
        if isinstance(made, ErrorReport):
            self._end_badly(node_id, NodeStatus.FAILURE, made)
        elif made is None:
            self._skip(node_id, SkipReason.WHEN)
        else:
            self._change(
                node_id,
                status=NodeStatus.QUEUED,
                attempt=attempt,
                execution_id=execution_id,
                succeeded=frozenset(),
                progress=0.0,
                queued_at=self._at,
                started_at=None,
                retry_at=None,
                result=None,
                error=None,
            )
            self._commands.append(Dispatch(node_id, attempt, execution_id, plan.parties, made))

    def _skip(self, node_id: str, reason: SkipReason) -> None:
        """Pass over a node. One whose condition is false was not held up by a failure elsewhere."""
        if reason is SkipReason.STOP_ON_ERROR and self._is_ruled_out(self._plan.nodes[node_id]):
            reason = SkipReason.WHEN
        self._change(node_id, status=NodeStatus.SKIPPED, ended_at=self._at, skip_reason=reason)

    def _is_ruled_out(self, plan: NodePlan) -> bool:
        return plan.when is not None and make_request(self._plan, plan, self._nodes, "") is None

    def _take(self, node_id: str, report: Reported) -> None:
        node = self._nodes[node_id]
        if report.status is NodeStatus.SUCCESS:
            self._take_success(node_id, report)
        elif report.status is NodeStatus.CANCELLED:
            error = report.error or Cancelled("somebody stopped the task at its worker").report()
            self._let_go(node_id, report)
            self._end_badly(node_id, NodeStatus.CANCELLED, error)
        elif report.status is NodeStatus.FAILURE and report.error is not None:
            self._fail(node_id, report.error, report)
        elif report.status is NodeStatus.RUNNING:
            if node.status is NodeStatus.QUEUED:
                self._change(node_id, status=NodeStatus.RUNNING, started_at=self._at)
            self._change(node_id, progress=max(node.progress, report.progress))
        elif report.status is NodeStatus.RETRY:  # the worker tries again by itself
            self._change(node_id, started_at=self._at, progress=0.0)

    def _take_success(self, node_id: str, report: Reported) -> None:
        node, plan = self._nodes[node_id], self._plan.nodes[node_id]
        if plan.parties and report.party not in plan.parties:
            return
        succeeded = node.succeeded | ({report.party} if report.party is not None else set())
        result = merge_results(node.result, report.result, report.party)
        self._change(node_id, succeeded=succeeded, result=result)
        if set(plan.parties) <= succeeded:
            started = node.started_at if node.started_at is not None else self._at
            self._change(
                node_id,
                status=NodeStatus.SUCCESS,
                progress=1.0,
                started_at=started,
                ended_at=self._at,
            )

    def _fail(self, node_id: str, error: ErrorReport, heard: Reported | None = None) -> None:
        """End an attempt: the node is tried again later, or has failed."""
        node, policy = self._nodes[node_id], self._plan.nodes[node_id].retry
        self._let_go(node_id, heard)
        used = node.attempt - node.budget_from
        if self._is_halted or not is_retried(policy, used, error):
            self._end_badly(node_id, NodeStatus.FAILURE, error)
            return
        due = self._at + backoff_s(policy, used)
        self._change(node_id, status=NodeStatus.RETRY, retry_at=due, error=error)

    def _end_badly(self, node_id: str, status: NodeStatus, error: ErrorReport) -> None:
        self._change(node_id, status=status, ended_at=self._at, error=error)
        self._error = self._error or error

    def _let_go(self, node_id: str, heard: Reported | None = None) -> None:
        """Tell the workers of an attempt to stop it, but for those that were `heard` to end it."""
        node, plan = self._nodes[node_id], self._plan.nodes[node_id]
        if not node.is_in_flight or node.execution_id is None:
            return
        ended = node.succeeded | ({heard.party} if heard and heard.party else set())
        left = tuple(party for party in plan.parties if party not in ended)
        if heard is not None and not left:
            return
        until = self._at + DRAIN_S
        self._commands.append(StopAttempt(node.execution_id, left))
        self._change(
            node_id,
            draining=node.execution_id,
            draining_parties=frozenset(left),
            drained_by=until,
        )

    def _drain(self, node_id: str, party: str | None) -> None:
        """Note that a party's worker has ended an old attempt; None stands for all of them."""
        left = self._nodes[node_id].draining_parties - {party}
        if party is None or not left:
            self._change(node_id, draining=None, draining_parties=frozenset(), drained_by=None)
        else:
            self._change(node_id, draining_parties=left)

    @property
    def _is_halted(self) -> bool:
        return self._plan.stop_on_error and self._bad > 0

    def _has_room(self, node: NodeState) -> bool:
        limit = self._plan.max_parallel
        return node.draining is None and (limit is None or self._in_flight < limit)

    def _is_over(self, since: float | None, limit: float | None) -> bool:
        return since is not None and limit is not None and since + limit <= self._at

    def _end(self, status: ChainStatus) -> None:
        self.status = status
        self._ended_at = self._at

    def _change(self, node_id: str, **fields: Any) -> None:
        self._put(node_id, replace(self._nodes[node_id], **fields))

    def _put(self, node_id: str, node: NodeState) -> None:
        old = self._nodes[node_id]
        self._in_flight += node.is_in_flight - old.is_in_flight
        self._bad += (node.status in _BAD) - (old.status in _BAD)
        self._nodes[node_id] = node
