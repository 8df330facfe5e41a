"""``sfw up``: an embedded Redis and a worker on this machine, in the foreground."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from secretflow_worker.cli.options import (
    Assignments,
    CertsDir,
    Concurrency,
    ConfigFile,
    DataRoot,
    LogLevel,
    PartyFlag,
    PolicyFile,
    StateDir,
    read_settings,
)

UP_FILE = "up.json"
POLICY_FILE = "up-policy.toml"
_LOOK_EVERY_S = 0.05
_PR_SET_PDEATHSIG = 1


def up(
    config: ConfigFile = None,
    data_root: DataRoot = None,
    state_dir: StateDir = None,
    party: PartyFlag = None,
    certs_dir: CertsDir = None,
    policy: PolicyFile = None,
    concurrency: Concurrency = None,
    log_level: LogLevel = None,
    assignments: Assignments = None,
    end_with_parent: Annotated[
        bool, typer.Option(hidden=True, help="Stop when the process that started this ends.")
    ] = False,
) -> None:
    """Start Redis and a worker here, until Ctrl-C.

    <state-dir>/up.json says how to reach them, while they run.
    """
    flags: dict[str, Any] = {
        "data_root": data_root, "state_dir": state_dir, "party": party, "certs_dir": certs_dir,
        "policy_file": policy, "concurrency": concurrency, "log_level": log_level,
    }  # fmt: skip
    settings = read_settings(config, assignments, **flags)
    flags["state_dir"] = folder = settings.state_dir.absolute()

    from secretflow_worker.worker import run_worker, start_embedded_redis
    from secretflow_worker.worker.settings import explain

    if {line.name: line.source for line in explain(settings)}["data_root"] == "default":
        # The default is the container images' folder; here the state folder is at hand.
        flags["data_root"] = folder / "data"
        flags["data_root"].mkdir(parents=True, exist_ok=True)
        settings = read_settings(config, assignments, **flags)
    # Until the worker listens to signals itself, SIGTERM must not skip what follows.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if end_with_parent:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    redis = start_embedded_redis(folder)  # refuses where another `sfw up` has the folder
    try:
        if not settings.policy_files() and not settings.allow_no_policy:
            flags["policy_file"] = _write_own_policy(folder, settings.data_root)
        settings = read_settings(config, assignments, **flags, redis_url=redis.url)
        facts = {"redis_url": redis.url, "data_root": str(settings.data_root), "pid": os.getpid()}
        typer.echo(f"Redis and a worker start here; {folder / UP_FILE} has the address.")
        typer.echo(f"Data root: {settings.data_root}. Stop with Ctrl-C.")
        typer.echo(f"Policy: {', '.join(map(str, settings.policy_files())) or 'none'}.")
        with _announced(folder, facts):
            exit_code = run_worker(settings)
    finally:
        redis.stop()
    raise typer.Exit(exit_code)


def _write_own_policy(folder: Path, data_root: Path) -> Path:
    """Let this machine's parties do all within the data root, and nobody elsewhere anything."""
    from secretflow_worker.engine.policy.starting import for_one_machine

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / POLICY_FILE
    _write_private(path, for_one_machine(data_root.absolute()))
    return path


@contextmanager
def _announced(state_dir: Path, facts: dict[str, Any]) -> Iterator[None]:
    """Keep the facts in ``up.json`` from when the worker lives to the end of the block."""
    from secretflow_worker.worker import read_health

    path = state_dir / UP_FILE
    ended = threading.Event()

    def announce() -> None:
        while not ended.wait(_LOOK_EVERY_S):
            if read_health(state_dir).is_alive:
                _write_private(path, json.dumps(facts, indent=2))
                return

    thread = threading.Thread(target=announce, name="announce", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        path.unlink(missing_ok=True)


def _write_private(path: Path, text: str) -> None:
    """Let the file appear whole, readable by this user alone: it holds Redis's password."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    beside.replace(path)
