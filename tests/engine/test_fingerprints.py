"""Fingerprints of files: equal as long as the content is, and each file is hashed once."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from secretflow_worker.engine.offers import Fingerprints, NamedByValues, fingerprints
from secretflow_worker.engine.offers.fingerprints import TooLate, state_of
from tests.conftest import eventually


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that was written long enough ago to be remembered."""
    path = tmp_path / "data" / "table.csv"
    path.parent.mkdir()
    path.write_text("x\n1\n")
    settle(path)
    return path


def settle(path: Path) -> None:
    """Wait until the file's times would tell its next change."""
    tick_ns = 2 * fingerprints._TICK_NS
    eventually(lambda: time.time_ns() - path.stat().st_ctime_ns > tick_ns, every_s=0.005)


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What was read to be hashed, in order."""
    seen: list[Path] = []
    original = Fingerprints._hash

    def note(self: Fingerprints, name: str, path: Path, is_late: object) -> str:
        seen.append(path)
        return original(self, name, path, is_late)  # type: ignore[arg-type]

    monkeypatch.setattr(Fingerprints, "_hash", note)
    return seen


def test_a_file_is_hashed_once_until_it_changes(
    tmp_path: Path, file: Path, hashed: list[Path]
) -> None:
    prints = Fingerprints(tmp_path)
    first = prints.of("alice", file)
    assert prints.of("alice", file) == first
    assert hashed == [file]
    times = file.stat()
    file.write_text("x\n2\n")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert prints.of("alice", file) != first, "same size and time, other content"


def test_a_file_that_may_still_change_unseen_is_not_remembered(
    tmp_path: Path, hashed: list[Path]
) -> None:
    prints, path = Fingerprints(tmp_path), tmp_path / "new.csv"
    path.write_text("a")
    later = time.time_ns() + 10**9
    os.utime(path, ns=(later, later))
    prints.of("alice", path)
    prints.of("alice", path)
    assert len(hashed) == 2


def test_large_files_are_not_hashed_again_by_the_next_worker(
    tmp_path: Path, file: Path, hashed: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprints, "_LARGE_BYTES", 1)
    first = Fingerprints(tmp_path).of("alice", file)
    assert Fingerprints(tmp_path).of("alice", file) == first
    assert len(hashed) == 1
    kept = tmp_path / "fingerprints.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    kept.write_text("{}")
    assert Fingerprints(tmp_path).of("alice", file) == first
    (tmp_path / "fingerprint.key").unlink()
    new = Fingerprints(tmp_path).of("alice", file)
    assert new is not None
    assert first is not None
    assert new.partition(":")[0] != first.partition(":")[0], "a new key is seen as such"


def test_hashing_ends_when_it_is_late_and_goes_on_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    monkeypatch.setattr(fingerprints, "_BLOCK_BYTES", 2)
    prints = Fingerprints(tmp_path)
    with pytest.raises(TooLate):
        prints.of("alice", file, lambda: True)
    assert prints.begin("alice", file).result(60) == prints.of("alice", file)
    prints.close()


def test_a_model_folder_has_one_for_all_its_files(tmp_path: Path) -> None:
    prints, folder = Fingerprints(tmp_path), tmp_path / "model"
    folder.mkdir()
    (folder / "share.bin").write_bytes(b"1")
    (folder / "own.json").write_text("{}")
    first, state = prints.of("alice", folder), state_of(folder)
    assert prints.of("alice", folder) == first
    (folder / "own.json").write_text("[]")
    assert prints.of("alice", folder) != first
    assert state_of(folder) != state
    assert prints.of("alice", tmp_path / "nothing") is None


def test_names_made_of_values_go_along_until_a_table_is_made_anew(tmp_path: Path) -> None:
    raw, wide, scaled = (tmp_path / name for name in ("raw.csv", "wide.csv", "scaled.csv"))
    named = NamedByValues(tmp_path)
    named.note([wide], [raw], by_task=True, is_done=True)
    named.note([scaled], [wide], by_task=False, is_done=True)
    again = NamedByValues(tmp_path)
    assert [again.includes(path) for path in (raw, wide, scaled)] == [False, True, True]
    again.note([scaled], [raw], by_task=False, is_done=False)
    assert again.includes(scaled), "as long as the new one is not there"
    again.note([scaled], [raw], by_task=False, is_done=True)
    assert not NamedByValues(tmp_path).includes(scaled)
