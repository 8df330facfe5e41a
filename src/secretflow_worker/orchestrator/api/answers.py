"""Answers: models written as JSON off the event loop, and times as the wire writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from fastapi import Response
from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """The root of what is answered."""

    model_config = ConfigDict(frozen=True)


def answer(
    model: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Write a model as the body; a call is a plain function, so this is in a thread."""
    content = model.model_dump_json().encode()
    return Response(content, status, headers, media_type="application/json")


def iso(seconds: float | None) -> Any:
    """Write a time as UTC, ISO 8601, with ``Z``; None stays None."""
    if seconds is None:
        return None
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
