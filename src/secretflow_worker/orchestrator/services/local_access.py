"""The token of ``sfw up``: what the command line of the same machine calls with.

Whoever starts ``sfw up`` makes it anew and keeps it in a file that only they can read; here is
its digest, like that of any token, and only while that ``sfw up`` runs. It is of the first user,
as one person has the page and the command line of a machine: what they draw in one they run in
the other. It is an operator's, so it makes no users and reads no audit log.
"""

from __future__ import annotations

import secrets

from sqlalchemy import delete, insert, select

from secretflow_worker.orchestrator.services.accounts import (
    FIRST_USER,
    SYSTEM,
    see_to_first_user,
)
from secretflow_worker.orchestrator.services.credentials import digest_of
from secretflow_worker.orchestrator.services.runs import Clock
from secretflow_worker.orchestrator.services.tokens import SHOWN
from secretflow_worker.orchestrator.store import accounts as a
from secretflow_worker.orchestrator.store import audit
from secretflow_worker.orchestrator.store.accounts import Role
from secretflow_worker.orchestrator.store.database import Database

LABEL = "sfw up"
_LOCAL = "t-up-"
"""How its id begins; no other token's does, whatever a user labels theirs."""


def let_in_locally(database: Database, secret: str, clock: Clock) -> bool:
    """Make a secret the one local token; any earlier one is gone. False: the user is disabled."""
    now = clock()
    with database.transaction() as connection:
        see_to_first_user(connection, now)
        user = connection.execute(select(a.users).where(a.users.c.name == FIRST_USER)).one()
        if user.disabled_at is not None:
            return False
        connection.execute(delete(a.api_tokens).where(_IS_LOCAL))
        token_id = f"{_LOCAL}{secrets.token_hex(8)}"
        role = Role.OPERATOR.value  # at most: what its user may do now bounds every token
        connection.execute(
            insert(a.api_tokens).values(
                token_id=token_id,
                digest=digest_of(secret),
                prefix=secret[:SHOWN],
                user_name=FIRST_USER,
                label=LABEL,
                role=role,
                created_at=now,
            )
        )
        facts = {"token": token_id, "user": FIRST_USER, "role": role}
        audit.append(connection, SYSTEM, "token.create", facts, now)
    return True


def let_nobody_in_locally(database: Database) -> None:
    """End the local token."""
    with database.transaction() as connection:
        connection.execute(delete(a.api_tokens).where(_IS_LOCAL))


_IS_LOCAL = a.api_tokens.c.token_id.startswith(_LOCAL)
