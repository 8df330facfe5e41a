"""``sfw demo``: two organisations' real tables, from intersection to evaluated models."""

from __future__ import annotations

import json
import re
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from secretflow_worker.cli.failure import CommandError

if TYPE_CHECKING:
    from rich.console import Console

    from secretflow_worker.cli.demo.service import Service


def demo(
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document on stdout; progress on stderr.")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave Redis, worker and files; print how to stop.")
    ] = False,
    folder: Annotated[
        Path | None, typer.Option("--dir", help="An empty folder for all files, which stay there.")
    ] = None,
) -> None:
    """See two parties' real tables become evaluated models.

    Splits German Credit between a bank and a retailer, starts Redis and a worker, and runs the
    chain as a plain Celery client. Exits 0 only if every task succeeded and each model's AUC is
    within 0.05 of the plain library's on the pooled table.
    """
    from rich.console import Console

    console = Console(stderr=as_json, highlight=False, emoji=False)
    started_at = time.monotonic()
    console.print(
        "German Credit, split between a bank (label, account, loan) and a retailer (person).\n"
        "Starting Redis and a worker; neither party's process sees the other's rows.\n",
        soft_wrap=True,
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _workplace(folder, keep) as place, _service(place, keep) as service:
        document = _run(place, service, console, started_at)
        if keep:
            document["kept"] = {
                "folder": str(place),
                "redis_url": service.redis_url,
                "stop": f"kill {service.process.pid}",
            }
    _report(document, console, as_json)
    if not document["ok"]:
        raise typer.Exit(1)


def _run(place: Path, service: Service, console: Console, started_at: float) -> dict[str, Any]:
    from secretflow_worker.broker.address import read_address
    from secretflow_worker.cli.demo.baseline import plain_models
    from secretflow_worker.cli.demo.german_credit import split
    from secretflow_worker.cli.demo.progress import show_progress
    from secretflow_worker.cli.demo.runner import ChainRun
    from secretflow_worker.cli.demo.steps import BOTH, Files, german_credit_steps
    from secretflow_worker.cli.demo.summary import summarise
    from secretflow_worker.cli.sender import Sender

    files = Files(place / "data")
    steps = german_credit_steps(split(files.root), files)
    with (
        Sender(read_address(service.redis_url)) as sender,
        show_progress(console, steps, BOTH, service.check) as watcher,
    ):
        done = ChainRun(steps, sender, watcher).run()
    failed = next((step for step in done.values() if not step.succeeded), None)
    if failed is not None and failed.ending is not None:
        document = {**failed.ending.document, "ok": False, "task": failed.step.name}
        return {**document, "explained": failed.ending.explain()}
    return summarise(done, plain_models(files), time.monotonic() - started_at)


def _report(document: dict[str, Any], console: Console, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
    elif "models" in document:
        from secretflow_worker.cli.demo.summary import show

        show(console, document)
    if "explained" in document:
        typer.echo(f"sfw: task {document['task']} failed: {document['explained']}", err=True)
    elif not document["ok"]:
        typer.echo("sfw: a model's AUC is more than 0.05 below the plain one", err=True)
    if "kept" in document and not as_json:
        kept = document["kept"]
        typer.echo(f"\nStill running: {kept['redis_url']}, files in {kept['folder']}")
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
def _service(place: Path, keep: bool) -> Iterator[Service]:
    from secretflow_worker.cli.demo.service import start_service

    service = start_service(place / "state", place / "data", concurrency=2, outlives=keep)
    kept = False
    try:
        yield service
        kept = keep
    finally:
        if not kept:
            service.stop()
