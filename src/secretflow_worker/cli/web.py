"""``sfw web``: the orchestrator, on a Redis that workers listen to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

WebConfig = Annotated[
    Path | None, typer.Option("--config", help="A TOML file with a table [web]. [SFW_CONFIG]")
]
Host = Annotated[str | None, typer.Option(help="Where to listen; loopback by default. [SFW_HOST]")]
Port = Annotated[int | None, typer.Option(help="0 takes a free one. [SFW_PORT]")]
DatabaseUrl = Annotated[
    str | None, typer.Option(help="SQLite in the state folder by default. [DATABASE_URL]")
]
Redis = Annotated[str | None, typer.Option("--redis-url", help="The workers'. [REDIS_URL]")]
State = Annotated[Path | None, typer.Option("--state-dir", help="[SFW_STATE_DIR]")]


def web(
    config: WebConfig = None,
    host: Host = None,
    port: Port = None,
    database_url: DatabaseUrl = None,
    redis_url: Redis = None,
    state_dir: State = None,
) -> None:
    """Run the orchestrator: chains of tasks over HTTP, until Ctrl-C."""
    from secretflow_worker.orchestrator.settings import load_settings
    from secretflow_worker.orchestrator.web import run_web

    settings = load_settings(
        config,
        host=host,
        port=port,
        database_url=database_url,
        redis_url=redis_url,
        state_dir=state_dir,
    )
    run_web(settings, typer.echo)
