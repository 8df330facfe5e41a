"""Running chains, of a file or once more, and perhaps waiting for the end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from secretflow_worker.cli.chain.address import (
    AsJson,
    ChainId,
    StateDir,
    TokenFlag,
    Url,
    connected,
)
from secretflow_worker.cli.chain.documents import ChainFile, read_chain

if TYPE_CHECKING:
    from secretflow_worker.client import Client
    from secretflow_worker.client.answers import Started


Wait = Annotated[bool, typer.Option("--wait", help="Wait for the end; show progress.")]


def run(
    file: ChainFile,
    wait: Wait = False,
    key: Annotated[
        str | None,
        typer.Option(help="A word of your choice: with it the same chain is run once, for a day."),
    ] = None,
    as_json: AsJson = False,
    url: Url = None,
    token: TokenFlag = None,
    state_dir: StateDir = None,
) -> None:
    """Make a chain of a file and run it.

    With --wait it exits 0 if the chain succeeded and 1 if not. Ctrl-C ends the waiting only.
    """
    document = read_chain(file)
    with connected(url, token, state_dir, file) as client:
        made = client.chains.create(document, key=key)
        started = client.chains.execute(made.chain_id, key=key)
        _go_on(client, started, wait, as_json)


def execute(
    chain: ChainId,
    wait: Wait = False,
    version: Annotated[int | None, typer.Option(help="Not the newest one.")] = None,
    reuse: Annotated[
        bool, typer.Option("--reuse", help="Take over what earlier runs did and is unchanged.")
    ] = False,
    as_json: AsJson = False,
    url: Url = None,
    token: TokenFlag = None,
    state_dir: StateDir = None,
) -> None:
    """Run a chain that is there, once more."""
    with connected(url, token, state_dir) as client:
        started = client.chains.execute(chain, version=version, reuse=reuse)
        _go_on(client, started, wait, as_json)


def _go_on(client: Client, started: Started, wait: bool, as_json: bool) -> None:
    from secretflow_worker.cli.chain.waiting import wait_for

    if wait:
        wait_for(client, started.chain_id, as_json)
    elif as_json:
        typer.echo(json.dumps(started.model_dump(mode="json"), indent=2))
    else:
        typer.echo(f"{started.chain_id}: {started.status.value}")
        typer.echo(f"See {client.url}/chains/{started.chain_id}, or `sfw chain show` it.")
