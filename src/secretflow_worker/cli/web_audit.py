"""The orchestrator's audit log, read in its database, whether the orchestrator runs or not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from secretflow_worker.cli.failure import CommandError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from secretflow_worker.orchestrator.store import audit


def verify(
    config: Path | None, database_url: str | None, state_dir: Path | None, head: str | None
) -> None:
    """Compute every hash again; exits 1 at a break."""
    from secretflow_worker.orchestrator.store import audit

    kept = None if head is None else _head(head)
    with _reading(config, database_url, state_dir) as connection:
        verdict = audit.verify(connection)
        now = audit.head_of(connection)
        is_known = kept is None or audit.holds(connection, kept)
    if verdict.broken_at is not None:
        typer.echo(f"BROKEN at record {verdict.broken_at}: it is changed or missing")
        raise typer.Exit(1)
    if not is_known:
        typer.echo("BROKEN: the head that was kept is not in it; the log was written anew")
        raise typer.Exit(1)
    typer.echo(f"whole, {verdict.records} records")
    typer.echo(f"  head {now.records}:{now.hash}")


def export(
    config: Path | None, database_url: str | None, state_dir: Path | None, after: int
) -> None:
    """Write the records after a number as lines of JSON."""
    from secretflow_worker.orchestrator.store import audit

    with _reading(config, database_url, state_dir) as connection:
        for record in audit.read_on(connection, after):
            typer.echo(record.line())


@contextmanager
def _reading(
    config: Path | None, database_url: str | None, state_dir: Path | None
) -> Iterator[Connection]:
    from sqlalchemy import make_url
    from sqlalchemy.exc import SQLAlchemyError

    from secretflow_worker.orchestrator.settings import load_settings
    from secretflow_worker.orchestrator.store.database import Database

    settings = load_settings(config, database_url=database_url, state_dir=state_dir)
    parsed = make_url(settings.database)
    is_file = parsed.get_backend_name() == "sqlite"
    if is_file and not (parsed.database and Path(parsed.database).is_file()):
        raise CommandError(
            f"there is no database {parsed.database}", hint="name it with --database"
        )
    database = Database.open(settings.database)
    try:
        with database.reading() as connection:
            yield connection
    except SQLAlchemyError as fault:
        raise CommandError(
            f"the database cannot be read: {type(fault).__name__}",
            hint="is it an orchestrator's, and does it answer?",
        ) from None
    finally:
        database.close()


def _head(text: str) -> audit.Head:
    from secretflow_worker.orchestrator.store import audit

    count, _, digest = text.partition(":")
    if not count.isdecimal() or not digest:
        raise typer.BadParameter("--head takes COUNT:HASH")
    return audit.Head(int(count), digest)
