"""What a task type's result has: where a path into it leads, and a stand-in for what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from secretflow_worker.orchestrator.checks.collector import name
from secretflow_worker.tasks import TaskType

Schema = Mapping[str, Any]
_DEEPEST_STAND_IN = 4


class NoSuchField(ValueError):
    """A path leads to nothing in a result; the text says what there is instead."""


def field_at(task: TaskType, path: Sequence[str]) -> Schema:
    """Return the JSON Schema of a field of a type's result, with its ``$defs``.

    Raises:
        NoSuchField: the result has no such field.
    """
    found = schema_of(task)
    for depth, step in enumerate(path):
        inner = step_into(found, step)
        if inner is None:
            where = ".".join(["result", *path[:depth]])
            offered = fields_of(found)
            has = f"it has {', '.join(offered)}" if offered else "nothing goes on from there"
            raise NoSuchField(f"{where} of {task.name} has no {name(step)!r}; {has}")
        found = inner
    return found


def step_into(schema: Schema, step: str) -> Schema | None:
    """Return the schema of a field, or of an element by its number; None: there is none such."""
    found = [inner for branch in branches_of(schema) for inner in _step(branch, step)]
    return {"anyOf": found, "$defs": schema.get("$defs", {})} if found else None


def fields_of(schema: Schema) -> list[str]:
    """Return the names of the fields that a schema lists."""
    return sorted({key for branch in branches_of(schema) for key in branch.get("properties", ())})


def branches_of(schema: Schema) -> list[Schema]:
    """Return what a schema with its ``$defs`` may be, with references and alternatives followed."""
    return _branches(schema, schema)


def stand_in(schema: Schema, parties: Sequence[str], text: str) -> Any:
    """Return a value as a field may hold it; an object by parties has all of them.

    Texts in it are paths below `text`, since most texts of results are paths.
    """
    return _value(schema, schema, parties, text, 0)


@lru_cache(maxsize=256)
def _cached(result: type[Any]) -> Schema:
    schema: Schema = result.model_json_schema(mode="serialization")
    return schema


def schema_of(task: TaskType) -> Schema:
    """Return the JSON Schema of a type's result, with its ``$defs``."""
    return _cached(task.result)


def _branches(schema: Schema, whole: Schema) -> list[Schema]:
    """Return what a schema may be, with references and alternatives followed."""
    if "$ref" in schema:
        target = whole.get("$defs", {}).get(str(schema["$ref"]).rpartition("/")[2], {})
        return _branches(target, whole)
    alternatives = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if alternatives:
        return [branch for each in alternatives for branch in _branches(each, whole)]
    return [schema]


def _step(schema: Schema, step: str) -> list[Schema]:
    if not set(schema) - {"title", "description", "default"}:
        return [{}]  # anything may be there
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        if step in properties:
            return [properties[step]]
        more = schema.get("additionalProperties", "properties" not in schema)
        if more is True:
            return [{}]
        return [more] if isinstance(more, Mapping) else []
    if schema.get("type") == "array" and step.isdecimal() and len(step) <= 9:
        first = schema.get("prefixItems", [])
        if int(step) < len(first):
            return [first[int(step)]]
        items = schema.get("items", not first)
        return [items] if isinstance(items, Mapping) else [{}] if items else []
    return []


def _value(schema: Schema, whole: Schema, parties: Sequence[str], text: str, depth: int) -> Any:
    branches = [each for each in _branches(schema, whole) if each.get("type") != "null"]
    if not branches or depth > _DEEPEST_STAND_IN:
        return None
    chosen = branches[0]
    if "const" in chosen:
        return chosen["const"]
    if chosen.get("enum"):
        return chosen["enum"][0]
    match chosen.get("type"):
        case "integer" | "number":
            return 1
        case "boolean":
            return True
        case "array":
            return [_value(chosen.get("items", {}), whole, parties, f"{text}/0", depth + 1)]
        case "object":
            inner = dict(chosen.get("properties", {}))
            more = chosen.get("additionalProperties")
            if not inner and isinstance(more, Mapping):
                inner = dict.fromkeys(parties, more)
            return {
                key: _value(each, whole, parties, f"{text}/{key}", depth + 1)
                for key, each in inner.items()
            }
        case _:
            return text
