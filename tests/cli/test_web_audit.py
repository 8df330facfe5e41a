"""``sfw audit`` on the orchestrator's log."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from typer.testing import CliRunner

from secretflow_worker.cli.failure import CommandError
from secretflow_worker.cli.main import app
from secretflow_worker.orchestrator.store import audit
from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.orchestrator.store.schema import migrate


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/web.db"
    database = Database.open(url)
    migrate(database)
    for number in range(3):
        with database.transaction() as connection:
            audit.append(connection, "ann", "test", {"n": number, "word": "é"}, 1.0)
    database.close()
    return url


def harm(url: str, *, statement: object) -> None:
    database = Database.open(url)
    with database.transaction() as connection:
        connection.execute(statement)  # type: ignore[call-overload]
    database.close()


def sfw(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["audit", *arguments])
    if isinstance(done.exception, CommandError):
        raise done.exception
    return done.exit_code, done.output


def test_a_whole_log_gives_its_head_and_knows_it_again(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, told = sfw("verify", "--database", url)
    assert code == 0
    assert told.startswith("whole, 3 records\n  head 3:")
    head = told.split()[-1]
    monkeypatch.setenv("DATABASE_URL", url)
    assert sfw("verify", "--web", "--head", head)[0] == 0
    assert sfw("verify", "--web", "--head", f"2:{head[2:]}")[0] == 1
    assert sfw("verify", "--web", "--head", "x")[0] == 2


def test_a_changed_or_cut_log_is_broken(url: str) -> None:
    harm(url, statement=update(audit.audit).where(audit.audit.c.seq == 2).values(who="eve"))
    assert sfw("verify", "--database", url) == (
        1, "BROKEN at record 2: it is changed or missing\n",
    )  # fmt: skip
    harm(url, statement=delete(audit.audit))
    assert sfw("verify", "--database", url)[0] == 1


def test_an_export_can_be_checked_by_anybody(url: str) -> None:
    code, told = sfw("export", "--database", url)
    assert code == 0
    prev = "0" * 64
    for number, line in enumerate(told.splitlines(), start=1):
        record = json.loads(line)
        digest = record.pop("hash")
        text = json.dumps(record, sort_keys=True, separators=(",", ":"))
        assert (record["seq"], record["prev"]) == (number, prev)
        assert hashlib.sha256(text.encode()).hexdigest() == digest
        prev = digest
    assert len(sfw("export", "--database", url, "--after", "2")[1].splitlines()) == 1


def test_what_is_no_orchestrators_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="there is no database"):
        sfw("verify", "--database", f"sqlite:///{tmp_path}/nothing.db")
    assert not (tmp_path / "nothing.db").exists()
    (tmp_path / "empty.db").touch()
    with pytest.raises(CommandError, match="cannot be read"):
        sfw("verify", "--database", f"sqlite:///{tmp_path}/empty.db")
