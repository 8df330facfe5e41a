"""``sfw chain``: chains of tasks, run by the orchestrator."""

from __future__ import annotations

import typer

from secretflow_worker.cli.chain import deeds, documents, looking, running

app = typer.Typer(
    no_args_is_help=True,
    help="Run chains of tasks, watch them, and change their course.\n\n"
    "Finds the `sfw up` of this machine by its state folder; SFW_URL and SFW_TOKEN name another.",
)
app.command("run")(running.run)
app.command("execute")(running.execute)
app.command("ls")(looking.ls)
app.command("show")(looking.show)
app.command("logs")(looking.logs)
app.command("cancel")(deeds.cancel)
app.command("pause")(deeds.pause)
app.command("resume")(deeds.resume)
app.command("retry")(deeds.retry)
app.command("diff")(documents.diff)
app.command("validate")(documents.validate)
app.command("dry-run")(documents.dry_run)
app.command("export")(documents.export)
