"""Tracebacks for logs: where a fault happened and of what kind, without the words of others.

A foreign exception may quote a value of a party's file: a parser says what it could not read,
pydantic what it was given. Kept are the frames, the kinds, the messages of our own errors, what
the operating system says, and the places in native code that libspu names.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator

from secretflow_worker.contract.errors import WorkerError

_NATIVE_PLACE = re.compile(r"\[[A-Za-z ]+ at ([\w~+./-]+:\d+)\]")


def traceback_of(fault: BaseException) -> str:
    """Return the traceback of an exception and of those that led to it, causes first."""
    return "\nwhich led to\n".join(reversed([_describe(each) for each in _chain(fault)]))


def _chain(fault: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = fault
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or (
            None if current.__suppress_context__ else current.__context__
        )


def _describe(fault: BaseException) -> str:
    frames = "".join(traceback.format_tb(fault.__traceback__))
    kind = f"{type(fault).__module__}.{type(fault).__qualname__}"
    return f"Traceback (most recent call last):\n{frames}{kind}: {_safe_words(fault)}"


def _safe_words(fault: BaseException) -> str:
    if isinstance(fault, WorkerError):
        return f"{fault.code}: {fault.message}"
    if isinstance(fault, OSError) and fault.strerror:
        return f"{fault.strerror} {fault.filename or ''}".rstrip()
    places = _NATIVE_PLACE.findall(str(fault))
    return " ".join(["(its text is left out)", *(f"at {place}" for place in places)])
