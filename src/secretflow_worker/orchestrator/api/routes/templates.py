"""Templates: chains with parameters, those that come with the package and those saved here."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import Field, RootModel

from secretflow_worker.orchestrator.api.answers import Answer, answer
from secretflow_worker.orchestrator.api.authored import created, takes
from secretflow_worker.orchestrator.api.bodies import JsonBody
from secretflow_worker.orchestrator.api.callers import Operator, Parts, Viewer
from secretflow_worker.orchestrator.api.chain_answers import IdempotencyKey
from secretflow_worker.orchestrator.api.problems import problems
from secretflow_worker.orchestrator.api.routes.authoring import CreateAnswer, located, shown_of
from secretflow_worker.orchestrator.errors import Fault, Invalid
from secretflow_worker.orchestrator.services.chains import check
from secretflow_worker.orchestrator.services.template_documents import Template
from secretflow_worker.orchestrator.store import audit

router = APIRouter(prefix="/templates", tags=["templates"])
_READ = ("CONFIG_INVALID", "UNAUTHENTICATED", "FORBIDDEN")
_WRITE = (*_READ, "BAD_REQUEST", "TOO_LARGE", "MEDIA_TYPE_UNKNOWN")
Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$", examples=["psi"])]


class Values(RootModel[dict[str, Any]]):
    """A value for each parameter that has no default, by its name."""


class TemplateLine(Answer):
    name: str = Field(examples=["psi"])
    title: str
    description: str


class TemplateList(Answer):
    items: list[TemplateLine]


@router.get("", response_model=TemplateList, responses=problems("UNAUTHENTICATED", "FORBIDDEN"))
def list_templates(caller: Viewer, services: Parts) -> Response:
    """List the templates: those of the package, then the saved ones by name."""
    items = [
        TemplateLine(name=each.name, title=each.title, description=each.description)
        for each in services.templates.list()
    ]
    return answer(TemplateList(items=items))


@router.post(
    "",
    status_code=201,
    response_model=Template,
    responses=problems(*_WRITE, "CONFLICT"),
    openapi_extra=takes("Template"),
)
def save_template(caller: Operator, services: Parts, document: JsonBody) -> Response:
    """Keep a new template."""
    with services.database.transaction() as connection:
        template = services.templates.save(document, by=caller.name)
        facts = {"template": template.name}
        audit.append(connection, caller.name, "template.save", facts, services.clock())
    return answer(template, 201)


@router.get("/{name}", response_model=Template, responses=problems(*_READ, "NOT_FOUND"))
def show_template(name: Name, caller: Viewer, services: Parts) -> Response:
    """Show a template with its parameters and its document."""
    return answer(services.templates.get(name))


@router.delete("/{name}", status_code=204, responses=problems(*_READ, "TOO_LARGE", "NOT_FOUND"))
def delete_template(name: Name, caller: Operator, services: Parts) -> Response:
    """Delete a saved template of the caller's own; chains that were made of it stay."""
    with services.database.transaction() as connection:
        services.templates.delete(name, caller)
        facts = {"template": name}
        audit.append(connection, caller.name, "template.delete", facts, services.clock())
    return Response(status_code=204)


@router.post(
    "/{name}/render",
    response_model=dict[str, Any],
    responses=problems(*_WRITE, "NOT_FOUND"),
    openapi_extra=takes("Values"),
)
def render_template(name: Name, caller: Viewer, services: Parts, values: JsonBody) -> Response:
    """Return the chain document that a template makes of values; nothing is kept."""
    return answer(RootModel[dict[str, Any]](services.templates.render(name, _checked(values))))


@router.post(
    "/{name}/chains",
    response_model=CreateAnswer,
    responses=problems(*_WRITE, "NOT_FOUND", "KEY_REUSED"),
    openapi_extra=takes("Values"),
)
def create_from_template(
    name: Name,
    caller: Operator,
    services: Parts,
    values: JsonBody,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Keep a new chain, made of a template and values."""
    asked = (caller.name, f"template {name}", idempotency_key, values)
    given = services.idempotency.answered(*asked)
    if given is None:
        checked = check(services.templates.render(name, _checked(values)))

        def create() -> dict[str, Any]:
            chain_id = services.chains.create(checked, by=caller.name, metadata={"template": name})
            created(services, caller, chain_id)
            return shown_of(services, chain_id)

        given = services.idempotency.once(*asked, create)
    return located(CreateAnswer(**given.answer))


def _checked(values: Any) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise Invalid("values are an object", faults=[Fault("", "it is not an object")])
    return values
