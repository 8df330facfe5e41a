"""Turn categorical columns into columns of 0 and 1, one per category, each at its owner.

Column ``color`` becomes ``color_blue``, ``color_red``, ... at its place in the table, in the
order of the categories: by value where all are numbers, else by text. A missing value is 0 in
all of them. The table streams through twice. The new names hold values of the owner's data, so
the sender learns their number only, unless the request asks for the names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from secretflow_worker.contract.errors import InputError
from secretflow_worker.contract.names import FilePath, PartyName
from secretflow_worker.tasks import Config, Learns, Parties, Report, Result, TaskDispatcher
from secretflow_worker.tasks._columns import (
    ColumnChoice,
    check_choice,
    check_have_data,
    check_same_parties,
    chosen_at,
    merge_by_column,
    require_all_found,
)
from secretflow_worker.tasks._config import PartyInputs, PartyOutputs, PartyRulesOut
from secretflow_worker.tasks._rules import Rules, save_rules

if TYPE_CHECKING:
    import polars as pl

_NAME_LIMIT_CHARS = 256  # of the contract's ColumnName
_BATCH_ROWS = 1 << 16


class OneHotConfig(Config):
    """What ``onehot_encoder`` takes."""

    input_data: PartyInputs = Field(description="Each party's table.")
    output_data: PartyOutputs = Field(description="Where each party's encoded table goes.")
    columns: ColumnChoice = Field(
        description="Columns to encode: a list, of which each party encodes those it has, or "
        "{party: list}."
    )
    drop: Literal["first", "none"] = Field(
        default="none", description="Leave out the column of each first category."
    )
    max_categories: int = Field(
        default=1000, ge=1, le=10_000, description="Refuse a column that has more categories."
    )
    disclose_names: bool = Field(
        default=False,
        description="Return the names of the new columns, and with them the categories.",
    )
    rules_output: PartyRulesOut | None = Field(
        default=None, description="Where each party keeps its categories, for apply_rules."
    )

    def check(self, parties: tuple[str, ...]) -> None:
        """See ``Config.check``."""
        check_same_parties(self.input_data, self.output_data, "input_data and output_data")
        check_choice(self.columns, self.input_data, "columns")
        check_have_data(self.rules_output, self.input_data, "rules_output")


@dataclass(frozen=True)
class Encoding:
    """How one column is encoded."""

    column: str
    categories: list[str]
    drops_first: bool

    @property
    def kept(self) -> list[str]:
        """The categories that get a column."""
        return self.categories[1:] if self.drops_first else self.categories

    @property
    def outputs(self) -> list[str]:
        """The names of the new columns, in the order of `kept`."""
        return [f"{self.column}_{category}" for category in self.kept]

    def rule(self) -> dict[str, Any]:
        """The form of this in a rules file."""
        dropped = self.categories[0] if self.drops_first and self.categories else None
        return {"categories": self.categories, "dropped": dropped, "outputs": self.outputs}


class OneHotReport(Report):
    """What a party's worker is told: per encoded column, in the order of the table."""

    counts: dict[str, int] = Field(default_factory=dict)
    names: dict[str, list[str]] | None = None


class OneHotResult(Result):
    """What ``onehot_encoder`` returns."""

    output_paths: dict[PartyName, FilePath]
    columns_encoded: list[str] = Field(description="In the order of parties and tables.")
    output_column_counts: dict[str, int] = Field(
        description="New columns per encoded one; where two parties have a column of the same "
        "name, the later party's is called <party>.<column>."
    )
    output_columns: dict[str, list[str]] | None = Field(
        default=None, description="Their names, if disclose_names asks for them."
    )
    rules_output: dict[PartyName, FilePath] | None = None


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
            disclosed=lambda config, party: False,
        ),
        Learns(
            who="sender of the request",
            what="the categories of the named columns",
            about="every party with a table",
            when="disclose_names is true",
            disclosed=lambda config, party: False,
        ),
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
    from secretflow_worker.tasks._tables import scan, write

    source = parties.input(config.input_data[parties.me])
    frame = scan(source)
    present = frame.collect_schema().names()
    chosen = set(chosen_at(parties.me, source, config.columns, "columns"))
    columns = [name for name in present if name in chosen]
    texts = {name: _category(source, frame, name) for name in columns}
    categories = _find_categories(source, frame, texts, config.max_categories)
    parties.progress(0.4, "categories found")
    encodings = {
        name: Encoding(name, found, drops_first=config.drop == "first")
        for name, found in categories.items()
    }
    _check_names(source, present, encodings)
    write(
        frame.select(_encoded(present, texts, encodings)),
        parties.stage(config.output_data[parties.me]),
        source=source,
    )
    if config.rules_output is not None and parties.me in config.rules_output:
        fitted = {name: encoding.rule() for name, encoding in encodings.items()}
        rules = Rules(task_type="onehot_encoder", task_version=1, columns=fitted)
        save_rules(rules, parties.stage(config.rules_output[parties.me]))
    names = {name: encoding.outputs for name, encoding in encodings.items()}
    return OneHotReport(
        counts={name: len(outputs) for name, outputs in names.items()},
        names=names if config.disclose_names else None,
    )


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


def _category(source: Path, frame: pl.LazyFrame, name: str) -> pl.Expr:
    """Return the expression of a column's category as text, null where it is missing."""
    import polars as pl

    from secretflow_worker.tasks._cells import is_missing, text

    dtype = frame.collect_schema()[name]
    missing = is_missing(name, dtype)
    if dtype.is_float():
        missing |= pl.col(name).is_nan()
    return pl.when(~missing).then(text(source, name, dtype)).alias(name)


def _find_categories(
    source: Path, frame: pl.LazyFrame, texts: Mapping[str, pl.Expr], limit: int
) -> dict[str, list[str]]:
    """Return each column's categories, sorted; reading stops once one has more than `limit`.

    Raises:
        InputError: no rows, or too many categories.
    """
    from secretflow_worker.tasks._tables import count_rows, reading

    found: dict[str, set[str]] = {name: set() for name in texts}
    if texts:
        with reading(source):
            for batch in frame.select(texts.values()).collect_batches(chunk_size=_BATCH_ROWS):
                for name, values in found.items():
                    values.update(batch[name].drop_nulls().unique().to_list())
                    if len(values) > limit:
                        raise InputError(
                            f"{source.name}: column {name!r} has more than {limit} categories",
                            hint="Leave the column out, group its values, or raise max_categories.",
                        )
    if not any(found.values()) and count_rows(source) == 0:
        raise InputError(f"{source.name}: the table has no rows", hint="Give it at least one row.")
    return {name: _sorted(values) for name, values in found.items()}


def _sorted(categories: Collection[str]) -> list[str]:
    """Sort by value where all are finite numbers, else by text."""
    import polars as pl

    texts = sorted(categories)
    values = pl.Series(texts, dtype=pl.String).str.strip_chars().cast(pl.Float64, strict=False)
    if values.null_count() or not values.is_finite().all():
        return texts
    return [text for _, text in sorted(zip(values, texts, strict=True))]


def _check_names(source: Path, present: Collection[str], encodings: Mapping[str, Encoding]) -> None:
    """Refuse names that are doubled or too long to be named in a request, and an empty table."""
    taken = Counter(name for name in present if name not in encodings)
    taken.update(name for encoding in encodings.values() for name in encoding.outputs)
    if not taken:
        raise InputError(
            f"{source.name}: no column is left after encoding", hint="Use drop 'none'."
        )
    for name, encoding in encodings.items():
        if any(taken[output] > 1 for output in encoding.outputs):
            raise InputError(
                f"{source.name}: a new column of {name!r} would have the name of another column",
                hint=f"Rename column {name!r} in the file.",
            )
        if any(len(output) > _NAME_LIMIT_CHARS for output in encoding.outputs):
            raise InputError(
                f"{source.name}: column {name!r} holds a text too long to be a column's name",
                hint=f"With its column's name a category has at most {_NAME_LIMIT_CHARS - 1} "
                "characters.",
            )


def _encoded(
    present: Iterable[str], texts: Mapping[str, pl.Expr], encodings: Mapping[str, Encoding]
) -> Iterator[pl.Expr]:
    """Yield the columns of the encoded table, in order."""
    import polars as pl

    for name in present:
        if name not in encodings:
            yield pl.col(name)
            continue
        encoding = encodings[name]
        for category, output in zip(encoding.kept, encoding.outputs, strict=True):
            is_it = (texts[name] == category).fill_null(value=False)
            yield is_it.cast(pl.Int64).alias(output)
