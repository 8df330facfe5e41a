"""The result envelope: what the Celery task returns (contract, section 5)."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from secretflow_worker.contract.errors import ErrorReport


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PerformanceMetrics(_Frozen):
    """Times in seconds, sizes in bytes; percentages of the total, 0 to 100."""

    total_execution_time: float
    cluster_init_time: float
    device_init_time: float
    algorithm_exec_time: float
    overhead_time: float
    cluster_init_percentage: float
    device_init_percentage: float
    algorithm_exec_percentage: float
    peak_rss_bytes: dict[str, int]
    bytes_sent: dict[str, int]
    messages_sent: dict[str, int]


class HeuSecurity(_Frozen):
    """The homomorphic encryption of a run, and the party that could decrypt."""

    scheme: str
    key_bits: int
    key_holder: str


class Security(_Frozen):
    """What the parties' secrecy rested on in this run; protocol and field are the SPU's."""

    protocol: str | None
    field: str | None
    dealer: str | None = None
    """SEMI2K's first party deals every multiplication triple and could learn all by them."""
    heu: HeuSecurity | None = None
    mutual_tls: bool


class Disclosure(_Frozen):
    """One fact that was disclosed: to whom, what, and about whose data."""

    to: str
    what: str
    about: str


class TaskMetadata(_Frozen):
    task_id: str
    subtask_id: str
    execution_id: str
    task_type: str
    task_version: int
    started_at: str
    completed_at: str
    devices_used: list[str]
    parties: list[str]
    security: Security | None = None
    """None where the parties did not meet: each worked on its own files."""
    disclosed: list[Disclosure] = []


class CeleryMetadata(_Frozen):
    celery_task_id: str | None
    celery_queue: str | None
    celery_exchange: str | None
    retry_count: int
    celery_execution_time: float
    worker_hostname: str | None
    task_eta: str | None


class TaskOutcome(_Frozen):
    status: Literal["success"] = "success"
    result: dict[str, Any]
    performance_metrics: PerformanceMetrics
    task_metadata: TaskMetadata
    celery_metadata: CeleryMetadata | None = None


class Envelope(_Frozen):
    task_id: str
    subtask_id: str
    execution_id: str
    completed_at: str
    result: TaskOutcome


class Failure(_Frozen):
    status: Literal["failure"] = "failure"
    error: ErrorReport
