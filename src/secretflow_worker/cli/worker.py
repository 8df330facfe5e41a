"""``sfw worker``: run a worker against a Redis of your own."""

from __future__ import annotations

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
    RedisUrl,
    StateDir,
    read_settings,
)


def worker(
    config: ConfigFile = None,
    redis_url: RedisUrl = None,
    data_root: DataRoot = None,
    state_dir: StateDir = None,
    party: PartyFlag = None,
    certs_dir: CertsDir = None,
    policy: PolicyFile = None,
    concurrency: Concurrency = None,
    log_level: LogLevel = None,
    assignments: Assignments = None,
) -> None:
    """Run a worker on a Redis of your own, until Ctrl-C."""
    settings = read_settings(
        config, assignments,
        redis_url=redis_url, data_root=data_root, state_dir=state_dir, party=party,
        certs_dir=certs_dir, policy_file=policy, concurrency=concurrency, log_level=log_level,
    )  # fmt: skip

    from secretflow_worker.worker import run_worker

    raise typer.Exit(run_worker(settings))
