"""What a call of the client can end with.

::

    ClientError
    ├── Unreachable            nobody answers at the address, or no orchestrator does
    ├── WaitTimeout            the caller's own time limit; the chain still runs
    ├── ChainEnded             a run that was waited for has ended badly
    │   ├── ChainFailed
    │   └── ChainCancelled
    └── Refused                the orchestrator says no: a problem document (RFC 9457)
        ├── Invalid            the request is wrong; `faults` lists every place
        ├── Unauthenticated    the token is missing, wrong, revoked or expired
        ├── Forbidden          the token's role does not allow it
        ├── NotFound
        ├── Conflict           it does not fit with the present state
        ├── StaleVersion       somebody else has changed it
        ├── NotReady           for now; the client has tried again already
        └── ServerFault        a bug of the orchestrator; its log has the id

Each has a stable ``code``, a ``message`` and a ``hint`` that says how to mend it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

if TYPE_CHECKING:
    from secretflow_worker.client.answers import Chain


class Fault(BaseModel):
    """One place of a request that is wrong."""

    model_config = ConfigDict(frozen=True)

    path: str
    message: str
    code: str = "CONFIG_INVALID"

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class ClientError(Exception):
    """The root of the tree."""

    def __init__(self, code: str, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" + (f" ({self.hint})" if self.hint else "")


class Unreachable(ClientError):
    """The call may have been carried out or not, where it had been sent."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__("UNREACHABLE", message, hint=hint)


class WaitTimeout(ClientError):
    """Waiting took longer than the caller allows; the chain goes on."""

    def __init__(self, chain_id: str, timeout_s: float) -> None:
        super().__init__(
            "WAIT_TIMEOUT",
            f"chain {chain_id} has not ended within {timeout_s:g} s",
            hint="it goes on, or is paused; wait for it again, resume or cancel it",
        )
        self.chain_id = chain_id


class ChainEnded(ClientError):
    """`chain` is how it ended, with all its tasks; `task_id` the first that failed."""

    def __init__(self, chain: Chain) -> None:
        failed = next((task for task in chain.tasks if task.error is not None), None)
        error = chain.error
        code = chain.status.value if error is None else error.code
        where = "" if failed is None else f"task {failed.node_id}: "
        message = f"chain {chain.chain_id} ended as {chain.status.value}"
        super().__init__(
            code,
            message if error is None else f"{where}{error.message}",
            hint="" if error is None else error.hint,
        )
        self.chain = chain
        self.party = None if error is None else error.party
        self.task_id = None if failed is None else failed.node_id


class ChainFailed(ChainEnded):
    """A task failed for good, or the chain took too long."""


class ChainCancelled(ChainEnded):
    """Somebody cancelled it."""


class Refused(ClientError):
    """The orchestrator's answer; `status` is HTTP's, `instance` names a fault of its own."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code, problem.detail, hint=problem.hint)
        self.status = problem.status
        self.faults = problem.faults
        self.instance = problem.instance


class Invalid(Refused):
    """`faults` lists every place that is wrong; so does the text of the error."""

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *map(str, self.faults)])


class Unauthenticated(Refused):
    """Who calls is not known."""


class Forbidden(Refused):
    """Who calls may not do it."""


class NotFound(Refused):
    """There is no such thing."""


class Conflict(Refused):
    """It does not fit with the present state."""


class StaleVersion(Refused):
    """It was changed since the caller read it."""


class NotReady(Refused):
    """It may be ready later."""


class ServerFault(Refused):
    """The orchestrator's own bug."""


class Problem(BaseModel):
    """A problem document."""

    status: int
    code: str
    detail: str = ""
    hint: str = ""
    instance: str | None = None
    faults: list[Fault] = []


_BY_STATUS: dict[int, type[Refused]] = {
    400: Invalid,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: StaleVersion,
    413: Invalid,
    415: Invalid,
    422: Invalid,
    500: ServerFault,
    502: NotReady,
    503: NotReady,
    504: NotReady,
}


def refusal(status: int, body: bytes, place: str) -> ClientError:
    """Return the error that an answer of this status means; `place` is who gave it."""
    kind = _BY_STATUS.get(status, Refused)
    try:
        return kind(Problem.model_validate_json(body))
    except ValidationError:
        pass
    if kind is NotReady:  # a proxy says so while the orchestrator behind it starts
        return NotReady(
            Problem(status=status, code="NOT_READY", detail=f"{place} answers with {status}")
        )
    return Unreachable(
        f"what answers at {place} is no orchestrator: status {status}",
        hint="check the address; it is the one that `sfw web` or `sfw up` prints",
    )
