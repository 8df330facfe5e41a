"""The constrained words of the wire: identifiers, party names, paths, queue and channel names."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import StringConstraints

TASK_NAME = "tasks.secretflow.execute_task"
QUEUE = "secretflow_queue"
STATUS_CHANNEL = "task_status_events"
STATUS_QUEUE = "task_status_queue"

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$")]
"""An id that may stand in a Redis key, a file name and a log line."""

PartyName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]

PATH_PATTERN = r"^/[A-Za-z0-9._/-]*$"
PATH_REGEX = re.compile(PATH_PATTERN)
FilePath = Annotated[str, StringConstraints(pattern=PATH_PATTERN, max_length=1024)]
"""An absolute path without a character that a shell could read (libspu's PSI calls ``sort``)."""

ColumnName = Annotated[str, StringConstraints(min_length=1, max_length=256)]


def party_queue(party: str) -> str:
    """Return the queue of the one worker that runs `party` in cluster mode."""
    return f"{QUEUE}.{party}"


def stop_key(execution_id: str) -> str:
    """Return the Redis key whose presence, with any value, cancels an execution at every worker."""
    return f"sfw:stop:{execution_id}"


def scope_of(execution_id: str, party: str | None) -> str:
    """Return what one worker's part of an execution is called: the party's, or the whole."""
    # "/" is in no identifier, so one execution's name is never another's.
    return f"{execution_id}/{party}" if party else execution_id


def claim_key(scope: str) -> str:
    """Return the Redis key that a worker holds while it runs its part of an execution."""
    return f"sfw:claim:{scope}"
