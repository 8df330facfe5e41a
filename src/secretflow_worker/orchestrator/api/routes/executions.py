"""Single tasks: each is a chain of one, made and run by one call."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from secretflow_worker.orchestrator.api.answers import answer, iso
from secretflow_worker.orchestrator.api.authored import created, takes, without
from secretflow_worker.orchestrator.api.bodies import JsonBody
from secretflow_worker.orchestrator.api.callers import Operator, Parts, Viewer
from secretflow_worker.orchestrator.api.chain_answers import (
    ChainId,
    ExecuteAnswer,
    IdempotencyKey,
    TaskAnswer,
)
from secretflow_worker.orchestrator.api.problems import problems
from secretflow_worker.orchestrator.api.routes.chains import show_task
from secretflow_worker.orchestrator.errors import Fault, Invalid
from secretflow_worker.orchestrator.services.chains import check

router = APIRouter(prefix="/executions", tags=["executions"])
TASK_ID = "task"
_READ = ("CONFIG_INVALID", "UNAUTHENTICATED", "FORBIDDEN")
_FIELDS = ("sf_init_config", "spu_config", "heu_config", "task_config")


class Execution(BaseModel):
    """A task to run by itself, with the fields of a chain's task."""

    model_config = ConfigDict(extra="forbid")

    task_type: str = Field(examples=["psi"])
    task_config: dict[str, Any]
    parties: list[str] | None = Field(default=None, description="Of local mode.")
    sf_init_config: dict[str, Any] | None = None
    spu_config: dict[str, Any] | None = None
    heu_config: dict[str, Any] | None = None
    task_name: str | None = None
    timeout_s: float | None = None
    priority: Literal["low", "normal", "high"] = "normal"


_EXAMPLE = {
    "task_type": "standard_scaler",
    "parties": ["alice"],
    "task_config": {
        "input_data": {"alice": "/app/data/alice.csv"},
        "output_data": {"alice": "/app/data/scaled.csv"},
        "columns": {"alice": ["age", "income"]},
    },
}


@router.post(
    "",
    response_model=ExecuteAnswer,
    responses=problems(*_READ, "KEY_REUSED", "BAD_REQUEST", "TOO_LARGE", "MEDIA_TYPE_UNKNOWN"),
    openapi_extra=takes("Execution", _EXAMPLE),
)
def execute_task(
    caller: Operator,
    services: Parts,
    document: JsonBody,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Run a single task. Its chain can be paused, cancelled and watched as any other."""
    asked = (caller.name, "execution", idempotency_key, document)
    given = services.idempotency.answered(*asked)
    if given is None:
        try:
            checked = check(_chain_of(document))
        except Invalid as fault:
            raise without("task_params.", without("tasks.0.", fault)) from None

        def execute() -> dict[str, Any]:
            chain_id = services.chains.create(checked, by=caller.name)
            created(services, caller, chain_id)
            deed = services.control.execute(chain_id, caller)
            return {
                "chain_id": chain_id,
                "celery_chain_id": deed.run_id,
                "status": deed.status.value,
                "started_at": iso(deed.at),
            }

        given = services.idempotency.once(*asked, execute)
    services.wake()
    return answer(ExecuteAnswer(**given.answer))


@router.get("/{chain_id}", response_model=TaskAnswer, responses=problems(*_READ, "NOT_FOUND"))
def show_execution(chain_id: ChainId, caller: Viewer, services: Parts) -> Response:
    """Show a single task: its status, attempts and result."""
    return show_task(chain_id, TASK_ID, caller, services)


def _chain_of(document: Any) -> dict[str, Any]:
    """Return the chain of one task; what is wrong with its parts is found by its validation."""
    if not isinstance(document, dict):
        raise Invalid("an execution is an object", faults=[Fault("", "it is not an object")])
    unknown = sorted(set(document) - set(Execution.model_fields))
    missing = [name for name in ("task_type", "task_config") if name not in document]
    faults = [Fault(name, "unknown field", "SHAPE") for name in unknown]
    faults += [Fault(name, "required, but not there", "SHAPE") for name in missing]
    if faults:
        raise Invalid("the execution is invalid", faults=faults)
    task = {
        "task_id": TASK_ID,
        "task_type": document["task_type"],
        "task_params": {name: document[name] for name in _FIELDS if name in document},
        **{name: document[name] for name in ("task_name", "timeout_s") if name in document},
    }
    options = {name: document[name] for name in ("parties", "priority") if name in document}
    name = document.get("task_name") or document["task_type"]
    return {"chain_name": name, "tasks": [task], "options": options}
