"""The files of chains: checked, tried, and written."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from secretflow_worker.cli.chain.address import (
    AsJson,
    ChainId,
    StateDir,
    TokenFlag,
    Url,
    connected,
)
from secretflow_worker.cli.failure import BAD_INPUT, CommandError
from secretflow_worker.cli.visible import open_console, visible

if TYPE_CHECKING:
    from secretflow_worker.client import DryRun

ChainFile = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="A chain as YAML or JSON; - reads standard input."),
]


def read_chain(file: Path) -> Any:
    """Return what the client takes as the document: JSON is YAML too, but says so itself.

    Raises:
        CommandError: it cannot be read.
    """
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
    except UnicodeDecodeError:
        raise CommandError(f"{file}: the file is not UTF-8", exit_code=BAD_INPUT) from None
    except OSError as fault:
        raise CommandError(f"{file}: {fault.strerror}", exit_code=BAD_INPUT) from None
    return file if file.suffix.lower() == ".json" else text


def validate(
    file: ChainFile,
    as_json: AsJson = False,
    url: Url = None,
    token: TokenFlag = None,
    state_dir: StateDir = None,
) -> None:
    """Check a chain's file; every fault is shown with its place."""
    from secretflow_worker.cli.chain.failures import show_faults

    with connected(url, token, state_dir, file) as client:
        faults = client.chains.validate(read_chain(file))
    if as_json:
        typer.echo(json.dumps([fault.model_dump() for fault in faults], indent=2))
    if faults:
        if not as_json:
            show_faults(faults)
        raise CommandError(f"{file}: {_counted(len(faults))}", exit_code=BAD_INPUT)
    if not as_json:
        typer.echo(f"{file}: this chain can run")


def dry_run(
    file: ChainFile,
    as_json: AsJson = False,
    url: Url = None,
    token: TokenFlag = None,
    state_dir: StateDir = None,
) -> None:
    """Say what a chain would run, who would learn what, and how long it would take."""
    from secretflow_worker.cli.chain.failures import show_faults

    with connected(url, token, state_dir, file) as client:
        tried = client.chains.dry_run(read_chain(file))
    if as_json:
        typer.echo(tried.model_dump_json(indent=2))
    if tried.faults:
        if not as_json:
            show_faults(tried.faults)
        raise CommandError(f"{file}: {_counted(len(tried.faults))}", exit_code=BAD_INPUT)
    if not as_json:
        _show(tried)


def export(
    chain: ChainId,
    version: Annotated[int | None, typer.Option(help="Not the newest one.")] = None,
    url: Url = None,
    token: TokenFlag = None,
    state_dir: StateDir = None,
) -> None:
    """Print a chain as YAML, which can be run again."""
    with connected(url, token, state_dir) as client:
        typer.echo(client.chains.export(chain, version=version), nl=False)


def diff(
    chain: ChainId,
    before: Annotated[int | None, typer.Option("--from", help="The one before the last.")] = None,
    after: Annotated[int | None, typer.Option("--to", help="The newest.")] = None,
    as_json: AsJson = False,
    url: Url = None,
    token: TokenFlag = None,
    state_dir: StateDir = None,
) -> None:
    """Show what differs between two versions of a chain."""
    with connected(url, token, state_dir) as client:
        newest = after or client.chains.get(chain).version
        changes = client.chains.diff(chain, before or max(newest - 1, 1), newest)
    if as_json:
        typer.echo(json.dumps([change.model_dump() for change in changes], indent=2))
        return
    for change in changes:
        sides = (json.dumps(side, ensure_ascii=False) for side in (change.before, change.after))
        typer.echo(visible(f"{change.kind:<8} {change.path}: " + " -> ".join(sides)))
    if not changes:
        typer.echo("no difference")


def _show(tried: DryRun) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = open_console(highlight=False, emoji=False)
    tasks = Table(
        "task", "type", "after", "takes about", box=None, pad_edge=False, header_style="bold"
    )
    for node in tried.nodes:
        about = "?" if node.estimate is None else f"{node.estimate.median_s:.1f} s"
        tasks.add_row(
            *map(escape, (node.node_id, node.task_type, ", ".join(node.depends_on))), about
        )
    console.print(tasks)
    console.print("\n[bold]Who would learn what[/bold]")
    learns = Table.grid(padding=(0, 2))
    for line in tried.learns:
        fact = f"{line.what} (about {line.about})" if line.about else line.what
        certainty = "" if line.is_certain else "perhaps"
        learns.add_row(*map(escape, (line.to, fact, ", ".join(line.nodes), certainty)))
    console.print(learns if tried.learns else "nothing")
    if tried.total is None:
        unknown = ", ".join(tried.unknown_types)
        console.print(f"\nHow long is not known: {unknown} has not run here yet.", soft_wrap=True)
    else:
        total = tried.total
        console.print(
            f"\nAbout {total.median_s:.1f} s, most likely {total.low_s:.1f} to {total.high_s:.1f}."
        )


def _counted(faults: int) -> str:
    return "one fault" if faults == 1 else f"{faults} faults"
