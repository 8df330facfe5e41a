"""Names of the worker's own keys in Redis, and which execution a message is about.

One execution is claimed, numbered and remembered by its ``execution_id``; in cluster mode each
party's worker has its own claim and result under the same id, while ``seq`` is common to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from secretflow_worker.contract.names import (
    Identifier,
    PartyName,
    claim_key,
    scope_of,
    stop_key,
)


@dataclass(frozen=True)
class Execution:
    """Who a message is about, as far as a message that may be faulty tells it."""

    execution_id: str
    task_id: str
    subtask_id: str
    task_type: str
    party: str | None
    """The one party that runs here in cluster mode, else None."""

    @property
    def claim_key(self) -> str:
        return claim_key(self._scope)

    @property
    def result_key(self) -> str:
        return f"sfw:result:{self._scope}"

    @property
    def seq_key(self) -> str:
        return f"sfw:seq:{self.execution_id}"

    @property
    def stop_key(self) -> str:
        return stop_key(self.execution_id)

    @property
    def _scope(self) -> str:
        return scope_of(self.execution_id, self.party)


_identifier: TypeAdapter[str] = TypeAdapter(Identifier)
_party_name: TypeAdapter[str] = TypeAdapter(PartyName)


def identify(document: object, celery_task_id: str) -> Execution:
    """Read the ids out of a request that need not be valid.

    Where it has no usable ``execution_id``, the Celery task's id stands for it, so that even
    such a message ends in a result and an event.
    """
    request = document if isinstance(document, Mapping) else {}
    cluster = request.get("sf_init_config")
    parties = cluster.get("parties") if isinstance(cluster, Mapping) else None
    self_party = cluster.get("self_party") if isinstance(cluster, Mapping) else None
    config = request.get("task_config")
    task_type = config.get("task_type") if isinstance(config, Mapping) else None
    execution_id = request.get("execution_id", request.get("task_request_id"))
    return Execution(
        execution_id=_accepted(_identifier, execution_id) or celery_task_id,
        task_id=_accepted(_identifier, request.get("task_id")) or "",
        subtask_id=_accepted(_identifier, request.get("subtask_id")) or "",
        task_type=_accepted(_party_name, task_type) or "",
        party=_accepted(_party_name, self_party) if isinstance(parties, Mapping) else None,
    )


def _accepted(kind: TypeAdapter[str], value: object) -> str | None:
    try:
        return kind.validate_python(value, strict=True)
    except ValidationError:
        return None
