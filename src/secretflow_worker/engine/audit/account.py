"""What an engine writes into the logs of its own parties, and when.

``started`` comes before any process does, with all that the run may disclose: a run that fails,
or dies with its worker, may have disclosed it. ``disclosed`` comes before any output has its
name and before anybody hears of the result. What cannot be written lets nothing go on.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from secretflow_worker.contract.cluster import NetworkCluster
from secretflow_worker.contract.errors import PolicyError, WorkerError
from secretflow_worker.contract.request import TaskRequest
from secretflow_worker.contract.result import Disclosure
from secretflow_worker.engine.audit.log import AuditLog
from secretflow_worker.engine.audit.record import Event

if TYPE_CHECKING:
    from secretflow_worker.engine.plan import Plan
    from secretflow_worker.engine.settings import EngineSettings

_log = logging.getLogger(__name__)
_ASKED_LIMIT_CHARS = 128


class Account:
    """Writes for every own party of a request."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings

    def refused(self, request: TaskRequest, error: PolicyError, asked_by: str | None) -> None:
        """Note that the policy of ``error.party`` refused a request before anything started.

        Raises:
            OSError: the log cannot be written.
        """
        own = _own_of(request)
        facts = {**_facts(request, asked_by), **_refusal(error)}
        self._write([error.party] if error.party in own else own, "refused", facts)

    def started(self, plan: Plan, attempt: int, disclosures: Sequence[Disclosure]) -> None:
        """Note that an attempt starts, and what it may disclose.

        Raises:
            OSError: the log cannot be written.
        """
        may = [line.model_dump() for line in disclosures]
        for party in plan.own:
            policy = plan.policies.get(party)
            facts = {
                **_facts(plan.request, plan.asked_by, plan, attempt),
                "may_disclose": may,
                "policy_sha256": None if policy is None else policy.sha256,
                "protocol": plan.device.protocol if plan.needs_link else None,
            }
            self._write([party], "started", facts)

    def disclosed(self, plan: Plan, attempt: int, disclosures: Sequence[Disclosure]) -> None:
        """Note what an attempt that has finished disclosed, to whom, and about whom.

        Raises:
            OSError: the log cannot be written.
        """
        facts = {
            **_facts(plan.request, plan.asked_by, plan, attempt),
            "disclosed": [line.model_dump() for line in disclosures],
        }
        self._write(plan.own, "disclosed", facts)

    def failed(self, plan: Plan, attempt: int, error: WorkerError) -> None:
        """Note how an attempt ended; of other errors than refusals the code and the party only."""
        facts = {
            **_facts(plan.request, plan.asked_by, plan, attempt),
            "code": error.code,
            "failed_party": error.party,
        }
        if isinstance(error, PolicyError):
            facts |= _refusal(error)
        try:
            self._write(plan.own, "failed", facts)
        except OSError as fault:  # the task has failed for a reason that matters more
            _log.error("the audit log misses the end of %s: %s", facts["execution_id"], fault)

    def _write(self, parties: Sequence[str | None], event: Event, facts: dict[str, Any]) -> None:
        for party in parties:
            if party is not None:
                AuditLog(self._settings.audits_dir, party).append(event, facts)


def _facts(
    request: TaskRequest, asked_by: str | None, plan: Plan | None = None, attempt: int | None = None
) -> dict[str, Any]:
    asked = request.task_config.get("task_type")
    return {
        "task_id": request.task_id,
        "subtask_id": request.subtask_id,
        "execution_id": request.execution_id,
        "asked_by": None if asked_by is None else asked_by[:_ASKED_LIMIT_CHARS],
        "task_type": plan.task.name if plan else str(asked)[:_ASKED_LIMIT_CHARS],
        "task_version": plan.task.version if plan else None,
        "parties": list(request.parties),
        "mode": "cluster" if isinstance(request.sf_init_config, NetworkCluster) else "local",
        "attempt": attempt,
    }


def _refusal(error: PolicyError) -> dict[str, Any]:
    return {"rules": list(getattr(error, "rules", [])), "message": error.message}


def _own_of(request: TaskRequest) -> Sequence[str]:
    cluster = request.sf_init_config
    return [cluster.self_party] if isinstance(cluster, NetworkCluster) else request.parties
