"""The root of the ``sfw`` command, and the one place that turns errors into a line on stderr."""

from __future__ import annotations

import io
import os
import sys
from typing import Annotated

import typer

from secretflow_worker import __version__
from secretflow_worker.cli import (
    audit,
    certs,
    chain,
    config,
    demo,
    doctor,
    health,
    policy,
    report,
    run,
    submit,
    tasks,
    up,
    web,
    worker,
)
from secretflow_worker.cli.failure import CommandError, expected_errors
from secretflow_worker.cli.visible import visible

app = typer.Typer(
    name="sfw",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Parties compute together, and none sees another's rows.\n\n"
    "Start with `sfw demo`; `sfw up` starts all that this machine needs,\n"
    "`sfw chain` runs chains of tasks on it.",
)

app.command("demo")(demo.demo)
app.command("up")(up.up)
app.command("worker")(worker.worker)
app.command("web")(web.web)
app.command("run")(run.run)
app.command("submit")(submit.submit)
app.command("report")(report.report)
app.command("tasks")(tasks.tasks)
app.command("config")(config.config)
app.command("doctor")(doctor.doctor)
app.command("health")(health.health)
app.add_typer(chain.app, name="chain")
app.add_typer(certs.app, name="certs")
app.add_typer(policy.app, name="policy")
app.add_typer(audit.app, name="audit")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sfw {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; an expected error is one line on stderr and a non-zero exit."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal may lack a sign that we draw
    try:
        app()
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except expected_errors() as fault:
        error = CommandError.of(fault)
        typer.echo(visible(f"sfw: {error}"), err=True)
        sys.exit(error.exit_code)
