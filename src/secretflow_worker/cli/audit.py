"""``sfw audit``: look at audit logs, of parties or the orchestrator, and check them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from secretflow_worker.cli import web_audit
from secretflow_worker.cli.failure import CommandError
from secretflow_worker.cli.options import Assignments, ConfigFile, StateDir, read_settings
from secretflow_worker.cli.visible import visible

if TYPE_CHECKING:
    from secretflow_worker.engine.audit import Record

app = typer.Typer(
    no_args_is_help=True,
    help="Show, export and verify audit logs, of parties or (--web) of the orchestrator.",
)

Party = Annotated[str | None, typer.Option("--party", help="One party; else all of the folder.")]
LogFile = Annotated[Path | None, typer.Option("--file", help="A log that lies elsewhere.")]

Web = Annotated[bool, typer.Option("--web", help="The orchestrator's, in DATABASE_URL.")]
DatabaseUrl = Annotated[
    str | None, typer.Option("--database", help="The orchestrator's, in this database.")
]


@app.command("verify")
def verify(
    party: Party = None,
    file: LogFile = None,
    head: Annotated[
        str | None, typer.Option(help="A head that was kept elsewhere: COUNT:HASH, or the hash.")
    ] = None,
    config: ConfigFile = None,
    state_dir: StateDir = None,
    assignments: Assignments = None,
    is_web: Web = False,
    database: DatabaseUrl = None,
) -> None:
    """Check each chain from its first record to its last; exits 1 at a break.

    Prints the head. Keep it where the operator of this machine cannot change it: a log that was
    cut at its end or written anew shows only against such a head.
    """
    if is_web or database is not None:
        web_audit.verify(config, database, state_dir, head)
        return
    from secretflow_worker.engine.audit import Head
    from secretflow_worker.engine.audit import verify as verify_log

    logs = _logs(party, file, config, state_dir, assignments)
    kept = None
    if head is not None:
        if len(logs) > 1:
            raise CommandError("--head is of one log", hint="name it with --party or --file")
        count, _, digest = head.rpartition(":")
        if not (count.isdecimal() or not count) or not digest:
            raise typer.BadParameter("--head takes COUNT:HASH, or the hash alone")
        kept = Head(int(count or 0), digest)
    is_whole = True
    for path in logs:
        verdict = verify_log(path, kept)
        if verdict.broken is None:
            typer.echo(f"{path}: whole, {verdict.head.count} records")
            typer.echo(f"  head {verdict.head.count}:{verdict.head.hash}")
        else:
            is_whole = False
            typer.echo(f"{path}: BROKEN at line {verdict.broken.line}: {verdict.broken.reason}")
            typer.echo(f"  whole up to {verdict.head.count}:{verdict.head.hash}")
        for note in verdict.notes:
            typer.echo(f"  note: {note}")
    if not is_whole:
        raise typer.Exit(1)


@app.command("export")
def export(
    config: ConfigFile = None,
    state_dir: StateDir = None,
    database: DatabaseUrl = None,
    after: Annotated[int, typer.Option(min=0, help="Only what follows this record.")] = 0,
) -> None:
    """Write the orchestrator's audit log as lines of JSON; a party's is such a file already."""
    web_audit.export(config, database, state_dir, after)


@app.command("show")
def show(
    party: Party = None,
    file: LogFile = None,
    last: Annotated[int, typer.Option(min=1, help="How many records of each log.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="The records as they are.")] = False,
    config: ConfigFile = None,
    state_dir: StateDir = None,
    assignments: Assignments = None,
) -> None:
    """Show the newest records: what was refused, what ran, and what was disclosed to whom."""
    from collections import deque

    from secretflow_worker.engine.audit import read_all

    for path in _logs(party, file, config, state_dir, assignments):
        for record in deque(read_all(path), last):
            if as_json:
                typer.echo(record.line().decode().rstrip())
            else:
                _show(record)


def _show(record: Record) -> None:
    facts = record.facts
    what = f"{facts.get('task_type', '')} {facts.get('execution_id', '')}".strip()
    typer.echo(f"{record.at}  {record.party}  {record.event:<9}  {what}".rstrip())
    if "message" in facts:
        typer.echo(visible(f"    {facts['message']}"))
    elif "code" in facts:
        typer.echo(f"    {facts['code']} at {facts.get('failed_party') or 'this worker'}")
    elif record.event in ("torn", "gap"):
        typer.echo(f"    {json.dumps(dict(facts))}")
    for line in facts.get("disclosed", ()):
        typer.echo(f"    to {line['to']}: {line['what']}; about {line['about']}")


def _logs(
    party: str | None,
    file: Path | None,
    config: Path | None,
    state_dir: Path | None,
    assignments: list[str] | None,
) -> list[Path]:
    if file is not None:
        return [file]
    folder = read_settings(config, assignments, state_dir=state_dir).audits_dir
    if party is not None:
        return [folder / f"{party}.jsonl"]
    found = sorted(folder.glob("*.jsonl"))
    if not found:
        raise CommandError(f"{folder} has no audit log", hint="name the folder's --state-dir")
    return found
