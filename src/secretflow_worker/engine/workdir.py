"""The folder of one attempt, and how its outputs appear whole or not at all.

::

    runs/<execution>.<attempt>/
      owner.json            pid and start time of the worker that runs it
      <party>/              the party's working directory and TMPDIR
      <party>.staged        a line of JSON per output: written before the output is
      commit.json           exists once every party has finished: outputs are being renamed

An output is written as ``.<name>.<execution>.part`` beside its final name. ``commit`` renames
them all, ``roll_back`` removes them all; ``sweep`` does whichever a killed worker left undone.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from secretflow_worker.contract.result import TaskOutcome
from secretflow_worker.engine.processes import end_processes_in, is_alive, own_identity


@dataclass(frozen=True)
class StagedOutput:
    """One output on its way: its final name, where it is written, folders made for it."""

    final: Path
    part: Path
    made: tuple[Path, ...]


class StageRecord:
    """Writes one party's staged outputs, each recorded before it exists."""

    def __init__(self, path: Path, token: str) -> None:
        self._path = path
        self._token = token

    def stage(self, final: Path) -> Path:
        """Record an output and return where to write it; its folder exists."""
        missing = [folder for folder in final.parents if not folder.exists()]
        part = final.parent / f".{final.stem}.{self._token}.part{final.suffix}"
        line = {"final": str(final), "part": str(part), "made": [str(path) for path in missing]}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())
        final.parent.mkdir(parents=True, exist_ok=True)
        return part


class RunFolder:
    """One attempt's folder."""

    def __init__(self, root: Path, execution_id: str, attempt: int) -> None:
        self.token = f"{execution_id.replace(':', '_')}.{attempt}"
        self.path = root / self.token
        self.execution_id = execution_id

    def create(self, parties: list[str]) -> None:
        """Make the folder anew; what an earlier life of the same attempt left is rolled back."""
        if self.path.exists():
            roll_back(self.path)
        self.path.mkdir(mode=0o700, parents=True)
        (self.path / "owner.json").write_text(json.dumps(own_identity()), encoding="utf-8")
        for party in parties:
            (self.path / party).mkdir(mode=0o700)

    def work_of(self, party: str) -> Path:
        return self.path / party

    def record_of(self, party: str) -> StageRecord:
        return StageRecord(self.path / f"{party}.staged", self.token)

    def commit(self, outcome: TaskOutcome) -> None:
        """Give every staged output its name; from the first line on it is certain to happen."""
        document = {"execution_id": self.execution_id, "outcome": outcome.model_dump(mode="json")}
        beside = self.path / "commit.part"
        with beside.open("w", encoding="utf-8") as file:
            json.dump(document, file)
            file.flush()
            os.fsync(file.fileno())
        beside.rename(self.path / "commit.json")
        _rename_all(self.path)


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
    for output in staged_in(folder):
        _remove(output.part)
        for made in output.made:
            if made.is_dir() and not any(made.iterdir()):
                made.rmdir()
    shutil.rmtree(folder, ignore_errors=True)


def sweep(root: Path) -> list[tuple[str, TaskOutcome]]:
    """End what killed workers left: their processes, half-written outputs, folders.

    Returns the executions whose outputs were being renamed: they are rolled forward.
    """
    finished = []
    for folder in sorted(root.glob("*")) if root.exists() else []:
        owner = folder / "owner.json"
        if owner.exists() and is_alive(owner):
            continue
        end_processes_in(folder)
        marker = folder / "commit.json"
        if marker.exists():
            document = json.loads(marker.read_text(encoding="utf-8"))
            _rename_all(folder)
            outcome = TaskOutcome.model_validate(document["outcome"])
            finished.append((str(document["execution_id"]), outcome))
            shutil.rmtree(folder, ignore_errors=True)
        else:
            roll_back(folder)
    return finished


def _rename_all(folder: Path) -> None:
    for output in staged_in(folder):
        if not output.part.exists():
            continue
        if output.part.is_dir() and output.final.exists():
            old = output.part.with_name(output.part.name + ".old")
            if not old.exists():
                output.final.rename(old)
            output.part.rename(output.final)
            _remove(old)
        else:
            output.part.replace(output.final)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
