"""``sfw demo``: two organisations' real tables, from intersection to evaluated models."""

from __future__ import annotations

import json
import re
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from secretflow_worker.cli.failure import CommandError

if TYPE_CHECKING:
    from rich.console import Console

    from secretflow_worker.chain_builder import Chain
    from secretflow_worker.cli.demo.service import Service
    from secretflow_worker.client import Client, TaskDetails

_SILENCE_S = 5.0


def demo(
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document on stdout; progress on stderr.")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave all running, the page too; print how to stop.")
    ] = False,
    open_page: Annotated[
        bool, typer.Option("--open", help="As --keep, and watch the chain in a browser.")
    ] = False,
    port: Annotated[int, typer.Option(help="Of the page; 0 takes a free one.")] = 0,
    folder: Annotated[
        Path | None, typer.Option("--dir", help="An empty folder for all files, which stay there.")
    ] = None,
) -> None:
    """See two parties' real tables become evaluated models.

    Splits German Credit between a bank and a retailer, starts what `sfw up` starts, and runs one
    chain through it over HTTP, as any client would. Exits 0 only if every task succeeded and each
    model's AUC is within 0.05 of the plain library's on the pooled table.
    """
    from rich.console import Console

    console = Console(stderr=as_json, highlight=False, emoji=False)
    started_at = time.monotonic()
    console.print(
        "German Credit, split between a bank (label, account, loan) and a retailer (person).\n"
        "Starting Redis, a worker and the orchestrator; neither party's process sees the "
        "other's rows.\n",
        soft_wrap=True,
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    keep = keep or open_page
    with _workplace(folder, keep) as place, _service(place, keep, port) as service:
        how_long = "from now on" if keep else "while this runs; --keep leaves it open"
        console.print(f"The page is at {service.url}/ {how_long}. Sign in once by this link:")
        console.print(f"{service.sign_in}\n", soft_wrap=True)

        def on_start(chain_id: str) -> None:
            if open_page:
                typer.launch(service.sign_in.replace("/#", f"/chains/{chain_id}#"))

        document = _run(place, service, console, started_at, on_start)
        if keep:
            document["kept"] = {
                "folder": str(place),
                "state_dir": str(place / "state"),
                "redis_url": service.redis_url,
                "page": f"{service.url}/",
                "sign_in": service.sign_in,
                "stop": f"kill {service.process.pid}",
            }
    _report(document, console, as_json)
    if not document["ok"]:
        raise typer.Exit(1)


def _run(
    place: Path,
    service: Service,
    console: Console,
    started_at: float,
    on_start: Callable[[str], None],
) -> dict[str, Any]:
    from secretflow_worker.cli.demo.baseline import plain_models
    from secretflow_worker.cli.demo.chain import Files, german_credit_chain
    from secretflow_worker.cli.demo.german_credit import split
    from secretflow_worker.cli.demo.summary import summarise
    from secretflow_worker.client import ChainEnded, Client, Unreachable

    files = Files(place / "data")
    chain = german_credit_chain(split(files.root), files)
    with Client(service.url, service.token, silence_s=_SILENCE_S) as client:
        try:
            done = _await_end(client, chain, console, on_start)
        except ChainEnded as fault:
            error = None if fault.chain.error is None else fault.chain.error.model_dump()
            return {
                "ok": False, "status": "failure", "task": fault.task_id, "error": error,
                "explained": str(fault),
            }  # fmt: skip
        except Unreachable:
            service.check()
            raise
    return summarise(done, plain_models(files), time.monotonic() - started_at)


def _await_end(
    client: Client, chain: Chain, console: Console, on_start: Callable[[str], None]
) -> dict[str, TaskDetails]:
    """Run the chain and return its tasks, in its order; one that is left is cancelled."""
    from secretflow_worker.cli.chain.board import show_board
    from secretflow_worker.cli.demo.chain import BOTH, as_template

    client.templates.save(as_template(chain))
    chain_id = client.chains.create(chain).chain_id
    client.chains.execute(chain_id)
    on_start(chain_id)
    try:
        with show_board(console, client.chains.get(chain_id), BOTH) as on_progress:
            ended = client.chains.wait(chain_id, on_progress=on_progress)
    except KeyboardInterrupt:
        client.chains.cancel(chain_id)
        raise
    return {task.node_id: client.chains.task(chain_id, task.node_id) for task in ended.tasks}


def _report(document: dict[str, Any], console: Console, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
    elif "models" in document:
        from secretflow_worker.cli.demo.summary import show

        show(console, document)
    if "explained" in document:
        typer.echo(f"sfw: {document['explained']}", err=True)
    elif not document["ok"]:
        typer.echo("sfw: a model's AUC is more than 0.05 below the plain one", err=True)
    if "kept" in document and not as_json:
        kept = document["kept"]
        typer.echo(f"\nStill running: the page at {kept['page']}, files in {kept['folder']}")
        typer.echo(f"Sign in once by this link, if not done yet: {kept['sign_in']}")
        typer.echo(f"Commands reach it by: sfw chain ls --state-dir {kept['state_dir']}")
        typer.echo(f"Stop with: {kept['stop']}")


@contextmanager
def _workplace(folder: Path | None, keep: bool) -> Iterator[Path]:
    """Yield the folder of all the demo's files; a temporary one goes again unless kept."""
    from secretflow_worker.contract.names import PATH_PATTERN

    place = Path(tempfile.mkdtemp(prefix="sfw-demo-")) if folder is None else folder
    place = place.resolve()
    if not re.match(PATH_PATTERN, str(place)):
        raise CommandError(
            f"{place}: paths of tasks hold only letters, digits, '.', '_', '-', '/'",
            hint="name another folder with --dir",
        )
    place.mkdir(parents=True, exist_ok=True)
    if any(place.iterdir()):
        raise CommandError(f"{place} is not empty", hint="--dir takes a new or an empty folder")
    try:
        yield place
    finally:
        if folder is None and not keep:
            shutil.rmtree(place)


@contextmanager
def _service(place: Path, keep: bool, port: int) -> Iterator[Service]:
    from secretflow_worker.cli.demo.service import start_service

    service = start_service(place / "state", place / "data", 2, port, outlives=keep)
    kept = False
    try:
        yield service
        kept = keep
    finally:
        if not kept:
            service.stop()
