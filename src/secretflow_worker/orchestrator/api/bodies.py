"""Reading a body: whole, bounded, off the event loop, and refused where it is no plain JSON."""

from __future__ import annotations

import json
import math
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from secretflow_worker.orchestrator.api.problems import Refused
from secretflow_worker.orchestrator.errors import Fault, Invalid
from secretflow_worker.orchestrator.services.yaml_documents import read_yaml

_JSON = {"application/json"}
_YAML = {"application/yaml", "application/x-yaml", "text/yaml"}


async def _read_json(request: Request) -> Any:
    """Read a JSON body that the code itself checks, such as a chain document."""
    _refuse_type(request, _JSON)
    body = await request.body()
    depth = request.app.state.services.settings.max_json_depth
    return await run_in_threadpool(parse_json, body, depth)


async def _read_text(request: Request) -> str:
    """Read a body of YAML as text."""
    _refuse_type(request, _YAML)
    body = await request.body()
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("BAD_REQUEST", "the body is not UTF-8") from None


async def _read_document(request: Request) -> Any:
    """Read a chain document: JSON, or YAML of the same model."""
    if _media_type(request) in _YAML:
        return await run_in_threadpool(read_yaml, await _read_text(request))
    _refuse_type(request, _JSON | {"application/yaml"})
    return await _read_json(request)


JsonBody = Annotated[Any, Depends(_read_json)]
YamlBody = Annotated[str, Depends(_read_text)]
DocumentBody = Annotated[Any, Depends(_read_document)]


def parse_json(body: bytes, max_depth: int) -> Any:
    """Parse JSON strictly: no doubled names, no number that is not one, no deep nesting.

    Raises:
        Refused: it is not JSON.
        Invalid: it is, but not such as can be stored or read back the same.
    """
    try:
        document = json.loads(
            body.decode("utf-8"), object_pairs_hook=_once_each, parse_constant=_refuse_constant
        )
    except RecursionError:
        raise _invalid("", f"nested deeper than {max_depth}") from None
    except (ValueError, UnicodeDecodeError):
        raise Refused("BAD_REQUEST", "the body is not JSON") from None
    _check(document, max_depth)
    return document


def _check(document: Any, max_depth: int) -> None:
    """Walk without recursion: the depth is what is not trusted."""
    waiting = [(document, 1)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, str):
            _check_text(value)
        elif isinstance(value, float):
            if not math.isfinite(value):
                raise _invalid("", "a number is too large")
        elif isinstance(value, (dict, list)):
            if depth > max_depth:
                raise _invalid("", f"nested deeper than {max_depth}")
            inner = value.values() if isinstance(value, dict) else value
            waiting.extend((item, depth + 1) for item in inner)
            if isinstance(value, dict):
                for name in value:
                    _check_text(name)


def _check_text(text: str) -> None:
    """Refuse what a database cannot store: NUL, and halves of surrogate pairs."""
    if text.isascii():
        if "\x00" in text:
            raise _invalid("", "a text has the character NUL")
        return
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise _invalid("", "a text is not Unicode that can be stored")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _invalid("", "an object has a name twice")
    return found


def _refuse_constant(word: str) -> float:
    raise _invalid("", f"{word} is no JSON")


def _refuse_type(request: Request, accepted: set[str]) -> None:
    if _media_type(request) not in accepted:
        raise Refused(
            "MEDIA_TYPE_UNKNOWN", f"send {' or '.join(sorted(accepted))}, with that Content-Type"
        )


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _invalid(path: str, text: str) -> Invalid:
    return Invalid(f"the body is invalid: {text}", faults=[Fault(path, text)])
