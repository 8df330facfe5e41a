"""A worker's event as it is read: whoever can write to Redis may have made it up."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from secretflow_worker.contract.errors import ErrorReport
from secretflow_worker.contract.events import StatusEvent
from secretflow_worker.contract.names import Identifier, PartyName

_event_id: TypeAdapter[str] = TypeAdapter(
    Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,128}$")]
)
_execution_id: TypeAdapter[str] = TypeAdapter(Identifier)


class Unreadable(ValueError):
    """It is no status event, or none that a run could take. The text holds nothing of it."""


class _Told(BaseModel):
    """The part of an event's data that decisions are made from."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    party: PartyName | None = None
    progress: Annotated[float, Field(ge=0, le=1)] | None = None
    error: ErrorReport | None = None


def read_event(raw: bytes) -> StatusEvent:
    """Return the event that a worker has put into Redis; its data can be stored as it is.

    Raises:
        Unreadable: it is none.
    """
    try:
        event = StatusEvent.model_validate_json(raw)
        _Told.model_validate(event.data)
        _event_id.validate_python(event.event_id)
        _execution_id.validate_python(event.execution_id)
    except ValidationError:
        raise Unreadable("it is no status event") from None
    return event.model_copy(update={"data": storable(event.data)})


def storable(value: Any) -> Any:
    """Return a JSON value without what PostgreSQL does not store: NUL, and no numbers."""
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd")
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    return value
