"""API tokens of the caller."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field, StringConstraints

from secretflow_worker.orchestrator.api.answers import Answer, answer, iso
from secretflow_worker.orchestrator.api.callers import Parts, Viewer
from secretflow_worker.orchestrator.api.problems import problems
from secretflow_worker.orchestrator.api.routes.auth import Given
from secretflow_worker.orchestrator.services.tokens import Token
from secretflow_worker.orchestrator.store.accounts import Role

router = APIRouter(prefix="/tokens", tags=["tokens"])
_DAY_S = 24 * 3600
_REFUSED = ("CONFIG_INVALID", "UNAUTHENTICATED", "FORBIDDEN")


class NewToken(Given):
    label: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,100}$")] = Field(
        description="What it is for.", examples=["nightly scoring"]
    )
    role: Role = Field(description="At most the caller's own.")
    expires_in_days: int | None = Field(
        default=90, ge=1, le=3650, description="Null: it does not expire."
    )


class TokenAnswer(Answer):
    token_id: str = Field(examples=["t-0a1b2c3d4e5f6071"])
    prefix: str = Field(description="The token's first letters.", examples=["sfw_3q2-7"])
    user: str = Field(examples=["bob"])
    label: str
    role: Role
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None


class NewTokenAnswer(TokenAnswer):
    token: str = Field(description="Not shown again.", examples=["sfw_3q2-7w"])


class TokenList(Answer):
    items: list[TokenAnswer]


@router.get("", response_model=TokenList, responses=problems(*_REFUSED))
def list_tokens(
    caller: Viewer,
    services: Parts,
    everybody: Annotated[bool, Query(description="For admins: also those of others.")] = False,
) -> Response:
    """List the caller's tokens, newest first."""
    tokens = services.tokens.list(caller, of_all=everybody)
    return answer(TokenList(items=[TokenAnswer(**_shown(token)) for token in tokens]))


@router.post(
    "",
    status_code=201,
    response_model=NewTokenAnswer,
    responses=problems(*_REFUSED, "CONFLICT", "TOO_LARGE"),
)
def create_token(given: NewToken, caller: Viewer, services: Parts) -> Response:
    """Make a token."""
    days = given.expires_in_days
    lifetime_s = None if days is None else float(days * _DAY_S)
    token, secret = services.tokens.create(caller, given.label, given.role, lifetime_s)
    return answer(NewTokenAnswer(**_shown(token), token=secret), 201)


@router.delete(
    "/{token_id}", status_code=204, responses=problems(*_REFUSED, "NOT_FOUND", "TOO_LARGE")
)
def revoke_token(
    token_id: Annotated[str, Path(pattern=r"^[a-z0-9-]{1,32}$", examples=["t-0a1b2c3d4e5f6071"])],
    caller: Viewer,
    services: Parts,
) -> Response:
    """Make a token useless, for good; an admin may do so with anybody's."""
    services.tokens.revoke(caller, token_id)
    return Response(status_code=204)


def _shown(token: Token) -> dict[str, str | None]:
    return {
        "token_id": token.token_id,
        "prefix": token.prefix,
        "user": token.user_name,
        "label": token.label,
        "role": token.role.value,
        "created_at": iso(token.created_at),
        "expires_at": iso(token.expires_at),
        "revoked_at": iso(token.revoked_at),
        "last_used_at": iso(token.last_used_at),
    }
