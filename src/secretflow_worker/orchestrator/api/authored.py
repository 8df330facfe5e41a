"""What making and changing chains has in common: bodies, versions, and one transaction each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import Header

from secretflow_worker.orchestrator.api.problems import Refused
from secretflow_worker.orchestrator.api.services import Services
from secretflow_worker.orchestrator.errors import Fault, Invalid
from secretflow_worker.orchestrator.services.control import owned
from secretflow_worker.orchestrator.services.sign_in import Caller
from secretflow_worker.orchestrator.store import audit

EXAMPLE = {
    "chain_name": "scale a table",
    "tasks": [
        {
            "task_id": "scale",
            "task_type": "standard_scaler",
            "task_params": {
                "task_config": {
                    "input_data": {"alice": "/app/data/alice.csv"},
                    "output_data": {"alice": "/app/data/scaled.csv"},
                    "columns": {"alice": ["age", "income"]},
                }
            },
        }
    ],
    "options": {"parties": ["alice"]},
}

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        pattern=r'^(\*|(W/)?"[0-9]{1,9}")$',  # a proxy that compresses marks it as weak
        description="The ETag that it was read with; `*` overwrites whatever is there.",
        examples=['"1"'],
    ),
]


def takes(model: str, example: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return what OpenAPI says of a JSON body that the code itself checks."""
    content: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{model}"}}
    if example is not None:
        content["examples"] = {"one": {"value": example}}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def takes_document(example: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return what OpenAPI says of a body that is a chain: as JSON, or the same as YAML."""
    found = takes("ChainDocument", example)
    content = found["requestBody"]["content"]
    content["application/yaml"] = {"schema": content["application/json"]["schema"]}
    return found


def version_of(if_match: str | None) -> int | None:
    """Return the version that the caller has read; None with ``*``.

    Raises:
        Refused: nothing is said of it, so somebody's change could be lost.
    """
    if if_match is None:
        raise Refused(
            "VERSION_REQUIRED", "send the header If-Match with the ETag that you read",
            hint="GET the chain first; its ETag is the version.",
        )  # fmt: skip
    return None if if_match == "*" else int(if_match.removeprefix("W/").strip('"'))


@contextmanager
def changing(
    services: Services, caller: Caller, chain_id: str, word: str, **facts: str | int
) -> Iterator[None]:
    """Hold a chain that the caller may change, and write down that they do, in one transaction.

    Raises:
        NotFound, Forbidden: no such chain, or another user's.
    """
    with services.database.transaction() as connection:
        owned(connection, chain_id, caller)
        yield
        told = {"chain": chain_id, **facts}
        audit.append(connection, caller.name, f"chain.{word}", told, services.clock())


def refuse_others(services: Services, caller: Caller, chain_id: str) -> None:
    """Return where the caller may change a chain, before anything is prepared for that.

    Raises:
        NotFound, Forbidden: no such chain, or another user's.
    """
    with services.database.reading() as connection:
        owned(connection, chain_id, caller, is_held=False)


def created(services: Services, caller: Caller, chain_id: str) -> None:
    """Write down, in the transaction that does it, that the caller made a chain."""
    with services.database.transaction() as connection:
        facts = {"chain": chain_id}
        audit.append(connection, caller.name, "chain.create", facts, services.clock())


def without(prefix: str, fault: Invalid) -> Invalid:
    """Return a document's fault as one of a part of it, whose places begin after `prefix`."""
    faults = [
        Fault(place.path.removeprefix(prefix), place.message, place.code) for place in fault.faults
    ]
    return Invalid(fault.message, hint=fault.hint, faults=faults)
