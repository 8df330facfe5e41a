"""Waiting for a chain, with progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from secretflow_worker.cli.chain.board import show_board
from secretflow_worker.cli.chain.tables import show_results
from secretflow_worker.cli.failure import CommandError
from secretflow_worker.cli.visible import open_console
from secretflow_worker.client import chain_calls, programs
from secretflow_worker.client.errors import ChainEnded

if TYPE_CHECKING:
    from secretflow_worker.client import Client


def wait_for(client: Client, chain_id: str, as_json: bool) -> None:
    """Show a run's progress on standard error until it ends, then what it led to.

    Raises:
        ChainEnded: it did not succeed.
        CommandError: nobody waits any more.
    """
    console = open_console(stderr=True, highlight=False, emoji=False)
    console.print(f"chain {chain_id}  {client.url}/chains/{chain_id}", style="dim", soft_wrap=True)
    try:
        begun = programs.ask(chain_calls.show(chain_id), client.patience.while_waiting)
        with show_board(console, client.carry_out(begun)) as on_progress:
            ended = client.chains.wait(chain_id, on_progress=on_progress)
    except KeyboardInterrupt:
        raise CommandError(
            f"no longer waiting; chain {chain_id} still runs",
            hint=f"`sfw chain cancel {chain_id}` ends it, `sfw chain show {chain_id}` tells of it",
            exit_code=130,
        ) from None
    except ChainEnded as fault:
        if as_json:
            typer.echo(fault.chain.model_dump_json(indent=2))
        raise
    if as_json:
        typer.echo(ended.model_dump_json(indent=2))
    else:
        show_results(open_console(highlight=False, emoji=False), ended)
