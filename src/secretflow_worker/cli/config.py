"""``sfw config``: every setting, its value, and where it came from."""

from __future__ import annotations

import json
from typing import Annotated

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


def config(
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
    as_json: Annotated[bool, typer.Option("--json", help="A list of objects.")] = False,
) -> None:
    """Show every setting and where it came from.

    Flags win over the environment, that over the file, that over the defaults.
    """
    settings = read_settings(
        config, assignments,
        redis_url=redis_url, data_root=data_root, state_dir=state_dir, party=party,
        certs_dir=certs_dir, policy_file=policy, concurrency=concurrency, log_level=log_level,
    )  # fmt: skip

    from secretflow_worker.worker.settings import explain

    explained = explain(settings)
    if as_json:
        typer.echo(json.dumps([line._asdict() for line in explained], indent=2))
        return
    widths = [max(len(line[column]) for line in explained) for column in (0, 1)]
    for line in explained:
        typer.echo(f"{line.name:<{widths[0]}}  {line.value:<{widths[1]}}  {line.source}")
