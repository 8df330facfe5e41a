"""An INSERT that leaves alone what is there, on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_unless_there(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless its key is taken; returns whether it was inserted.

    Where another transaction inserts the same key just now, this waits for that one's end.
    """
    key = list(table.primary_key)
    if connection.dialect.name == "postgresql":
        to_postgresql = postgresql.insert(table).values(**values).on_conflict_do_nothing()
        return connection.execute(to_postgresql.returning(*key)).first() is not None
    to_sqlite = sqlite.insert(table).values(**values).on_conflict_do_nothing()
    return connection.execute(to_sqlite.returning(*key)).first() is not None
