"""Who calls, by a token or a session's cookie, and whether their role allows the call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from secretflow_worker.orchestrator.api.clients import client_of
from secretflow_worker.orchestrator.api.services import Services
from secretflow_worker.orchestrator.errors import Forbidden, Unauthenticated
from secretflow_worker.orchestrator.services.sign_in import Caller, is_csrf_token
from secretflow_worker.orchestrator.store.accounts import Role

COOKIE = "sfw_session"
CSRF_HEADER = "X-CSRF-Token"
_SAFE = {"GET", "HEAD", "OPTIONS"}
_BEARER = HTTPBearer(auto_error=False, description="An API token, from `POST /api/v1/tokens`.")
_COOKIE = APIKeyCookie(
    name=COOKIE, auto_error=False,
    description=f"A session's cookie; calls that change need its `{CSRF_HEADER}` header too.",
)  # fmt: skip


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Parts = Annotated[Services, Depends(_services)]


def identify(services: Services, request: Request, token: str | None, cookie: str | None) -> Caller:
    """Return who calls.

    Raises:
        Unauthenticated: nobody that is known.
        Forbidden: a cookie without its CSRF token, where something would change.
    """
    if token is not None:
        return services.sign_in.by_token(token)
    if cookie is None:
        raise Unauthenticated("sign in, or send an API token")
    caller = services.sign_in.by_session(cookie)
    given = request.headers.get(CSRF_HEADER, "")
    if request.method not in _SAFE and not is_csrf_token(cookie, given):
        raise Forbidden(f"the header {CSRF_HEADER} is missing or wrong")
    return caller


def at_least(role: Role) -> Callable[..., Caller]:
    """Return the dependency that lets in callers of this role and more."""

    def let_in(
        request: Request,
        services: Parts,
        bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
        cookie: Annotated[str | None, Security(_COOKIE)],
    ) -> Caller:
        token = None if bearer is None else bearer.credentials
        caller = identify(services, request, token, cookie)
        if not caller.role.includes(role):
            raise Forbidden(f"this needs the role {role.value}; yours is {caller.role.value}")
        request.state.user = caller.name
        return caller

    return let_in


Viewer = Annotated[Caller, Depends(at_least(Role.VIEWER))]
Operator = Annotated[Caller, Depends(at_least(Role.OPERATOR))]
Admin = Annotated[Caller, Depends(at_least(Role.ADMIN))]


def address_of(request: Request) -> str:
    """Return where a call comes from, for the limit of sign-ins and the audit log."""
    services: Services = request.app.state.services
    peer = "" if request.client is None else request.client.host
    forwarded = request.headers.getlist("x-forwarded-for")
    return client_of(peer, forwarded, services.settings.trusted_proxies)
