"""What the policies of a worker's parties say of a request, without running it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from secretflow_worker.contract.cluster import NetworkCluster
from secretflow_worker.contract.errors import ConfigError
from secretflow_worker.contract.request import TaskRequest
from secretflow_worker.contract.result import Disclosure
from secretflow_worker.engine.outcome import statement_of
from secretflow_worker.engine.plan import dealer_of
from secretflow_worker.engine.policy.at_worker import subject_of
from secretflow_worker.engine.policy.in_force import policy_in_force
from secretflow_worker.engine.policy.model import Policy
from secretflow_worker.engine.policy.rules import judge
from secretflow_worker.engine.policy.subject import Subject
from secretflow_worker.engine.policy.verdict import PolicyRefusal, Verdict
from secretflow_worker.engine.settings import EngineSettings
from secretflow_worker.tasks import TaskDispatcher


@dataclass(frozen=True)
class Explanation:
    """Of one party: every verdict, what would be disclosed, and what could not be judged here."""

    party: str
    policy: Path | None
    verdicts: Sequence[Verdict]
    discloses: Sequence[Disclosure]
    notes: Sequence[str] = field(default_factory=list)

    @property
    def is_allowed(self) -> bool:
        return all(verdict.is_allowed for verdict in self.verdicts)


def explain(
    request: TaskRequest, settings: EngineSettings, party: str | None = None
) -> list[Explanation]:
    """Explain for `party`, else for each party that this worker would run.

    Raises:
        ConfigError: the request is not valid, or `party` is not in it.
    """
    task = TaskDispatcher.resolve(request.task_config)
    config = task.parse(request.task_config, request.parties)
    cluster = request.sf_init_config
    is_network = isinstance(cluster, NetworkCluster)
    if party is not None and party not in request.parties:
        raise ConfigError(f"{party!r} is not a party of this task")
    own = request.parties if not isinstance(cluster, NetworkCluster) else (cluster.self_party,)
    discloses = statement_of(task, config, tuple(sorted(request.parties)))
    explained = []
    for one in (party,) if party else own:
        path = settings.policy_of(one)
        try:
            loaded = policy_in_force(settings, one, is_network=is_network)
        except PolicyRefusal as refusal:
            verdicts: list[Verdict] = list(refusal.verdicts)
            explained.append(Explanation(one, path, verdicts, discloses))
            continue
        if loaded is None:
            free = Verdict("policy_file", "everything: this party has no policy", True)
            explained.append(Explanation(one, None, [free], discloses))
            continue
        subject = subject_of(one, request, task, config, dealer_of(request, task), settings)
        verdicts = list(judge(loaded.policy, subject))
        notes = _notes(loaded.policy, subject)
        explained.append(Explanation(one, path, verdicts, discloses, notes))
    return explained


def _notes(policy: Policy, subject: Subject) -> list[str]:
    notes = [
        f"{declared.path} (task_config.{declared.field}) is not here: its columns are judged when "
        "the task comes"
        for declared, real in subject.tables
        if not real.exists()
    ]
    for name in ("min_rows", "min_intersection"):
        if getattr(policy.limits, name) is not None:
            notes.append(f"limits.{name} is applied while the task runs")
    return notes
