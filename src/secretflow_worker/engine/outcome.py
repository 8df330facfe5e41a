"""The success of a run as it is told to its sender."""

from __future__ import annotations

from collections.abc import Mapping

from secretflow_worker.contract.errors import InternalError
from secretflow_worker.contract.events import utc_now
from secretflow_worker.contract.result import (
    Disclosure,
    HeuSecurity,
    PerformanceMetrics,
    Security,
    TaskMetadata,
    TaskOutcome,
)
from secretflow_worker.engine.control import Done
from secretflow_worker.engine.plan import Plan
from secretflow_worker.engine.spec import LinkSpec
from secretflow_worker.tasks import Config, Result, TaskType


def make_outcome(
    plan: Plan,
    result: Result | None,
    done: Mapping[str, Done],
    started_at: str,
    total_s: float,
    link: LinkSpec | None,
) -> TaskOutcome:
    """Put result, figures and metadata into the shape of the contract's section 5."""
    if result is None:
        raise InternalError(f"task type {plan.task.name} has no function that combines its reports")
    return TaskOutcome(
        result=result.model_dump(mode="json", by_alias=True),
        performance_metrics=_metrics(done, total_s),
        task_metadata=TaskMetadata(
            task_id=plan.request.task_id,
            subtask_id=plan.request.subtask_id,
            execution_id=plan.request.execution_id,
            task_type=plan.task.name,
            task_version=plan.task.version,
            started_at=started_at,
            completed_at=utc_now(),
            devices_used=[*plan.own, *_devices(done)],
            parties=list(plan.request.parties),
            security=_security(plan, done, link),
            disclosed=make_statement(plan),
        ),
    )


def _metrics(done: Mapping[str, Done], total_s: float) -> PerformanceMetrics:
    """Phases as long as they were at the slowest party."""
    figures = [message.figures for message in done.values()]
    cluster = max(each.cluster_init_s for each in figures)
    device = max(each.device_init_s for each in figures)
    algorithm = max(each.algorithm_s for each in figures)
    percent = 100.0 / total_s if total_s else 0.0
    return PerformanceMetrics(
        total_execution_time=round(total_s, 4),
        cluster_init_time=round(cluster, 4),
        device_init_time=round(device, 4),
        algorithm_exec_time=round(algorithm, 4),
        overhead_time=round(max(0.0, total_s - cluster - device - algorithm), 4),
        cluster_init_percentage=round(cluster * percent, 2),
        device_init_percentage=round(device * percent, 2),
        algorithm_exec_percentage=round(algorithm * percent, 2),
        peak_rss_bytes={party: each.figures.peak_rss_bytes for party, each in done.items()},
        bytes_sent={party: each.figures.bytes_sent for party, each in done.items()},
        messages_sent={party: each.figures.messages_sent for party, each in done.items()},
    )


def _devices(done: Mapping[str, Done]) -> list[str]:
    used = {"spu": any(each.used_spu for each in done.values())}
    used["heu"] = any(each.used_heu for each in done.values())
    return [name for name, is_used in used.items() if is_used]


def _security(plan: Plan, done: Mapping[str, Done], link: LinkSpec | None) -> Security | None:
    if link is None or not plan.needs_link:  # each party worked alone
        return None
    used = _devices(done)
    device, heu = plan.device, plan.device.heu
    has_spu = "spu" in used
    return Security(
        protocol=device.protocol if has_spu else None,
        field=device.field if has_spu else None,
        dealer=plan.parties[0] if has_spu and device.protocol == "SEMI2K" else None,
        heu=HeuSecurity(scheme=heu.schema_name, key_bits=heu.key_bits, key_holder=heu.keeper)
        if heu is not None and "heu" in used
        else None,
        mutual_tls=link.certificate is not None,
    )


def make_statement(plan: Plan) -> list[Disclosure]:
    """State what a run discloses; see ``statement_of``."""
    return statement_of(plan.task, plan.config, plan.parties)


def statement_of(task: TaskType, config: Config, parties: tuple[str, ...]) -> list[Disclosure]:
    """State what a run discloses, line by line: to each party, then to who need not be one."""
    to_parties = [
        Disclosure(to=party, what=line.what, about=line.about)
        for party in parties
        for line in task.learns
        if line.reaches(config, party)
    ]
    outside = [
        Disclosure(to=line.who, what=line.what, about=line.about)
        for line in task.learns
        if line.outside and (line.disclosed is None or line.disclosed(config, ""))
    ]
    return to_parties + outside
