"""The tables of people: users, their tokens, sessions, one-time links, and failed sign-ins.

What a caller must know is kept only as its SHA-256: it is 256 random bits, so there is nothing
to guess. Passwords are argon2 hashes.
"""

from __future__ import annotations

from enum import Enum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    false,
)

from secretflow_worker.orchestrator.store.columns import Document, Moment, RowId
from secretflow_worker.orchestrator.store.tables import metadata


class Role(str, Enum):
    """Each may do what the ones before it may."""

    VIEWER = "viewer"
    """Sees chains, task types and results; changes nothing."""
    OPERATOR = "operator"
    """Makes chains, and runs and changes those of their own."""
    ADMIN = "admin"
    """Everybody's chains, users, and the audit log."""

    def includes(self, other: Role) -> bool:
        order = list(Role)
        return order.index(self) >= order.index(other)


_ROLES = ", ".join(f"'{role.value}'" for role in Role)

users = Table(
    "users",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("password_hash", Text),
    Column("created_at", Moment, nullable=False),
    Column("disabled_at", Moment),
    CheckConstraint(f"role IN ({_ROLES})", name="role"),
)
"""A user is disabled, never deleted: the name stands in chains and in the audit log."""

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("token_id", String(32), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("prefix", String(16), nullable=False),
    Column("user_name", ForeignKey("users.name"), nullable=False),
    Column("label", String(100), nullable=False),
    Column("role", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("revoked_at", Moment),
    Column("last_used_at", Moment),
    Column("made_with", String(32)),
    CheckConstraint(f"role IN ({_ROLES})", name="role"),
    Index(None, "user_name"),
)
"""`made_with` is the token that made it, if one did: both are revoked together."""

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("user_name", ForeignKey("users.name"), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("by_link", Boolean, nullable=False, server_default=false()),
    Index(None, "user_name"),
    Index(None, "expires_at"),
)
"""Who came by a one-time link (`by_link`) may set a password without the one they forgot."""

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("user_name", ForeignKey("users.name"), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index(None, "user_name"),
)
"""A link that was used is deleted."""

failed_sign_ins = Table(
    "failed_sign_ins",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("user_name", String(64), nullable=False),
    Column("address", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "at"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("user_name", String(64), primary_key=True),
    Column("call", String(200), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("request_digest", String(64), nullable=False),
    Column("answer", Document),
    Column("created_at", Moment, nullable=False),
    Index(None, "created_at"),
)
"""The answers to calls that may be repeated, written in the transaction of the deed."""
