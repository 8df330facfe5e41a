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
from secretflow_worker.tasks import TaskDispatcher
from secretflow_worker.tasks._task import shipped_modules

_SOURCES = Path(__file__).parents[1] / "src/secretflow_worker"
_UNSEEN = {"cli", "client", "static", "migrations"}
"""Folders whose words the page never shows."""


def main() -> None:
    Path(sys.argv[1]).write_text(json.dumps(read_sentences(), indent=1, sort_keys=True) + "\n")


def read_sentences() -> dict[str, Any]:
    """Return every fact of the types of this package, every code's hint, and all other texts."""
    own = set(shipped_modules())
    return {
        "facts": [
            {"type": each.name, "who": line.who, "what": line.what}
            | {"about": line.about, "when": line.when}
            for each in TaskDispatcher.all()
            if each.config.__module__ in own
            for line in each.learns
        ],
        "hints": {code: kind.default_hint for code, kind in sorted(ERRORS_BY_CODE.items())},
        "texts": sorted(set(_texts())),
    }


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
