"""``sfw health``: the health check of a container that runs a worker."""

from __future__ import annotations

import typer

from secretflow_worker.cli.options import (
    Assignments,
    ConfigFile,
    RedisUrl,
    StateDir,
    read_settings,
)


def health(
    config: ConfigFile = None,
    redis_url: RedisUrl = None,
    state_dir: StateDir = None,
    assignments: Assignments = None,
) -> None:
    """Tell whether this machine's worker is well.

    For the health check of a container: exits 1 unless it is alive and reaches Redis.
    """
    settings = read_settings(config, assignments, redis_url=redis_url, state_dir=state_dir)

    from secretflow_worker.worker import check_health

    typer.echo(check_health(settings))
