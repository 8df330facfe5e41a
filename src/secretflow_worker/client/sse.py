"""Server-sent events, from their lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from secretflow_worker.client.answers import Event


class EventReader:
    """Puts an event together, line by line; an event ends at an empty line."""

    def __init__(self) -> None:
        self._fields: dict[str, str] = {}

    def take(self, line: str) -> Event | None:
        """Take a line without its end; return the event that it completes."""
        if line:
            if not line.startswith(":"):  # a comment: a sign of life
                name, _, value = line.partition(":")
                self._fields[name] = value.removeprefix(" ")
            return None
        fields, self._fields = self._fields, {}
        if "id" not in fields or "data" not in fields:
            return None
        data: dict[str, Any] = json.loads(fields["data"])
        return Event(id=int(fields["id"]), kind=fields.get("event", "message"), **data)


def read_events(lines: Iterable[str]) -> Iterator[Event]:
    """Yield the events of whole lines."""
    reader = EventReader()
    for line in lines:
        event = reader.take(line)
        if event is not None:
            yield event
