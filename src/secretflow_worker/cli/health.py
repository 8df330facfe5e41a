"""``sfw health``: the health check of a container that runs a worker."""

from __future__ import annotations

import typer

from secretflow_worker.cli.options import Assignments, ConfigFile, StateDir, read_settings


def health(
    config: ConfigFile = None, state_dir: StateDir = None, assignments: Assignments = None
) -> None:
    """Tell whether this machine's worker is alive.

    For the health check of a container: exits 1 if it is not. A worker that waits for Redis is
    alive; it must not be restarted for that.
    """
    settings = read_settings(config, assignments, state_dir=state_dir)

    from secretflow_worker.worker.health import read_health

    found = read_health(settings.state_dir)
    typer.echo(found.detail)
    if not found.is_alive:
        raise typer.Exit(1)
