"""Write what workers and the web side say in English: ``python -m scripts.write_sentences FILE``.

The page says it in Chinese by the English sentence. Its tests read this file: a task type's fact
without Chinese fails them, and so does much Chinese for sentences that nobody says any more.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from secretflow_worker.contract.errors import ERRORS_BY_CODE
from secretflow_worker.tasks import TaskDispatcher, TaskType
from secretflow_worker.tasks._task import shipped_modules

_SOURCES = Path(__file__).parents[1] / "src/secretflow_worker"
_UNSEEN = {"cli", "client", "static", "migrations"}
"""Folders whose words the page never shows."""


def main() -> None:
    Path(sys.argv[1]).write_text(json.dumps(read_sentences(), indent=1, sort_keys=True) + "\n")


def read_sentences() -> dict[str, Any]:
    """Return facts and fields of this package's types, every code's hint, and all other texts."""
    modules = set(shipped_modules())
    own = [each for each in TaskDispatcher.all() if each.config.__module__ in modules]
    schemas = [each.config.model_json_schema() for each in own]
    return {
        "facts": [{"type": each.name, **line} for each in own for line in _facts(each)],
        "descriptions": sorted({text for each in schemas for text in _descriptions(each)}),
        "hints": {code: kind.default_hint for code, kind in sorted(ERRORS_BY_CODE.items())},
        "texts": sorted(set(_texts())),
    }


def _facts(task: TaskType) -> list[dict[str, str]]:
    facts: list[dict[str, str]] = task.describe()["disclosure"]
    return facts


def _descriptions(schema: Any) -> Iterator[str]:
    """Yield what each property is for; what its class says of itself is not shown."""
    if isinstance(schema, dict):
        for field in schema.get("properties", {}).values():
            if "description" in field:
                yield field["description"]
        for value in schema.values():
            yield from _descriptions(value)


def _texts() -> Iterator[str]:
    for path in sorted(_SOURCES.rglob("*.py")):
        if not _UNSEEN & set(path.relative_to(_SOURCES).parts):
            yield from _texts_below(ast.parse(path.read_text("utf-8")))


def _texts_below(node: ast.AST) -> Iterator[str]:
    """Yield every text but docstrings, with ``{}`` for what is put in when the program runs."""
    if isinstance(node, ast.JoinedStr):
        parts = (part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
        yield "".join(map(str, parts))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for child in ast.iter_child_nodes(node):
        is_part = isinstance(node, ast.JoinedStr) and isinstance(child, ast.Constant)
        is_docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        if not is_part and not is_docstring:
            yield from _texts_below(child)


if __name__ == "__main__":
    main()
