"""``sfw up``: an embedded Redis and a worker on this machine, in the foreground."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from secretflow_worker.cli.options import (
    Assignments,
    CertsDir,
    Concurrency,
    ConfigFile,
    DataRoot,
    LogLevel,
    PartyFlag,
    StateDir,
    read_settings,
)

UP_FILE = "up.json"


def up(
    config: ConfigFile = None,
    data_root: DataRoot = None,
    state_dir: StateDir = None,
    party: PartyFlag = None,
    certs_dir: CertsDir = None,
    concurrency: Concurrency = None,
    log_level: LogLevel = None,
    assignments: Assignments = None,
) -> None:
    """Start Redis and a worker here, until Ctrl-C.

    <state-dir>/up.json says how to reach them, while they run.
    """
    flags: dict[str, Any] = {
        "data_root": data_root, "state_dir": state_dir, "party": party, "certs_dir": certs_dir,
        "concurrency": concurrency, "log_level": log_level,
    }  # fmt: skip
    settings = read_settings(config, assignments, **flags)

    from secretflow_worker.worker import run_worker, start_embedded_redis
    from secretflow_worker.worker.settings import explain

    if any(line.name == "data_root" and line.source == "default" for line in explain(settings)):
        # The default is the container images' folder; here the state folder is at hand.
        flags["data_root"] = settings.state_dir.absolute() / "data"
        flags["data_root"].mkdir(parents=True, exist_ok=True)
    redis = start_embedded_redis(settings.state_dir.absolute())
    try:
        settings = read_settings(config, assignments, **flags, redis_url=redis.url)
        facts = {"redis_url": redis.url, "data_root": str(settings.data_root), "pid": os.getpid()}
        with _announced(settings.state_dir / UP_FILE, facts):
            typer.echo(
                f"Redis and a worker run here; {settings.state_dir / UP_FILE} has the address."
            )
            typer.echo(f"Data root: {settings.data_root}. Stop with Ctrl-C.")
            run_worker(settings)
    finally:
        redis.stop()


@contextmanager
def _announced(path: Path, facts: dict[str, Any]) -> Iterator[None]:
    """Let `path` hold the facts for as long as they are true; only this user can read it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(facts, file, indent=2)
    beside.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
