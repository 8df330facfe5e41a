"""The chain document: tasks, what each waits for, and options (contract, section 8).

JSON or YAML, the same model. ``parse_chain`` is the only way in: it returns the document
typed, or raises with every fault of its shape at once, each with its place. What needs the
graph or the task types (cycles, references, configs) is checked by the orchestrator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from secretflow_worker.contract.errors import ConfigError
from secretflow_worker.contract.names import PartyName
from secretflow_worker.contract.request import Loc, list_faults, placed_faults

MAX_TASKS = 10_000
MAX_SWEEP = 1_000

TaskId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
"""The id of a task in its document. A sweep's tasks are called ``id[0]``, ``id[1]``, ..."""
Title = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Seconds = Annotated[float, Field(gt=0, le=30 * 24 * 3600)]


class ChainStatus(str, Enum):
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    CANCELLED = "CANCELLED"

    @property
    def is_terminal(self) -> bool:
        return self in {ChainStatus.SUCCESS, ChainStatus.FAILURE, ChainStatus.CANCELLED}


class NodeStatus(str, Enum):
    """Of one task of a run."""

    PENDING = "PENDING"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    RETRY = "RETRY"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    CANCELLED = "CANCELLED"
    SKIPPED = "SKIPPED"

    @property
    def is_terminal(self) -> bool:
        return self not in {
            NodeStatus.PENDING, NodeStatus.QUEUED, NodeStatus.RUNNING, NodeStatus.RETRY,
        }  # fmt: skip


class ChainType(str, Enum):
    """What a chain's graph is; worked out, never asked for."""

    SEQUENTIAL = "sequential"
    PARALLEL = "parallel"
    CHORD = "chord"
    COMPLEX = "complex"


class SkipReason(str, Enum):
    """Why a task was skipped: the field of the document that says so."""

    WHEN = "when"
    """Its condition is false."""
    TRIGGER_RULE = "trigger_rule"
    """It waits for a failure, and nothing before it failed."""
    DEPENDS_ON = "depends_on"
    """A task that it depends on did not succeed."""
    STOP_ON_ERROR = "stop_on_error"
    """Another task failed, after which nothing is started."""


class TriggerRule(str, Enum):
    """When a task whose dependencies have ended may run."""

    ALL_SUCCESS = "all_success"
    ALL_DONE = "all_done"
    ONE_FAILED = "one_failed"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class RetryPolicy(_Part):
    """Attempts beyond the first; each waits twice as long as the one before it."""

    max_retries: int = Field(default=0, ge=0, le=100)
    retry_on_failure: bool = Field(
        default=False,
        description="Retry any failure; otherwise only those that may pass by themselves.",
    )
    backoff_s: Seconds = 1.0


class TaskParams(_Part):
    """What the worker is sent, but for the ids. Strings may refer to earlier tasks' results."""

    sf_init_config: dict[str, Any] | None = None
    spu_config: dict[str, Any] | None = None
    heu_config: dict[str, Any] | None = None
    task_config: dict[str, Any]


class ChainTask(_Part):
    """One task of a chain."""

    task_id: TaskId
    task_name: Title | None = None
    task_type: str
    depends_on: list[TaskId] = Field(default_factory=list, max_length=MAX_TASKS)
    execution_mode: Literal["sequential", "parallel"] | None = Field(
        default=None, description="Accepted and kept; the graph alone decides what runs when."
    )
    is_callback: bool = False
    task_params: TaskParams
    when: str | None = Field(
        default=None,
        max_length=1000,
        description="A CEL expression over `tasks`, the finished tasks before this one; false "
        "skips the task.",
    )
    retry: RetryPolicy | None = None
    timeout_s: Seconds | None = Field(default=None, description="Of one attempt, once it runs.")
    queue_timeout_s: Seconds | None = Field(
        default=None, description="How long an attempt may wait for a worker."
    )
    for_each: dict[str, list[Any]] | None = Field(
        default=None,
        min_length=1,
        max_length=8,
        description="A sweep: the task runs once for every combination of these parameters, "
        "which its strings name as `${each.<name>}`.",
    )
    trigger_rule: TriggerRule = TriggerRule.ALL_SUCCESS


class ChainOptions(_Part):
    """Defaults for the tasks, and how the chain as a whole runs."""

    retry_policy: RetryPolicy = RetryPolicy()
    timeout: Seconds | None = Field(default=None, description="Of the whole chain.")
    priority: Literal["low", "normal", "high"] = "normal"
    stop_on_error: bool = Field(
        default=True,
        description="After a failure start nothing but what waits for failures; what runs already "
        "finishes, so that a retry can reuse it. False: branches without the failure go on.",
    )
    max_parallel: int | None = Field(default=None, ge=1, le=MAX_TASKS)
    parties: list[PartyName] | None = Field(default=None, min_length=1, max_length=5)
    sf_init_config: dict[str, Any] | None = None
    spu_config: dict[str, Any] | None = None
    heu_config: dict[str, Any] | None = None

    @field_validator("sf_init_config")
    @classmethod
    def _one_source_of_parties(
        cls, value: dict[str, Any] | None, others: ValidationInfo
    ) -> dict[str, Any] | None:
        # Of the field and not of the whole: it is told beside the faults of other fields.
        if value is not None and others.data.get("parties") is not None:
            raise ValueError("parties names the parties already")
        return value


class ChainDocument(_Part):
    """A chain as people write it."""

    chain_name: Title
    description: str | None = Field(default=None, max_length=10_000)
    tasks: list[ChainTask] = Field(min_length=1, max_length=MAX_TASKS)
    options: ChainOptions = ChainOptions()


def parse_chain(document: object) -> ChainDocument:
    """Check the shape of a chain document and return it typed.

    Raises:
        ConfigError: with every fault, each with its place; never with a value.
    """
    if not isinstance(document, Mapping):
        raise ConfigError("the chain is not an object")
    try:
        return ChainDocument.model_validate(document)
    except ValidationError as fault:
        raise ConfigError(list_faults(fault)) from None


_Read = TypeVar("_Read", bound=_Part)


@dataclass(frozen=True)
class Draft:
    """What can be read of a chain document, which may have faults."""

    tasks: Mapping[int, ChainTask] = field(default_factory=dict)
    """The tasks without a fault of their own, by their position in the document."""
    broken: frozenset[str] = frozenset()
    """The ids of the other tasks, so far as they have one."""
    options: ChainOptions | None = None
    """None where it cannot be said what the tasks' defaults are."""


def read_draft(document: object) -> tuple[Draft, list[tuple[Loc, str]]]:
    """Read what can be read of a chain document, and return every fault of its shape.

    Faults have their places; their texts hold no value.
    """
    if not isinstance(document, Mapping):
        return Draft(), [((), "the chain is not an object")]
    try:
        whole = ChainDocument.model_validate(document)
    except ValidationError as fault:
        return _read_parts(document), list(placed_faults(fault, document))
    return Draft(dict(enumerate(whole.tasks)), frozenset(), whole.options), []


_NEEDED = {"task_id", "task_type", "task_params", "depends_on", "for_each"}
"""The fields of a task without which nothing certain can be said of it."""
_DEFAULTS = {"parties", "sf_init_config", "spu_config", "heu_config"}


def _read_parts(document: Mapping[str, Any]) -> Draft:
    tasks: dict[int, ChainTask] = {}
    broken: set[str] = set()
    listed = document.get("tasks")
    for position, task in enumerate(listed[:MAX_TASKS] if isinstance(listed, list) else []):
        read = _read_without_faults(ChainTask, task, _NEEDED)
        task_id = task.get("task_id") if isinstance(task, Mapping) else None
        if read is not None:
            tasks[position] = read
        elif isinstance(task_id, str):
            broken.add(task_id)
    options = _read_without_faults(ChainOptions, document.get("options", {}), _DEFAULTS)
    return Draft(tasks, frozenset(broken), options)


def _read_without_faults(model: type[_Read], data: Any, needed: set[str]) -> _Read | None:
    """Return what can be read of an object once its faulty fields are left out."""
    try:
        return model.model_validate(data)
    except ValidationError as fault:
        faulty = {str(loc[0]) if loc else "" for loc, _ in placed_faults(fault, data)}
    if "" in faulty or faulty & needed or not isinstance(data, Mapping):
        return None
    return model.model_validate({key: data[key] for key in data if str(key) not in faulty})
