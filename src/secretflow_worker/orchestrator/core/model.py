"""One run of a chain: its plan, its state, what happens to it, and what it asks for.

``decide(plan, state, event)`` returns the next state and the commands. A plan never changes
while its run lasts. Times are seconds since the epoch, given by events; nothing here reads a
clock. An attempt's ``execution_id`` is its fence: a report about any other is ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from secretflow_worker.contract.chain import (
    ChainStatus,
    NodeStatus,
    RetryPolicy,
    SkipReason,
    TriggerRule,
)
from secretflow_worker.contract.errors import ErrorReport

Json = Any


@dataclass(frozen=True)
class NodePlan:
    """One task of a run; a sweep's task is one node for each combination."""

    node_id: str
    """``lr``, or ``lr[2]`` for the third combination of a sweep."""
    task_id: str
    task_type: str
    depends_on: tuple[str, ...]
    """Node ids; a dependency on a sweep is one on each of its nodes."""
    trigger_rule: TriggerRule
    when: str | None
    retry: RetryPolicy
    timeout_s: float | None
    queue_timeout_s: float | None
    parties: tuple[str, ...]
    """In cluster mode every party's worker gets a message of its own; else empty."""
    params: Mapping[str, Json]
    """``sf_init_config``, ``spu_config``, ``heu_config``, ``task_config`` with references open."""
    each: Mapping[str, Json]
    """This node's combination of a sweep's parameters."""


def wire_id(node_id: str) -> str:
    """Return a node's id as identifiers of the wire may be written: ``lr[2]`` as ``lr.2``."""
    return node_id.replace("[", ".").rstrip("]")


@dataclass(frozen=True)
class RunPlan:
    """What a run does, from one version of a chain's document."""

    run_id: str
    """Also ``celery_chain_id``: the Celery root id of the run's tasks."""
    chain_id: str
    nodes: Mapping[str, NodePlan]
    """In an order in which every node comes after those it depends on."""
    stop_on_error: bool
    max_parallel: int | None
    timeout_s: float | None
    priority: str
    needed: frozenset[str]
    """Nodes whose results references or conditions of others need."""

    def execution_id(self, node_id: str, attempt: int) -> str:
        """Return the id of an attempt, the same whoever asks and whenever."""
        return f"{self.run_id}:{wire_id(node_id)}:{attempt}"


@dataclass(frozen=True)
class NodeState:
    """`result` is held only where another node's reference or condition needs it."""

    status: NodeStatus = NodeStatus.PENDING
    attempt: int = 0
    """How many attempts were dispatched; the newest is the only one that can finish the node."""
    budget_from: int = 0
    """The attempt after which retries are counted: a retry that was asked for starts anew."""
    execution_id: str | None = None
    succeeded: frozenset[str] = frozenset()
    """In cluster mode: the parties that reported the newest attempt's success."""
    progress: float = 0.0
    queued_at: float | None = None
    started_at: float | None = None
    ended_at: float | None = None
    retry_at: float | None = None
    """When the next attempt is due, while the status is RETRY."""
    draining: str | None = None
    """An attempt that was told to stop and has not ended: the next one waits for it."""
    draining_parties: frozenset[str] = frozenset()
    """In cluster mode: whose workers have not ended it."""
    drained_by: float | None = None
    """When to stop waiting for `draining`."""
    result: Json = None
    error: ErrorReport | None = None
    reused_from: str | None = None
    """The earlier execution whose success was taken over; then no attempt was made."""
    skip_reason: SkipReason | None = None
    """Why it was skipped; one that STOP_ON_ERROR held up a retry runs, the others it leaves."""

    @property
    def is_in_flight(self) -> bool:
        return self.status in (NodeStatus.QUEUED, NodeStatus.RUNNING)


@dataclass(frozen=True)
class RunState:
    status: ChainStatus = ChainStatus.PENDING
    nodes: Mapping[str, NodeState] = field(default_factory=dict)
    started_at: float | None = None
    ended_at: float | None = None
    error: ErrorReport | None = None
    """Why the run as a whole ended badly: the first node's failure, or the chain's timeout."""


@dataclass(frozen=True)
class Event:
    """Something that happened, `at` a time that never goes back within a run."""

    at: float


@dataclass(frozen=True)
class Reusable:
    """An earlier execution that succeeded and whose files are still what they were."""

    execution_id: str
    result: Json


@dataclass(frozen=True)
class Started(Event):
    """Somebody executes the chain; earlier successes may be taken over, by what was asked."""

    reusable: Mapping[str, Reusable] = field(default_factory=dict)
    """By ``reuse.content_of`` the request."""


@dataclass(frozen=True)
class Reported(Event):
    """A worker says how an attempt goes. `party` is None in local mode."""

    execution_id: str
    status: NodeStatus
    party: str | None = None
    progress: float = 0.0
    result: Json = None
    error: ErrorReport | None = None


@dataclass(frozen=True)
class TimePassed(Event):
    """Retries may be due, and deadlines over."""


@dataclass(frozen=True)
class PauseAsked(Event):
    """Start nothing more; what runs goes on."""


@dataclass(frozen=True)
class ResumeAsked(Event):
    """Go on after a pause."""


@dataclass(frozen=True)
class CancelAsked(Event):
    """End the run: what runs is told to stop, and no report of it counts any more."""


@dataclass(frozen=True)
class RetryAsked(Event):
    """Run again what did not succeed and what depends on it; `node_ids` empty means all such."""

    node_ids: tuple[str, ...] = ()
    lost: frozenset[str] = frozenset()
    """Executions whose successes do not hold any more: their files have changed since."""
    together: tuple[frozenset[str], ...] = ()
    """Executions that have replaced each other's files: where one runs again, all do."""


@dataclass(frozen=True)
class Dispatch:
    """Send an attempt to its worker, or to every party's. `request` is the message but for ids."""

    node_id: str
    attempt: int
    execution_id: str
    parties: tuple[str, ...]
    request: Mapping[str, Json]


@dataclass(frozen=True)
class StopAttempt:
    """Tell the workers to end an attempt."""

    execution_id: str
    parties: tuple[str, ...]


Command = Dispatch | StopAttempt


@dataclass(frozen=True)
class Decision:
    state: RunState
    commands: tuple[Command, ...] = ()
