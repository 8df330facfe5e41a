"""``/docs``: the OpenAPI document as a page to read, with no script and nothing from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

_PREFIX = "#/components/schemas/"


def write_page(document: Mapping[str, Any]) -> str:
    """Return the page of an OpenAPI document: every call, then every model that they name."""
    title = escape(document["info"]["title"])
    parts = [
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>',
        f"<body><h1>{title}</h1><p>{escape(document['info'].get('description', ''))}</p>",
        '<p><a href="/api/v1/openapi.json">openapi.json</a></p><h2>Calls</h2>',
    ]
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            parts += _call(f"{method.upper()} {path}", call)
    parts.append("<h2>Models</h2>")
    for name, schema in sorted(document["components"]["schemas"].items()):
        text = escape(json.dumps(schema, indent=2, ensure_ascii=False))
        parts.append(f'<h3 id="{escape(name)}">{escape(name)}</h3><pre>{text}</pre>')
    return "\n".join([*parts, "</body></html>"])


def _call(heading: str, call: Mapping[str, Any]) -> Iterator[str]:
    yield f"<h3>{escape(heading)}</h3><p>{escape(call.get('description', ''))}</p><ul>"
    for parameter in call.get("parameters", []):
        words = f"{parameter['in']} `{parameter['name']}`"
        words += ", required" if parameter.get("required") else ""
        yield f"<li>{escape(words)} {escape(parameter.get('description', ''))}</li>"
    for kind, body in call.get("requestBody", {}).get("content", {}).items():
        yield f"<li>body {escape(kind)} {_named(body.get('schema', {}))}</li>"
    for status, answered in sorted(call["responses"].items()):
        models = " ".join(_named(body["schema"]) for body in answered.get("content", {}).values())
        yield f"<li>{escape(status)} {escape(answered.get('description', ''))} {models}</li>"
    yield "</ul>"


def _named(schema: Mapping[str, Any]) -> str:
    for branch in (schema, *schema.get("anyOf", [])):
        if str(branch.get("$ref", "")).startswith(_PREFIX):
            name = escape(branch["$ref"].removeprefix(_PREFIX))
            return f'<a href="#{name}">{name}</a>'
    return escape(str(schema.get("type", "")))
