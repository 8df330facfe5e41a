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
    take_redis: Annotated[
        bool, typer.Option("--take-redis", help="Claim a Redis that served another database.")
    ] = False,
    handover: Annotated[str | None, typer.Option(hidden=True, help="Of `sfw up`.")] = None,
) -> None:
    """Run the orchestrator: chains of tasks over HTTP, until Ctrl-C."""
    if handover is not None:
        from secretflow_worker.cli.up.handover import Handover

        handed = Handover.parse(handover)
        handed.end_with_parent()  # before the imports, which take a while

    from secretflow_worker.orchestrator.settings import load_settings
    from secretflow_worker.orchestrator.web import Started, run_web

    settings = load_settings(
        config,
        host=host,
        port=port,
        database_url=database_url,
        redis_url=redis_url,
        state_dir=state_dir,
    )

    def tell(started: Started) -> None:
        typer.echo(
            f"The API is at {started.url}/api/v1; its description at "
            f"{started.url}/api/v1/openapi.json."
        )
        if started.link is not None:
            typer.echo(
                "Nobody can sign in yet. The first user does once by this link: " + started.link
            )

    if handover is None:
        run_web(settings, tell, takes_redis=take_redis)
    else:
        token = handed.token()
        # The Redis of `sfw up` is its state folder's own.
        run_web(
            settings,
            handed.tell,
            listening=handed.listening(),
            local_token=token,
            takes_redis=True,
        )
