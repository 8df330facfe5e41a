"""Templates: chain documents with parameters, ``${param.<name>}`` in values and in names.

A string that is one parameter and nothing else becomes its value, whatever its type. References
to tasks and to a sweep's values stay as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import resources
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from secretflow_worker.contract.names import ColumnName, FilePath, PartyName
from secretflow_worker.contract.request import placed_faults
from secretflow_worker.orchestrator.checks.collector import Faults, name
from secretflow_worker.orchestrator.checks.values import check_values
from secretflow_worker.orchestrator.errors import Fault, Invalid
from secretflow_worker.orchestrator.services.yaml_documents import read_yaml

Kind = Literal[
    "party", "path", "column", "columns", "text", "integer", "number", "boolean", "object", "list"
]
_CHECKS: dict[str, TypeAdapter[Any]] = {
    "party": TypeAdapter(PartyName),
    "path": TypeAdapter(FilePath),
    "column": TypeAdapter(ColumnName),
    "columns": TypeAdapter(Annotated[list[ColumnName], Field(min_length=1)]),
    "text": TypeAdapter(Annotated[str, StringConstraints(max_length=10_000)]),
    "integer": TypeAdapter(int),
    "number": TypeAdapter(float),
    "boolean": TypeAdapter(bool),
    "object": TypeAdapter(dict[str, Any]),
    "list": TypeAdapter(list[Any]),
}
_PARAMETER = re.compile(r"\$\{param\.([A-Za-z0-9_]+)\}")
_BROKEN = re.compile(r"\$\{\s*param\b")
_DEEPEST = 64
_MOST_CHARACTERS = 16 << 20
"""Of all values together where they are put: a template may name one again and again."""
_BUILT_IN = ("psi", "credit_scoring", "model_comparison", "feature_screening")

TemplateName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]


class Parameter(BaseModel):
    """One parameter; without a default it must be given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
    type: Kind
    default: Any = None
    example: Any = None
    description: Annotated[str, StringConstraints(max_length=1000)] = ""

    @model_validator(mode="after")
    def _default_is_of_type(self) -> Parameter:
        for field in ("default", "example"):
            value = getattr(self, field)
            if value is not None and not fits(self.type, value):
                raise ValueError(f"{field}: is no {self.type}")
        return self


class Template(BaseModel):
    """A chain document with parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: TemplateName
    title: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    description: Annotated[str, StringConstraints(max_length=10_000)] = ""
    parameters: list[Parameter] = Field(default_factory=list, max_length=200)
    document: dict[str, Any]

    @model_validator(mode="after")
    def _parameters_are_known(self) -> Template:
        names = [parameter.name for parameter in self.parameters]
        if len(set(names)) != len(names):
            raise ValueError("parameters: one is there twice")
        for text in _texts(self.document):
            for used in _PARAMETER.findall(text):
                if used not in names:
                    raise ValueError(f"document: there is no parameter {name(used)}")
            if _BROKEN.search(_PARAMETER.sub("", text)):
                raise ValueError("document: write a parameter as ${param.name}")
        return self

    def examples(self) -> dict[str, Any]:
        """Return a value for every parameter that must be given and has an example."""
        return {
            each.name: each.example
            for each in self.parameters
            if each.default is None and each.example is not None
        }


def parse_template(document: object) -> Template:
    """Check a template and return it typed; its chain is checked once it is rendered.

    Raises:
        Invalid: with every fault of its shape.
    """
    faults = Faults()
    check_values(document, faults, _DEEPEST)
    if not faults:
        try:
            return Template.model_validate(document)
        except ValidationError as fault:
            for loc, text in placed_faults(fault, document):
                faults.add(loc, text, "SHAPE")
    raise Invalid("the template has faults", faults=faults.listed())


def render_template(template: Template, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the chain document that a template makes of values.

    Raises:
        Invalid: a value that is missing, unknown or of another type.
    """
    known = {parameter.name for parameter in template.parameters}
    faults = [
        Fault(f"values.{name(given)}", "there is no such parameter")
        for given in values
        if given not in known
    ]
    chosen: dict[str, Any] = {}
    for parameter in template.parameters:
        value = values.get(parameter.name, parameter.default)
        place = f"values.{parameter.name}"
        if value is None:
            faults.append(Fault(place, "this parameter has no default and must be given"))
        elif not fits(parameter.type, value):
            faults.append(Fault(place, f"is no {parameter.type}"))
        else:
            chosen[parameter.name] = value
    if faults:
        raise Invalid("the template cannot be used with these values", faults=faults)
    rendered: dict[str, Any] = _render(template.document, _counted(chosen))
    return rendered


def _counted(chosen: Mapping[str, Any]) -> Callable[[str], Any]:
    """Return what gives a parameter's value, until too much was given."""
    sizes = {name: len(json.dumps(value)) for name, value in chosen.items()}
    left = _MOST_CHARACTERS

    def of(name: str) -> Any:
        nonlocal left
        left -= sizes[name]
        if left < 0:
            raise Invalid("the template makes a document that is too large of these values")
        return chosen[name]

    return of


def fits(kind: Kind, value: Any) -> bool:
    """Say whether a value is of a parameter's type."""
    try:
        _CHECKS[kind].validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


@lru_cache(maxsize=1)
def built_in() -> dict[str, Template]:
    """Return the templates that come with the package, by name."""
    folder = resources.files("secretflow_worker.orchestrator") / "templates"
    found = [
        parse_template(read_yaml((folder / f"{each}.yaml").read_text("utf-8")))
        for each in _BUILT_IN
    ]
    return {template.name: template for template in found}


def _render(value: Any, of: Callable[[str], Any]) -> Any:
    if isinstance(value, str):
        whole = _PARAMETER.fullmatch(value)
        return of(whole[1]) if whole else _PARAMETER.sub(lambda found: _text(of(found[1])), value)
    if isinstance(value, dict):
        return {_name(key, of): _render(inner, of) for key, inner in value.items()}
    if isinstance(value, list):
        return [_render(inner, of) for inner in value]
    return value


def _name(key: str, of: Callable[[str], Any]) -> str:
    return _PARAMETER.sub(lambda found: _text(of(found[1])), key)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise Invalid("a list or an object fits in no text and in no name")


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [*value, *(text for inner in value.values() for text in _texts(inner))]
    return [text for inner in value for text in _texts(inner)] if isinstance(value, list) else []
