"""Bringing the schema up to date where the database may start later than the orchestrator."""

from __future__ import annotations

import logging
import time

from sqlalchemy.exc import OperationalError

from secretflow_worker.contract.errors import ResourceBusy
from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.orchestrator.store.schema import migrate

_log = logging.getLogger(__name__)

_PATIENCE_S = 60.0
_AGAIN_AFTER_S = 0.5


def migrate_when_it_answers(database: Database, patience_s: float = _PATIENCE_S) -> None:
    """Bring the schema to its newest revision, as soon as the server answers.

    Raises:
        ResourceBusy: it did not within `patience_s`.
        OperationalError: an SQLite file cannot be opened, which waiting does not mend.
    """
    deadline = time.monotonic() + patience_s
    is_told = False
    while True:
        try:
            migrate(database)
        except OperationalError as fault:
            if not database.is_postgresql:
                raise
            # The driver's words: whom it tried to reach as whom, and what the server said.
            said = str(fault.orig).splitlines()[0]
            if time.monotonic() >= deadline:
                raise ResourceBusy(
                    f"database_url: the database does not answer: {said}",
                    hint="Start it, or correct the address, the user or the password.",
                ) from None
            if not is_told:
                is_told = True
                _log.warning("the database does not answer (%s): trying again", said)
            time.sleep(_AGAIN_AFTER_S)
        else:
            return
