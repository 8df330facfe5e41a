"""The journal's files: what a killed worker leaves is read, or set aside."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

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


def delivered(celery_task_id: str = "abc") -> Any:
    """What Celery hands over with a message."""
    message = SimpleNamespace(headers={"id": celery_task_id}, properties={"priority": 3, "odd": 1})
    return SimpleNamespace(
        id=celery_task_id,
        body=b"[[{}], {}, {}]",
        delivery_info={"exchange": "", "routing_key": "secretflow_queue"},
        message=message,
        content_type="application/json",
        content_encoding="utf-8",
    )


def test_a_message_is_noted_before_it_is_acknowledged(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    noted: list[bool] = []
    path = tmp_path / "journal" / "abc.json"
    journal.accept(delivered(), lambda: noted.append(path.exists()))
    journal.close()
    assert noted == [True]
    assert Entry.model_validate_json(path.read_text()).properties == {"priority": 3}


def test_a_message_that_comes_back_at_once_keeps_its_new_entry(tmp_path: Path) -> None:
    """Queued again by this worker, and taken again before the old entry was removed."""
    journal = Journal(tmp_path)
    journal.accept(delivered(), lambda: None)
    journal.give_back("abc")
    old = journal.find("abc")
    journal.accept(delivered(), lambda: None)
    assert old is not None
    journal.remove(old)
    new = journal.find("abc")
    assert new is not None
    assert new.state == "accepted"
    assert journal.claim_token("abc") == new.claim_token
    journal.remove(new)
    assert list((tmp_path / "journal").iterdir()) == []
    journal.close()
