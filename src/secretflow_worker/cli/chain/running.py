"""``sfw chain run``: make a chain of a file, run it, and perhaps wait for its end."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from secretflow_worker.cli.chain.address import AsJson, StateDir, TokenFlag, Url, connected
from secretflow_worker.cli.chain.documents import ChainFile, read_chain


def run(
    file: ChainFile,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the end; show progress.")] = False,
    key: Annotated[
        str | None,
        typer.Option(help="A word of your choice: with it the same chain is run once, for a day."),
    ] = None,
    as_json: AsJson = False,
    url: Url = None,
    token: TokenFlag = None,
    state_dir: StateDir = None,
) -> None:
    """Run the chain of a file.

    With --wait it exits 0 if the chain succeeded and 1 if not. Ctrl-C ends the waiting only.
    """
    from secretflow_worker.cli.chain.waiting import wait_for

    document = read_chain(file)
    with connected(url, token, state_dir, file) as client:
        made = client.chains.create(document, key=key)
        started = client.chains.execute(made.chain_id, key=key)
        if wait:
            wait_for(client, made.chain_id, as_json)
        elif as_json:
            typer.echo(json.dumps(started.model_dump(mode="json"), indent=2))
        else:
            typer.echo(f"{made.chain_id}: {started.status.value}")
            typer.echo(f"`sfw chain show {made.chain_id}` tells how it is.")
