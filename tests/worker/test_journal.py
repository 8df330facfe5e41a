"""The journal's files: what a killed worker leaves is read, or set aside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from secretflow_worker.contract.errors import ResourceBusy
from secretflow_worker.worker.journal import Entry, Journal


def entry(**fields: object) -> Entry:
    known = {
        "celery_task_id": "abc",
        "queue": "secretflow_queue",
        "exchange": "",
        "body": json.dumps([[{"execution_id": "run-1", "task_id": "t"}], {}, {}]),
        "content_type": "application/json",
        "content_encoding": "utf-8",
        "headers": {"id": "abc", "sfw_redeliveries": 3},
        "properties": {"priority": 0},
        "accepted_at": 1.0,
        "claim_token": "token",
    }
    return Entry.model_validate({**known, **fields})


def leave(folder: Path, *entries: Entry) -> None:
    (folder / "journal").mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(entries):
        (folder / "journal" / f"{number}.json").write_text(one.model_dump_json())


def test_what_was_left_is_read_oldest_first(tmp_path: Path) -> None:
    leave(tmp_path, entry(accepted_at=2.0), entry(celery_task_id="older", accepted_at=1.0))
    journal = Journal(tmp_path)
    assert [one.celery_task_id for one in journal.load()] == ["older", "abc"]
    journal.close()


def test_an_entry_tells_its_message(tmp_path: Path) -> None:
    assert entry().message.execution.execution_id == "run-1"
    assert entry().origin("here").redeliveries == 3
    old_protocol = json.dumps({"args": [{"execution_id": "run-2"}], "kwargs": {}})
    assert entry(body=old_protocol).message.execution.execution_id == "run-2"


def test_a_file_that_cannot_be_read_is_set_aside(tmp_path: Path) -> None:
    leave(tmp_path, entry())
    (tmp_path / "journal" / "torn.json").write_text('{"celery_task_id": "x", "que')
    journal = Journal(tmp_path)
    assert len(journal.load()) == 1
    assert (tmp_path / "journal" / "torn.unreadable").exists()
    journal.close()


def test_two_workers_cannot_share_a_folder(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    with pytest.raises(ResourceBusy, match="another worker"):
        Journal(tmp_path)
    journal.close()
    Journal(tmp_path).close()


def test_only_the_first_thread_gets_the_noted_token(tmp_path: Path) -> None:
    leave(tmp_path, entry())
    journal = Journal(tmp_path)
    journal.load()
    tokens = {journal.claim_token("abc") for _ in range(3)}
    assert "token" in tokens
    assert len(tokens) == 3
    journal.close()
