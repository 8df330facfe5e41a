"""The engine: checks requests, and runs each as party processes of its own.

``prepare`` refuses what can be refused before anything starts; ``run`` forks the parties that
this worker runs, watches them, and gives their outputs their names once all have finished.
Thread-safe: several threads may run several plans at once.
"""

from __future__ import annotations

import dataclasses
import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from secretflow_worker.contract.errors import (
    DiskFull,
    OutputNotWritable,
    PolicyError,
    ResourceBusy,
    WorkerError,
)
from secretflow_worker.contract.events import Stage, utc_now
from secretflow_worker.contract.request import TaskRequest
from secretflow_worker.contract.result import TaskOutcome
from secretflow_worker.engine import launcher
from secretflow_worker.engine.audit.account import Account
from secretflow_worker.engine.control import Done
from secretflow_worker.engine.logs import LogFolder, remove_traces
from secretflow_worker.engine.outcome import make_outcome, make_statement
from secretflow_worker.engine.paths import DISK_FULL
from secretflow_worker.engine.plan import Plan, prepare
from secretflow_worker.engine.policy import check_files
from secretflow_worker.engine.ports import PortLease
from secretflow_worker.engine.refusal import Refusals
from secretflow_worker.engine.settings import EngineSettings
from secretflow_worker.engine.spec import LinkSpec, PartySpec, ProgramsSpec
from secretflow_worker.engine.supervisor import (
    Limits,
    RunProgress,
    StopRequest,
    Supervisor,
    WatchedParty,
)
from secretflow_worker.engine.workdir import RunFolder, roll_back, sweep
from secretflow_worker.tasks import Report
from secretflow_worker.tasks._config import FileRole


@dataclass(frozen=True)
class Recovered:
    """An execution that a killed worker had finished all but the renaming of its outputs."""

    execution_id: str
    outcome: TaskOutcome


class Engine:
    """One per worker process."""

    def __init__(self, settings: EngineSettings) -> None:
        self.settings = settings
        self._account = Account(settings)
        self._refusals = Refusals()

    def start(self) -> list[Recovered]:
        """Check the policies, sweep what a killed worker left, and warm the launcher.

        Raises:
            ConfigError: a policy file is faulty.
        """
        check_files(self.settings)
        self.settings.runs_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self.settings.runs_dir.iterdir():
            remove_traces(self.settings.logs_dir / left.name)
        recovered = [Recovered(*finished) for finished in sweep(self.settings.runs_dir)]
        launcher.warm(self.settings.state_dir / "launcher")
        return recovered

    def prepare(self, request: TaskRequest, asked_by: str | None = None) -> Plan:
        """Check a request; see ``plan.prepare``. A refusal is in the party's audit log first."""
        try:
            plan = prepare(request, self.settings, self._refusals.tell)
        except PolicyError as refusal:
            with _naming_os_errors():
                self._account.refused(request, refusal, asked_by)
            raise
        return dataclasses.replace(plan, asked_by=asked_by)

    def run(
        self,
        plan: Plan,
        *,
        attempt: int = 1,
        stop: StopRequest | None = None,
        on_progress: Callable[[RunProgress], None] = lambda progress: None,
    ) -> TaskOutcome:
        """Run one attempt to its end.

        Raises:
            WorkerError: the root cause. Nothing of the attempt is left then.
        """
        started_at, start = utc_now(), time.monotonic()
        folder = RunFolder(self.settings.runs_dir, plan.request.execution_id, attempt)
        lease: PortLease | None = None
        with _naming_os_errors():
            folder.create(list(plan.own))
        try:
            link = plan.link
            if plan.needs_link and link is None:
                lease = PortLease(len(plan.parties), self.settings.port_range)
                link = self._local_link(plan, lease)
            elif link is not None:
                self._refusals.give_way(link, plan.own[0])
            on_progress(RunProgress(Stage.CLUSTER_INIT, Stage.CLUSTER_INIT.progress(), None))
            with _naming_os_errors():
                self._account.started(plan, attempt, make_statement(plan))
            done = self._run_parties(plan, attempt, folder, link, stop, on_progress)
            reports = self._reports(plan, done)
            result = plan.task.combine_function
            combined = result(plan.config, reports) if result else None
            with _naming_os_errors():
                self._stage_report_files(plan, reports, folder)
                total_s = time.monotonic() - start
                outcome = make_outcome(plan, combined, done, started_at, total_s, link)
                self._account.disclosed(plan, attempt, outcome.task_metadata.disclosed)
                folder.commit(outcome)
        except WorkerError as error:
            self._account.failed(plan, attempt, error)
            raise
        finally:
            if lease is not None:
                lease.release()
            remove_traces(self.settings.logs_dir / folder.token)
            roll_back(folder.path)
        return outcome

    def close(self) -> None:
        """Nothing to close: the launcher ends with its owner's process."""

    def _local_link(self, plan: Plan, lease: PortLease) -> LinkSpec:
        return LinkSpec(
            parties=list(plan.parties),
            addresses=[f"127.0.0.1:{port}" for port in lease.ports],
            connect_timeout_s=self.settings.connect_timeout_s,
            silence_timeout_s=self.settings.peer_silence_timeout_s,
        )

    def _run_parties(
        self,
        plan: Plan,
        attempt: int,
        folder: RunFolder,
        link: LinkSpec | None,
        stop: StopRequest | None,
        on_progress: Callable[[RunProgress], None],
    ) -> dict[str, Done]:
        limits = Limits(
            timeout_s=plan.timeout_s,
            silence_s=self.settings.peer_silence_timeout_s,
            memory_bytes=self.settings.party_memory_bytes,
            all_parties_here=plan.own == plan.parties,
        )
        with _naming_os_errors():
            specs = [self._spec_of(plan, party, attempt, folder, link) for party in plan.own]
        watched: list[WatchedParty] = []
        supervisor = Supervisor(watched, limits, stop or StopRequest(), on_progress)
        try:
            for spec in specs:
                ours, theirs = multiprocessing.Pipe()
                watched.append(WatchedParty(spec.party, launcher.fork_party(spec, theirs), ours))
                theirs.close()
        except (OSError, EOFError) as fault:
            supervisor.end_all()
            raise ResourceBusy("the launcher could not fork a party; it is started anew") from fault
        except BaseException:
            supervisor.end_all()
            raise
        return supervisor.watch()

    def _spec_of(
        self, plan: Plan, party: str, attempt: int, folder: RunFolder, link: LinkSpec | None
    ) -> PartySpec:
        logs = LogFolder(self.settings.logs_dir, folder.token, self.settings.kept_logs)
        return PartySpec(
            party=party,
            parties=list(plan.parties),
            execution_id=plan.request.execution_id,
            attempt=attempt,
            task_type=plan.task.name,
            task_version=plan.task.version,
            task_config=dict(plan.request.task_config),
            data_root=self.settings.root_of(party),
            shared_root=self.settings.shared_root_of(plan.own),
            work_dir=folder.work_of(party),
            log_path=logs.log_of(party),
            run_root=folder.path,
            log_level=self.settings.log_level,
            link=link,
            device=plan.device,
            programs=self._programs,
            policy=plan.policies[party].policy if party in plan.policies else None,
        )

    @property
    def _programs(self) -> ProgramsSpec | None:
        limit_bytes = self.settings.programs_limit_bytes
        if limit_bytes == 0:
            return None
        # Absolute: a party works in a folder of its own.
        return ProgramsSpec(
            folder=self.settings.kept_programs_dir.absolute(), limit_bytes=limit_bytes
        )

    @staticmethod
    def _reports(plan: Plan, done: Mapping[str, Done]) -> dict[str, Report]:
        return {
            party: plan.task.report.model_validate(message.report)
            for party, message in done.items()
        }

    @staticmethod
    def _stage_report_files(plan: Plan, reports: Mapping[str, Report], folder: RunFolder) -> None:
        """Write the merged report of a ``ReportPath`` field, where the type makes one."""
        document = plan.task.report_document
        for declared in plan.config.files():
            if document is None or declared.role is not FileRole.OUTPUT_REPORT:
                continue
            content: Any = document(plan.config, reports)
            if content is None:  # the party that has it is another worker's
                continue
            path = folder.record_of("_report").stage(Path(os.path.realpath(declared.path)))
            text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
            path.write_text(text + "\n", encoding="utf-8")


@contextmanager
def _naming_os_errors() -> Iterator[None]:
    """Turn what the file system refuses to the worker itself into an error with a code."""
    try:
        yield
    except OSError as fault:
        if fault.errno in DISK_FULL:
            raise DiskFull(f"the worker could not write {fault.filename or 'a file'}") from fault
        raise OutputNotWritable(
            f"the worker could not write {fault.filename or 'a file'}: {fault.strerror}"
        ) from fault


__all__ = ["Engine", "Plan", "Recovered", "RunProgress", "StopRequest", "WorkerError"]
