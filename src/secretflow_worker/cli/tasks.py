"""``sfw tasks``: what this worker can run, from the task types' own files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console


def tasks(
    name: Annotated[str | None, typer.Argument(help="One task type, in full.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="A list of objects.")] = False,
) -> None:
    """List the task types, or show one in full.

    In full: its fields, who learns what, and an example.
    """
    from secretflow_worker.tasks import TaskDispatcher

    chosen = TaskDispatcher.all() if name is None else [TaskDispatcher.find(*_split(name))]
    described = [task.describe() for task in chosen]
    if as_json:
        typer.echo(json.dumps(described, indent=2, ensure_ascii=False))
        return

    from rich.console import Console

    console = Console(highlight=False, emoji=False)
    if name is None:
        _list(console, described)
    else:
        _show(console, described[0])


def _split(name: str) -> tuple[str, int | None]:
    """Split ``psi@1`` into name and version."""
    word, _, version = name.partition("@")
    if version and not version.isdecimal():
        raise typer.BadParameter("write a version as NAME@NUMBER, such as psi@1")
    return word, int(version) if version else None


def _list(console: Console, described: list[dict[str, Any]]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("type", "group", "parties", "what it does"):
        table.add_column(heading, no_wrap=heading != "what it does")
    for task in described:
        table.add_row(
            f"{task['name']}@{task['version']}", task["group"], _count(task), task["summary"]
        )
    console.print(table)
    console.print("\n`sfw tasks NAME` shows one in full; --json gives the schemas.", style="dim")


def _show(console: Console, task: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console.print(f"[bold]{task['name']}@{task['version']}[/bold]  {escape(task['summary'])}")
    facts = {"group": task["group"], "parties": _count(task), "devices": task["devices"]}
    if task["aliases"]:
        facts["aliases"] = task["aliases"]
    for word, value in facts.items():
        console.print(f"{word}: {', '.join(value) if isinstance(value, list) else value}")

    console.print("\n[bold]task_config[/bold]")
    fields = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("field", "type", "default", "meaning"):
        fields.add_column(heading, overflow="fold")
    for row in _fields(task["config_schema"], task["config_schema"].get("$defs", {})):
        fields.add_row(*(escape(text) for text in row))
    console.print(fields)

    console.print("\n[bold]who learns what[/bold]")
    for line in task["disclosure"]:
        condition = f"; if {line['when']}" if line["when"] else ""
        text = f"- {line['who']}: {line['what']} (about {line['about']}{condition})"
        console.print(escape(text))

    console.print("\n[bold]example[/bold]")
    console.print(escape(json.dumps(task["example"], indent=2, ensure_ascii=False)))


def _count(task: dict[str, Any]) -> str:
    low, high = task["parties"]
    return str(low) if low == high else f"{low} to {high}"


def _fields(
    schema: Mapping[str, Any], definitions: Mapping[str, Any], prefix: str = ""
) -> Iterator[tuple[str, str, str, str]]:
    """Yield name, type, default and meaning of each field; those of a nested object by its name."""
    for name, field in schema["properties"].items():
        nested = definitions.get(str(field.get("$ref", "")).rpartition("/")[2], {})
        if "properties" in nested:
            yield from _fields(nested, definitions, f"{prefix}{name}.")
            continue
        is_required = name in schema.get("required", ())
        default = "required" if is_required else json.dumps(field.get("default"))
        yield prefix + name, _kind({**nested, **field}), default, field.get("description", "")


def _kind(schema: Mapping[str, Any]) -> str:
    """Write the type of a field in one or two words."""
    if "anyOf" in schema:
        return " or ".join(
            _kind(branch) for branch in schema["anyOf"] if branch != {"type": "null"}
        )
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    for of_party in schema.get("patternProperties", {}).values():
        return f"{{party: {_kind(of_party)}}}"
    return str(schema.get("type", "any"))
