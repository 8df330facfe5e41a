"""Users: made by an admin, let in by a one-time link, disabled but never deleted.

There is no default password. The first start makes the user ``admin`` and a link; who opens it
is signed in and sets a password. Every deed is in the audit log, in its own transaction.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from secretflow_worker.orchestrator.errors import Conflict, NotFound
from secretflow_worker.orchestrator.services.credentials import (
    digest_of,
    hash_password,
    new_secret,
)
from secretflow_worker.orchestrator.services.runs import Clock
from secretflow_worker.orchestrator.store import accounts as a
from secretflow_worker.orchestrator.store import audit
from secretflow_worker.orchestrator.store.accounts import Role
from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.orchestrator.store.inserts import insert_unless_there

FIRST_USER = "admin"
SYSTEM = "-"
"""Who did it, where it was no user; no user can have this name."""


@dataclass(frozen=True)
class User:
    """Times are seconds since the epoch."""

    name: str
    role: Role
    created_at: float
    disabled_at: float | None
    has_password: bool


class Accounts:
    """The users of a database."""

    def __init__(
        self, database: Database, link_lifetime_s: float, clock: Clock = time.time
    ) -> None:
        self._database = database
        self._link_lifetime_s = link_lifetime_s
        self._clock = clock

    def begin(self) -> str | None:
        """Return a one-time link's secret where nobody could sign in yet, else None.

        A link that an earlier start made is no longer good.
        """
        with self._database.transaction() as connection:
            ready = select(func.count()).where(a.users.c.password_hash.is_not(None))
            if connection.execute(ready).scalar():
                return None
            now = self._clock()
            see_to_first_user(connection, now)
            return self._make_link(connection, FIRST_USER, SYSTEM, now)

    def create(self, name: str, role: Role, *, by: str) -> str:
        """Make a user; returns the secret of a one-time link that lets them in.

        Raises:
            Conflict: the name is taken, even by a user who is disabled.
        """
        now = self._clock()
        with self._database.transaction() as connection:
            values = {"name": name, "role": role.value, "created_at": now}
            if not insert_unless_there(connection, a.users, values):
                raise Conflict(f"there is a user {name} already")
            audit.append(connection, by, "user.create", {"user": name, "role": role.value}, now)
            return self._make_link(connection, name, by, now)

    def list(self) -> list[User]:
        """Return every user, by name."""
        with self._database.reading() as connection:
            rows = connection.execute(select(a.users).order_by(a.users.c.name)).all()
        return [_user_of(row) for row in rows]

    def change(self, name: str, *, role: Role | None, is_disabled: bool | None, by: str) -> User:
        """Give a user another role, or disable or enable them; who is disabled is out at once.

        Raises:
            NotFound: no such user.
            Conflict: nobody would be left who is an admin.
        """
        now = self._clock()
        with self._database.transaction() as connection:
            row = _get(connection, name)
            values: dict[str, str | float | None] = {}
            if role is not None:
                values["role"] = role.value
            if is_disabled is not None:
                values["disabled_at"] = now if is_disabled else None
            if values:
                connection.execute(update(a.users).where(a.users.c.name == name).values(values))
            _refuse_no_admin(connection)
            if is_disabled:
                _sign_out_everywhere(connection, name)
            facts: dict[str, str | bool] = {"user": name}
            if role is not None:
                facts["role"] = role.value
            if is_disabled is not None:
                facts["disabled"] = is_disabled
            audit.append(connection, by, "user.change", facts, now)
            row = _get(connection, name)
        return _user_of(row)

    def make_link(self, name: str, *, by: str) -> str:
        """Make a new one-time link for a user; earlier ones are no longer good.

        Raises:
            NotFound: no such user, or disabled.
        """
        with self._database.transaction() as connection:
            if _get(connection, name).disabled_at is not None:
                raise NotFound(f"the user {name} is disabled")
            return self._make_link(connection, name, by, self._clock())

    def set_password(self, name: str, password: str, *, keep: str | None) -> None:
        """Set a user's own password, and sign them out everywhere but at the session `keep`.

        That session may have begun by a one-time link: it is as good for this as that was, once.

        Raises:
            Invalid: too short or too long.
        """
        hashed = hash_password(password)
        with self._database.transaction() as connection:
            connection.execute(
                update(a.users).where(a.users.c.name == name).values(password_hash=hashed)
            )
            _sign_out_everywhere(connection, name, keep=keep)
            used_up = update(a.sessions).where(a.sessions.c.digest == keep).values(by_link=False)
            connection.execute(used_up)
            audit.append(connection, name, "user.password", {"user": name}, self._clock())

    def _make_link(self, connection: Connection, name: str, by: str, now: float) -> str:
        secret = new_secret("sfwl")
        connection.execute(delete(a.sign_in_links).where(a.sign_in_links.c.user_name == name))
        connection.execute(
            insert(a.sign_in_links).values(
                digest=digest_of(secret),
                user_name=name,
                created_at=now,
                expires_at=now + self._link_lifetime_s,
            )
        )
        audit.append(connection, by, "user.link", {"user": name}, now)
        return secret


def see_to_first_user(connection: Connection, now: float) -> None:
    """Make the first user, unless there is one."""
    first = {"name": FIRST_USER, "role": Role.ADMIN.value, "created_at": now}
    if insert_unless_there(connection, a.users, first):
        facts = {"user": FIRST_USER, "role": Role.ADMIN.value}
        audit.append(connection, SYSTEM, "user.create", facts, now)


def _refuse_no_admin(connection: Connection) -> None:
    admins = select(func.count()).where(
        a.users.c.role == Role.ADMIN.value, a.users.c.disabled_at.is_(None)
    )
    if not connection.execute(admins).scalar():
        raise Conflict("nobody would be an admin any more")


def _sign_out_everywhere(connection: Connection, name: str, keep: str | None = None) -> None:
    ended = delete(a.sessions).where(a.sessions.c.user_name == name)
    connection.execute(ended if keep is None else ended.where(a.sessions.c.digest != keep))
    connection.execute(delete(a.sign_in_links).where(a.sign_in_links.c.user_name == name))


def _find(connection: Connection, name: str) -> Row[tuple[object, ...]] | None:
    return connection.execute(
        select(a.users).where(a.users.c.name == name).with_for_update()
    ).one_or_none()


def _get(connection: Connection, name: str) -> Row[tuple[object, ...]]:
    row = _find(connection, name)
    if row is None:
        raise NotFound(f"there is no user {name}")
    return row


def _user_of(row: Row[tuple[object, ...]]) -> User:
    return User(
        name=row.name,
        role=Role(row.role),
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        has_password=row.password_hash is not None,
    )
