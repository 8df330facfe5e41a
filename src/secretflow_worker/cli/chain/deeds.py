"""What is done to a chain's run."""

from __future__ import annotations

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

if TYPE_CHECKING:
    from secretflow_worker.client.answers import Cancelled, Deed


def cancel(
    chain: ChainId,
    as_json: AsJson = False,
    url: Url = None,
    token: TokenFlag = None,
    state_dir: StateDir = None,
) -> None:
    """End the run of a chain; nothing is deleted."""
    with connected(url, token, state_dir) as client:
        _tell(client.chains.cancel(chain), as_json)


def pause(
    chain: ChainId,
    as_json: AsJson = False,
    url: Url = None,
    token: TokenFlag = None,
    state_dir: StateDir = None,
) -> None:
    """Start nothing more of a run; what runs goes on."""
    with connected(url, token, state_dir) as client:
        _tell(client.chains.pause(chain), as_json)


def resume(
    chain: ChainId,
    as_json: AsJson = False,
    url: Url = None,
    token: TokenFlag = None,
    state_dir: StateDir = None,
) -> None:
    """Go on after a pause."""
    with connected(url, token, state_dir) as client:
        _tell(client.chains.resume(chain), as_json)


def retry(
    chain: ChainId,
    tasks: Annotated[
        list[str] | None,
        typer.Option("--task", help="Which; repeatable. Else all that failed."),
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the end.")] = False,
    as_json: AsJson = False,
    url: Url = None,
    token: TokenFlag = None,
    state_dir: StateDir = None,
) -> None:
    """Run again what failed, and what depends on it."""
    from secretflow_worker.cli.chain.waiting import wait_for

    with connected(url, token, state_dir) as client:
        done = client.chains.retry(chain, tasks or ())
        if wait:
            wait_for(client, chain, as_json)
        else:
            _tell(done, as_json)


def _tell(done: Deed | Cancelled, as_json: bool) -> None:
    typer.echo(
        done.model_dump_json(indent=2) if as_json else f"{done.chain_id}: {done.status.value}"
    )
