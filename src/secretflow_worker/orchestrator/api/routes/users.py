"""Users, for admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import Field

from secretflow_worker.orchestrator.api.answers import Answer, answer, iso
from secretflow_worker.orchestrator.api.callers import Admin, Parts
from secretflow_worker.orchestrator.api.problems import problems
from secretflow_worker.orchestrator.api.routes.auth import Given, UserName
from secretflow_worker.orchestrator.api.services import Services
from secretflow_worker.orchestrator.services.accounts import User
from secretflow_worker.orchestrator.store.accounts import Role

router = APIRouter(prefix="/users", tags=["users"])
_REFUSED = ("CONFIG_INVALID", "UNAUTHENTICATED", "FORBIDDEN", "TOO_LARGE")
Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$", examples=["bob"])]


class NewUser(Given):
    name: UserName = Field(examples=["bob"])
    role: Role


class Change(Given):
    role: Role | None = None
    disabled: bool | None = None


class UserAnswer(Answer):
    name: str = Field(examples=["bob"])
    role: Role
    created_at: str
    disabled_at: str | None
    has_password: bool


class UserList(Answer):
    items: list[UserAnswer]


class LinkAnswer(Answer):
    name: str = Field(examples=["bob"])
    link: str = Field(
        description="Give it to the user: it lets them in once. It is not shown again.",
        examples=["http://127.0.0.1:8000/#sfwl_3q2-7w"],
    )


@router.get("", response_model=UserList, responses=problems("UNAUTHENTICATED", "FORBIDDEN"))
def list_users(caller: Admin, services: Parts) -> Response:
    """List the users by name."""
    return answer(UserList(items=[_shown(user) for user in services.accounts.list()]))


@router.post(
    "", status_code=201, response_model=LinkAnswer, responses=problems(*_REFUSED, "CONFLICT")
)
def create_user(given: NewUser, caller: Admin, services: Parts) -> Response:
    """Make a user; the answer is a one-time link, by which they set their password."""
    secret = services.accounts.create(given.name, given.role, by=caller.name)
    return answer(_linked(services, given.name, secret), 201)


@router.patch(
    "/{name}",
    response_model=UserAnswer,
    responses=problems(*_REFUSED, "NOT_FOUND", "CONFLICT"),
)
def change_user(name: Name, given: Change, caller: Admin, services: Parts) -> Response:
    """Give a user another role, or disable them: their sessions and tokens end at once."""
    user = services.accounts.change(
        name, role=given.role, is_disabled=given.disabled, by=caller.name
    )
    return answer(_shown(user))


@router.post(
    "/{name}/link",
    status_code=201,
    response_model=LinkAnswer,
    responses=problems(*_REFUSED, "NOT_FOUND"),
)
def make_link(name: Name, caller: Admin, services: Parts) -> Response:
    """Make a new one-time link, for a user who cannot sign in."""
    secret = services.accounts.make_link(name, by=caller.name)
    return answer(_linked(services, name, secret), 201)


def _linked(services: Services, name: str, secret: str) -> LinkAnswer:
    return LinkAnswer(name=name, link=f"{services.settings.base_url}/#{secret}")


def _shown(user: User) -> UserAnswer:
    return UserAnswer(
        name=user.name,
        role=user.role,
        created_at=iso(user.created_at),
        disabled_at=iso(user.disabled_at),
        has_password=user.has_password,
    )
