"""The folder of compiled programs: what is damaged, foreign, too much, or in the way."""

from __future__ import annotations

import errno
import os
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from secretflow_worker.engine import program_cache
from secretflow_worker.engine.program import Program
from secretflow_worker.engine.program_cache import ProgramCache

KEY, OTHER = "a" * 64, "b" * 64
PROGRAM = Program(
    b"module {\n}\n", (((), np.dtype(bool)), ((2, 3), np.dtype(np.float32))), is_single=False
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "programs"


@pytest.fixture
def kept(folder: Path) -> ProgramCache:
    return ProgramCache(folder, 2**20)


def made(code: bytes = PROGRAM.code) -> Program:
    return Program(code, PROGRAM.outputs, PROGRAM.is_single)


def fail() -> Program:
    raise AssertionError("it was compiled again")


def file_of(folder: Path, key: str = KEY) -> Path:
    return folder / f"{key}.program"


def test_what_is_kept_is_what_was_made(kept: ProgramCache, folder: Path) -> None:
    assert kept.get(KEY, made) == PROGRAM
    assert ProgramCache(folder, 2**20).get(KEY, fail) == PROGRAM
    assert kept.load(OTHER) is None
    assert folder.stat().st_mode & 0o777 == 0o700
    assert file_of(folder).stat().st_mode & 0o777 == 0o600


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)


def _link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


DAMAGES: dict[str, Any] = {
    "one bit": _flip,
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b" "),
    "empty": lambda path: path.write_bytes(b""),
    "other words": lambda path: path.write_bytes(b"\x80\x04K\x01." * 50),
    "another version": lambda path: path.write_bytes(b"sfw-program 0" + path.read_bytes()[13:]),
    "another key's": lambda path: path.write_bytes(file_of(path.parent, OTHER).read_bytes()),
    "a link": _link,
    "a pipe": _pipe,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=list(DAMAGES))
def test_a_damaged_file_is_never_run_and_made_anew(
    kept: ProgramCache, folder: Path, damage: Any
) -> None:
    kept.store(OTHER, made(b"another"))
    kept.store(KEY, PROGRAM)
    whole = file_of(folder).read_bytes()
    damage(file_of(folder))
    assert kept.load(KEY) is None
    assert kept.get(KEY, made) == PROGRAM
    assert file_of(folder).read_bytes() == whole
    assert not file_of(folder).is_symlink()


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_a_folder_that_others_may_enter_is_not_used(
    kept: ProgramCache, folder: Path, mode: int, caplog: pytest.LogCaptureFixture
) -> None:
    kept.store(KEY, PROGRAM)
    folder.chmod(mode)
    assert kept.load(KEY) is None
    assert "chmod 700" in caplog.text
    assert kept.get(OTHER, made) == PROGRAM
    assert not file_of(folder, OTHER).exists()


def test_what_belongs_to_another_user_is_not_used(
    kept: ProgramCache, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.store(KEY, PROGRAM)
    somebody_else = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: somebody_else)
    assert kept.load(KEY) is None
    assert kept.get(OTHER, made) == PROGRAM
    monkeypatch.undo()
    assert not file_of(folder, OTHER).exists()


def test_a_link_in_place_of_the_folder_is_not_used(kept: ProgramCache, folder: Path) -> None:
    kept.store(KEY, PROGRAM)
    folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to("elsewhere")
    assert kept.load(KEY) is None


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EFBIG])
def test_a_full_disk_costs_nothing_but_time(
    kept: ProgramCache, folder: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "rename", refuse)
    assert kept.get(KEY, made) == PROGRAM
    assert not list(folder.glob("*.part")) + list(folder.glob(".*"))
    monkeypatch.undo()
    assert kept.load(KEY) is None


def test_a_folder_that_cannot_be_made_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert ProgramCache(tmp_path / "file" / "programs", 2**20).get(KEY, made) == PROGRAM


def test_what_fails_to_compile_fails_as_it_would_without(kept: ProgramCache, folder: Path) -> None:
    def refuse() -> Program:
        raise OSError("not the folder's")

    with pytest.raises(OSError, match="not the folder's"):
        kept.get(KEY, refuse)
    assert kept.get(KEY, made) == PROGRAM


def test_the_longest_unused_go_when_there_are_too_many(folder: Path) -> None:
    large = Program(b"x" * 1000, PROGRAM.outputs, is_single=False)
    keys = [f"{number:064}" for number in range(10)]
    for key in keys:
        ProgramCache(folder, 2**20).store(key, large)
    for number, key in enumerate(keys):
        os.utime(file_of(folder, key), (time.time() + number - 100,) * 2)
    assert ProgramCache(folder, 2**20).load(keys[0]) == large  # it is the newest now

    ProgramCache(folder, 8000).store(KEY, large)

    left = {path.stem for path in folder.glob("*.program")}
    assert {KEY, keys[0], keys[9]} <= left
    assert not {keys[1], keys[2], keys[3]} & left
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 8000


def test_what_nobody_needs_any_more_goes(kept: ProgramCache, folder: Path) -> None:
    kept.store(KEY, PROGRAM)
    part, fresh = folder / f".{KEY}.program.1.part", folder / f".{OTHER}.program.2.part"
    for path, age_s in ((file_of(folder), 31 * 86_400), (part, 7200), (fresh, 60)):
        path.touch()
        os.utime(path, (time.time() - age_s,) * 2)
    ProgramCache(folder, 2**20).store(OTHER, PROGRAM)
    assert {path.name for path in folder.iterdir()} == {file_of(folder, OTHER).name, fresh.name}


def test_of_many_that_want_one_program_one_compiles_it(folder: Path) -> None:
    compiled = []

    def slowly() -> Program:
        compiled.append(1)
        time.sleep(0.2)
        return PROGRAM

    found: list[Program] = []
    threads = [
        threading.Thread(target=lambda: found.append(ProgramCache(folder, 2**20).get(KEY, slowly)))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [PROGRAM] * 6
    assert len(compiled) == 1


def test_nobody_waits_long_for_another(
    kept: ProgramCache, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program_cache, "_LONGEST_WAIT_S", 0.05)
    turn = kept._await_turn(KEY)
    assert turn is not None
    assert ProgramCache(folder, 2**20).get(KEY, made) == PROGRAM
    os.close(turn)


def test_writers_do_not_disturb_each_other_or_a_reader(folder: Path) -> None:
    seen: list[Program | None] = []

    def write() -> None:
        for _ in range(50):
            ProgramCache(folder, 2**20).store(KEY, PROGRAM)
            seen.append(ProgramCache(folder, 2**20).load(KEY))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [PROGRAM] * 200
