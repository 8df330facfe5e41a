"""JSON Schemas and tables as Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]


def references(field: Schema) -> Iterator[str]:
    if "$ref" in field:
        yield field["$ref"].rpartition("/")[2]
    for key in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for branch in field.get(key, []):
            yield from references(branch)
    if isinstance(field.get("items"), dict):
        yield from references(field["items"])
    for _, value in _entries(field):
        yield from references(value)


def _entries(field: Schema) -> Iterator[tuple[str, Schema]]:
    """Yield what the keys and the values of a map are; its keys, where bound, are parties."""
    for value in field.get("patternProperties", {}).values():
        yield "party", value
    if isinstance(field.get("additionalProperties"), dict):
        yield "name", field["additionalProperties"]


def kind_of(field: Schema) -> str:
    """Write a JSON Schema's type in words, with its bounds."""
    if "$ref" in field:
        return f"[{(name := field['$ref'].rpartition('/')[2])}](#{name.lower()})"
    for key in ("anyOf", "oneOf", "allOf"):
        if key in field:
            kinds = [kind_of(branch) for branch in field[key] if branch.get("type") != "null"]
            return " or ".join(dict.fromkeys(kinds))
    if "const" in field:
        return f"`{json.dumps(field['const'])}`"
    if "enum" in field:
        return ", ".join(f"`{json.dumps(value)}`" for value in field["enum"])
    kind = field.get("type")
    if kind == "array":
        if "prefixItems" in field:
            return "[" + ", ".join(kind_of(item) for item in field["prefixItems"]) + "]"
        return f"list of {kind_of(field.get('items', {}))}"
    for key, value in _entries(field):
        return f"map of {key} to {kind_of(value)}"
    if kind in {"number", "integer"}:
        return " ".join([kind, *_bounds(field)])
    if field.get("format") == "path":
        return "path"
    if kind == "string" and str(field.get("pattern", "")).startswith("^/"):
        return "absolute path"
    return kind or "any"


def _bounds(field: Schema) -> list[str]:
    signs = {
        "minimum": "at least",
        "exclusiveMinimum": "above",
        "maximum": "at most",
        "exclusiveMaximum": "below",
    }
    return [f"{word} {field[key]}" for key, word in signs.items() if key in field]


def compact_json(value: Any, indent: str = "") -> str:
    """Write JSON with whatever fits on a line in one."""
    short = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or not value or len(indent) + len(short) <= 88:
        return short
    inner = indent + "  "
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {compact_json(item, inner)}" for key, item in value.items()]
    else:
        parts = [compact_json(item, inner) for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    body = f",\n{inner}".join(parts)
    return f"{opening}\n{inner}{body}\n{indent}{closing}"


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    yield "| " + " | ".join(headings) + " |"
    yield "|" + " --- |" * len(headings)
    for row in rows:
        yield "| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |"
