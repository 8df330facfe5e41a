"""What the orchestrator answers, typed. Fields that a newer one adds are let pass.

Times are UTC, ISO 8601 with ``Z``; progress of a chain is in per cent, of a task from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from secretflow_worker.client.errors import Fault
from secretflow_worker.contract.chain import ChainStatus, ChainType, NodeStatus, SkipReason
from secretflow_worker.contract.errors import ErrorReport


class Answer(BaseModel):
    """The root of what is answered."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Created(Answer):
    """A chain that was just made."""

    chain_id: str
    chain_name: str
    chain_type: ChainType
    total_tasks: int
    status: ChainStatus
    version: int
    created_at: str


class Started(Answer):
    """A run that was just started; its id is `celery_chain_id`."""

    chain_id: str
    celery_chain_id: str
    status: ChainStatus
    started_at: str


class Deed(Answer):
    """What pausing, resuming or retrying led to."""

    chain_id: str
    celery_chain_id: str | None
    status: ChainStatus
    at: str


class Cancelled(Answer):
    """What cancelling led to."""

    chain_id: str
    status: ChainStatus
    cancelled_at: str


class Line(Answer):
    """A chain in a list."""

    chain_id: str
    chain_name: str
    chain_type: ChainType
    description: str | None
    version: int
    status: ChainStatus
    celery_chain_id: str | None
    total_tasks: int
    completed_tasks: int
    failed_tasks: int
    progress: float
    error_code: str | None = None
    created_at: str
    created_by: str
    started_at: str | None
    completed_at: str | None
    updated_at: str


class Page(Answer):
    """Some of the chains; `total` counts those on all pages."""

    items: list[Line]
    total: int
    page: int
    page_size: int


class Task(Answer):
    """A task of the newest run; the node of a sweep is ``lr[2]``."""

    task_id: str
    node_id: str
    task_request_id: str | None
    task_name: str
    task_type: str
    depends_on: list[str]
    status: NodeStatus
    attempt: int
    progress: float
    queued_at: str | None
    started_at: str | None
    completed_at: str | None
    retry_at: str | None
    reused_from: str | None = None
    """The earlier execution whose result this is, where nothing had to be computed again."""
    skip_reason: SkipReason | None = None
    """Why it was skipped, where it was."""
    result: Any = None
    error: ErrorReport | None = None


class Chain(Line):
    """A chain, and the tasks of its newest run."""

    error: ErrorReport | None
    tasks: list[Task]

    @property
    def results(self) -> dict[str, Any]:
        """What the tasks returned that have succeeded, by the nodes' ids."""
        done = (task for task in self.tasks if task.status is NodeStatus.SUCCESS)
        return {task.node_id: task.result for task in done}

    def task(self, node_id: str) -> Task:
        """Return one task of the run.

        Raises:
            KeyError: it has none of this id.
        """
        for task in self.tasks:
            if task.node_id == node_id:
                return task
        raise KeyError(node_id)


class Attempt(Answer):
    """One try of a task; `outcomes` is what each party reported at its end ("": for all)."""

    execution_id: str
    attempt: int
    status: NodeStatus
    parties: list[str]
    dispatched_at: str
    heard_at: str | None
    ended_at: str | None
    outcomes: dict[str, Any] | None
    request: dict[str, Any]


class TaskDetails(Task):
    """A task with its attempts, oldest first, and who learns what by its type."""

    attempts: list[Attempt]
    disclosure: list[dict[str, Any]]

    @property
    def outcome(self) -> dict[str, Any] | None:
        """The newest attempt's whole outcome (contract, section 5), where it has succeeded."""
        last = self.attempts[-1] if self.attempts else None
        for told in ((last.outcomes if last else None) or {}).values():
            outcome = told.get("result") if isinstance(told, Mapping) else None
            if isinstance(outcome, dict) and "performance_metrics" in outcome:
                return outcome
        return None


class Run(Answer):
    """A run of a chain; `number` counts them from 1, `version` is of the document."""

    run_id: str
    number: int
    version: int
    status: ChainStatus
    created_at: str
    started_by: str
    started_at: str | None
    ended_at: str | None
    error: ErrorReport | None


class Event(Answer):
    """Something that happened to a chain; `id` is where to go on after it.

    `kind` is ``chain`` where it is about the chain, ``task`` where it is about one task, and
    others that a newer orchestrator may tell of.
    """

    id: int
    kind: str
    chain_id: str
    at: str
    run_id: str | None = None
    task_id: str | None = None
    status: str | None = None
    attempt: int | None = None
    progress: float | None = None
    stage: str | None = None
    party: str | None = None
    skip_reason: str | None = None
    error: ErrorReport | None = None


class Versioned(Answer):
    """The version that an edit has made."""

    chain_id: str
    version: int


class Version(Answer):
    version: int
    created_at: str
    created_by: str
    note: str | None


class Change(Answer):
    """One difference between two versions: ``added``, ``removed`` or ``changed``."""

    path: str
    kind: str
    before: Any = None
    after: Any = None


class Estimate(Answer):
    """Seconds: half of all runs took less than `median_s`, most between the other two."""

    low_s: float
    median_s: float
    high_s: float
    count: int


class Planned(Answer):
    """A node that would run."""

    node_id: str
    task_type: str
    version: int
    depends_on: list[str]
    level: int
    may_be_skipped: bool
    estimate: Estimate | None


class WouldLearn(Answer):
    """One fact that somebody would learn."""

    to: str
    what: str
    about: str
    when: str
    nodes: list[str]
    outside: bool
    is_certain: bool


class DryRun(Answer):
    """What a chain would do. With faults it would not run, and the rest is empty."""

    faults: list[Fault]
    levels: list[list[str]]
    nodes: list[Planned]
    learns: list[WouldLearn]
    total: Estimate | None
    unknown_types: list[str]


class Template(Answer):
    """A chain with parameters."""

    name: str
    title: str
    description: str
    parameters: list[dict[str, Any]] = Field(default_factory=list)
    document: dict[str, Any] = Field(default_factory=dict)


class TaskType(Answer):
    """A task type as it describes itself."""

    model_config = ConfigDict(frozen=True, extra="allow")

    name: str
    version: int
    group: str
    summary: str
    config_schema: dict[str, Any]
    result_schema: dict[str, Any]
    disclosure: list[dict[str, Any]]
