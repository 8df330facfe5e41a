"""Signing in, and who a caller is: by a session's cookie or by an API token.

Failed sign-ins are counted in SQL, so that several orchestrators count together: per address
and name, per address, and per name, within 15 minutes. The last is high, so that a stranger
cannot easily lock a user out. Of IPv6 a network of 64 bits counts as one address: whoever has one
has all of it.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass, field
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, insert, select, update

from secretflow_worker.orchestrator.errors import Invalid, TooManyAttempts, Unauthenticated
from secretflow_worker.orchestrator.services.credentials import digest_of, is_password, new_secret
from secretflow_worker.orchestrator.services.runs import Clock
from secretflow_worker.orchestrator.services.turns import Turns
from secretflow_worker.orchestrator.store import accounts as a
from secretflow_worker.orchestrator.store import audit
from secretflow_worker.orchestrator.store.accounts import Role
from secretflow_worker.orchestrator.store.database import Database

WINDOW_S = 15 * 60
MAX_BY_BOTH = 10
MAX_BY_ADDRESS = 50
MAX_BY_NAME = 200
_USED_EVERY_S = 60.0
_FORGOTTEN = "Who forgot it asks an admin for a one-time link."
_NO_NAME = ""
"""Of a link that is not known."""


@dataclass(frozen=True)
class Caller:
    """Who calls, and what they may. `session` is the session's digest, None with a token."""

    name: str
    role: Role
    session: str | None = None
    token: str | None = field(default=None, compare=False)
    """The id of their token, None with a session."""
    until: float | None = field(default=None, compare=False)
    """When their token ends, if it does; what it makes ends by then, too."""


@dataclass(frozen=True)
class Session:
    """A session that has just begun; `secret` is the cookie's value."""

    caller: Caller
    secret: str
    expires_at: float

    @property
    def csrf_token(self) -> str:
        return csrf_token_of(self.secret)


class SignIn:
    """Lets users in, and says who a caller is."""

    def __init__(
        self, database: Database, session_lifetime_s: float, clock: Clock = time.time
    ) -> None:
        self._database = database
        self._session_lifetime_s = session_lifetime_s
        self._clock = clock
        self._turns = Turns()

    def with_password(self, name: str, password: str, address: str) -> Session:
        """Begin a session.

        Raises:
            Unauthenticated: no such user, or not the password; which of them is not told.
            TooManyAttempts: it failed too often, or too many do so just now.
        """
        with self._turns.taken(_source_of(address)):
            user = self._user_with(name, password, address)
            if user is None:
                raise Unauthenticated("the name or the password is wrong")
            role, now = Role(user.role), self._clock()
            with self._database.transaction() as connection:
                return self._begin(connection, name, role, "password", address, now)

    def _user_with(self, name: str, password: str, address: str) -> Row[Any] | None:
        """Return the user's row where the password is right; note a failure where it is not.

        Raises:
            TooManyAttempts: it failed too often.
        """
        with self._database.reading() as connection:
            self._refuse_too_many(connection, name, address)
            row = connection.execute(
                select(a.users).where(a.users.c.name == name, a.users.c.disabled_at.is_(None))
            ).one_or_none()
        if is_password(None if row is None else row.password_hash, password):
            return row
        self._note_failure(name, address, self._clock())
        return None

    def with_link(self, secret: str, address: str) -> Session:
        """Begin a session by a one-time link, which is then used up.

        Raises:
            Unauthenticated: it was used, is too old, or never was.
            TooManyAttempts: it failed too often.
        """
        now = self._clock()
        with self._database.reading() as connection:  # who is refused holds nobody up
            self._refuse_too_many(connection, _NO_NAME, address)
        with self._database.transaction() as connection:
            row = connection.execute(
                select(a.sign_in_links.c.expires_at, a.users.c.name, a.users.c.role)
                .join(a.users, a.users.c.name == a.sign_in_links.c.user_name)
                .where(
                    a.sign_in_links.c.digest == digest_of(secret),
                    a.sign_in_links.c.expires_at > now,
                    a.users.c.disabled_at.is_(None),
                )
            ).one_or_none()
            used = delete(a.sign_in_links).where(a.sign_in_links.c.digest == digest_of(secret))
            # Of two who come at once only one deletes the row.
            if row is not None and connection.execute(used).rowcount == 1:
                return self._begin(connection, row.name, Role(row.role), "link", address, now)
        self._note_failure(_NO_NAME, address, now)
        raise Unauthenticated("the link was used, or is too old")

    def must_prove_password(self, caller: Caller) -> bool:
        """Return whether only who knows the password may set another in the caller's session.

        A session that somebody finds open, or steals, must not become a password. Not so where
        there is none yet, or where a one-time link began the session: it is for who forgot theirs.
        """
        query = (
            select(a.users.c.password_hash, a.sessions.c.by_link)
            .join_from(a.users, a.sessions, a.sessions.c.digest == caller.session, isouter=True)
            .where(a.users.c.name == caller.name)
        )
        with self._database.reading() as connection:
            stored, by_link = connection.execute(query).one()
        return stored is not None and not by_link

    def prove_password(self, name: str, password: str | None, address: str) -> None:
        """Check the password of a user who is signed in; a wrong one counts as one of signing in.

        Raises:
            Invalid: it is wrong, or was left out.
            TooManyAttempts: it failed too often, or too many do so just now.
        """
        if password is None:
            raise Invalid("current: the present password is needed, too", hint=_FORGOTTEN)
        with self._turns.taken(_source_of(address)):
            if self._user_with(name, password, address) is None:
                raise Invalid("the present password is wrong", hint=_FORGOTTEN)

    def end(self, caller: Caller) -> None:
        """End the caller's session."""
        with self._database.transaction() as connection:
            connection.execute(delete(a.sessions).where(a.sessions.c.digest == caller.session))
            audit.append(connection, caller.name, "session.end", {}, self._clock())

    def by_session(self, secret: str) -> Caller:
        """Return whose session it is.

        Raises:
            Unauthenticated: it has ended.
        """
        digest = digest_of(secret)
        with self._database.reading() as connection:
            row = connection.execute(
                select(a.users.c.name, a.users.c.role)
                .join(a.sessions, a.sessions.c.user_name == a.users.c.name)
                .where(
                    a.sessions.c.digest == digest,
                    a.sessions.c.expires_at > self._clock(),
                    a.users.c.disabled_at.is_(None),
                )
            ).one_or_none()
        if row is None:
            raise Unauthenticated("the session has ended", hint="Sign in again.")
        return Caller(row.name, Role(row.role), digest)

    def by_token(self, secret: str) -> Caller:
        """Return whose token it is; it may do no more than its user may now.

        Raises:
            Unauthenticated: revoked, expired, or never was.
        """
        now = self._clock()
        tokens = a.api_tokens
        with self._database.reading() as connection:
            row = connection.execute(
                select(tokens, a.users.c.role.label("user_role"))
                .join(a.users, a.users.c.name == tokens.c.user_name)
                .where(
                    tokens.c.digest == digest_of(secret),
                    tokens.c.revoked_at.is_(None),
                    a.users.c.disabled_at.is_(None),
                )
            ).one_or_none()
        if row is None or (row.expires_at is not None and row.expires_at <= now):
            raise Unauthenticated("the token is revoked, expired or unknown")
        if row.last_used_at is None or row.last_used_at < now - _USED_EVERY_S:
            with self._database.transaction() as connection:
                used = update(tokens).where(tokens.c.token_id == row.token_id)
                connection.execute(used.values(last_used_at=now))
        own, of_user = Role(row.role), Role(row.user_role)
        role = own if of_user.includes(own) else of_user
        return Caller(row.user_name, role, token=row.token_id, until=row.expires_at)

    def _begin(
        self, connection: Connection, name: str, role: Role, how: str, address: str, now: float
    ) -> Session:
        secret = new_secret("sfws")
        expires_at = now + self._session_lifetime_s
        connection.execute(delete(a.sessions).where(a.sessions.c.expires_at <= now))
        connection.execute(
            insert(a.sessions).values(
                digest=digest_of(secret),
                user_name=name,
                created_at=now,
                expires_at=expires_at,
                by_link=how == "link",
            )
        )
        audit.append(connection, name, "session.begin", {"by": how, "from": address}, now)
        return Session(Caller(name, role, digest_of(secret)), secret, expires_at)

    def _note_failure(self, name: str, address: str, now: float) -> None:
        failed = a.failed_sign_ins
        with self._database.transaction() as connection:
            connection.execute(delete(failed).where(failed.c.at < now - WINDOW_S))
            values = {"user_name": name, "address": _source_of(address), "at": now}
            connection.execute(insert(failed).values(values))

    def _refuse_too_many(self, connection: Connection, name: str, address: str) -> None:
        failed, now = a.failed_sign_ins, self._clock()
        by_name = failed.c.user_name == name
        by_address = failed.c.address == _source_of(address)
        limits = [(by_address, MAX_BY_ADDRESS)]
        if name != _NO_NAME:
            limits += [(and_(by_name, by_address), MAX_BY_BOTH), (by_name, MAX_BY_NAME)]
        for which, most in limits:
            recent = select(func.count(), func.min(failed.c.at)).where(
                which, failed.c.at > now - WINDOW_S
            )
            count, oldest = connection.execute(recent).one()
            if count >= most:
                wait_s = int(oldest + WINDOW_S - now) + 1
                raise TooManyAttempts("signing in failed too often", retry_after_s=wait_s)


def _source_of(address: str) -> str:
    """Return what failures are counted under."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(IPv6Network((int(found), 64), strict=False))
    return address


def csrf_token_of(session_secret: str) -> str:
    """Return what a page of ours must send beside the cookie with every call that changes."""
    return hashlib.sha256(b"csrf:" + session_secret.encode("utf-8", "surrogatepass")).hexdigest()


def is_csrf_token(session_secret: str, given: str) -> bool:
    """Compare in constant time."""
    expected = csrf_token_of(session_secret)
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass"))
