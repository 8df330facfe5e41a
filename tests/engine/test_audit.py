"""The audit log: what a hand, a crash or a second writer does to it, and what then shows."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from secretflow_worker.contract.errors import DiskFull, InputError, OutputNotWritable
from secretflow_worker.contract.request import parse_request
from secretflow_worker.engine import Engine
from secretflow_worker.engine.audit import AuditLog, Head, read_all, verify
from tests.conftest import eventually, make_request, write_csv
from tests.engine.house import TWO, House

WRITER = """
import sys
from pathlib import Path
from secretflow_worker.engine.audit import AuditLog
log = AuditLog(Path(sys.argv[1]), "alice")
"""


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    log = AuditLog(tmp_path / "audit", "alice")
    for number in range(5):
        log.append("started", {"execution_id": f"run-{number}"})
    return log


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def events(log: AuditLog) -> list[str]:
    return [record.event for record in read_all(log.path)]


def test_an_untouched_log_is_whole(log: AuditLog) -> None:
    verdict = verify(log.path)

    assert (verdict.broken, verdict.notes) == (None, [])
    assert verdict.head.count == 5
    assert log.path.stat().st_mode & 0o077 == 0
    assert log.path.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("line", range(5))
@pytest.mark.parametrize("how", ["changed", "left out", "doubled", "swapped"])
def test_a_hand_in_the_middle_shows_where(log: AuditLog, how: str, line: int) -> None:
    lines = log.path.read_bytes().splitlines(keepends=True)
    at = line + 1
    if how == "changed":
        lines[line] = lines[line].replace(b"run-", b"ran-")
    elif how == "left out":
        del lines[line]
    elif how == "doubled":
        lines.insert(line, lines[line])
        at += 1
    elif line < 4:
        lines[line], lines[line + 1] = lines[line + 1], lines[line]
    else:
        lines[0], lines[4] = lines[4], lines[0]
        at = 1
    log.path.write_bytes(b"".join(lines))

    broken = verify(log.path).broken

    assert broken is not None
    assert broken.line in (at, at + 1)  # a line that is none shows by the one after it


def test_a_record_with_a_hash_of_its_own_does_not_fit_the_next(log: AuditLog) -> None:
    other = AuditLog(log.path.parent / "other", "alice")
    for number in range(5):
        other.append("started", {"execution_id": f"run-{number * 7}"})
    lines = log.path.read_bytes().splitlines(keepends=True)
    lines[2] = other.path.read_bytes().splitlines(keepends=True)[2]
    log.path.write_bytes(b"".join(lines))

    broken = verify(log.path).broken

    assert broken is not None
    assert broken.line == 3


def test_another_party_s_log_is_not_this_one_s(log: AuditLog) -> None:
    bob = AuditLog(log.path.parent, "bob")
    bob.append("started", {})
    head = Head(1, next(read_all(bob.path)).hash)

    assert verify(log.path, head).broken is not None


@pytest.mark.parametrize("kept", range(5))
def test_a_cut_at_the_end_shows_by_the_head(log: AuditLog, kept: int) -> None:
    lines = log.path.read_bytes().splitlines(keepends=True)
    log.path.write_bytes(b"".join(lines[:kept]))

    broken = verify(log.path).broken
    assert broken is not None
    assert "records are missing" in broken.reason

    log.append("started", {})  # the log itself notes it, and never heals
    broken = verify(log.path).broken
    assert broken is not None
    assert (broken.line, "missing" in broken.reason) == (kept + 1, True)
    assert events(log)[-2:] == ["gap", "started"]


def test_a_cut_with_its_head_shows_only_by_a_head_kept_elsewhere(log: AuditLog) -> None:
    kept = verify(log.path).head
    lines = log.path.read_bytes().splitlines(keepends=True)
    log.path.write_bytes(b"".join(lines[:3]))
    third = json.loads(lines[2])
    log.head_path.write_text(json.dumps({"count": 3, "hash": third["hash"]}))

    assert verify(log.path).broken is None  # that is the limit
    assert verify(log.path, kept).broken is not None
    assert verify(log.path, Head(0, kept.hash)).broken is not None
    log.head_path.unlink()
    assert "a cut at its end would not show" in verify(log.path).notes[0]


@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@example(share=1.0)
@given(share=st.floats(0, 1))
def test_a_torn_line_is_kept_and_the_chain_goes_on(log: AuditLog, share: float) -> None:
    """A crash can cut the record that was being written, whose head was not yet noted."""
    before = log.path.read_bytes()
    head = log.head_path.read_bytes()
    log.append("disclosed", {"execution_id": "cut"})
    whole = log.path.read_bytes()
    cut = len(before) + 1 + int(share * (len(whole) - len(before) - 2))
    log.path.write_bytes(whole[:cut])
    log.head_path.write_bytes(head)
    noted = verify(log.path)
    assert noted.broken is None
    lacks_only_its_end = cut == len(whole) - 1
    assert lacks_only_its_end or "cut off by a crash" in noted.notes[-1]

    log.append("started", {"execution_id": "next"})

    assert log.path.read_bytes().startswith(whole[:cut])
    assert events(log)[-2:] == ["disclosed" if lacks_only_its_end else "torn", "started"]
    assert verify(log.path).broken is None
    log.path.write_bytes(before)
    log.head_path.write_bytes(head)


def test_a_head_that_is_one_behind_is_no_fault(log: AuditLog) -> None:
    head = log.head_path.read_bytes()
    log.append("started", {})
    log.head_path.write_bytes(head)

    assert verify(log.path).broken is None
    log.append("started", {})
    assert (events(log), verify(log.path).broken) == (["started"] * 7, None)


def test_a_damaged_last_record_is_not_taken_for_a_crash(log: AuditLog) -> None:
    content = log.path.read_bytes()
    log.path.write_bytes(content[:-20])

    assert verify(log.path).broken is not None
    log.append("started", {})
    assert verify(log.path).broken is not None


@pytest.mark.parametrize("size", [10, 70_000, 200_000])
def test_records_larger_than_a_block(tmp_path: Path, size: int) -> None:
    log = AuditLog(tmp_path, "alice")
    for _ in range(3):
        log.append("started", {"text": "x" * size})

    verdict = verify(log.path)
    assert (verdict.head.count, verdict.broken) == (3, None)


def test_threads_and_processes_write_one_chain(tmp_path: Path) -> None:
    code = WRITER + ("for n in range(40): log.append('started', {'n': n})")
    others = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(2)]
    log = AuditLog(tmp_path, "alice")
    threads = [
        threading.Thread(target=lambda: [log.append("started", {}) for _ in range(20)])
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [other.wait(60) for other in others] == [0, 0]
    verdict = verify(log.path)
    assert (verdict.head.count, verdict.broken) == (140, None)


def test_a_killed_writer_leaves_a_chain_that_goes_on(tmp_path: Path) -> None:
    code = WRITER + ("while True: log.append('started', {'text': 'x' * 5000})")
    log = AuditLog(tmp_path, "alice")
    for _ in range(4):
        size = log.path.stat().st_size if log.path.exists() else 0
        with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) as writer:
            eventually(lambda: log.path.exists() and log.path.stat().st_size > size + 50_000, 30)  # noqa: B023
            writer.send_signal(signal.SIGKILL)
        log.append("started", {})
        assert verify(log.path).broken is None


def test_a_run_is_logged_at_each_party_before_its_outputs_have_their_names(
    engine: Engine, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, Any] = {}
    outputs = [Path(path) for path in house.paths("common.csv").values()]

    def look(self: AuditLog, event: str, facts: Any) -> Any:
        seen.setdefault(event, [path.exists() for path in outputs])
        return append(self, event, facts)  # type: ignore[arg-type]

    append = AuditLog.append
    monkeypatch.setattr(AuditLog, "append", look)

    outcome = house.run(house.psi(receiver="alice"))

    assert seen == {"started": [False, False], "disclosed": [False, False]}
    for party in TWO:
        log = AuditLog(house.folder / "state" / "audit", party)
        started, disclosed = read_all(log.path)
        assert (started.event, disclosed.event) == ("started", "disclosed")
        told = [line.model_dump() for line in outcome.task_metadata.disclosed]
        assert disclosed.facts["disclosed"] == told
        assert started.facts["may_disclose"] == told
        assert disclosed.facts["execution_id"] == outcome.task_metadata.execution_id
        assert (started.facts["task_type"], started.facts["task_version"]) == ("psi", 1)


def test_a_refusal_is_logged_with_its_rules_and_who_asked(house: House) -> None:
    house.say("bob", tasks={"allow": []})
    request = parse_request(make_request(house.psi()))

    with pytest.raises(Exception, match=r"tasks\.allow"):
        house.engine.prepare(request, asked_by="client@desk")

    folder = house.folder / "state" / "audit"
    assert sorted(path.name for path in folder.glob("*.jsonl")) == ["bob.jsonl"]
    (record,) = read_all(folder / "bob.jsonl")
    assert record.event == "refused"
    assert record.facts["rules"] == ["tasks.allow"]
    assert record.facts["asked_by"] == "client@desk"
    assert record.facts["parties"] == ["alice", "bob"]
    assert record.facts["execution_id"] == request.execution_id


def test_a_failure_is_logged_without_its_words(engine: Engine, house: House) -> None:
    write_csv(house.roots["alice"] / "people.csv", {"uid": ["a", "wombat", "wombat"]})

    with pytest.raises(InputError):
        house.run(house.psi())

    log = AuditLog(house.folder / "state" / "audit", "bob")
    assert events(log) == ["started", "failed"]
    last = list(read_all(log.path))[-1]
    assert (last.facts["code"], last.facts["failed_party"]) == ("INPUT_INVALID", "alice")
    assert b"wombat" not in log.path.read_bytes()


def test_nothing_runs_that_cannot_be_logged(engine: Engine, house: House) -> None:
    (house.folder / "state").mkdir(exist_ok=True)
    (house.folder / "state" / "audit").write_text("in the way")

    with pytest.raises((OutputNotWritable, DiskFull)):
        house.run(house.psi())
    assert not any(Path(path).exists() for path in house.paths("common.csv").values())


def test_the_log_of_a_full_disk_stays_whole(tmp_path: Path) -> None:
    """The record that did not fit is cut off, and said to be."""
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from secretflow_worker.engine.audit import AuditLog\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))\n"
        "log = AuditLog(Path(sys.argv[1]), 'alice')\n"
        "try:\n"
        "    while True: log.append('started', {'text': 'x' * 100})\n"
        "except OSError: sys.exit(7)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False, env=os.environ)
    assert done.returncode == 7
    log = AuditLog(tmp_path, "alice")
    log.append("started", {})

    assert "torn" in events(log)
    assert verify(log.path).broken is None
