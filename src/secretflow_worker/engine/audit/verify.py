"""Checking an audit log from its first record to its last.

What it can show: a record that was changed, left out, put in or moved, and records that were cut
off at the end, as long as the head beside the file, or one kept elsewhere, is older than the cut.
What it cannot: who owns the folder can write a whole new chain with a new head. Keep heads
(``sfw audit verify`` prints them) where that operator cannot change them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from secretflow_worker.engine.audit.log import read_head
from secretflow_worker.engine.audit.record import EMPTY, Head, Record, read_record


@dataclass(frozen=True)
class Break:
    """Where a chain is broken first: the line in the file (from 1), and how."""

    line: int
    reason: str


@dataclass
class Verdict:
    """`head` is the end of the chain as far as it is whole; `notes` are no breaks."""

    head: Head = EMPTY
    broken: Break | None = None
    notes: list[str] = field(default_factory=list)


def verify(path: Path, kept: Head | None = None) -> Verdict:
    """Check a file, the head beside it, and a head that was `kept` elsewhere.

    A kept head of count 0 is one of which only the hash is known.

    Raises:
        OSError: the file cannot be read.
    """
    verdict = Verdict()
    beside = read_head(path.with_suffix(".head"))
    if beside is None:
        verdict.notes.append("there is no head beside the file: a cut at its end would not show")
    wanted = {"the head beside the file": beside, "the head that was kept": kept}
    for record in _records(path, verdict):
        verdict.head = Head(record.seq, record.hash)
        wanted = {
            name: head for name, head in wanted.items() if head and not _is_at(head, verdict.head)
        }
    if verdict.broken is None:
        for name, head in wanted.items():
            if head is not None:
                count = f"{head.count} records" if head.count else "a record"
                reason = f"{name} tells of {count} with another end: records are missing"
                verdict.broken = Break(_count_lines(path) + 1, reason)
                break
    return verdict


def read_all(path: Path) -> Iterator[Record]:
    """Yield the whole records of a file, whether the chain is whole or not."""
    with path.open("rb") as file:
        for line in file:
            if (record := read_record(line)) is not None:
                yield record


def _count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


def _records(path: Path, verdict: Verdict) -> Iterator[Record]:
    """Yield the records up to the first break, which is noted in the verdict."""
    before, torn, party = EMPTY, b"", None
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            record = read_record(line)
            if record is None:
                if torn:
                    verdict.broken = Break(number - 1, "this is no whole record")
                    return
                torn = line
                continue
            reason = _fault_of(record, before, torn, party or record.party)
            if reason:
                verdict.broken = Break(number, reason)
                return
            if torn:
                verdict.notes.append(f"line {number - 1} was cut off by a crash, as the log says")
            before, torn, party = Head(record.seq, record.hash), b"", record.party
            yield record
    if torn:
        if torn.endswith(b"\n"):
            verdict.broken = Break(number, "this is no whole record")
        else:
            verdict.notes.append(f"line {number} was cut off by a crash; nothing came after it yet")


def _fault_of(record: Record, before: Head, torn: bytes, party: str) -> str:
    if record.event == "gap":
        return "records that were here are missing, as the log itself says"
    if torn:
        content = torn.rstrip(b"\n")
        said = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        if record.event != "torn" or dict(record.facts) != said:
            return "the line before is no whole record"
    elif record.event == "torn":
        return "it tells of a cut line that is not there"
    if record.party != party:
        return f"it is of party {record.party}, not of {party}"
    if record.seq != before.count + 1:
        return f"it is record {record.seq}, where {before.count + 1} is due"
    if record.prev != before.hash:
        return "it does not follow the record before it"
    return ""


def _is_at(head: Head, here: Head) -> bool:
    return head.hash == here.hash and head.count in (0, here.count)
