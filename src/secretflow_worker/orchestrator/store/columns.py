"""Column types and checks that are the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timezone
from enum import Enum
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, DateTime, Dialect, Integer
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator


class Moment(TypeDecorator[float]):
    """A time: in SQL a timestamp in UTC, in Python seconds since the epoch."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return what is stored."""
        return None if value is None else datetime.fromtimestamp(value, timezone.utc)

    def process_result_value(self, value: Any, dialect: Dialect) -> float | None:
        """Return what was stored; SQLite has no zones, so UTC is meant."""
        if value is None:
            return None
        if value.tzinfo is None:
            value = value.replace(tzinfo=timezone.utc)
        return float(value.timestamp())


Document = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""A JSON value. None is SQL's NULL."""

OrderedDocument = JSON(none_as_null=True)
"""A JSON value whose objects keep their order, which numbers a sweep's nodes; JSONB sorts them."""

RowId = BigInteger().with_variant(Integer, "sqlite")
"""A number that grows by itself; SQLite only does that for its own INTEGER."""


def one_of(column: str, kinds: type[Enum]) -> CheckConstraint:
    """Return the check that a column holds the value of one of `kinds`."""
    words = ", ".join(f"'{kind.value}'" for kind in kinds)
    return CheckConstraint(f"{column} IN ({words})", name=column)
