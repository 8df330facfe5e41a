"""An orchestrator that starts before its database waits for it, for a while."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from secretflow_worker.contract.errors import ResourceBusy
from secretflow_worker.orchestrator.store import patience
from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.orchestrator.store.patience import migrate_when_it_answers
from secretflow_worker.orchestrator.store.schema import current, migrate


@pytest.fixture
def away(tmp_path: Path) -> Iterator[Database]:
    """A PostgreSQL that nobody has started."""
    database = Database.open(f"postgresql://nobody:pa55word@/none?host={tmp_path}")
    yield database
    database.close()


def test_a_database_that_does_not_come_is_named(
    away: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ResourceBusy, match="database_url: the database does not answer"):
        migrate_when_it_answers(away, 0.7)
    assert len(caplog.records) == 1
    assert "pa55word" not in caplog.text


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_database_that_comes_later_is_waited_for(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database.open(database_url)
    answers = threading.Event()

    def try_to(database: Database) -> None:
        if not answers.is_set():
            threading.Timer(0.2, answers.set).start()
            raise OperationalError("BEGIN", {}, Exception("connection refused"))
        migrate(database)

    monkeypatch.setattr(patience, "migrate", try_to)
    migrate_when_it_answers(database)
    with database.reading() as connection:
        assert current(connection) is not None
    database.close()


def test_a_file_that_cannot_be_opened_is_not_waited_for(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path}/nowhere/chains.db")
    with pytest.raises(OperationalError):
        migrate_when_it_answers(database)
    database.close()
