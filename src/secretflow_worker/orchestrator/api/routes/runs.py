"""What is done to a chain's runs, and their events as they happen."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.security.utils import get_authorization_scheme_param
from pydantic import Field, StringConstraints

from secretflow_worker.orchestrator.api.answers import answer, iso
from secretflow_worker.orchestrator.api.callers import COOKIE, Operator, Parts, Viewer, identify
from secretflow_worker.orchestrator.api.chain_answers import (
    CancelAnswer,
    ChainId,
    DeedAnswer,
    ExecuteAnswer,
    IdempotencyKey,
)
from secretflow_worker.orchestrator.api.problems import Refused, problems
from secretflow_worker.orchestrator.api.routes.auth import Given
from secretflow_worker.orchestrator.api.services import Services
from secretflow_worker.orchestrator.api.stream import follow
from secretflow_worker.orchestrator.errors import NotFound
from secretflow_worker.orchestrator.services.control import Deed
from secretflow_worker.orchestrator.store import views

router = APIRouter(prefix="/chains/{chain_id}", tags=["runs"])
_REFUSED = ("CONFIG_INVALID", "UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND", "CONFLICT", "TOO_LARGE")
_Node = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}(\[[0-9]{1,4}\])?$")]


_LINE = '{"chain_id":"c-0a1b2c","task_id":"psi","status":"RUNNING","progress":0.5}'


class Retry(Given):
    task_ids: list[_Node] = Field(
        default_factory=list, max_length=10_000, examples=[["lr"]],
        description="Which tasks; none named means all that failed, and what depends on them.",
    )  # fmt: skip


@router.post("/execute", response_model=ExecuteAnswer, responses=problems(*_REFUSED, "KEY_REUSED"))
def execute_chain(
    chain_id: ChainId,
    caller: Operator,
    services: Parts,
    idempotency_key: IdempotencyKey = None,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Not the newest.")] = None,
    reuse: Annotated[
        bool,
        Query(description="Take over what earlier runs did the same way, where no file changed."),
    ] = False,
) -> Response:
    """Run a chain. One run of it at a time; after its end it may be run again."""
    offered = services.control.offer(chain_id, caller) if reuse else None

    def execute() -> dict[str, Any]:
        deed = services.control.execute(chain_id, caller, version, offered=offered)
        return {
            "chain_id": chain_id,
            "celery_chain_id": deed.run_id,
            "status": deed.status.value,
            "started_at": iso(deed.at),
        }

    given = services.idempotency.once(
        caller.name,
        f"execute {chain_id}",
        idempotency_key,
        {"version": version, **({"reuse": True} if reuse else {})},
        execute,
    )
    services.wake()
    return answer(ExecuteAnswer(**given.answer))


@router.delete("", response_model=CancelAnswer, responses=problems(*_REFUSED))
def cancel_chain(chain_id: ChainId, caller: Operator, services: Parts) -> Response:
    """Cancel the run of a chain, or a chain that never ran. Nothing is deleted."""
    deed = services.control.cancel(chain_id, caller)
    services.wake()
    return answer(CancelAnswer(chain_id=chain_id, status=deed.status, cancelled_at=iso(deed.at)))


@router.post("/pause", response_model=DeedAnswer, responses=problems(*_REFUSED))
def pause_chain(chain_id: ChainId, caller: Operator, services: Parts) -> Response:
    """Start nothing more of the run; what runs goes on."""
    return _done(services, chain_id, services.control.pause(chain_id, caller))


@router.post("/resume", response_model=DeedAnswer, responses=problems(*_REFUSED))
def resume_chain(chain_id: ChainId, caller: Operator, services: Parts) -> Response:
    """Go on after a pause."""
    return _done(services, chain_id, services.control.resume(chain_id, caller))


@router.post("/retry", response_model=DeedAnswer, responses=problems(*_REFUSED))
def retry_chain(
    chain_id: ChainId, caller: Operator, services: Parts, given: Retry | None = None
) -> Response:
    """Run again what failed and what depends on it; what succeeded elsewhere is kept.

    A success whose input or output files have changed since is run again, too. The chain's
    events say which, and why; a party that does not answer in time leaves its tasks `unchecked`.
    """
    nodes = tuple(given.task_ids) if given is not None else ()
    return _done(services, chain_id, services.control.retry(chain_id, caller, nodes))


@router.get(
    "/events",
    responses={
        **problems("CONFIG_INVALID", "UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND", "NOT_READY"),
        200: {
            "description": "Server-sent events: `chain`, `task`, `party` (how far one is), `reuse` "
            "(whether an earlier success holds), each with its `id`.",
            "content": {
                "text/event-stream": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "id": {"type": "string", "description": "For `Last-Event-ID`."},
                            "event": {"type": "string", "examples": ["task"]},
                            "data": {"type": "string", "examples": [_LINE]},
                        },
                    },
                }
            },
        },
    },
    response_class=StreamingResponse,
)
def watch_chain(
    chain_id: ChainId,
    caller: Viewer,
    services: Parts,
    request: Request,
    last_event_id: Annotated[
        int | None, Header(ge=0, le=2**53, description="Go on after this event.")
    ] = None,
    after: Annotated[
        int, Query(ge=0, le=2**53, description="The same, for who cannot send the header.")
    ] = 0,
    follow_on: Annotated[
        bool, Query(alias="follow", description="False: end with what has happened so far.")
    ] = True,
) -> Response:
    """Watch a chain: what has happened to it so far, and then what happens."""
    with services.database.reading() as connection:
        if views.find_chain(connection, chain_id) is None:
            raise NotFound(f"there is no chain {chain_id}")
    if not services.watch.has_room_for(caller.name, services.settings.max_streams):
        raise Refused("NOT_READY", "too many clients watch events", hint="Try again later.")
    start = after if last_event_id is None else last_event_id
    lines = follow(
        services.watch,
        services.database,
        chain_id,
        start,
        caller.name,
        lambda: _ask_again(services, request),
        is_endless=follow_on,
    )
    return StreamingResponse(
        lines, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )


def _ask_again(services: Services, request: Request) -> None:
    scheme, given = get_authorization_scheme_param(request.headers.get("authorization"))
    token = given if scheme.lower() == "bearer" else None
    identify(services, request, token, request.cookies.get(COOKIE))


def _done(services: Services, chain_id: str, deed: Deed) -> Response:
    services.wake()
    return answer(
        DeedAnswer(
            chain_id=chain_id, celery_chain_id=deed.run_id, status=deed.status, at=iso(deed.at)
        )
    )
