"""A call of the API as a value: what is sent, what comes back, and whether it may be repeated.

Each function below makes one. They are all that the synchronous and the asynchronous client
have in common with the wire, and all that differs between two calls.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")
YAML = "application/yaml"


class HasDocument(Protocol):
    """What builds a document, such as ``chain_builder.Chain``."""

    def document(self) -> dict[str, Any]: ...


Document = Mapping[str, Any] | str | Path | HasDocument
"""A chain: as JSON values, as YAML text, as a file of YAML or JSON, or what builds one."""


@dataclass(frozen=True)
class Call(Generic[T]):
    """`path` is below ``/api/v1``; `json` or `text` is the body, if any."""

    method: str
    path: str
    read: Callable[[bytes], T]
    is_repeatable: bool
    """Twice is the same as once."""
    params: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    text: str | None = None
    media_type: str = YAML
    read_timeout_s: float | None = None
    """Where it is not that of all calls."""

    def request(self) -> dict[str, Any]:
        """Return the keyword arguments of ``build_request``."""
        headers = dict(self.headers)
        body: dict[str, Any] = {}
        if self.text is not None:
            headers["Content-Type"] = self.media_type
            body["content"] = self.text.encode()
        elif self.json is not None:
            body["json"] = self.json
        params = {name: value for name, value in self.params.items() if value is not None}
        return {"method": self.method, "params": params, "headers": headers, **body}


def reads(model: type[T]) -> Callable[[bytes], T]:
    """Return what reads an answer of a type."""
    return TypeAdapter(model).validate_json


def items_of(model: type[T]) -> Callable[[bytes], list[T]]:
    """Return what reads ``{"items": [...]}``."""
    adapter = TypeAdapter(dict[str, list[model]])  # type: ignore[valid-type]

    def read(body: bytes) -> list[T]:
        return adapter.validate_json(body)["items"]

    return read


def nothing(body: bytes) -> None:
    """Read an answer without a body."""


def get(path: str, read: Callable[[bytes], T], **params: Any) -> Call[T]:
    """Return a call that only reads."""
    return Call("GET", path, read, is_repeatable=True, params=params)


def body_of(document: Document) -> dict[str, Any]:
    """Return the field of ``Call`` that carries a document."""
    if isinstance(document, str):
        return {"text": document}
    if isinstance(document, Path):
        is_json = document.suffix.lower() == ".json"
        media_type = "application/json" if is_json else YAML
        return {"text": document.read_text("utf-8"), "media_type": media_type}
    if isinstance(document, Mapping):
        return {"json": dict(document)}
    return {"json": document.document()}


def keyed(key: str | None) -> dict[str, Any]:
    """Return the fields of ``Call`` that make a call one which is done once."""
    return {"headers": {"Idempotency-Key": key or uuid.uuid4().hex}, "is_repeatable": True}
