"""References: ``${tasks.<task_id>.result.<path>}`` and ``${each.<name>}`` in a task's strings.

A path goes into an object by a name and into a list by a number: ``result.reports.0.party``. A
string that is one reference and nothing else becomes the value itself, whatever its type; in a
longer string the value must be a text, a number or a boolean. A sweep's task is a list of its
nodes, so ``${tasks.lr.1.result.model_paths.alice}`` is about its second.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = Any

_REFERENCE = re.compile(r"\$\{([^${}]*)\}")
_PATH = re.compile(r"(tasks|each)((?:\.[A-Za-z0-9_%@-]+)+)")


_LONGEST_NUMBER = 9
_LONGEST_TEXT = 16_384
"""Of a value within a text, which may have thousands of them."""
_MOST_CHARACTERS = 16 << 20
"""Of all that is rendered: many references may lead to the same large value."""


class ReferenceFault(ValueError):
    """A reference that is none, or that leads to nothing. The text names it, and no value."""


@dataclass(frozen=True)
class Reference:
    """One reference of a template: `place` is its string's path, `path` what it leads to."""

    place: str
    source: str
    """``tasks`` or ``each``."""
    path: tuple[str, ...]
    text: str


def find_references(template: Json, place: str = "") -> Iterator[Reference]:
    """Yield every reference of a JSON value.

    Raises:
        ReferenceFault: what looks like a reference and is none.
    """
    if isinstance(template, str):
        for match in _REFERENCE.finditer(template):
            source, path = _parse(match[1])
            yield Reference(place, source, path, match[0])
        if "${" in _REFERENCE.sub("", template):
            raise ReferenceFault("a reference is not closed, or holds another one")
    elif isinstance(template, Mapping):
        for key, value in template.items():
            yield from find_references(value, f"{place}.{key}" if place else str(key))
    elif isinstance(template, list):
        for index, value in enumerate(template):
            yield from find_references(value, f"{place}.{index}" if place else str(index))


def render(template: Json, tasks: Mapping[str, Json], each: Mapping[str, Json]) -> Json:
    """Return the value with every reference replaced by what it leads to.

    Raises:
        ReferenceFault: a reference that leads to nothing, or to what does not fit in a text, or
            all of them to too much.
    """
    rendered = _render(template, tasks, each)
    _refuse_large(rendered)
    return rendered


def _render(template: Json, tasks: Mapping[str, Json], each: Mapping[str, Json]) -> Json:
    if isinstance(template, str):
        whole = _REFERENCE.fullmatch(template)
        if whole:
            return _look_up(whole[1], tasks, each)
        return _REFERENCE.sub(lambda match: _as_text(match[1], tasks, each), template)
    if isinstance(template, Mapping):
        return {key: _render(value, tasks, each) for key, value in template.items()}
    if isinstance(template, list):
        return [_render(value, tasks, each) for value in template]
    return template


def _refuse_large(rendered: Json) -> None:
    """Count without recursion, and no further than to the limit."""
    left, waiting = _MOST_CHARACTERS, [rendered]
    while waiting:
        value = waiting.pop()
        left -= len(value) if isinstance(value, str) else 1
        if left < 0:
            raise ReferenceFault("what the references lead to is too large for a message")
        if isinstance(value, Mapping):
            waiting.extend(value)
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _parse(text: str) -> tuple[str, tuple[str, ...]]:
    match = _PATH.fullmatch(text.strip())
    if match is None:
        raise ReferenceFault(
            f"${{{text[:80]}}} is no reference; write ${{tasks.<task_id>.result.<field>}} or "
            "${each.<name>}"
        )
    return match[1], tuple(match[2][1:].split("."))


def _look_up(text: str, tasks: Mapping[str, Json], each: Mapping[str, Json]) -> Json:
    source, path = _parse(text)
    value: Json = tasks if source == "tasks" else each
    for step in path:
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif isinstance(value, list) and (at := _position(step)) is not None and at < len(value):
            value = value[at]
        else:
            raise ReferenceFault(f"${{{text[:80]}}} leads to nothing: there is no {step[:80]!r}")
    return value


def _position(step: str) -> int | None:
    return int(step) if step.isdecimal() and len(step) <= _LONGEST_NUMBER else None


def _as_text(text: str, tasks: Mapping[str, Json], each: Mapping[str, Json]) -> str:
    value = _look_up(text, tasks, each)
    if isinstance(value, str):
        if len(value) > _LONGEST_TEXT:
            raise ReferenceFault(f"${{{text[:80]}}} is too long to stand in a text")
        return value
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    raise ReferenceFault(f"${{{text}}} is a list, an object or null, which fits in no text")
