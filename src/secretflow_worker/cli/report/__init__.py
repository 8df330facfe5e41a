"""``sfw report``: a report file as figures on the terminal, or as a page with charts."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from secretflow_worker.cli.failure import CommandError
from secretflow_worker.cli.visible import open_console

if TYPE_CHECKING:
    from secretflow_worker.cli.report.document import ReportDocument

ReportFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", exists=True, dir_okay=False, help="What a task wrote as report."
    ),
]
Html = Annotated[
    Path | None,
    typer.Option("--html", metavar="PAGE", help="Write a self-contained page; - is stdout."),
]
Lang = Annotated[str, typer.Option("--lang", help="en or zh; the page can be switched.")]
Force = Annotated[bool, typer.Option("--force", help="Replace PAGE if it is there.")]


def report(file: ReportFile, html: Html = None, lang: Lang = "en", force: Force = False) -> None:
    """Show a report's figures, or write it as one HTML page with charts."""
    from secretflow_worker.cli.report.document import read_report

    if lang not in ("en", "zh"):
        raise CommandError(f"--lang: {lang!r} is not en or zh")
    document = read_report(file)
    if html is None:
        _print(document, lang)
        return
    from secretflow_worker.cli.report.page import render

    page = render(document, "zh" if lang == "zh" else "en")
    if str(html) == "-":
        sys.stdout.write(page)
        return
    _write(html, page, force)
    typer.echo(f"{html}: {len(document.charts)} charts")


def _write(target: Path, page: str, force: bool) -> None:
    """Write the page whole or not at all, and over nothing that was there unless told so."""
    if target.exists() and not force:
        raise CommandError(f"{target} is there already", hint="use --force to replace it")
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        beside.write_text(page, encoding="utf-8")
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _print(document: ReportDocument, lang: str) -> None:
    from rich.table import Table

    from secretflow_worker.tasks._charts import Figures

    console = open_console(markup=False)
    console.print(getattr(document.title, lang), style="bold")
    if document.headlines or document.figures:
        table = Table(box=None, show_header=False)
        for headline in document.headlines:
            meaning = getattr(headline.meaning, lang)
            table.add_row(getattr(headline.name, lang), _cell(headline.value), meaning)
        for name, value in document.figures:
            table.add_row(name, _cell(value), "")
        console.print(table)
    for chart in document.charts:
        if not isinstance(chart, Figures):
            continue
        table = Table(*[getattr(column, lang) for column in chart.columns])
        table.title = getattr(chart.title, lang)
        for row in chart.values:
            table.add_row(*map(_cell, row))
        console.print(table)


def _cell(value: float | int | str | None) -> str:
    return "-" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
