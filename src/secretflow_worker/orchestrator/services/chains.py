"""Chains: made, edited as new versions, compared, rolled back, cloned, deleted.

Each is one transaction. Lists and rows to show are in ``store/views.py``; runs in ``runs.py``.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from secretflow_worker.contract.chain import ChainDocument, parse_chain
from secretflow_worker.orchestrator.errors import Conflict, Invalid, NotFound, StaleVersion
from secretflow_worker.orchestrator.services.differences import Change, differences
from secretflow_worker.orchestrator.services.validate import validate
from secretflow_worker.orchestrator.services.yaml_documents import read_yaml, write_yaml
from secretflow_worker.orchestrator.store import chains, history
from secretflow_worker.orchestrator.store.database import Database

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Checked:
    """A document without a fault, as ``check`` gives it: a large one takes seconds to check.

    Who holds a transaction around a call of ``Chains`` checks before it, and locks nobody out.
    """

    document: Document
    parsed: ChainDocument


@dataclass(frozen=True)
class Version:
    """One version of a chain; `at` in seconds since the epoch."""

    version: int
    at: float
    by: str
    note: str | None


class Chains:
    """The chains of a database."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def create(
        self, document: object, *, by: str, metadata: Mapping[str, Any] | None = None
    ) -> str:
        """Keep a new chain and return its id; `metadata` is the caller's own and is kept beside.

        The document may be ``Checked``, here and in ``update``.

        Raises:
            Invalid: with every fault of the document.
        """
        checked = check(document)
        with self._database.transaction() as connection:
            return self._insert(connection, checked, by, None, metadata, {"version": 1})

    def document(self, chain_id: str, version: int | None = None) -> dict[str, Any]:
        """Return a version's document, as it was given; the newest where none is named.

        Raises:
            NotFound: no such chain or version.
        """
        with self._database.reading() as connection:
            listed = chains.list_versions(connection, chain_id)
            if not listed:
                raise NotFound(f"there is no chain {chain_id}")
            return _version(connection, chain_id, listed[0].version if version is None else version)

    def update(
        self,
        chain_id: str,
        document: object,
        *,
        by: str,
        expected_version: int | None = None,
        note: str | None = None,
    ) -> int:
        """Keep a document as a chain's next version and return its number.

        Raises:
            Invalid: with every fault of the document.
            NotFound: no such chain.
            StaleVersion: `expected_version` is not the newest.
            Conflict: a run of it has not ended.
        """
        checked = check(document)
        with self._database.transaction() as connection:
            row = _held(connection, chain_id, expected_version)
            return self._change(connection, row, checked, by, note, "edited")

    def earlier(self, chain_id: str, version: int) -> Checked:
        """Return a version's document for ``rollback``; it never changes, so it stays checked.

        Raises:
            NotFound: no such chain or version.
            Invalid: it is no longer valid, for example where a task type is gone.
        """
        return check(self.document(chain_id, version))

    def rollback(
        self,
        chain_id: str,
        version: int,
        *,
        by: str,
        expected_version: int | None = None,
        checked: Checked | None = None,
    ) -> int:
        """Keep an earlier version's document as the next version and return its number.

        Raises:
            NotFound, StaleVersion, Conflict: as ``update``.
            Invalid: as ``earlier``, which has `checked` it where that is given.
        """
        earlier = checked or self.earlier(chain_id, version)
        with self._database.transaction() as connection:
            row = _held(connection, chain_id, expected_version)
            note = f"as version {version}"
            return self._change(connection, row, earlier, by, note, "rolled_back")

    def versions(self, chain_id: str) -> list[Version]:
        """Return a chain's versions, newest first.

        Raises:
            NotFound: no such chain.
        """
        with self._database.reading() as connection:
            rows = chains.list_versions(connection, chain_id)
        if not rows:
            raise NotFound(f"there is no chain {chain_id}")
        return [Version(row.version, row.created_at, row.created_by, row.note) for row in rows]

    def diff(self, chain_id: str, before: int, after: int) -> list[Change]:
        """Return what differs between two versions.

        Raises:
            NotFound: no such chain or version.
        """
        with self._database.reading() as connection:
            return differences(
                _version(connection, chain_id, before), _version(connection, chain_id, after)
            )

    def copy_of(self, chain_id: str, name: str | None = None) -> Checked:
        """Return a chain's newest document under another name, for ``clone``.

        Raises:
            NotFound: no such chain.
            Invalid: the name is none, or the document is no longer valid.
        """
        source = self.document(chain_id)
        name = f"{source['chain_name'][:248]} (copy)" if name is None else name
        return check({**source, "chain_name": name})

    def clone(
        self, chain_id: str, *, by: str, name: str | None = None, checked: Checked | None = None
    ) -> str:
        """Keep a copy of a chain's newest version as a new chain and return its id.

        Raises:
            NotFound: no such chain.
            Invalid: as ``copy_of``, which has `checked` it where that is given.
        """
        copy = checked or self.copy_of(chain_id, name)
        with self._database.transaction() as connection:
            if chains.lock_chain(connection, chain_id) is None:
                raise NotFound(f"there is no chain {chain_id}")
            told = {"version": 1, "cloned_from": chain_id}
            return self._insert(connection, copy, by, f"copy of {chain_id}", None, told)

    def delete(self, chain_id: str) -> None:
        """Delete a chain, its versions, runs and history.

        Raises:
            NotFound: no such chain.
            Conflict: a run of it has not ended.
        """
        with self._database.transaction() as connection:
            _held(connection, chain_id, None)
            chains.delete_chain(connection, chain_id)

    def import_yaml(self, text: str | bytes, *, by: str) -> str:
        """Keep the chain of a YAML text and return its id.

        Raises:
            Invalid: it is no YAML, or its document has faults.
        """
        return self.create(read_yaml(text), by=by)

    def export_yaml(self, chain_id: str, version: int | None = None) -> str:
        """Return a version as YAML, which gives the same document again.

        Raises:
            NotFound: no such chain or version.
        """
        return write_yaml(self.document(chain_id, version))

    def _insert(
        self,
        connection: Connection,
        checked: Checked,
        by: str,
        note: str | None,
        metadata: Mapping[str, Any] | None,
        told: dict[str, Any],
    ) -> str:
        now, chain_id = self._clock(), f"c-{secrets.token_hex(12)}"
        stored = checked.document
        chains.insert_chain(connection, chain_id, checked.parsed, stored, by, now, metadata)
        chains.insert_version(connection, chain_id, 1, stored, by, now, note)
        history.put(connection, chain_id, "created", {"by": by, **told}, now)
        return chain_id

    def _change(
        self,
        connection: Connection,
        row: Row[Any],
        checked: Checked,
        by: str,
        note: str | None,
        kind: str,
    ) -> int:
        now, version = self._clock(), int(row.version) + 1
        stored = checked.document
        chains.change_chain(connection, row, checked.parsed, stored, now)
        chains.insert_version(connection, row.chain_id, version, stored, by, now, note)
        history.put(connection, row.chain_id, kind, {"by": by, "version": version}, now)
        return version


def check(document: object) -> Checked:
    """Return a document that can run; what is checked already is not checked again.

    Raises:
        Invalid: with every fault.
    """
    if isinstance(document, Checked):
        return document
    faults = validate(document)
    if faults or not isinstance(document, Mapping):
        count = len(faults)
        raise Invalid(
            f"the chain has {count} fault{'s' if count > 1 else ''}",
            hint="Mend every listed place and send it again.",
            faults=faults,
        )
    return Checked(document, parse_chain(document))


def _held(connection: Connection, chain_id: str, expected_version: int | None) -> Row[Any]:
    row = chains.lock_chain(connection, chain_id)
    if row is None:
        raise NotFound(f"there is no chain {chain_id}")
    if expected_version is not None and expected_version != row.version:
        raise StaleVersion(
            f"the newest version is {row.version}, not {expected_version}",
            hint="Read it again, and apply your change to what it is now.",
        )
    if chains.live_run(connection, chain_id) is not None:
        raise Conflict(
            f"a run of chain {chain_id} has not ended",
            hint="Wait for its end, resume it where it is paused, or cancel it first.",
        )
    return row


def _version(connection: Connection, chain_id: str, version: int) -> dict[str, Any]:
    document = chains.read_version(connection, chain_id, version)
    if document is None:
        raise NotFound(f"chain {chain_id} has no version {version}")
    return document
