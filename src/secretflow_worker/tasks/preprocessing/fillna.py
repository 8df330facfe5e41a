"""Fill missing values by mean, median, mode or a constant, each column at its owner.

As pandas' ``fillna``: a mode is the smallest of the most frequent values, an even count's median
lies between the middle two. Missing is an empty cell, one of blanks, a NaN of a Parquet file, and
for mean and median also the text NaN. What is not missing is written as it was read: ``007``, a
date and an integer of any length stay. Of a Parquet file an integer column becomes one of floats
only where a fraction is filled in. Rules keep the value, so new data is filled by the fitted one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from secretflow_worker.contract.errors import ConfigError
from secretflow_worker.contract.names import ColumnName
from secretflow_worker.tasks import Learns, Parties, TaskDispatcher
from secretflow_worker.tasks._columns import ColumnChoice, check_choice
from secretflow_worker.tasks._config import ColumnUse
from secretflow_worker.tasks._marks import DeclaredUse
from secretflow_worker.tasks._rules import Rule, Rules, make_rules, read_rules
from secretflow_worker.tasks.preprocessing._local import (
    OWN_REFUSALS,
    LocalConfig,
    LocalReport,
    LocalResult,
    keep_rules,
    merge_columns,
    named_at,
)

Method = Literal["mean", "median", "mode", "constant"]
Whole = Annotated[int, Field(strict=True)]
Fraction = Annotated[float, Field(strict=True)]
Text = Annotated[str, Field(strict=True, pattern=r"\S", max_length=4096)]
Value = Whole | Fraction | Text


class FillConfig(LocalConfig):
    """What ``fillna`` takes."""

    columns: Annotated[ColumnChoice | None, ColumnUse.LOCAL] = Field(
        default=None,
        description="Columns to fill: a list, of which each party fills those it has, or "
        "{party: list}. Left out: those that method or value names, if it is a map, else every "
        "column that the method can fill: of numbers by mean and median, any by the others.",
    )
    method: Annotated[Method | dict[ColumnName, Method], ColumnUse.NONE] = Field(
        description="One for all columns, or {column: method}."
    )
    value: Annotated[Value | dict[ColumnName, Value] | None, ColumnUse.NONE] = Field(
        default=None,
        description="What method 'constant' fills in: one for all, or {column: value}.",
    )

    def check(self, parties: tuple[str, ...]) -> None:
        """See ``Config.check``."""
        super().check(parties)
        check_choice(self.columns, self.input_data, "columns")
        named = _names(self.choice)
        if isinstance(self.method, dict):
            _check_map("method", self.method, named, "columns")
        constant = {name for name in named if self.method_of(name) == "constant"}
        if isinstance(self.value, dict):
            _check_map("value", self.value, constant, "those of method 'constant'")
        elif self.value is None and (constant or self.method == "constant"):
            raise ConfigError("task_config.value: method 'constant' needs it")

    def column_uses(self, party: str) -> Iterator[DeclaredUse]:
        """See ``Config.column_uses``; a map by column names them as ``columns`` would."""
        for use in super().column_uses(party):
            is_named = use.field == "columns" and isinstance(self.choice, list)
            yield replace(use, columns=frozenset(_names(self.choice))) if is_named else use

    @property
    def choice(self) -> ColumnChoice | None:
        """The columns that any field names; None where the method chooses."""
        if self.columns is not None:
            return self.columns
        maps = (self.method, self.value)
        return next((list(each) for each in maps if isinstance(each, dict)), None)

    def method_of(self, column: str) -> Method:
        return self.method[column] if isinstance(self.method, dict) else self.method

    def value_of(self, column: str) -> Value:
        """Return the constant of a column whose method is 'constant'."""
        value = self.value[column] if isinstance(self.value, dict) else self.value
        if value is None:
            raise ConfigError("task_config.value: method 'constant' needs it")
        return value


class FillRule(Rule):
    """What is written where a value is missing; `method` says where it came from."""

    method: Method
    value: int | float | str

    @property
    def is_of_numbers(self) -> bool:
        return self.method in ("mean", "median")


class FillResult(LocalResult):
    """What ``fillna`` returns."""

    columns_filled: list[str] = Field(
        description="Those that have a value to fill in, with gaps or without, in the order of "
        "parties and tables."
    )


@TaskDispatcher.register(
    "fillna",
    version=1,
    summary="Fill missing values by mean, median, mode or a constant, each column at its owner.",
    group="Prepare",
    config=FillConfig,
    report=LocalReport,
    result=FillResult,
    learns=[
        Learns(
            who="owner of a column",
            what="the value that fills its own columns",
            about="itself",
            disclosed=lambda config, party: party in config.input_data,
        ),
        Learns(
            who="sender of the request",
            what="the names of the columns that the method could fill: by mean and median those "
            "of numbers",
            about="every party with a table",
            outside=True,
        ),
        OWN_REFUSALS,
    ],
    parties=(1, 5),
    link=False,
    example={
        "task_type": "fillna",
        "input_data": {"alice": "/app/data/alice.csv", "bob": "/app/data/bob.csv"},
        "output_data": {"alice": "/app/data/alice_filled.csv", "bob": "/app/data/bob_filled.csv"},
        "method": {"age": "median", "housing": "mode", "balance": "constant"},
        "value": {"balance": 0},
        "rules_output": {"alice": "/app/data/rules/alice_fill.json"},
    },
)
def run(parties: Parties, config: FillConfig) -> LocalReport:
    """Fit and fill this party's own table."""
    if parties.me not in config.input_data:
        return LocalReport()
    from secretflow_worker.tasks.preprocessing._filling import fill_table

    source = parties.input(config.input_data[parties.me])
    named = named_at(parties, source, config.choice)
    fitted = _fit(source, named, config, parties.scratch("columns.parquet"))
    parties.progress(0.5, "fitted")
    filling = {name: (rule.value, rule.is_of_numbers) for name, rule in fitted.items()}
    fill_table(source, filling, parties.stage(config.output_data[parties.me]))
    keep_rules(parties, config, make_rules("fillna", 1, fitted))
    return LocalReport(columns=list(fitted))


@run.applier
def apply(table: Path, rules: Rules, target: Path) -> list[str]:
    """Fill new data by saved rules."""
    from secretflow_worker.tasks._tables import columns_of
    from secretflow_worker.tasks.preprocessing._filling import fill_table

    fitted = read_rules(rules, FillRule)
    filling = {name: (rule.value, rule.is_of_numbers) for name, rule in fitted.items()}
    fill_table(table, filling, target)
    return [name for name in columns_of(table) if name in fitted]


@run.combine
def combine(config: FillConfig, reports: Mapping[str, LocalReport]) -> FillResult:
    """Merge what the parties filled."""
    return FillResult(
        output_paths=config.output_data,
        columns_filled=merge_columns(config, config.choice, reports),
        rules_output=config.rules_output,
    )


def _fit(
    source: Path, named: list[str] | None, config: FillConfig, scratch: Path
) -> dict[str, FillRule]:
    """Return each column's rule, in the order of the table."""
    from secretflow_worker.tasks._tables import columns_of
    from secretflow_worker.tasks.preprocessing import _fill_values as fill_values

    fitted: dict[str, FillRule] = {}
    for method, columns in _by_method(config, named).items():
        if method == "constant":
            found = fill_values.constants(source, columns, config.value_of)
        elif method == "mode":
            found = fill_values.modes(source, columns)
        else:
            found = fill_values.centers(source, columns, method, scratch)
        rules = {name: FillRule(method=method, value=value) for name, value in found.items()}
        fitted.update(rules)
    return {name: fitted[name] for name in columns_of(source) if name in fitted}


def _by_method(config: FillConfig, named: list[str] | None) -> dict[Method, list[str] | None]:
    """Return the columns of each method; None where it takes all that it can fill."""
    if named is None and not isinstance(config.method, dict):
        return {config.method: None}
    by_method: dict[Method, list[str] | None] = {}
    for name in named or ():
        by_method[config.method_of(name)] = [*(by_method.get(config.method_of(name)) or ()), name]
    return by_method


def _names(choice: ColumnChoice | None) -> set[str]:
    parts = choice.values() if isinstance(choice, dict) else [choice or []]
    return {name for part in parts for name in part}


def _check_map(field: str, given: Mapping[str, object], wanted: set[str], whose: str) -> None:
    """Check that a map by column names the wanted columns, all of them and no other."""
    for name in sorted(wanted - set(given)):
        raise ConfigError(f"task_config.{field}: has nothing for column {name!r}")
    for name in sorted(set(given) - wanted):
        raise ConfigError(f"task_config.{field}: column {name!r} is not one of {whose}")
