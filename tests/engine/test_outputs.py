"""Outputs appear whole or not at all, and replace what was there in one go."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from secretflow_worker.contract.errors import OutputNotWritable, PeerLost, ResourceBusy
from secretflow_worker.contract.result import PerformanceMetrics, TaskOutcome
from secretflow_worker.engine.workdir import RunFolder, roll_back, staged_in, sweep
from tests.engine.hosts import Host, half_written

TWO = ("alice", "bob")


def outcome() -> TaskOutcome:
    seconds = [name for name in PerformanceMetrics.model_fields if name.endswith(("time", "age"))]
    sizes = set(PerformanceMetrics.model_fields) - set(seconds)
    texts = ("task_id", "subtask_id", "execution_id", "task_type", "started_at", "completed_at")
    return TaskOutcome.model_validate(
        {
            "result": {"made": True},
            "performance_metrics": {**dict.fromkeys(seconds, 0.0), **{n: {} for n in sizes}},
            "task_metadata": {
                **dict.fromkeys(texts, "text"),
                "task_version": 1,
                "devices_used": [],
                "parties": list(TWO),
            },
        }
    )


class Attempt:
    """An attempt whose parties have staged what a test wants, in ``runs`` beside ``data``."""

    def __init__(self, base: Path, execution_id: str = "run", attempt: int = 1) -> None:
        self.data = base / "data"
        self.data.mkdir(exist_ok=True)
        self.folder = RunFolder(base / "runs", execution_id, attempt)
        self.folder.create(list(TWO))

    def stage(self, party: str, name: str, content: str | dict[str, str]) -> Path:
        """Stage a file, or a model directory of some files; return its final path."""
        final = self.data / name
        part = self.folder.record_of(party).stage(final)
        if isinstance(content, str):
            part.write_text(content)
        else:
            part.mkdir()
            for file, text in content.items():
                (part / file).write_text(text)
        return final

    def orphan(self) -> None:
        """Let it look as if its worker had been killed."""
        (self.folder.path / "owner.json").write_text('{"pid": 1, "started": 0}')


def contents(folder: Path) -> dict[str, str]:
    """Return every file below a folder, hidden ones too, with its text; folders as ``name/``."""
    return {
        str(path.relative_to(folder)) + ("/" if path.is_dir() else ""): (
            "" if path.is_dir() else path.read_text()
        )
        for path in sorted(folder.rglob("*"))
    }


def stage_all(attempt: Attempt) -> None:
    attempt.stage("alice", "new/deep/table.csv", "new table")
    attempt.stage("alice", "old.csv", "new")
    attempt.stage("bob", "model", {"share": "new share"})
    attempt.stage("bob", "new/deep/er/model", {"share": "first share"})


BEFORE = {"model/": "", "model/share": "old share", "model/extra": "gone", "old.csv": "old"}
AFTER = {
    "model/": "",
    "model/share": "new share",
    "new/": "",
    "new/deep/": "",
    "new/deep/er/": "",
    "new/deep/er/model/": "",
    "new/deep/er/model/share": "first share",
    "new/deep/table.csv": "new table",
    "old.csv": "new",
}


@pytest.fixture
def attempt(tmp_path: Path) -> Attempt:
    attempt = Attempt(tmp_path)
    (attempt.data / "model").mkdir()
    for name, text in BEFORE.items():
        if not name.endswith("/"):
            (attempt.data / name).write_text(text)
    stage_all(attempt)
    return attempt


def test_a_commit_gives_every_output_its_name(attempt: Attempt) -> None:
    attempt.folder.commit(outcome())
    roll_back(attempt.folder.path)
    assert contents(attempt.data) == AFTER
    assert not attempt.folder.path.exists()


def test_a_roll_back_leaves_what_was_there(attempt: Attempt) -> None:
    roll_back(attempt.folder.path)
    assert contents(attempt.data) == BEFORE
    assert not attempt.folder.path.exists()


def test_a_roll_back_keeps_a_folder_that_others_use_by_now(attempt: Attempt) -> None:
    (attempt.data / "new" / "others.csv").write_text("mine")
    roll_back(attempt.folder.path)
    assert contents(attempt.data) == {**BEFORE, "new/": "", "new/others.csv": "mine"}


def test_a_sweep_rolls_back_what_was_not_committed(attempt: Attempt, tmp_path: Path) -> None:
    attempt.orphan()
    assert sweep(tmp_path / "runs") == []
    assert contents(attempt.data) == BEFORE
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_sweep_leaves_a_living_worker_alone(attempt: Attempt, tmp_path: Path) -> None:
    assert sweep(tmp_path / "runs") == []
    assert len(staged_in(attempt.folder.path)) == 4


class Crash(BaseException):
    """The worker is killed here."""


def crash_at(monkeypatch: pytest.MonkeyPatch, step: int) -> Callable[[], bool]:
    """Crash before the `step`-th change of the file system; tells whether there were so many."""
    left = step
    reached = False

    def counting(change: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            nonlocal left, reached
            left -= 1
            if left < 0:
                reached = True
                raise Crash
            return change(*args, **kwargs)

        return counted

    for owner, name in (
        (Path, "rename"),
        (Path, "replace"),
        (Path, "unlink"),
        (os, "link"),
        (shutil, "rmtree"),
    ):
        monkeypatch.setattr(owner, name, counting(getattr(owner, name)))
    return lambda: reached


def test_a_commit_that_is_killed_anywhere_is_finished_or_undone_by_the_sweep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = []
    for step in range(40):
        base = tmp_path / str(step)
        base.mkdir()
        attempt = Attempt(base)
        (attempt.data / "model").mkdir()
        for name, text in BEFORE.items():
            if not name.endswith("/"):
                (attempt.data / name).write_text(text)
        stage_all(attempt)
        with monkeypatch.context() as patch:
            reached = crash_at(patch, step)
            with suppress(Crash):
                attempt.folder.commit(outcome())
        if not reached():
            break
        attempt.orphan()
        recovered = sweep(base / "runs")
        ends.append([execution for execution, _ in recovered])
        assert contents(attempt.data) == (AFTER if recovered else BEFORE)
        assert list((base / "runs").iterdir()) == []
    assert ends[0] == []
    assert ends[1:] == [["run"]] * (len(ends) - 1)
    assert len(ends) >= 8


@pytest.mark.parametrize(("name", "is_model"), [("zzz", False), ("zz/model", True)])
def test_a_name_that_is_taken_takes_the_others_back(
    attempt: Attempt, name: str, *, is_model: bool
) -> None:
    final = attempt.stage("bob", name, {"share": "x"} if is_model else "x")
    if is_model:
        final.write_text("somebody's")
    else:
        final.mkdir()
        (final / "somebodys").write_text("own")
    with pytest.raises(OSError, match=name):
        attempt.folder.commit(outcome())
    roll_back(attempt.folder.path)
    theirs = (
        {"zz/": "", "zz/model": "somebody's"} if is_model else {"zzz/": "", "zzz/somebodys": "own"}
    )
    assert contents(attempt.data) == {**BEFORE, **theirs}


def test_long_names_fit(tmp_path: Path) -> None:
    attempt = Attempt(tmp_path, execution_id="e" * 128)
    names = ["x" * 255, "y" * 251 + ".csv", "a." + "z" * 200, "short.parquet"]
    for name in names:
        attempt.stage("alice", name, name)
    parts = [output.part.name for output in staged_in(attempt.folder.path)]
    assert len(set(parts)) == len(names)
    assert [Path(part).suffix for part in parts if "short" in part or part.endswith(".csv")] == [
        ".csv",
        ".parquet",
    ]
    attempt.folder.commit(outcome())
    assert sorted(contents(attempt.data)) == sorted(names)


def test_ids_that_differ_in_a_colon_do_not_share_a_folder(tmp_path: Path) -> None:
    first, second = Attempt(tmp_path, "a:b"), Attempt(tmp_path, "a_b")
    assert first.folder.path != second.folder.path
    roll_back(first.folder.path)
    assert second.folder.path.exists()


def test_an_attempt_that_runs_is_not_started_again(attempt: Attempt, tmp_path: Path) -> None:
    with pytest.raises(ResourceBusy, match="runs already"):
        RunFolder(tmp_path / "runs", "run", 1).create(["alice"])
    assert len(staged_in(attempt.folder.path)) == 4
    attempt.orphan()
    RunFolder(tmp_path / "runs", "run", 1).create(["alice"])
    assert contents(attempt.data) == BEFORE


def test_a_torn_record_is_one_that_was_not_begun(attempt: Attempt) -> None:
    with (attempt.folder.path / "bob.staged").open("a") as record:
        record.write('{"final": "/etc/pass')
    assert len(staged_in(attempt.folder.path)) == 4


def test_a_run_that_dies_after_staging_leaves_the_old_outputs(host: Host, tmp_path: Path) -> None:
    root = host.settings.data_root / tmp_path.name
    model = root / "model"
    model.mkdir(parents=True)
    (model / "old").write_text("old")
    (root / "table.csv").write_text("old")
    run = host.probe(
        "stage",
        linked=False,
        outputs={"alice": str(root / "table.csv"), "bob": str(root / "new" / "table.csv")},
        models={"alice": str(model)},
        options={"stay": "bob"},
    )
    run.await_message("at staged", "bob")
    os.kill(host.party_pid(run, "bob"), signal.SIGKILL)
    error = run.error()
    assert (type(error), error.party) == (PeerLost, "bob")
    assert contents(root) == {"model/": "", "model/old": "old", "table.csv": "old"}


def test_a_run_that_succeeds_replaces_them(host: Host, tmp_path: Path) -> None:
    root = host.settings.data_root / tmp_path.name
    model = root / "model"
    model.mkdir(parents=True)
    (model / "old").write_text("old")
    run = host.probe(
        "stage",
        linked=False,
        outputs={"bob": str(root / "new" / "table.csv")},
        models={"alice": str(model)},
        report_path=str(root / "reports" / "all.json"),
        options={"bytes": 3},
    )
    run.outcome()
    assert contents(root) == {
        "model/": "",
        "model/new": "xxx",
        "new/": "",
        "new/table.csv": "xxx",
        "reports/": "",
        "reports/all.json": '{\n  "alice": "staged",\n  "bob": "staged"\n}\n',
    }


def test_an_output_whose_place_is_taken_while_the_task_runs(host: Host, tmp_path: Path) -> None:
    """alice's table has its name already when bob's cannot have its own."""
    root = host.settings.data_root / tmp_path.name
    root.mkdir()
    (root / "a.csv").write_text("old")
    run = host.probe(
        "stage_in_the_way",
        linked=False,
        outputs={"alice": str(root / "a.csv"), "bob": str(root / "b.csv")},
    )
    error = run.error()
    assert isinstance(error, OutputNotWritable)
    assert (root / "a.csv").read_text() == "old"
    assert half_written(root) == []
