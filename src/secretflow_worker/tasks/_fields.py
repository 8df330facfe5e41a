"""What a type's fields are for, as data: what they take, give, name, and who is told by them.

A form offers a table's columns where a field names columns, and a picture of a chain joins what
one task writes with what the next one reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel

from secretflow_worker.tasks import _marks
from secretflow_worker.tasks._config import Config, FileRole, Result
from secretflow_worker.tasks._marks import ColumnUse, Receives

_RESULT_NAMES = {
    FileRole.OUTPUT_TABLE: "output_paths",
    FileRole.OUTPUT_MODEL: "model_paths",
}
"""Where results, as documented, call the paths of written files otherwise than configs do."""


class FieldUse(BaseModel):
    """A field of a config that is more than a setting."""

    name: str
    file: Literal["table", "model", "rules", "report"] | None = None
    direction: Literal["in", "out"] | None = None
    per_party: bool = False
    """Whether the field is ``{party: path}``."""
    is_required: bool = False
    result: str | None = None
    """The field of the result that has the path of what is written."""
    result_per_party: bool = False
    columns: Literal["key", "mpc", "local", "statistic", "none"] | None = None
    """What is done with the columns that it names; ``none``: it names one that is written."""
    receives: Literal["intersection", "predictions", "statistics", "nothing"] | None = None
    """What the party that it names is given."""


def field_uses(config: type[Config], result: type[Result]) -> Iterator[FieldUse]:
    """Yield what there is to say of a type's fields, in their order."""
    for name, info in config.model_fields.items():
        if name in Config.model_fields:
            continue
        role = config.role_of(name)
        if role is not None:
            direction, _, kind = role.value.partition(" ")
            written = None if role.is_input else _result_of(name, role, result)
            yield FieldUse.model_validate(
                {
                    "name": name,
                    "file": kind,
                    "direction": "in" if direction == "input" else "out",
                    "per_party": _marks.has_map(info.annotation),
                    "is_required": info.is_required(),
                    "result": written,
                    "result_per_party": written is not None
                    and _marks.has_map(result.model_fields[written].annotation),
                }
            )
            continue
        use = _marks.mark_of(ColumnUse, info.annotation, info.metadata)
        if use is None and _marks.is_column_name(info.annotation, info.metadata):
            use = ColumnUse.STATISTIC
        given = _marks.mark_of(Receives, info.annotation, info.metadata)
        if use is not None or given is not None:
            yield FieldUse.model_validate(
                {
                    "name": name,
                    "is_required": info.is_required(),
                    "columns": use and use.value,
                    "receives": given and given.value,
                }
            )


def _result_of(name: str, role: FileRole, result: type[Result]) -> str | None:
    offered = (name, _RESULT_NAMES.get(role))
    return next((each for each in offered if each in result.model_fields), None)
