"""Traces: fingerprints of the files that an execution read and wrote, told with its success.

Inputs are hashed in a thread of their own while the task runs. Outputs are hashed at its end:
small ones take no time, and large ones a share of what the task itself has taken. What is not
hashed by then is left out, and counts as not known.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as NotDone
from dataclasses import dataclass
from pathlib import Path

from secretflow_worker.contract.errors import PathForbidden
from secretflow_worker.engine import EngineSettings, Plan
from secretflow_worker.engine.offers import Fingerprints, NamedByValues
from secretflow_worker.engine.offers.fingerprints import TooLate, is_large, state_of
from secretflow_worker.engine.offers.sharing import Sharing, sharing_in
from secretflow_worker.tasks._config import FileRole

_SAVED = (FileRole.OUTPUT_MODEL, FileRole.OUTPUT_RULES)
_SHARE = 0.25
"""Of a task's own time, that hashing its outputs may take: until then its success is not told."""
_LEAST_S, _MOST_S = 0.05, 10.0
_SETTLE_S = 0.02
"""After which a file that was just written has times that tell its next change."""

Prints = dict[str, dict[str, dict[str, str | None]]]
"""By party: ``inputs`` and ``outputs``, by path; None where it is not known."""


@dataclass(frozen=True)
class _File:
    party: str
    path: str
    real: Path
    role: FileRole


@dataclass(frozen=True)
class _Input:
    file: _File
    state: object
    hashing: Future[str | None]


class Traces:
    """Of one worker's executions."""

    def __init__(
        self, fingerprints: Fingerprints, named: NamedByValues, settings: EngineSettings
    ) -> None:
        self._fingerprints = fingerprints
        self._named = named
        self._settings = settings

    def begin(self, plan: Plan) -> Trace:
        """Begin to hash what a task is about to read."""
        self._note_names(plan, is_done=False)
        telling = self._telling(plan)
        files = [file for sharing in telling for file in _files_of(plan, sharing)]
        inputs = [
            _Input(file, state_of(file.real), self._fingerprints.begin(file.party, file.real))
            for file in files
            if file.role.is_input
        ]
        outputs = [file for file in files if not file.role.is_input]
        return Trace(
            self._fingerprints,
            [sharing.party for sharing in telling],
            inputs,
            outputs,
            lambda: self._note_names(plan, is_done=True),
        )

    def _telling(self, plan: Plan) -> list[Sharing]:
        """Return those of this worker's parties whose policies let it tell of their files."""
        policies = {party: loaded.policy for party, loaded in plan.policies.items()}
        found = [sharing_in(self._settings, party, policies.get(party)) for party in plan.own]
        return [sharing for sharing in found if sharing.shares("fingerprints")]

    def _note_names(self, plan: Plan, *, is_done: bool) -> None:
        by_role: dict[FileRole, list[Path]] = {}
        for declared in plan.config.files():
            if declared.party in (*plan.own, None):
                by_role.setdefault(declared.role, []).append(Path(declared.path).resolve())
        read = by_role.get(FileRole.INPUT_TABLE, [])
        tables = by_role.get(FileRole.OUTPUT_TABLE, [])
        by_task = plan.config.names_hold_values
        self._named.note(tables, read, by_task=by_task, is_done=is_done)
        # What is saved names the columns that were read, and not those that were made.
        saved = [path for role in _SAVED for path in by_role.get(role, [])]
        self._named.note(saved, read, by_task=False, is_done=is_done)


def _files_of(plan: Plan, sharing: Sharing) -> Iterator[_File]:
    for declared in plan.config.files():
        # A file of no one party is told of by the first of those that are here.
        if (declared.party or plan.own[0]) != sharing.party:
            continue
        try:
            real = sharing.place_of(declared.path)
        except PathForbidden:
            continue  # of no one party, and not where this one's files are
        yield _File(sharing.party, declared.path, real, declared.role)


class Trace:
    """Of one execution."""

    def __init__(
        self,
        fingerprints: Fingerprints,
        parties: list[str],
        inputs: list[_Input],
        outputs: list[_File],
        note_names: Callable[[], None],
    ) -> None:
        self._fingerprints = fingerprints
        self._parties = parties
        self._inputs = inputs
        self._outputs = outputs
        self._note_names = note_names

    def end(self, took_s: float) -> Prints:
        """Return the fingerprints, after a success that took so long."""
        self._note_names()
        over_at = time.monotonic() + min(max(_SHARE * took_s, _LEAST_S), _MOST_S)
        # Also of a party without a file: it has told all that there is to tell.
        found: Prints = {party: {"inputs": {}, "outputs": {}} for party in self._parties}
        made = {file.real for file in self._outputs}
        for read in self._inputs:
            known = None if read.file.real in made else _await(read, over_at)
            found[read.file.party]["inputs"][read.file.path] = known
        if any(is_large(file.real) for file in self._outputs):
            time.sleep(_SETTLE_S)
        for file in self._outputs:
            found[file.party]["outputs"][file.path] = self._hash(file, over_at)
        return found

    def _hash(self, file: _File, over_at: float) -> str | None:
        try:
            return self._fingerprints.of(file.party, file.real, lambda: time.monotonic() > over_at)
        except TooLate:
            return None


def _await(read: _Input, over_at: float) -> str | None:
    """Return an input's fingerprint, unless the file has changed while the task ran."""
    try:
        known = read.hashing.result(max(0.0, over_at - time.monotonic()))
    except (NotDone, CancelledError):
        return None
    return known if state_of(read.file.real) == read.state else None
