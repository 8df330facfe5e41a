"""Documents as YAML: read without running anything, and written so that they come back the same.

Only what JSON has can be read: no tags, no dates, no ``no`` that means false (YAML 1.2's core
schema, decimal numbers only). libyaml gives events, and values are made of them without
recursion, so that neither depth nor aliases of aliases can do harm: who goes on with what was read
may write out every alias.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from secretflow_worker.orchestrator.errors import Invalid

MOST_BYTES = 10_000_000
DEEPEST = 64
MOST_ALIASES = 100
MOST_VALUES = 1_000_000
"""With every alias written out, as JSON would have it."""
_NULL = re.compile(r"null|Null|NULL|~|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]{1,30}")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def read_yaml(text: str | bytes) -> Any:
    """Return the one document of a YAML text, as JSON values.

    Raises:
        Invalid: it is no YAML, is too large, or holds what JSON has not; values are not repeated.
    """
    if len(text) > MOST_BYTES:
        raise Invalid(f"the YAML text is longer than {MOST_BYTES} bytes")
    reader = _Reader()
    try:
        for event in yaml.parse(text, Loader=yaml.CLoader):
            reader.take(event)
    except yaml.MarkedYAMLError as fault:
        raise _fault_at(fault.problem_mark, "this is no YAML") from None
    except (yaml.YAMLError, UnicodeError):
        raise Invalid("this is no YAML: it holds a character that is not allowed") from None
    if not reader.documents:
        raise Invalid("the YAML text is empty")
    return reader.documents[0]


def write_yaml(document: Mapping[str, Any]) -> str:
    """Return a document of JSON values as YAML, in its own order."""
    return yaml.dump(
        document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100
    )  # fmt: skip


class _Dumper(yaml.CSafeDumper):
    """Writes no aliases, and quotes every text that some reader may take for something else."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _NUMBER, list("-+.0123456789"))
# A text that needs lines is easier to read as lines.
_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
    ),
)


@dataclass
class _Open:
    """An object or list that has not ended; `before` is how many values there were before it."""

    value: Any
    anchor: str | None
    before: int
    levels: int = 0
    """Of what it holds."""


@dataclass(frozen=True)
class _Anchored:
    """A value that aliases stand for: how many values it has, and how many levels."""

    value: Any
    values: int
    levels: int


class _Reader:
    """Makes values of libyaml's events."""

    def __init__(self) -> None:
        self.documents: list[Any] = []
        self._open: list[_Open] = []
        """The objects and lists around the next value."""
        self._keys: list[str | None] = []
        """Of each open object: the name whose value comes next."""
        self._anchors: dict[str, _Anchored] = {}
        self._aliases = 0
        self._values = 0
        """How many were read, with every alias written out."""

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.MappingStartEvent():
                self._begin({}, event)
            case yaml.SequenceStartEvent():
                self._begin([], event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._keys.pop()
                self._end(self._open.pop())
            case yaml.ScalarEvent():
                value = _scalar(event)
                if event.anchor is not None:
                    self._anchors[event.anchor] = _Anchored(value, 1, 0)
                self._values += 1
                self._put(value, event)
            case yaml.AliasEvent():
                self._aliases += 1
                if self._aliases > MOST_ALIASES:
                    raise _fault_at(event.start_mark, f"more than {MOST_ALIASES} aliases")
                if event.anchor not in self._anchors:
                    raise _fault_at(event.start_mark, "an alias of nothing before it")
                self._put_again(self._anchors[event.anchor], event)

    def _begin(self, value: Any, event: yaml.CollectionStartEvent) -> None:
        if event.tag is not None:
            raise _fault_at(event.start_mark, "tags are not read")
        if len(self._open) >= DEEPEST:
            raise _fault_at(event.start_mark, f"nested more than {DEEPEST} levels deep")
        self._put(value, event)
        self._open.append(_Open(value, event.anchor, self._values))
        self._values += 1
        self._keys.append(None)

    def _end(self, ended: _Open) -> None:
        levels = ended.levels + 1
        if self._open:
            self._open[-1].levels = max(self._open[-1].levels, levels)
        if ended.anchor is not None:
            count = self._values - ended.before
            self._anchors[ended.anchor] = _Anchored(ended.value, count, levels)

    def _put_again(self, anchored: _Anchored, event: yaml.AliasEvent) -> None:
        self._values += anchored.values
        if self._values > MOST_VALUES:
            raise _fault_at(event.start_mark, f"with its aliases more than {MOST_VALUES} values")
        if len(self._open) + anchored.levels > DEEPEST:
            raise _fault_at(event.start_mark, f"nested more than {DEEPEST} levels deep")
        if self._open:
            self._open[-1].levels = max(self._open[-1].levels, anchored.levels)
        self._put(anchored.value, event)

    def _put(self, value: Any, event: yaml.NodeEvent) -> None:
        if not self._open:
            if self.documents:
                raise _fault_at(event.start_mark, "there is more than one document")
            self.documents.append(value)
            return
        around = self._open[-1].value
        key = self._keys[-1]
        if isinstance(around, list):
            around.append(value)
        elif key is not None:
            around[key] = value
            self._keys[-1] = None
        elif not isinstance(value, str):
            raise _fault_at(event.start_mark, "a name that is not a text; put it in quotes")
        elif value in around:
            raise _fault_at(event.start_mark, "a name that is there already")
        else:
            self._keys[-1] = value


def _scalar(event: yaml.ScalarEvent) -> Any:
    if event.tag is not None:
        raise _fault_at(event.start_mark, "tags are not read")
    text: str = event.value
    if not event.implicit[0]:  # in quotes, or as a block
        return text
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
        return bool(_TRUE.fullmatch(text))
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def _fault_at(mark: Any, what: str) -> Invalid:
    where = "" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}: "
    return Invalid(f"{where}{what}")
