"""The page of settings, from the settings' own classes."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator
from itertools import pairwise

from pydantic import BaseModel, SecretStr

from scripts._markdown import Schema, kind_of, table
from secretflow_worker.engine.settings import EngineSettings
from secretflow_worker.worker.settings import WorkerSettings

_INTRODUCTION = """\
# Settings

From the strongest to the weakest: a flag, the environment (`SFW_<NAME>`), the table `[worker]` of
the TOML file that `--config` or `SFW_CONFIG` names, the default. A setting without a flag of its
own is given by `--set NAME=VALUE`. `sfw config` prints every value and where it came from, with
secrets masked. Names that end in `_s` are seconds, in `_bytes` bytes.
"""


def settings_page() -> str:
    """Return the page: one table of what the engine needs, one of the worker's own settings."""
    lines = [_INTRODUCTION]
    own = [name for name in WorkerSettings.model_fields if name not in EngineSettings.model_fields]
    meanings = _meanings(EngineSettings) | _meanings(WorkerSettings)
    properties = WorkerSettings.model_json_schema(by_alias=False)["properties"]
    for title, names in (("The worker", own), ("The parties", list(EngineSettings.model_fields))):
        rows = [
            [f"`{name}`", kind_of(properties[name]), _default(name, properties[name]),
             meanings.get(name, "")]
            for name in names
        ]  # fmt: skip
        lines += [f"## {title}\n", *table(("setting", "type", "default", "meaning"), rows), ""]
    return "\n".join(lines)


def _default(name: str, schema: Schema) -> str:
    if name == "state_dir":
        return "`~/.local/state/secretflow-worker`"
    value = WorkerSettings.model_fields[name].default
    if isinstance(value, SecretStr):
        return f"`{value.get_secret_value()}`"  # a default is no secret
    if isinstance(value, (tuple, dict, bool)):
        return f"`{json.dumps(value)}`"
    return "none" if value is None else f"`{schema.get('default', value)}`"


def _meanings(model: type[BaseModel]) -> dict[str, str]:
    """Return the string under each field of the class, as one line of Markdown."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(model)))
    return dict(_documented(tree.body[0]))


def _documented(class_definition: ast.stmt) -> Iterator[tuple[str, str]]:
    body = getattr(class_definition, "body", [])
    for field, following in pairwise(body):
        if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
            continue
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            text = " ".join(str(following.value.value).split())
            yield field.target.id, text.replace("``", "`")
