"""The task message: what a client asks one worker to run.

``parse_request`` is the only way in. Unknown fields are errors that name the field, so a
typo is never ignored; each fault is listed with its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, model_validator

from secretflow_worker.contract.cluster import (
    HeuConfig,
    LocalCluster,
    NetworkCluster,
    RayCluster,
    SpuConfig,
)
from secretflow_worker.contract.errors import ConfigError
from secretflow_worker.contract.names import Identifier


class TaskRequest(BaseModel):
    """One run of one task. ``execution_id`` is the idempotency key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task_id: Identifier
    subtask_id: Identifier
    execution_id: Identifier = Field(
        validation_alias=AliasChoices("execution_id", "task_request_id")
    )
    sf_init_config: LocalCluster | NetworkCluster | RayCluster
    spu_config: SpuConfig | None = None
    heu_config: HeuConfig | None = None
    task_config: dict[str, Any]
    timeout_s: Annotated[float, Field(gt=0, le=7 * 24 * 3600)] | None = None
    priority: Literal["low", "normal", "high"] = "normal"
    trace_context: dict[str, str] | None = None

    @model_validator(mode="before")
    @classmethod
    def _pick_cluster(cls, data: Any) -> Any:
        """Choose the mode of ``sf_init_config`` first, so that its faults are named plainly."""
        if not isinstance(data, Mapping):
            return data
        cluster = data.get("sf_init_config")
        if not isinstance(cluster, Mapping):
            return data
        chosen = cluster_model(cluster)
        try:
            return {**data, "sf_init_config": chosen.model_validate(cluster)}
        except ValidationError as fault:
            raise ValueError(f"sf_init_config: {list_faults(fault)}") from None

    @property
    def parties(self) -> tuple[str, ...]:
        """All parties of the task, in the order of the message."""
        return tuple(self.sf_init_config.parties)

    @property
    def self_party(self) -> str | None:
        """The one party that this worker runs, or None where it runs them all."""
        cluster = self.sf_init_config
        return cluster.self_party if isinstance(cluster, NetworkCluster) else None


def cluster_model(cluster: Mapping[str, Any]) -> type[BaseModel]:
    """Return the model of the mode that an ``sf_init_config`` is of."""
    if isinstance(cluster.get("parties"), Mapping):
        return NetworkCluster
    return LocalCluster if cluster.get("address", "local") == "local" else RayCluster


def parse_request(document: object) -> TaskRequest:
    """Check a message and return it typed.

    Raises:
        ConfigError: with every fault, each with its field; never with a value.
    """
    if not isinstance(document, Mapping):
        raise ConfigError("the request is not a JSON object")
    try:
        return TaskRequest.model_validate(document)
    except ValidationError as fault:
        raise ConfigError(list_faults(fault)) from None


def list_faults(fault: ValidationError, data: object = None) -> str:
    """Write every fault of a pydantic error in one line, with its place and without its input.

    Where `data` is what was validated, a field that takes one kind of value or another has the
    faults of the kind it was given, and not of the others.
    """
    found: dict[Loc, list[str]] = {}
    for loc, text in placed_faults(fault, data):
        found.setdefault(loc, []).append(text)
    lines = []
    for loc, texts in found.items():
        said = [text for text in texts if not text.startswith(_OTHER_KIND)]
        has_deeper = any(loc == other[: len(loc)] for other in found if len(other) > len(loc))
        if not said and not has_deeper:
            said = [" or ".join(texts).replace(f" or {_OTHER_KIND}", " or a valid ")]
        place = ".".join(shown_name(part) for part in loc)
        lines += [f"{place}: {text}" if place else text for text in said]
    more = len(lines) - _MOST_FAULTS
    return "; ".join(lines if more <= 0 else [*lines[:_MOST_FAULTS], f"and {more} more faults"])


def shown_name(part: object) -> str:
    """Return a name of a document as it may stand in a message or a log, however hostile it is."""
    text = str(part)
    text = text if len(text) <= _LONGEST_NAME else f"{text[:_LONGEST_NAME]}..."
    return text if text.isprintable() else ascii(text)[1:-1]


_MOST_FAULTS = 100
_LONGEST_NAME = 80

Loc = tuple[str | int, ...]
"""A place in a document: names of fields and positions in lists."""


def placed_faults(fault: ValidationError, data: object = None) -> Iterator[tuple[Loc, str]]:
    """Yield every fault of a pydantic error, with its place and without its input.

    Where `data` is what was validated, places lead through it alone: pydantic also names the
    branches of unions on the way.
    """
    for error in fault.errors(include_url=False, include_input=False, include_context=False):
        text = _PLAIN_WORDS.get(error["type"], error["msg"].removeprefix("Value error, "))
        loc = error["loc"]
        yield (loc if data is None else _inside(loc, data, error["type"] == "missing")), text


def _inside(loc: Loc, data: Any, is_missing: bool) -> Loc:
    parts = list(loc[:-1] if is_missing else loc)
    found: list[str | int] = []
    for part in parts:
        has_name = isinstance(data, Mapping) and part in data
        has_item = isinstance(data, list) and isinstance(part, int) and part < len(data)
        if has_name or has_item:
            data = data[part]
            found.append(part)
    return (*found, loc[-1]) if is_missing else tuple(found)


_OTHER_KIND = "Input should be a valid "
_PLAIN_WORDS = {"extra_forbidden": "unknown field", "missing": "required field is missing"}
