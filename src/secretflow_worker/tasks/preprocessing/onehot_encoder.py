"""Turn categorical columns into columns of 0 and 1, one per category, each at its owner.

Column ``color`` becomes ``color_blue``, ``color_red``, ... at its place in the table, in the
order of the categories: by value where all are numbers, else by text. A missing value is 0 in
all of them. The table streams through twice. The new names hold values of the owner's data, so
the sender learns their number only, unless the request asks for the names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from secretflow_worker.contract.errors import InputError
from secretflow_worker.tasks import Learns, Parties, Report, TaskDispatcher
from secretflow_worker.tasks._columns import (
    ColumnChoice,
    check_choice,
    chosen_at,
    merge_by_column,
    require_all_found,
)
from secretflow_worker.tasks._config import ColumnUse
from secretflow_worker.tasks._marks import DeclaredUse
from secretflow_worker.tasks._rules import Rule, Rules, make_rules, read_rules
from secretflow_worker.tasks.preprocessing._local import (
    OWN_REFUSALS,
    LocalConfig,
    LocalResult,
    keep_rules,
)

if TYPE_CHECKING:
    import polars as pl

_NAME_LIMIT_CHARS = 256  # of the contract's ColumnName

Unknown = Literal["error", "zeros"]


class OneHotConfig(LocalConfig):
    """What ``onehot_encoder`` takes."""

    names_hold_values = True

    columns: Annotated[ColumnChoice, ColumnUse.LOCAL] = Field(
        description="Columns to encode: a list, of which each party encodes those it has, or "
        "{party: list}."
    )
    drop: Literal["first", "none"] = Field(
        default="none", description="Leave out the column of each first category."
    )
    unknown: Unknown = Field(
        default="error",
        description="What becomes of a category that only new data has, where the rules are "
        "applied: 'error' refuses the table, 'zeros' gives it 0 in every column.",
    )
    max_categories: int = Field(
        default=1000, ge=1, le=10_000, description="Refuse a column that has more categories."
    )
    disclose_names: bool = Field(
        default=False,
        description="Return the names of the new columns, and with them the categories.",
    )

    def check(self, parties: tuple[str, ...]) -> None:
        """See ``Config.check``."""
        super().check(parties)
        check_choice(self.columns, self.input_data, "columns")

    def column_uses(self, party: str) -> Iterator[DeclaredUse]:
        """See ``Config.column_uses``; the new names tell the sender every category."""
        for use in super().column_uses(party):
            yield replace(use, use=ColumnUse.STATISTIC) if self.disclose_names else use


class OneHotRule(Rule):
    """How one column is encoded."""

    categories: list[str]
    dropped: str | None
    """The first category, where it gets no column."""
    unknown: Unknown = "error"

    @model_validator(mode="after")
    def _is_whole(self) -> OneHotRule:
        if len(set(self.categories)) != len(self.categories):
            raise ValueError("a category is there twice")
        if self.dropped is not None and self.categories[:1] != [self.dropped]:
            raise ValueError("only the first category is dropped")
        return self

    @property
    def kept(self) -> list[str]:
        """The categories that get a column."""
        return self.categories if self.dropped is None else self.categories[1:]

    def outputs(self, column: str) -> list[str]:
        """Return the names of the new columns, in the order of `kept`."""
        return [f"{column}_{category}" for category in self.kept]


class OneHotReport(Report):
    """What a party's worker is told: per encoded column, in the order of the table."""

    counts: dict[str, int] = Field(default_factory=dict)
    names: dict[str, list[str]] | None = None


class OneHotResult(LocalResult):
    """What ``onehot_encoder`` returns."""

    columns_encoded: list[str] = Field(description="In the order of parties and tables.")
    output_column_counts: dict[str, int] = Field(
        description="New columns per encoded one; where two parties have a column of the same "
        "name, the later party's is called <party>.<column>."
    )
    output_columns: dict[str, list[str]] | None = Field(
        default=None, description="Their names, if disclose_names asks for them."
    )


@TaskDispatcher.register(
    "onehot_encoder",
    version=1,
    summary="Turn categorical columns into columns of 0 and 1, each at its owner.",
    group="Prepare",
    config=OneHotConfig,
    report=OneHotReport,
    result=OneHotResult,
    learns=[
        Learns(
            who="owner of a column",
            what="the categories of its own columns",
            about="itself",
            disclosed=lambda config, party: party in config.input_data,
        ),
        Learns(
            who="sender of the request",
            what="which of the named columns a table has, and how many categories each has",
            about="every party with a table",
            outside=True,
        ),
        Learns(
            who="sender of the request",
            what="the categories of the named columns",
            about="every party with a table",
            when="disclose_names is true",
            outside=True,
        ),
        OWN_REFUSALS,
    ],
    parties=(1, 5),
    link=False,
    example={
        "task_type": "onehot_encoder",
        "input_data": {"alice": "/app/data/alice.csv", "bob": "/app/data/bob.csv"},
        "output_data": {"alice": "/app/data/alice_onehot.csv", "bob": "/app/data/bob_onehot.csv"},
        "columns": ["housing", "purpose"],
        "drop": "first",
        "rules_output": {"alice": "/app/data/rules/alice_onehot.json"},
    },
)
def run(parties: Parties, config: OneHotConfig) -> OneHotReport:
    """Find the categories of this party's own columns and encode its table."""
    if parties.me not in config.input_data:
        return OneHotReport()
    from secretflow_worker.tasks.preprocessing._categories import category_columns, find_categories

    source = parties.input(config.input_data[parties.me])
    chosen = chosen_at(parties.me, source, config.columns, "columns")
    frame, texts = category_columns(source, chosen)
    found = find_categories(source, frame, texts, config.max_categories)
    parties.progress(0.4, "categories found")
    fitted = {
        name: OneHotRule(
            categories=categories,
            dropped=categories[0] if config.drop == "first" and categories else None,
            unknown=config.unknown,
        )
        for name, categories in found.items()
    }
    _write(source, frame, texts, fitted, parties.stage(config.output_data[parties.me]))
    keep_rules(parties, config, make_rules("onehot_encoder", 1, fitted))
    names = {name: rule.outputs(name) for name, rule in fitted.items()}
    return OneHotReport(
        counts={name: len(outputs) for name, outputs in names.items()},
        names=names if config.disclose_names else None,
    )


@run.applier
def apply(table: Path, rules: Rules, target: Path) -> list[str]:
    """Encode new data by saved rules.

    Raises:
        InputError: no rows, or a category that the rules do not have, where they say 'error'.
    """
    from secretflow_worker.tasks._tables import scan
    from secretflow_worker.tasks.preprocessing._categories import category, require_known

    fitted = read_rules(rules, OneHotRule)
    frame = scan(table)
    columns = [name for name in frame.collect_schema().names() if name in fitted]
    texts = {name: category(table, frame, name) for name in columns}
    strict = {n: fitted[n].categories for n in columns if fitted[n].unknown == "error"}
    require_known(table, frame, texts, strict)
    _write(table, frame, texts, fitted, target)
    return columns


@run.combine
def combine(config: OneHotConfig, reports: Mapping[str, OneHotReport]) -> OneHotResult:
    """Merge what the parties encoded."""
    own = {party: reports[party] for party in config.input_data if party in reports}
    found = {party: list(report.counts) for party, report in own.items()}
    require_all_found(config.columns, config.input_data, found, "columns")
    encoded = [name for names in found.values() for name in names]
    names = merge_by_column((party, report.names or {}) for party, report in own.items())
    return OneHotResult(
        output_paths=config.output_data,
        columns_encoded=list(dict.fromkeys(encoded)),
        output_column_counts=merge_by_column((p, report.counts) for p, report in own.items()),
        output_columns=names if config.disclose_names else None,
        rules_output=config.rules_output,
    )


def _write(
    source: Path,
    frame: pl.LazyFrame,
    texts: Mapping[str, pl.Expr],
    fitted: Mapping[str, OneHotRule],
    target: Path,
) -> None:
    """Write the encoded table.

    Raises:
        InputError: a new column cannot have its name, or no column is left.
    """
    from secretflow_worker.tasks._tables import write

    present = frame.collect_schema().names()
    _check_names(source, present, fitted)
    write(frame.select(_encoded(present, texts, fitted)), target, source=source)


def _check_names(source: Path, present: Collection[str], fitted: Mapping[str, OneHotRule]) -> None:
    """Refuse names that are doubled or too long to be named in a request, and an empty table."""
    made = {name: rule.outputs(name) for name, rule in fitted.items()}
    taken = Counter(name for name in present if name not in fitted)
    taken.update(output for outputs in made.values() for output in outputs)
    if not taken:
        raise InputError(
            f"{source.name}: no column is left after encoding", hint="Use drop 'none'."
        )
    for name, outputs in made.items():
        if any(taken[output] > 1 for output in outputs):
            raise InputError(
                f"{source.name}: a new column of {name!r} would have the name of another column",
                hint=f"Rename column {name!r} in the file.",
            )
        if any(len(output) > _NAME_LIMIT_CHARS for output in outputs):
            raise InputError(
                f"{source.name}: column {name!r} holds a text too long to be a column's name",
                hint=f"With its column's name a category has at most {_NAME_LIMIT_CHARS - 1} "
                "characters.",
            )


def _encoded(
    present: Iterable[str], texts: Mapping[str, pl.Expr], fitted: Mapping[str, OneHotRule]
) -> Iterator[pl.Expr]:
    """Yield the columns of the encoded table, in order."""
    import polars as pl

    from secretflow_worker.tasks._cells import cell

    for name in present:
        if name not in fitted:
            yield cell(name)
            continue
        rule = fitted[name]
        for category, output in zip(rule.kept, rule.outputs(name), strict=True):
            is_it = (texts[name] == category).fill_null(value=False)
            yield is_it.cast(pl.Int64).alias(output)
