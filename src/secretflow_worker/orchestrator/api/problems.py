"""Every error as a problem document (RFC 9457), with a stable code and no internals."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from secretflow_worker.contract.errors import WorkerError
from secretflow_worker.orchestrator.errors import CallFault, Fault, Invalid, TooManyAttempts
from secretflow_worker.orchestrator.services.loop import is_outage

_log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
STATUS_BY_CODE = {
    "BAD_REQUEST": 400,
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "METHOD_NOT_ALLOWED": 405,
    "CONFLICT": 409,
    "STALE_VERSION": 412,
    "TOO_LARGE": 413,
    "MEDIA_TYPE_UNKNOWN": 415,
    "CONFIG_INVALID": 422,
    "KEY_REUSED": 422,
    "VERSION_REQUIRED": 428,
    "TOO_MANY_ATTEMPTS": 429,
    "INTERNAL": 500,
    "NOT_READY": 503,
}
_TITLES = {
    400: "The request cannot be read",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Not done to this",
    409: "Does not fit with the present state",
    412: "Changed by somebody else",
    413: "Too large",
    415: "Media type not understood",
    422: "Invalid",
    428: "Version required",
    429: "Too many attempts",
    500: "Our fault",
    503: "Not ready",
}
_CODE_BY_STATUS = {status: code for code, status in reversed(STATUS_BY_CODE.items())}
_MAX_FAULTS = 100


class FaultAnswer(BaseModel):
    """One place of the request that is wrong."""

    path: str = Field(examples=["tasks.2.depends_on.0"])
    message: str = Field(examples=["there is no task `align`"])
    code: str = Field(examples=["CONFIG_INVALID"])


class Problem(BaseModel):
    """What went wrong, as RFC 9457 writes it."""

    type: str = Field(examples=["tag:secretflow-worker,2025:problem/NOT_FOUND"])
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    code: str = Field(description="Stable; for programs.", examples=["NOT_FOUND"])
    detail: str = Field(examples=["there is no chain c-0a1b"])
    hint: str = Field(default="", description="How to mend it.")
    instance: str | None = Field(default=None, description="Of a fault of ours: its id in the log.")
    faults: list[FaultAnswer] = Field(
        default_factory=list, description="Every place of the request that is wrong."
    )


class Refused(CallFault):
    """A fault of the HTTP side itself; the code says which."""

    def __init__(self, code: str, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code  # type: ignore[misc]


def problems(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of a call that may end with these codes, and with 500 or 503."""
    found: dict[int | str, dict[str, Any]] = {}
    # A body that may be too large may also be unreadable.
    of_body = ["BAD_REQUEST"] if "TOO_LARGE" in codes and "BAD_REQUEST" not in codes else []
    for code in dict.fromkeys((*codes, *of_body, "INTERNAL", "NOT_READY")):
        status = STATUS_BY_CODE[code]
        words = found.get(status, {}).get("description", "")
        found[status] = {
            "description": f"{words}, `{code}`" if words else f"{_TITLES[status]}: `{code}`",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return found


def make_problem(
    code: str,
    detail: str,
    *,
    status: int | None = None,
    hint: str = "",
    instance: str | None = None,
    faults: tuple[Fault, ...] = (),
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """Return the answer to a call that failed."""
    number = status or STATUS_BY_CODE.get(code, 422)
    problem = Problem(
        type=f"tag:secretflow-worker,2025:problem/{code}",
        title=_TITLES.get(number, "Failed"),
        status=number,
        code=code,
        detail=detail,
        hint=hint,
        instance=instance,
        faults=[FaultAnswer(**vars(fault)) for fault in faults[:_MAX_FAULTS]],
    )
    content = problem.model_dump(exclude_none=True)
    return JSONResponse(content, number, headers=headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every exception with a problem document."""
    app.add_exception_handler(CallFault, _of_call)
    app.add_exception_handler(WorkerError, _of_worker_error)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(SQLAlchemyError, _of_database)
    app.add_exception_handler(ClientDisconnect, _of_nobody)
    app.add_exception_handler(Exception, _of_bug)


async def _of_call(request: Request, fault: Exception) -> JSONResponse:
    if not isinstance(fault, CallFault):
        raise fault
    headers = {}
    if isinstance(fault, TooManyAttempts):
        headers["Retry-After"] = str(fault.retry_after_s)
    if fault.code == "UNAUTHENTICATED":
        headers["WWW-Authenticate"] = 'Bearer realm="secretflow-worker"'
    faults = fault.faults if isinstance(fault, Invalid) else ()
    return make_problem(fault.code, fault.message, hint=fault.hint, faults=faults, headers=headers)


async def _of_worker_error(request: Request, error: Exception) -> JSONResponse:
    """The contract's own errors: of a document that a caller sent, or a fault of ours."""
    if not isinstance(error, WorkerError) or error.code == "INTERNAL":
        return await _of_bug(request, error)
    return make_problem(error.code, error.message, status=422, hint=error.hint)


async def _of_validation(request: Request, fault: Exception) -> JSONResponse:
    if not isinstance(fault, RequestValidationError):
        raise fault
    faults = tuple(Fault(_place(error["loc"]), _text(error)) for error in fault.errors())
    return make_problem("CONFIG_INVALID", "the request is invalid", faults=faults)


async def _of_http(request: Request, fault: Exception) -> JSONResponse:
    if not isinstance(fault, HTTPException):
        raise fault
    code = _CODE_BY_STATUS.get(fault.status_code, "BAD_REQUEST")
    detail = {404: "there is nothing at this path"}.get(fault.status_code, str(fault.detail))
    headers = dict(fault.headers or {})
    return make_problem(code, detail, status=fault.status_code, headers=headers)


async def _of_database(request: Request, fault: Exception) -> JSONResponse:
    """The database is away, or has no connection left: the call can be made again."""
    if not is_outage(fault):
        # A bug, which the outermost handler answers and whose traceback is logged.
        raise fault
    # The text of a database's error may hold what was written.
    _log.warning("%s: the database does not answer: %s", request.method, type(fault).__name__)
    return make_problem(
        "NOT_READY", "the database does not answer", headers={"Retry-After": "1"},
        hint="Make the call again; with an Idempotency-Key it is done once.",
    )  # fmt: skip


async def _of_nobody(request: Request, fault: Exception) -> JSONResponse:
    """The caller hung up while its body was read: nobody hears this answer, and it is no bug."""
    return make_problem("BAD_REQUEST", "the body ended early")


async def _of_bug(request: Request, error: Exception) -> JSONResponse:
    """Tell nothing but an id; what happened is in the log."""
    instance = f"urn:uuid:{uuid.uuid4()}"
    _log.error("%s %s failed", request.method, instance, exc_info=error)
    return make_problem(
        "INTERNAL", "this is a bug of the orchestrator", instance=instance,
        hint="Its log has the traceback beside this id; please report it.",
    )  # fmt: skip


def _place(loc: tuple[int | str, ...]) -> str:
    """``("body", "tasks", 2, "name")`` as ``tasks.2.name``; other places keep their kind."""
    parts = loc[1:] if loc[:1] == ("body",) and len(loc) > 1 else loc
    return ".".join(map(str, parts))


def _text(error: dict[str, Any]) -> str:
    words = {"extra_forbidden": "unknown field", "missing": "required, but not there"}
    return words.get(error["type"], str(error["msg"]).removeprefix("Value error, "))
