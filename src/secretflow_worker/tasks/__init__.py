"""Task types, one file each, and the registry that finds them.

What is listed here is what a plugin builds on; it changes with the package's version only. The
errors that a task type raises are in ``secretflow_worker.contract.errors``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secretflow_worker.contract.names import ColumnName, FilePath, PartyName
from secretflow_worker.tasks._charts import (
    Axis,
    Chart,
    Figures,
    Headline,
    HeatMap,
    Series,
    Text,
    dump_charts,
    dump_headlines,
)
from secretflow_worker.tasks._config import (
    ColumnList,
    ColumnUse,
    Config,
    PartyColumns,
    PartyInputs,
    PartyModelsIn,
    PartyModelsOut,
    PartyOutputs,
    PartyReports,
    PartyRulesIn,
    PartyRulesOut,
    Receives,
    Report,
    ReportPath,
    Result,
)
from secretflow_worker.tasks._fields import FieldUse
from secretflow_worker.tasks._parties import Model, Parties, Secret, SecretFlow, Spu
from secretflow_worker.tasks._task import Learns, TaskDispatcher, TaskType

if TYPE_CHECKING:
    from secretflow_worker.tasks._tables import count_rows, load_numbers, load_text, write

_OF_TABLES = ("count_rows", "load_numbers", "load_text", "write")
"""Fetched when a run asks for them: they need polars, which a type's import must not."""


def __getattr__(name: str) -> Any:
    if name not in _OF_TABLES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from secretflow_worker.tasks import _tables

    return getattr(_tables, name)


__all__ = [
    "Axis",
    "Chart",
    "ColumnList",
    "ColumnName",
    "ColumnUse",
    "Config",
    "FieldUse",
    "Figures",
    "FilePath",
    "Headline",
    "HeatMap",
    "Learns",
    "Model",
    "Parties",
    "PartyColumns",
    "PartyInputs",
    "PartyModelsIn",
    "PartyModelsOut",
    "PartyName",
    "PartyOutputs",
    "PartyReports",
    "PartyRulesIn",
    "PartyRulesOut",
    "Receives",
    "Report",
    "ReportPath",
    "Result",
    "Secret",
    "SecretFlow",
    "Series",
    "Spu",
    "TaskDispatcher",
    "TaskType",
    "Text",
    "count_rows",
    "dump_charts",
    "dump_headlines",
    "load_numbers",
    "load_text",
    "write",
]
