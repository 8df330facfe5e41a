"""What may be asked of a party's worker about itself, and what it answers.

An ask is put into the list of the party, or of one worker; the answer comes back under the ask's
own id. Both are JSON of the models here, and no answer ever holds a row of a table; a report's
charts hold what its task type says that a reader learns. A party tells only what its policy
shares; what it does not is an answer with an error that says so.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from secretflow_worker.contract.errors import ConfigError, ErrorReport
from secretflow_worker.contract.names import FilePath, Identifier, PartyName
from secretflow_worker.contract.request import list_faults

ASK_LIMIT_BYTES = 1 << 20
MOST_PATHS = 2_000
"""Of one ask for fingerprints."""
MOST_ITEMS = 1_000
"""Tables or lines of one answer."""

AskId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


def ask_list(party: str) -> str:
    """Return the Redis list of asks to the one worker that runs `party` in cluster mode."""
    return f"sfw:ask:{party}"


def worker_ask_list(worker_id: str) -> str:
    """Return the Redis list of asks to one worker; no party has such a name."""
    return f"sfw:ask:@{worker_id}"


def answer_key(ask_id: str) -> str:
    """Return the Redis list in which the answer to an ask is put."""
    return f"sfw:answer:{ask_id}"


def new_ask_id() -> str:
    """Return an id that nobody guesses."""
    return secrets.token_hex(16)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Ask(_Frozen):
    ask_id: AskId
    party: PartyName
    wait_s: Annotated[float, Field(gt=0, le=60)] = 5.0
    """How long the asker waits from when it asks; an answer after that is for nobody."""


class FilesAsk(_Ask):
    """Which tables are there? Those whose path begins with `prefix`."""

    kind: Literal["files"] = "files"
    prefix: FilePath | None = None
    limit: Annotated[int, Field(ge=1, le=MOST_ITEMS)] = 200


class LogsAsk(_Ask):
    """What was logged of one execution? The newest lines of this level and above."""

    kind: Literal["logs"] = "logs"
    execution_id: Identifier
    level: LogLevel = "INFO"
    limit: Annotated[int, Field(ge=1, le=MOST_ITEMS)] = 200


class FingerprintsAsk(_Ask):
    """What are the fingerprints of these files and model directories now?"""

    kind: Literal["fingerprints"] = "fingerprints"
    paths: Annotated[list[FilePath], Field(min_length=1, max_length=MOST_PATHS)]


class ModelAsk(_Ask):
    """What does a saved model or rules file say of itself?"""

    kind: Literal["model"] = "model"
    path: FilePath


class ReportAsk(_Ask):
    """Which first figures and charts does a task's report hold?"""

    kind: Literal["report"] = "report"
    path: FilePath


AnyAsk = FilesAsk | LogsAsk | FingerprintsAsk | ModelAsk | ReportAsk
Ask = Annotated[AnyAsk, Field(discriminator="kind")]
_ask: TypeAdapter[AnyAsk] = TypeAdapter(Ask)
_ask_id: TypeAdapter[str] = TypeAdapter(AskId)


class Column(_Frozen):
    name: str = Field(examples=["income"])
    kind: str = Field(examples=["number"])
    """``integer``, ``number``, ``boolean``, ``date``, ``text``, or ``unknown``."""


class Table(_Frozen):
    """A table, without anything that is in it. `note` says why something is left out."""

    path: str = Field(examples=["/app/data/alice.csv"])
    columns: list[Column] | None
    rows: int | None = Field(examples=[1000])
    size_bytes: int = Field(examples=[48210])
    modified_at: str = Field(examples=["2025-01-01T12:00:00Z"])
    note: str = Field(default="", examples=["not read in time; ask again"])


class FilesAnswer(_Frozen):
    tables: list[Table]
    is_cut: bool
    """Whether there are more than were asked for."""


class LogLine(_Frozen):
    at: str = Field(examples=["2025-01-01T12:00:00.000Z"])
    level: str = Field(examples=["INFO"])
    logger: str = Field(examples=["secretflow_worker.worker.execute"])
    message: str = Field(examples=["received"])
    attempt: int | None = None
    """Of the worker's own attempts; None is the worker itself."""


class LogsAnswer(_Frozen):
    lines: list[LogLine]
    is_cut: bool


class FingerprintsAnswer(_Frozen):
    prints: dict[str, str | None]
    """By path; None where there is no such file. One that is not hashed in time is left out."""


class SavedAnswer(_Frozen):
    """Of a model directory or a rules file; never a parameter, a share or a fitted number."""

    kind: Literal["model", "rules"]
    task_type: str
    task_version: int
    digest: str
    """SHA-256 of the manifest, or the rules file's own digest."""
    features: dict[str, list[str]]
    """The party's own columns; empty where they may be named after values."""
    model_id: str | None = None
    parties: list[str] = []
    label: str | None = None
    label_party: str | None = None
    protocol: str | None = None
    created_at: str | None = None


class ReportAnswer(_Frozen):
    """Of a report: what its task type states that a reader learns, more coarsely."""

    document: dict[str, Any]
    """``task_type``, ``task_version``, ``party``, ``headlines``, ``charts``, ``is_cut``."""


class Answer(_Frozen):
    """One of the answers, or the error that stands for it."""

    ask_id: AskId
    party: PartyName
    worker_id: str
    error: ErrorReport | None = None
    files: FilesAnswer | None = None
    logs: LogsAnswer | None = None
    fingerprints: FingerprintsAnswer | None = None
    model: SavedAnswer | None = None
    report: ReportAnswer | None = None


def parse_ask(text: str) -> AnyAsk:
    """Check an ask and return it typed.

    Raises:
        ConfigError: with every fault, and without a value.
    """
    if len(text) > ASK_LIMIT_BYTES:
        raise ConfigError(f"the ask is longer than {ASK_LIMIT_BYTES} bytes")
    try:
        return _ask.validate_json(text)
    except ValidationError as fault:
        raise ConfigError(f"the ask: {list_faults(fault)}") from None


def addressee_of(text: str) -> tuple[str, str] | None:
    """Return the id and the party of an ask that need not be valid, if it has them."""
    try:
        document: Any = json.loads(text) if len(text) <= ASK_LIMIT_BYTES else None
        if not isinstance(document, Mapping):
            return None
        party = TypeAdapter(PartyName).validate_python(document.get("party"))
        return _ask_id.validate_python(document.get("ask_id")), party
    except (ValueError, RecursionError):
        return None
