"""Every error that a task can end with, as one tree.

::

    WorkerError
    ├── ConfigError            the sender can mend the request
    │   ├── UnknownTask        no such task type, or not in this version
    │   └── ProtocolUnfit      protocol and parties do not fit, or the setting forbids it
    ├── InputError             the owner of a file can mend it
    │   ├── InputNotFound
    │   ├── OutputNotWritable
    │   ├── PathForbidden
    │   ├── RowsNotAligned
    │   ├── ModelInvalid
    │   └── DiskFull
    ├── PolicyError            the party's operator forbids it
    ├── TransientError         it may pass; only these are retried by themselves
    │   ├── PeerLost
    │   ├── ResourceBusy
    │   └── WorkerLost
    ├── TaskTimeout
    ├── OutOfMemory
    ├── Cancelled
    └── InternalError          ours to mend

A message says what is wrong, where, and never holds a value from a party's file; the
hint says how to mend it. ``code`` is stable and has a page in ``docs/errors/``.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class ErrorReport(BaseModel):
    """An error as it travels: in the Celery record, in events, and between processes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    type: str
    message: str
    party: str | None = None
    hint: str = ""
    traceback: str | None = None


class WorkerError(Exception):
    """The root of the tree. ``party`` is the one in whose house it went wrong, if known."""

    code: ClassVar[str] = "INTERNAL"
    documented_type: ClassVar[type[Exception]] = RuntimeError
    default_hint: ClassVar[str] = ""
    transient: ClassVar[bool] = False

    def __init__(self, message: str, *, hint: str | None = None, party: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = self.default_hint if hint is None else hint
        self.party = party

    def report(self, traceback: str | None = None) -> ErrorReport:
        """The form of this error that leaves the process."""
        return ErrorReport(
            code=self.code,
            type=self.documented_type.__name__,
            message=self.message,
            party=self.party,
            hint=self.hint,
            traceback=traceback,
        )

    @staticmethod
    def from_report(report: ErrorReport) -> WorkerError:
        """Rebuild the error from its report; an unknown code becomes ``InternalError``."""
        kind = ERRORS_BY_CODE.get(report.code, InternalError)
        return kind(report.message, hint=report.hint, party=report.party)


class ConfigError(WorkerError):
    code = "CONFIG_INVALID"
    documented_type = ValueError
    default_hint = "Correct the named field of the request and send it again."


class UnknownTask(ConfigError):
    code = "TASK_UNKNOWN"
    default_hint = "`sfw tasks` lists the task types and versions that this worker runs."


class ProtocolUnfit(ConfigError):
    code = "PROTOCOL_UNFIT"
    default_hint = (
        "CHEETAH takes exactly 2 parties, ABY3 exactly 3, SEMI2K 2 to 5; between hosts SEMI2K "
        "needs the setting allow_semi2k_dealer at every party."
    )


class InputError(WorkerError):
    code = "INPUT_INVALID"
    documented_type: ClassVar[type[Exception]] = ValueError
    default_hint = "Mend the named file at the named party."


class InputNotFound(InputError):
    code = "INPUT_NOT_FOUND"
    documented_type = FileNotFoundError
    default_hint = "Put the file there, or correct its path; paths are seen by the party's worker."


class OutputNotWritable(InputError):
    code = "OUTPUT_NOT_WRITABLE"
    documented_type = PermissionError
    default_hint = "Let the worker's user write in the output folder, or name another folder."


class PathForbidden(InputError):
    code = "PATH_FORBIDDEN"
    documented_type = PermissionError
    default_hint = (
        "Use an absolute path inside the party's data root, of letters, digits, '.', '_', '-', '/'."
    )


class RowsNotAligned(InputError):
    code = "ROWS_NOT_ALIGNED"
    default_hint = "Run psi over the tables first and train on its outputs."


class ModelInvalid(InputError):
    code = "MODEL_INVALID"
    default_hint = "Use the directories that one training wrote, unaltered, each at its own party."


class DiskFull(InputError):
    code = "DISK_FULL"
    documented_type = RuntimeError
    default_hint = "Free space where the outputs and the worker's state folder are."


class PolicyError(WorkerError):
    code = "POLICY_REFUSED"
    documented_type = PermissionError
    default_hint = "Ask the operator of the named party."


class TransientError(WorkerError):
    code = "TRANSIENT"
    transient = True


class PeerLost(TransientError):
    code = "PEER_LOST"
    default_hint = "See the named party's log and worker; send it again with a new execution_id."


class ResourceBusy(TransientError):
    code = "RESOURCE_BUSY"
    default_hint = "Free the named port or choose another; send it again with a new execution_id."


class WorkerLost(TransientError):
    code = "WORKER_LOST"
    default_hint = "The worker was killed while it ran this; send it again with a new execution_id."


class TaskTimeout(WorkerError):
    code = "TIMEOUT"
    documented_type = TimeoutError
    default_hint = "Raise timeout_s, or give the task less data."


class OutOfMemory(WorkerError):
    code = "OUT_OF_MEMORY"
    default_hint = "Raise party_memory_bytes at the named party, or give the task less data."


class Cancelled(WorkerError):
    code = "CANCELLED"
    default_hint = "Somebody asked for it; send it again with a new execution_id to run it."


class InternalError(WorkerError):
    code = "INTERNAL"
    default_hint = "This is a bug: the party's log has the traceback; please report it."


def _tree(root: type[WorkerError]) -> list[type[WorkerError]]:
    return [root, *(leaf for child in root.__subclasses__() for leaf in _tree(child))]


ERRORS_BY_CODE: dict[str, type[WorkerError]] = {
    kind.code: kind for kind in _tree(WorkerError)[1:] if kind is not TransientError
}
"""Every concrete error by its code (``WorkerError`` and ``TransientError`` are never raised)."""
