"""API tokens: for programs. The secret is shown once; kept are its digest and its first letters."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from secretflow_worker.orchestrator.errors import Conflict, Forbidden, NotFound, Unauthenticated
from secretflow_worker.orchestrator.services.credentials import digest_of, new_secret
from secretflow_worker.orchestrator.services.runs import Clock
from secretflow_worker.orchestrator.services.sign_in import Caller
from secretflow_worker.orchestrator.store import audit
from secretflow_worker.orchestrator.store.accounts import Role, api_tokens
from secretflow_worker.orchestrator.store.database import Database

MAX_TOKENS = 100
SHOWN = 9
"""How many of a token's letters are kept to tell it from others."""


@dataclass(frozen=True)
class Token:
    """What may be shown of a token; times are seconds since the epoch."""

    token_id: str
    prefix: str
    user_name: str
    label: str
    role: Role
    created_at: float
    expires_at: float | None
    revoked_at: float | None
    last_used_at: float | None


class Tokens:
    """The tokens of a database."""

    def __init__(self, database: Database, clock: Clock = time.time) -> None:
        self._database = database
        self._clock = clock

    def create(
        self, caller: Caller, label: str, role: Role, lifetime_s: float | None
    ) -> tuple[Token, str]:
        """Make a token of the caller's own; returns it and its secret.

        One that is made with a token ends with it at the latest, and is revoked with it: a token
        that was stolen must not live on in others.

        Raises:
            Forbidden: the role is more than the caller's.
            Unauthenticated: the caller's token has been revoked since they were let in.
            Conflict: the caller has too many.
        """
        if not caller.role.includes(role):
            raise Forbidden(f"your role is {caller.role.value}: a token cannot be {role.value}")
        now = self._clock()
        secret = new_secret("sfw")
        token_id = f"t-{secrets.token_hex(8)}"
        ends = [] if lifetime_s is None else [now + lifetime_s]
        ends += [] if caller.until is None else [caller.until]
        with self._database.transaction() as connection:
            own = select(func.count()).where(
                api_tokens.c.user_name == caller.name, api_tokens.c.revoked_at.is_(None)
            )
            _refuse_revoked(connection, caller)
            if (connection.execute(own).scalar() or 0) >= MAX_TOKENS:
                raise Conflict(f"you have {MAX_TOKENS} tokens", hint="Revoke some of them.")
            connection.execute(
                insert(api_tokens).values(
                    token_id=token_id,
                    digest=digest_of(secret),
                    prefix=secret[:SHOWN],
                    user_name=caller.name,
                    label=label,
                    role=role.value,
                    created_at=now,
                    expires_at=min(ends, default=None),
                    made_with=caller.token,
                )
            )
            facts = {"token": token_id, "role": role.value}
            audit.append(connection, caller.name, "token.create", facts, now)
            row = connection.execute(
                select(api_tokens).where(api_tokens.c.token_id == token_id)
            ).one()
        return _token_of(row), secret

    def list(self, caller: Caller, *, of_all: bool) -> list[Token]:
        """Return the caller's tokens, newest first; an admin may ask for everybody's."""
        if of_all and caller.role is not Role.ADMIN:
            raise Forbidden("only an admin sees the tokens of others")
        query = select(api_tokens).order_by(api_tokens.c.created_at.desc())
        if not of_all:
            query = query.where(api_tokens.c.user_name == caller.name)
        with self._database.reading() as connection:
            return [_token_of(row) for row in connection.execute(query)]

    def revoke(self, caller: Caller, token_id: str) -> None:
        """Make a token and what was made with it useless, for good. Twice is once.

        Raises:
            NotFound: no such token, or not one of the caller's, who is no admin.
        """
        now = self._clock()
        with self._database.transaction() as connection:
            row = connection.execute(
                select(api_tokens).where(api_tokens.c.token_id == token_id)
            ).one_or_none()
            if row is None or (row.user_name != caller.name and caller.role is not Role.ADMIN):
                raise NotFound(f"there is no token {token_id}")
            for revoked_id in connection.execute(_revoke(token_id, now)).scalars().all():
                facts = {"token": revoked_id, "user": row.user_name}
                audit.append(connection, caller.name, "token.revoke", facts, now)


def _refuse_revoked(connection: Connection, caller: Caller) -> None:
    """Of a revocation and a token that is made meanwhile, the revocation must win."""
    used = (
        select(api_tokens.c.revoked_at)
        .where(api_tokens.c.token_id == caller.token)
        .with_for_update(read=True)
    )
    if connection.execute(used).scalar() is not None:
        raise Unauthenticated("the token is revoked, expired or unknown")


def _revoke(token_id: str, now: float) -> ReturningUpdate[tuple[str]]:
    """Return the statement that revokes a token with all that it has made, directly or not."""
    family = (
        select(api_tokens.c.token_id).where(api_tokens.c.token_id == token_id).cte(recursive=True)
    )
    made = select(api_tokens.c.token_id).join(family, api_tokens.c.made_with == family.c.token_id)
    family = family.union(made)
    return (
        update(api_tokens)
        .where(api_tokens.c.token_id.in_(select(family.c.token_id)))
        .where(api_tokens.c.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(api_tokens.c.token_id)
    )


def _token_of(row: Row[tuple[object, ...]]) -> Token:
    values = {name: row._mapping[name] for name in Token.__dataclass_fields__}
    return Token(**{**values, "role": Role(row.role)})
