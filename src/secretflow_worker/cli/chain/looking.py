"""Looking at chains: all of them, one of them, what happened."""

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
from secretflow_worker.cli.failure import CommandError
from secretflow_worker.cli.visible import open_console, visible

if TYPE_CHECKING:
    from secretflow_worker.client import Client, Event


def ls(
    status: Annotated[
        str | None, typer.Option(help="PENDING, RUNNING, PAUSED, SUCCESS, FAILURE or CANCELLED.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="A part of the name.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 20,
    page: Annotated[int, typer.Option(min=1)] = 1,
    as_json: AsJson = False,
    url: Url = None,
    token: TokenFlag = None,
    state_dir: StateDir = None,
) -> None:
    """List chains, newest first."""
    with connected(url, token, state_dir) as client:
        found = client.chains.list(
            status=status and status.upper(), name=name, page=page, page_size=limit
        )
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
        return
    from secretflow_worker.cli.chain.tables import show_list

    show_list(open_console(highlight=False, emoji=False), found)


def show(
    chain: ChainId,
    as_json: AsJson = False,
    url: Url = None,
    token: TokenFlag = None,
    state_dir: StateDir = None,
) -> None:
    """Show a chain: its tasks, their results, and why it failed."""
    with connected(url, token, state_dir) as client:
        found = client.chains.get(chain)
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
        return
    from secretflow_worker.cli.chain.tables import show_chain

    show_chain(open_console(highlight=False, emoji=False), found)


def logs(
    chain: ChainId,
    task: Annotated[
        str | None, typer.Option(help="Of this task alone, with what its parties logged.")
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as it happens.")] = False,
    as_json: AsJson = False,
    url: Url = None,
    token: TokenFlag = None,
    state_dir: StateDir = None,
) -> None:
    """Tell what has happened to a chain; of one task also what each party shares of its log."""
    lines: list[tuple[str, str]] = []
    try:
        with connected(url, token, state_dir) as client:
            if task is not None and not follow:
                lines += _of_parties(client, chain, task, as_json)
            for event in client.chains.events(chain, follow=follow):
                if task not in (None, event.task_id):
                    continue
                line = _as_json(event) if as_json else _line(event)
                if follow:
                    typer.echo(visible(line))
                else:
                    lines.append((event.at, line))
    except KeyboardInterrupt:
        raise CommandError("no longer watching", exit_code=130) from None
    for _, line in sorted(lines, key=lambda each: each[0]):
        typer.echo(visible(line))


def _of_parties(client: Client, chain: str, task: str, as_json: bool) -> list[tuple[str, str]]:
    """Return times and lines of what each party logged; who shares none is named on stderr."""
    from secretflow_worker.cli.chain.tables import local

    found = []
    for told in client.chains.logs(chain, task).parties:
        if told.silence is not None:
            silence = f"{told.party}: {told.silence.code}: {told.silence.message}"
            typer.echo(visible(silence), err=True)
        for line in told.lines:
            text = f"{local(line.at)}  {task}  {told.party}  {line.level}  {line.message}"
            data = {"party": told.party, "task_id": task, **line.model_dump(mode="json")}
            found.append((line.at, json.dumps(data, ensure_ascii=False) if as_json else text))
    return found


def _as_json(event: Event) -> str:
    return json.dumps(event.model_dump(mode="json", exclude_none=True), ensure_ascii=False)


def _line(event: Event) -> str:
    from secretflow_worker.cli.chain.board import skipped_as
    from secretflow_worker.cli.chain.tables import local

    words = [local(event.at), event.task_id or event.kind, event.status or event.kind]
    if event.attempt and event.attempt > 1:
        words.append(f"attempt {event.attempt}")
    if event.party or event.stage:
        words += [word for word in (event.party, event.stage) if word]
    if event.progress:
        words.append(f"{event.progress:.0%}")
    if event.skip_reason is not None:
        words.append(skipped_as(event.skip_reason))
    if event.error is not None:
        words.append(f"{event.error.code}: {event.error.message}")
    return "  ".join(words)
