"""Signing in and out. Browsers get a cookie that scripts cannot read; programs use tokens."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from secretflow_worker.orchestrator.api.answers import Answer, answer, iso
from secretflow_worker.orchestrator.api.callers import COOKIE, Parts, Viewer, address_of
from secretflow_worker.orchestrator.api.problems import problems
from secretflow_worker.orchestrator.api.services import Services
from secretflow_worker.orchestrator.errors import Unauthenticated
from secretflow_worker.orchestrator.services.credentials import MAX_PASSWORD, MIN_PASSWORD
from secretflow_worker.orchestrator.services.sign_in import Caller, Session, csrf_token_of
from secretflow_worker.orchestrator.store.accounts import Role

router = APIRouter(prefix="/auth", tags=["auth"])

UserName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$")]
Secret = Annotated[str, Field(max_length=MAX_PASSWORD, examples=["correct horse battery staple"])]


class Given(BaseModel):
    """The root of what is sent: unknown fields are faults."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Password(Given):
    name: UserName = Field(examples=["admin"])
    password: Secret


class Link(Given):
    token: str = Field(
        max_length=200, description="What stands after the # of a one-time link.",
        examples=["sfwl_3q2-7w"],
    )  # fmt: skip


class NewPassword(Given):
    password: str = Field(
        min_length=MIN_PASSWORD, max_length=MAX_PASSWORD, examples=["correct horse battery staple"]
    )
    current: Secret | None = Field(
        default=None,
        description="The password there is. It can be left out where there is none yet, and in a "
        "session that a one-time link began.",
    )


class Me(Answer):
    """Who calls."""

    name: str = Field(examples=["admin"])
    role: Role
    csrf_token: str | None = Field(
        description="To be sent as the header X-CSRF-Token beside the cookie; null with a token."
    )
    password_is_asked: bool = Field(
        description="Whether setting a password needs the one there is."
    )
    expires_at: str | None = Field(
        default=None, description="Of a session that has just begun.",
        examples=["2025-01-01T12:00:00.000Z"],
    )  # fmt: skip


@router.post(
    "/login",
    response_model=Me,
    responses=problems("CONFIG_INVALID", "UNAUTHENTICATED", "TOO_LARGE", "TOO_MANY_ATTEMPTS"),
)
def login(given: Password, request: Request, services: Parts) -> Response:
    """Sign in with name and password."""
    session = services.sign_in.with_password(given.name, given.password, address_of(request))
    return _begun(services, session)


@router.post(
    "/link",
    response_model=Me,
    responses=problems("CONFIG_INVALID", "UNAUTHENTICATED", "TOO_LARGE", "TOO_MANY_ATTEMPTS"),
)
def link(given: Link, request: Request, services: Parts) -> Response:
    """Sign in by a one-time link, which is used up by it; then set a password."""
    return _begun(services, services.sign_in.with_link(given.token, address_of(request)))


@router.get("/session", response_model=Me, responses=problems("UNAUTHENTICATED"))
def session(caller: Viewer, request: Request, services: Parts) -> Response:
    """Say who calls."""
    secret = request.cookies.get(COOKIE)
    token = csrf_token_of(secret) if caller.session is not None and secret else None
    is_asked = services.sign_in.must_prove_password(caller)
    return answer(
        Me(name=caller.name, role=caller.role, csrf_token=token, password_is_asked=is_asked)
    )


@router.post(
    "/logout", status_code=204, responses=problems("UNAUTHENTICATED", "FORBIDDEN", "TOO_LARGE")
)
def logout(caller: Viewer, services: Parts) -> Response:
    """End the session; with a token nothing happens."""
    if caller.session is not None:
        services.sign_in.end(caller)
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path="/api", httponly=True, samesite="strict")
    return response


@router.post(
    "/password",
    status_code=204,
    responses=problems(
        "CONFIG_INVALID", "UNAUTHENTICATED", "FORBIDDEN", "TOO_LARGE", "TOO_MANY_ATTEMPTS"
    ),
)
def password(given: NewPassword, request: Request, caller: Viewer, services: Parts) -> Response:
    """Set the password of the user who is signed in; their other sessions end."""
    _refuse_token(caller)
    if services.sign_in.must_prove_password(caller):
        services.sign_in.prove_password(caller.name, given.current, address_of(request))
    services.accounts.set_password(caller.name, given.password, keep=caller.session)
    return Response(status_code=204)


def _refuse_token(caller: Caller) -> None:
    """A token that was stolen must not become a password."""
    if caller.session is None:
        raise Unauthenticated("this needs a session", hint="Sign in with a browser.")


def _begun(services: Services, session: Session) -> Response:
    me = Me(
        name=session.caller.name,
        role=session.caller.role,
        csrf_token=session.csrf_token,
        password_is_asked=services.sign_in.must_prove_password(session.caller),
        expires_at=iso(session.expires_at),
    )
    response = answer(me)
    response.set_cookie(
        COOKIE,
        session.secret,
        max_age=int(services.settings.session_lifetime_s),
        path="/api",
        httponly=True,
        samesite="strict",
        secure=services.settings.is_public_https,
    )
    return response
