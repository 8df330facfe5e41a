"""The token of ``sfw up``: what the command line of the same machine calls with.

Whoever starts ``sfw up`` makes it anew and keeps it in a file that only they can read; here is
its digest, like that of any token, and only while that ``sfw up`` runs. It is of the user
``local``, who has no password, begins as an operator, and can be given another role or disabled
like anybody.
"""

from __future__ import annotations

import secrets

from sqlalchemy import delete, insert, select

from secretflow_worker.orchestrator.services.accounts import SYSTEM
from secretflow_worker.orchestrator.services.credentials import digest_of
from secretflow_worker.orchestrator.services.runs import Clock
from secretflow_worker.orchestrator.services.tokens import SHOWN
from secretflow_worker.orchestrator.store import accounts as a
from secretflow_worker.orchestrator.store import audit
from secretflow_worker.orchestrator.store.accounts import Role
from secretflow_worker.orchestrator.store.database import Database

LOCAL_USER = "local"
LABEL = "sfw up"


def let_in_locally(database: Database, secret: str, clock: Clock) -> bool:
    """Make a secret the one local token; any earlier one is gone. False: the user is disabled."""
    now = clock()
    with database.transaction() as connection:
        user = connection.execute(select(a.users).where(a.users.c.name == LOCAL_USER)).one_or_none()
        if user is None:
            role = Role.OPERATOR.value
            connection.execute(insert(a.users).values(name=LOCAL_USER, role=role, created_at=now))
            facts = {"user": LOCAL_USER, "role": role}
            audit.append(connection, SYSTEM, "user.create", facts, now)
        elif user.disabled_at is not None:
            return False
        connection.execute(delete(a.api_tokens).where(*_OF_LOCAL))
        token_id = f"t-{secrets.token_hex(8)}"
        connection.execute(
            insert(a.api_tokens).values(
                token_id=token_id,
                digest=digest_of(secret),
                prefix=secret[:SHOWN],
                user_name=LOCAL_USER,
                label=LABEL,
                # What the user may do now bounds what a token may, so a change counts at once.
                role=Role.OPERATOR.value if user is None else user.role,
                created_at=now,
            )
        )
        facts = {"token": token_id, "user": LOCAL_USER}
        audit.append(connection, SYSTEM, "token.create", facts, now)
    return True


def let_nobody_in_locally(database: Database) -> None:
    """End the local token."""
    with database.transaction() as connection:
        connection.execute(delete(a.api_tokens).where(*_OF_LOCAL))


_OF_LOCAL = (a.api_tokens.c.user_name == LOCAL_USER, a.api_tokens.c.label == LABEL)
