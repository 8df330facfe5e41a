"""Who did what, hash-chained: no record can be changed, left out or put elsewhere unseen.

A record is JSON with sorted keys and no spaces, as in a party's own audit log::

    {"at": ..., "event": ..., "facts": {...}, "prev": ..., "seq": 7, "who": ...}

``hash`` is SHA-256 over it, ``prev`` the hash of the record before (64 zeros at the first). The
head holds the count and the last hash, so that lost records at the end are seen; it is also what
makes one writer wait for another. Facts are texts, whole numbers and booleans.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    insert,
    select,
    update,
)

from secretflow_worker.orchestrator.store.columns import Document
from secretflow_worker.orchestrator.store.inserts import insert_unless_there
from secretflow_worker.orchestrator.store.tables import metadata

GENESIS = "0" * 64
_BLOCK = 1000

audit = Table(
    "audit",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("who", String(64), nullable=False),
    Column("event", String(64), nullable=False),
    Column("facts", Document, nullable=False),
    Column("prev", String(64), nullable=False, unique=True),
    Column("hash", String(64), nullable=False, unique=True),
    Index(None, "who", "seq"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("records", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    CheckConstraint("id = 1", name="one"),
)


@dataclass(frozen=True)
class Record:
    """`seq` counts from 1; `at` is UTC, ISO 8601."""

    seq: int
    at: str
    who: str
    event: str
    facts: Mapping[str, Any]
    prev: str
    hash: str

    def line(self) -> str:
        """Return it as a line of JSON: what was hashed, and the hash."""
        return _written(vars(self))


@dataclass(frozen=True)
class Head:
    """The count of records and the hash of the last one; keep it where nobody else writes."""

    records: int
    hash: str


@dataclass(frozen=True)
class Verdict:
    """`broken_at` is the first record that is not what was written, or is missing."""

    records: int
    broken_at: int | None


def append(
    connection: Connection, who: str, event: str, facts: Mapping[str, Any], now: float
) -> None:
    """Write that `who` did something, in the transaction that does it."""
    insert_unless_there(connection, audit_head, {"id": 1, "records": 0, "hash": GENESIS})
    head = connection.execute(select(audit_head).with_for_update()).one()
    count, prev = head.records, head.hash
    at = datetime.fromtimestamp(now, timezone.utc).isoformat(timespec="microseconds")
    content = {
        "seq": count + 1,
        "at": at.replace("+00:00", "Z"),
        "who": who,
        "event": event,
        "facts": dict(facts),
        "prev": prev,
    }
    digest = _hash(content)
    connection.execute(insert(audit).values(**content, hash=digest))
    connection.execute(update(audit_head).values(records=count + 1, hash=digest))


def read(
    connection: Connection, *, before: int | None = None, who: str | None = None, limit: int = 100
) -> list[Record]:
    """Return records, newest first: those before a number, those of one user."""
    query = select(audit).order_by(audit.c.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(audit.c.seq < before)
    if who is not None:
        query = query.where(audit.c.who == who)
    return [Record(**row._mapping) for row in connection.execute(query)]


def verify(connection: Connection) -> Verdict:
    """Compute every hash again, in order."""
    count, prev = 0, GENESIS
    for record in read_on(connection):
        content = {name: value for name, value in vars(record).items() if name != "hash"}
        if record.seq != count + 1 or record.prev != prev or record.hash != _hash(content):
            return Verdict(count, count + 1)
        count, prev = record.seq, record.hash
    if Head(count, prev) != head_of(connection):
        return Verdict(count, count + 1)
    return Verdict(count, None)


def head_of(connection: Connection) -> Head:
    """Return the head as it is stored."""
    head = connection.execute(select(audit_head)).one_or_none()
    return Head(0, GENESIS) if head is None else Head(head.records, head.hash)


def holds(connection: Connection, kept: Head) -> bool:
    """Return whether a head that was kept elsewhere was once the log's head."""
    if kept == Head(0, GENESIS):
        return True
    found = select(audit.c.seq).where(audit.c.seq == kept.records, audit.c.hash == kept.hash)
    return connection.execute(found).first() is not None


def read_on(connection: Connection, after: int = 0) -> Iterator[Record]:
    """Yield the records after a number, oldest first, a block at a time."""
    last = after
    while True:
        query = select(audit).where(audit.c.seq > last).order_by(audit.c.seq).limit(_BLOCK)
        rows = connection.execute(query).all()
        if not rows:
            return
        for row in rows:
            yield Record(**row._mapping)
        last = rows[-1].seq


def _hash(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(_written(content).encode()).hexdigest()


def _written(content: Mapping[str, Any]) -> str:
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    )
