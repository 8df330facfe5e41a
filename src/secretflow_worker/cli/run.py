"""``sfw run``: one request straight through the engine, without Redis."""

from __future__ import annotations

import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from secretflow_worker.cli.failure import CommandError
from secretflow_worker.cli.options import (
    Assignments,
    CertsDir,
    ConfigFile,
    DataRoot,
    LogLevel,
    PartyFlag,
    PolicyFile,
    StateDir,
    read_settings,
)
from secretflow_worker.cli.request_file import RequestFile, read_request

if TYPE_CHECKING:
    from secretflow_worker.contract.result import TaskOutcome
    from secretflow_worker.engine import EngineSettings, RunProgress, StopRequest


def run(
    file: RequestFile,
    config: ConfigFile = None,
    data_root: DataRoot = None,
    state_dir: StateDir = None,
    party: PartyFlag = None,
    certs_dir: CertsDir = None,
    policy: PolicyFile = None,
    log_level: LogLevel = None,
    assignments: Assignments = None,
) -> None:
    """Run one request here, without Redis.

    Prints its result, or its failure, as JSON; exits 1 if it failed.
    """
    document = read_request(file)
    settings = read_settings(
        config, assignments,
        data_root=data_root, state_dir=state_dir, party=party, certs_dir=certs_dir,
        policy_file=policy, log_level=log_level,
    ).engine_settings()  # fmt: skip

    from secretflow_worker.contract.errors import WorkerError
    from secretflow_worker.contract.result import Failure

    with ExitStack() as stack:
        if state_dir is None:
            # The configured folder may belong to a worker that is running, which sweeps it.
            own = stack.enter_context(tempfile.TemporaryDirectory(prefix="sfw-run-"))
            changed: dict[str, Path] = {
                "state_dir": Path(own),
                "programs_dir": settings.kept_programs_dir,  # which takes any number of users
            }
            if settings.policy_files():
                # A party with a policy keeps its audit log, which takes more than one writer.
                changed["audit_dir"] = settings.audits_dir
            settings = settings.model_copy(update=changed)
        else:
            _refuse_owned(settings.state_dir)
        try:
            outcome = _run(document, settings)
        except WorkerError as fault:
            typer.echo(Failure(error=fault.report()).model_dump_json(indent=2))
            raise
    typer.echo(outcome.model_dump_json(indent=2))


def _refuse_owned(state_dir: Path) -> None:
    """Leave a folder alone that a worker uses: starting an engine there would end its runs."""
    from secretflow_worker.worker.health import read_health

    if read_health(state_dir).is_alive:
        raise CommandError(
            f"a worker uses {state_dir}", hint="leave --state-dir out, or name another folder"
        )


def _run(document: dict[str, Any], settings: EngineSettings) -> TaskOutcome:
    from secretflow_worker.contract.request import parse_request
    from secretflow_worker.engine import Engine, StopRequest

    request = parse_request(document)
    engine = Engine(settings)
    plan = engine.prepare(request)
    stop = StopRequest()
    _stop_on_signal(stop)
    engine.start()
    try:
        return engine.run(plan, attempt=1, stop=stop, on_progress=_show)
    finally:
        engine.close()
        _wipe_line()


def _stop_on_signal(stop: StopRequest) -> None:
    from secretflow_worker.contract.errors import Cancelled

    def end(number: int, frame: object) -> None:
        stop.set(Cancelled(f"stopped by {signal.Signals(number).name}"))

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)


def _show(progress: RunProgress) -> None:
    """Write over the one line of progress, on a terminal."""
    if sys.stderr.isatty():
        who = f" at {progress.party}" if progress.party else ""
        line = f"{progress.progress:4.0%} {progress.stage.value}{who} {progress.message}"
        _wipe_line()
        typer.echo(line, nl=False, err=True)


def _wipe_line() -> None:
    if sys.stderr.isatty():
        typer.echo("\r\x1b[K", nl=False, err=True)
