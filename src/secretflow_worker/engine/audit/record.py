"""One record of an audit log, and how records are chained.

A line of ``<audit_dir>/<party>.jsonl`` is JSON with sorted keys and no spaces::

    {"at": ..., "event": ..., "facts": {...}, "hash": ..., "party": ..., "prev": ..., "seq": 7}

``hash`` is SHA-256 over the line without ``hash`` itself, ``prev`` the hash of the record
before (64 zeros at the first). So no record can be changed, left out or put elsewhere without
changing every hash after it. No record holds a value from a party's file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Event = Literal["refused", "started", "disclosed", "failed", "torn", "gap"]
"""``torn``: the line before was cut off by a crash. ``gap``: records that were there are not."""

GENESIS = "0" * 64
_FIELDS = {"at", "event", "facts", "hash", "party", "prev", "seq"}


@dataclass(frozen=True)
class Record:
    """`seq` counts from 1; `at` is UTC, ISO 8601."""

    seq: int
    at: str
    party: str
    event: str
    facts: Mapping[str, Any]
    prev: str
    hash: str

    def line(self) -> bytes:
        """Return the record as it stands in the file."""
        return _canonical({**self._content(), "hash": self.hash}) + b"\n"

    def _content(self) -> dict[str, Any]:
        return {
            "at": self.at,
            "event": self.event,
            "facts": self.facts,
            "party": self.party,
            "prev": self.prev,
            "seq": self.seq,
        }

    def has_true_hash(self) -> bool:
        return self.hash == _hash(self._content())


@dataclass(frozen=True)
class Head:
    """The end of a chain: how many records it has, and the hash of the last."""

    count: int
    hash: str


EMPTY = Head(0, GENESIS)


def make_record(head: Head, at: str, party: str, event: Event, facts: Mapping[str, Any]) -> Record:
    """Make the record that follows `head`."""
    bare = Record(head.count + 1, at, party, event, facts, head.hash, "")
    return Record(bare.seq, at, party, event, facts, bare.prev, _hash(bare._content()))


def read_record(line: bytes) -> Record | None:
    """Read a line; None where it is no whole record with a true hash."""
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or set(document) != _FIELDS:
        return None
    record = Record(**document)
    is_typed = (
        isinstance(record.seq, int)
        and isinstance(record.facts, dict)
        and all(
            isinstance(text, str)
            for text in (record.at, record.party, record.event, record.prev, record.hash)
        )
    )
    return record if is_typed and record.has_true_hash() else None


def _hash(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(_canonical(content)).hexdigest()


def _canonical(content: Mapping[str, Any]) -> bytes:
    text = json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    )
    return text.encode()
