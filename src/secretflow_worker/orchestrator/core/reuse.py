"""Whether an earlier success still holds: by what was asked, and by what its files are now.

Each party tells keyed fingerprints of the files that an execution read and wrote, and later of
what they are by then. Equal ones mean the same content; nothing else can be learned of them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256

from secretflow_worker.orchestrator.core.model import Json

File = tuple[str, str]
"""A party, and a path at that party."""
Prints = Mapping[File, str | None]
"""What was told of files; None where their content was not known."""

_ASKED = ("sf_init_config", "spu_config", "heu_config", "task_config")


class Holds(str, Enum):
    """What is found of a success; the worst of its files decides."""

    KEPT = "kept"
    UNCHECKED = "unchecked"
    """A party could not or would not say."""
    FORGOTTEN = "forgotten"
    """A party does not know its files any more."""
    CHANGED = "changed"

    @property
    def is_lost(self) -> bool:
        """Whether the task has to run again."""
        return self in (Holds.FORGOTTEN, Holds.CHANGED)


_WORST = list(Holds)


@dataclass(frozen=True)
class Success:
    """An execution that succeeded, with what its parties told of its files then."""

    execution_id: str
    ended_at: float
    inputs: Prints
    outputs: Prints
    untold: frozenset[str] = frozenset()
    """Parties that took part and told nothing, so that nothing of theirs can be checked."""

    @property
    def files(self) -> set[File]:
        return {*self.inputs, *self.outputs}


@dataclass(frozen=True)
class FilesNow:
    """What parties tell of files now. Several workers of local mode may tell of the same file."""

    prints: Mapping[File, frozenset[str]] = field(default_factory=dict)
    """Empty: the file is gone. A file that is not there was not hashed in time."""
    silent: Mapping[str, str] = field(default_factory=dict)
    """By party: why it told nothing."""


@dataclass(frozen=True)
class Finding:
    """What was found of one success, and the file or party that decided it."""

    holds: Holds
    why: str = ""
    party: str | None = None


def content_of(request: Mapping[str, Json]) -> str:
    """Return the SHA-256 of what a message asks for, whatever run and attempt it is of."""
    asked = {name: request.get(name) for name in _ASKED}
    text = json.dumps(asked, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def examine(success: Success, now: FilesNow, replaced: Iterable[File] = ()) -> Finding:
    """Return whether a success holds; `replaced` are files that a later task has written anew."""
    findings = [Finding(Holds.KEPT)]
    passed_over = set(replaced)
    for party in sorted(success.untold):
        why = f"party {party} told no fingerprints of it"
        findings.append(Finding(Holds.UNCHECKED, why, party))
    for kind, prints in (("input", success.inputs), ("output", success.outputs)):
        for file, then in sorted(prints.items()):
            if file in passed_over or (kind == "input" and file in success.outputs):
                continue
            findings.append(_examine_file(kind, file, then, now))
    return max(findings, key=lambda finding: _WORST.index(finding.holds))


def _examine_file(kind: str, file: File, then: str | None, now: FilesNow) -> Finding:
    party, path = file
    what = f"{kind} {path} of party {party}"
    if then is None:
        return Finding(Holds.UNCHECKED, f"the {what} was not hashed when it ran", party)
    if party in now.silent:
        return Finding(Holds.UNCHECKED, now.silent[party], party)
    if file not in now.prints:
        return Finding(Holds.UNCHECKED, f"the {what} was not hashed in time", party)
    found = now.prints[file]
    if then in found:
        return Finding(Holds.KEPT)
    if not found:
        return Finding(Holds.CHANGED, f"the {what} is gone", party)
    if all(_key_of(then) != _key_of(each) for each in found):
        why = f"the worker of party {party} has a new key and does not know {path} any more"
        return Finding(Holds.FORGOTTEN, why, party)
    return Finding(Holds.CHANGED, f"the {what} has changed", party)


def _key_of(fingerprint: str) -> str:
    return fingerprint.partition(":")[0]


@dataclass(frozen=True)
class Examined:
    """The successes of one run: what was found of each, and which stand or fall together."""

    findings: Mapping[str, Finding]
    """By execution."""
    together: Sequence[frozenset[str]]
    """Executions that touch a file which several of them have written."""


def examine_run(successes: Iterable[Success], now: FilesNow) -> Examined:
    """Examine all successes of a run at once.

    Where a later task has replaced a file on purpose, only that task can tell whether it is still
    what the run has made of it.
    """
    listed = list(successes)
    writers: dict[File, list[Success]] = defaultdict(list)
    for success in listed:
        for file in success.outputs:
            writers[file].append(success)
    last = {file: max(each, key=lambda one: one.ended_at) for file, each in writers.items()}
    findings = {
        success.execution_id: examine(
            success,
            now,
            [
                file
                for file in success.files
                if file in last
                and last[file] is not success
                and last[file].ended_at > success.ended_at
            ],
        )
        for success in listed
    }
    shared = [file for file, each in writers.items() if len(each) > 1]
    together = [
        frozenset(success.execution_id for success in listed if file in success.files)
        for file in shared
    ]
    return Examined(findings, together)
