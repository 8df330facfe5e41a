"""The application: the calls, what surrounds them, and the OpenAPI document of it all."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from secretflow_worker import __version__
from secretflow_worker.contract.chain import ChainDocument
from secretflow_worker.orchestrator.api import problems
from secretflow_worker.orchestrator.api.limits import BoundedBody, SafeHeaders, limit_of
from secretflow_worker.orchestrator.api.observed import Observed
from secretflow_worker.orchestrator.api.page import write_page
from secretflow_worker.orchestrator.api.routes import (
    audit,
    auth,
    authoring,
    chains,
    disclosed,
    executions,
    health,
    models,
    nodes,
    past_runs,
    runs,
    schedules,
    task_logs,
    task_reports,
    task_types,
    templates,
    tokens,
    users,
)
from secretflow_worker.orchestrator.api.services import Services
from secretflow_worker.orchestrator.api.site import STATIC, Site

PREFIX = "/api/v1"
_ROUTES = (
    auth, users, tokens, audit, task_types, authoring, chains, runs, past_runs, disclosed,
    executions, templates, schedules, nodes, task_logs, task_reports, models, health,
)  # fmt: skip
_SCHEMAS = (problems.Problem, ChainDocument, executions.Execution, templates.Values)
"""Models that no answer or parameter brings in by itself."""
_NO_TELEMETRY: dict[str, Any] = {
    "telemetry": {
        "tracing": False, "metrics": False, "logs": False, "operation_spans": False,
        "auto_configure": False,
    }
}  # fmt: skip
"""FastAPI's own would write messages of exceptions, where its environment variable is set."""
_REFS = "#/components/schemas/{model}"


def create_app(services: Services, static: Path = STATIC) -> FastAPI:
    """Make the application over its services; `static` holds the built web page."""
    app = _App(
        title="SecretFlow orchestrator",
        version=__version__,
        description="Chains of privacy-preserving tasks: describe them, run them, watch them.",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        **_NO_TELEMETRY,
    )
    app.state.services = services
    api = APIRouter(prefix=PREFIX)
    for routes in _ROUTES:
        api.include_router(routes.router)
    app.include_router(api)
    app.include_router(health.router, include_in_schema=False)
    app.add_api_route(
        "/docs",
        lambda: write_page(app.openapi()),
        include_in_schema=False,
        response_class=HTMLResponse,
    )
    app.router.routes.append(Site(static))
    problems.install(app)
    settings = services.settings
    # The last is the outermost.
    app.add_middleware(BoundedBody, limit_of=partial(limit_of, most=settings.max_request_bytes))
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_credentials=False,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-Match"],
            expose_headers=["ETag", "Location", "Retry-After", "X-Request-ID"],
        )
    return app


class _App(FastAPI):
    def build_middleware_stack(self) -> ASGIApp:
        """Put headers and figures outside of everything, so that a 500 has them too."""
        services: Services = self.state.services
        observed = Observed(super().build_middleware_stack(), services, PREFIX)
        return SafeHeaders(observed, services.settings.is_public_https)

    def openapi(self) -> dict[str, Any]:
        """Return the document, with the models that no answer or parameter brings in."""
        if self.openapi_schema is None:
            document = get_openapi(
                title=self.title,
                version=self.version,
                description=self.description,
                routes=self.routes,
            )
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            for model in _SCHEMAS:
                schema = model.model_json_schema(ref_template=_REFS)
                schemas.update(schema.pop("$defs", {}))
                schemas[model.__name__] = schema
            _say_problems_only(document)
            self.openapi_schema = document
        return self.openapi_schema


def _say_problems_only(document: dict[str, Any]) -> None:
    """FastAPI adds its own form of a 422 to every call with parameters; ours is another."""
    for path in document["paths"].values():
        for call in path.values():
            answers = call["responses"]
            schema = answers.get("422", {}).get("content", {}).get("application/json", {})
            if "HTTPValidationError" in str(schema):
                del answers["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
