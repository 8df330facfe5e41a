"""The folder of one attempt, and how its outputs appear whole or not at all.

::

    runs/<execution>.<attempt>/
      owner.json            pid and start time of the worker that runs it
      <party>/              the party's working directory and TMPDIR
      <party>.staged        a line of JSON per output: written before the output is
      commit.json           exists once every party has finished: outputs are being renamed

An output is written as ``.<name>.<execution>.part`` beside its final name. ``commit`` renames
them all, ``roll_back`` removes them all; ``sweep`` does whichever a killed worker left undone.
What an output replaces is kept as ``<part>.old`` until all have their names.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from secretflow_worker.contract.errors import ResourceBusy
from secretflow_worker.contract.result import TaskOutcome
from secretflow_worker.engine.processes import end_processes_in, named_by, write_identity

_log = logging.getLogger(__name__)

_NAME_LIMIT = 255 - len(".old")


@dataclass(frozen=True)
class StagedOutput:
    """One output on its way: its final name, where it is written, folders made for it."""

    final: Path
    part: Path
    made: tuple[Path, ...]

    @property
    def old(self) -> Path:
        """Where what it replaces is until the commit is over."""
        return self.part.with_name(self.part.name + ".old")


class StageRecord:
    """Writes one party's staged outputs, each recorded before it exists."""

    def __init__(self, path: Path, token: str) -> None:
        self._path = path
        self._token = token

    def stage(self, final: Path) -> Path:
        """Record an output and return where to write it; its folder exists."""
        missing = [folder for folder in final.parents if not folder.exists()]
        part = final.parent / self._part_name(final)
        line = {"final": str(final), "part": str(part), "made": [str(path) for path in missing]}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())
        final.parent.mkdir(parents=True, exist_ok=True)
        return part

    def _part_name(self, final: Path) -> str:
        """Keep the ending, which writers go by; long names give way to their hash."""
        name = f".{final.stem}.{self._token}.part{final.suffix}"
        if len(os.fsencode(name)) <= _NAME_LIMIT:
            return name
        short = hashlib.sha256(name.encode()).hexdigest()[:32]
        return f".{short}.part{final.suffix if len(final.suffix) <= 32 else ''}"


class RunFolder:
    """One attempt's folder."""

    def __init__(self, root: Path, execution_id: str, attempt: int) -> None:
        self.token = f"{execution_id.replace(':', '+')}.{attempt}"  # no id has a "+"
        self.path = root / self.token
        self.execution_id = execution_id

    def create(self, parties: list[str]) -> None:
        """Make the folder anew; what an earlier life of the same attempt left is rolled back.

        Raises:
            ResourceBusy: the same attempt runs at this moment.
        """
        with _locked(self.path.parent):
            if named_by(self.path / "owner.json") is not None:
                raise ResourceBusy(
                    f"attempt {self.token} runs already",
                    hint="Wait for it, or send the task with another execution_id.",
                )
            if self.path.exists():
                roll_back(self.path)
            try:
                self.path.mkdir(mode=0o700)
                write_identity(self.path / "owner.json")
                for party in parties:
                    (self.path / party).mkdir(mode=0o700)
            except OSError:
                roll_back(self.path)
                raise

    def work_of(self, party: str) -> Path:
        return self.path / party

    def record_of(self, party: str) -> StageRecord:
        return StageRecord(self.path / f"{party}.staged", self.token)

    def commit(self, outcome: TaskOutcome) -> None:
        """Give every staged output its name. A worker killed from here on has done it, see `sweep`.

        Raises:
            OSError: an output cannot have its name; then none has it, and nothing is replaced.
        """
        document = {"execution_id": self.execution_id, "outcome": outcome.model_dump(mode="json")}
        beside = self.path / "commit.part"
        with beside.open("w", encoding="utf-8") as file:
            json.dump(document, file)
            file.flush()
            os.fsync(file.fileno())
        beside.rename(self.path / "commit.json")
        outputs = staged_in(self.path)
        named: list[StagedOutput] = []
        try:
            for output in outputs:
                if _give_name(output):
                    named.append(output)
        except OSError:
            for output in reversed(named):
                output.final.rename(output.part)
            for output in outputs:
                _put_old_back(output)
            (self.path / "commit.json").unlink()
            raise
        for output in named:
            _remove(output.old)


def staged_in(folder: Path) -> list[StagedOutput]:
    """Read what the parties of an attempt have staged; a torn last line is one not yet begun."""
    outputs = []
    for record in sorted(folder.glob("*.staged")):
        for line in record.read_text(encoding="utf-8").splitlines():
            try:
                entry: dict[str, Any] = json.loads(line)
            except ValueError:
                continue
            made = tuple(Path(path) for path in entry["made"])
            outputs.append(StagedOutput(Path(entry["final"]), Path(entry["part"]), made))
    return outputs


def roll_back(folder: Path) -> None:
    """Remove everything that an attempt wrote, and the attempt's folder."""
    outputs = staged_in(folder)
    for output in outputs:
        _remove(output.part)
    made = {path for output in outputs for path in output.made}
    for path in sorted(made, key=lambda path: len(path.parts), reverse=True):
        with suppress(OSError):  # others use it by now
            path.rmdir()
    shutil.rmtree(folder, ignore_errors=True)


def sweep(root: Path) -> list[tuple[str, TaskOutcome]]:
    """End what killed workers left: their processes, half-written outputs, folders.

    Returns the executions whose outputs were being renamed: they are rolled forward.
    """
    finished = []
    with _locked(root):
        for folder in sorted(root.iterdir()):
            if named_by(folder / "owner.json") is not None:
                continue
            end_processes_in(folder)
            if not (folder / "commit.json").exists():
                roll_back(folder)
                continue
            try:
                finished.append(_roll_forward(folder))
            except (OSError, ValueError) as fault:  # the outputs' disk is away, for one
                _log.error("%s could not be finished: %s", folder, fault)
    return finished


def _roll_forward(folder: Path) -> tuple[str, TaskOutcome]:
    document = json.loads((folder / "commit.json").read_text(encoding="utf-8"))
    outputs = staged_in(folder)
    for output in outputs:
        _give_name(output)
    for output in outputs:
        _remove(output.old)
    shutil.rmtree(folder, ignore_errors=True)
    return str(document["execution_id"]), TaskOutcome.model_validate(document["outcome"])


def _give_name(output: StagedOutput) -> bool:
    """Rename one output, whatever step of it a killed worker came to; False where there is none."""
    if not output.part.exists():
        return False
    if output.final.exists() and output.final.is_dir() != output.part.is_dir():
        raise OSError(errno.EEXIST, "its name is taken by something else", str(output.final))
    if output.final.exists() and not output.old.exists():
        if output.final.is_dir():
            output.final.rename(output.old)
        else:
            with suppress(OSError):  # not every file system links; it is replaced all the same
                os.link(output.final, output.old)
    output.part.replace(output.final)
    return True


def _put_old_back(output: StagedOutput) -> None:
    if output.final.exists():
        _remove(output.old)
    elif output.old.exists():
        output.old.rename(output.final)


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """Keep a worker that starts from sweeping a folder whose owner is not yet written in it."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
