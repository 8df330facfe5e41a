"""Is it alive, is it ready, and its figures."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.security.utils import get_authorization_scheme_param
from kombu.exceptions import OperationalError
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import Field
from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from secretflow_worker.orchestrator.api.answers import Answer, answer
from secretflow_worker.orchestrator.api.callers import COOKIE, Parts, identify
from secretflow_worker.orchestrator.api.problems import problems
from secretflow_worker.orchestrator.store.database import Database

router = APIRouter(tags=["health"])


class Alive(Answer):
    status: str = Field(examples=["alive"])


class Ready(Answer):
    is_ready: bool
    checks: dict[str, str] = Field(examples=[{"database": "ok", "redis": "ok"}])


@router.get("/healthz", response_model=Alive, responses=problems())
def healthz() -> Response:
    """The process answers."""
    return answer(Alive(status="alive"))


@router.get(
    "/readyz",
    response_model=Ready,
    responses={**problems(), 503: {"model": Ready, "description": "Something is not ready."}},
)
def readyz(services: Parts) -> Response:
    """Database and Redis answer too."""
    found = {}
    for name, check in {"database": lambda: _ask(services.database), **services.checks}.items():
        try:
            check()
            found[name] = "ok"
        except (SQLAlchemyError, RedisError, OperationalError, OSError) as fault:
            found[name] = type(fault).__name__
    is_ready = set(found.values()) == {"ok"}
    return answer(Ready(is_ready=is_ready, checks=found), 200 if is_ready else 503)


@router.get(
    "/metrics",
    responses={
        **problems("UNAUTHENTICATED"),
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
    },
    response_class=Response,
)
def metrics(request: Request, services: Parts) -> Response:
    """Figures for Prometheus; needs a token, unless the setting metrics_open is on."""
    if not services.settings.metrics_open:
        scheme, given = get_authorization_scheme_param(request.headers.get("authorization"))
        token = given if scheme.lower() == "bearer" else None
        identify(services, request, token, request.cookies.get(COOKIE))
    return Response(services.metrics.render(), media_type=CONTENT_TYPE_LATEST)


def _ask(database: Database) -> None:
    with database.reading() as connection:
        connection.execute(select(1))
