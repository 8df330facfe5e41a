"""A database and its transactions."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from secretflow_worker.contract.errors import ConfigError

_BUSY_S = 30
_NO_HOST = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
"""After how long a PostgreSQL server whose host or network is gone counts as away."""
_LONGEST_IDLE_S = 60.0
"""How long a transaction may do nothing. Only one of an orchestrator that hangs ever does."""


class Database:
    """SQLite (WAL) or PostgreSQL; each ``transaction`` is one, committed or rolled back whole.

    Within a ``transaction`` of the same thread, ``transaction`` and ``reading`` join it: so a call,
    its record in the audit log and its idempotency key are kept together or not at all.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._of_thread = threading.local()

    @staticmethod
    def open(url: str) -> Database:
        """Open the database of a URL: ``sqlite:///path`` or ``postgresql://...``.

        Raises:
            ConfigError: another kind of database, or no URL; it is not repeated.
        """
        try:
            parsed = make_url(url)
        except ArgumentError:
            raise ConfigError("database_url: this is no database URL", hint=_HINT) from None
        kind = parsed.get_backend_name()
        if kind == "postgresql":
            engine = create_engine(
                parsed.set(drivername="postgresql+psycopg"),
                pool_size=10,
                pool_pre_ping=True,
                hide_parameters=True,
                connect_args={k: v for k, v in _NO_HOST.items() if k not in parsed.query},
            )
            _end_idle_transactions(engine)
        elif kind == "sqlite":
            _begin_privately(parsed.database or "")
            engine = create_engine(parsed, connect_args={"timeout": _BUSY_S}, hide_parameters=True)
            _make_sqlite_strict(engine)
        else:
            raise ConfigError(f"database_url: {kind} is not supported", hint=_HINT)
        return Database(engine)

    @property
    def is_postgresql(self) -> bool:
        return self.engine.dialect.name == "postgresql"

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Begin a transaction that may write; on SQLite there is one such at a time."""
        outer: Connection | None = getattr(self._of_thread, "connection", None)
        if outer is not None:
            yield outer
            return
        after: list[Callable[[], None]] = []
        with self.engine.begin() as connection:
            self._of_thread.connection, self._of_thread.after = connection, after
            try:
                yield connection
            finally:
                self._of_thread.connection = None
        for tell in after:
            tell()

    def after_commit(self, tell: Callable[[], None]) -> None:
        """Call `tell` once this thread's transaction is committed; without one, now."""
        if getattr(self._of_thread, "connection", None) is None:
            tell()
        else:
            self._of_thread.after.append(tell)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Begin a transaction that only reads, and waits for no writer."""
        outer: Connection | None = getattr(self._of_thread, "connection", None)
        if outer is not None:
            yield outer
            return
        with self.engine.connect() as connection:
            yield connection.execution_options(sfw_reads=True)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _begin_privately(path: str) -> None:
    """Make a new file such as only this user reads; SQLite's files beside it take its mode."""
    if path and path != ":memory:" and not path.startswith("file:"):
        with suppress(OSError):  # SQLite says better what is wrong
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def _end_idle_transactions(engine: Engine) -> None:
    """Have the server end a transaction whose orchestrator hangs: others wait for its locks."""

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, record: object) -> None:
        connection.execute(
            f"SET idle_in_transaction_session_timeout = {int(_LONGEST_IDLE_S * 1000)}"
        )
        connection.commit()


def _make_sqlite_strict(engine: Engine) -> None:
    """Take over the driver's transactions, which would begin only with the first write.

    A transaction that reads, decides and writes must have the write lock before it reads.
    """

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, record: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("sfw_reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


_HINT = "Use sqlite:///absolute/path.db or postgresql://user@host/name."
