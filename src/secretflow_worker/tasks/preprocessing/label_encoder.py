"""Replace categories by whole numbers from 0, each column at its owner.

As scikit-learn's ``LabelEncoder`` and ``OrdinalEncoder``: the categories are sorted, by value
where all are numbers, else by text (code points), and numbered. A missing value stays missing.
The table streams through twice. The categories stay with the owner, in its rules file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from secretflow_worker.contract.errors import ConfigError
from secretflow_worker.tasks import Learns, Parties, TaskDispatcher
from secretflow_worker.tasks._columns import ColumnChoice, check_choice, chosen_at
from secretflow_worker.tasks._config import ColumnUse
from secretflow_worker.tasks._rules import Rule, Rules, make_rules, read_rules
from secretflow_worker.tasks.preprocessing._local import (
    OWN_REFUSALS,
    LocalConfig,
    LocalReport,
    LocalResult,
    keep_rules,
    merge_columns,
)

if TYPE_CHECKING:
    import polars as pl

Unknown = Literal["error", "value", "missing"]


class LabelConfig(LocalConfig):
    """What ``label_encoder`` takes."""

    columns: Annotated[ColumnChoice, ColumnUse.LOCAL] = Field(
        description="Columns to encode: a list, of which each party encodes those it has, or "
        "{party: list}."
    )
    unknown: Unknown = Field(
        default="error",
        description="What becomes of a category that only new data has, where the rules are "
        "applied: 'error' refuses the table, 'value' writes unknown_value, 'missing' nothing.",
    )
    unknown_value: int = Field(
        default=-1, lt=0, ge=-(2**31), description="A number that is no category's."
    )
    max_categories: int = Field(
        default=100_000,
        ge=1,
        le=1_000_000,
        description="Refuse a column that has more categories.",
    )

    def check(self, parties: tuple[str, ...]) -> None:
        """See ``Config.check``."""
        super().check(parties)
        check_choice(self.columns, self.input_data, "columns")
        if "unknown_value" in self.model_fields_set and self.unknown != "value":
            raise ConfigError("task_config.unknown_value: goes with unknown 'value' only")


class LabelRule(Rule):
    """``categories[i]`` becomes i."""

    categories: list[str]
    unknown: Unknown
    unknown_value: int | None = Field(lt=0, ge=-(2**31))

    @model_validator(mode="after")
    def _is_whole(self) -> LabelRule:
        if len(set(self.categories)) != len(self.categories):
            raise ValueError("a category is there twice")
        if (self.unknown == "value") != (self.unknown_value is not None):
            raise ValueError("unknown and unknown_value do not fit")
        return self


class LabelResult(LocalResult):
    """What ``label_encoder`` returns."""

    columns_encoded: list[str] = Field(description="In the order of parties and tables.")


@TaskDispatcher.register(
    "label_encoder",
    version=1,
    summary="Replace categories by whole numbers from 0, each column at its owner.",
    group="Prepare",
    config=LabelConfig,
    report=LocalReport,
    result=LabelResult,
    learns=[
        Learns(
            who="owner of a column",
            what="the categories of its own columns",
            about="itself",
            disclosed=lambda config, party: party in config.input_data,
        ),
        Learns(
            who="sender of the request",
            what="which of the named columns a table has",
            about="every party with a table",
            outside=True,
        ),
        OWN_REFUSALS,
    ],
    parties=(1, 5),
    link=False,
    example={
        "task_type": "label_encoder",
        "input_data": {"alice": "/app/data/alice.csv", "bob": "/app/data/bob.csv"},
        "output_data": {"alice": "/app/data/alice_encoded.csv", "bob": "/app/data/bob_encoded.csv"},
        "columns": ["housing", "purpose"],
        "unknown": "value",
        "rules_output": {"alice": "/app/data/rules/alice_labels.json"},
    },
)
def run(parties: Parties, config: LabelConfig) -> LocalReport:
    """Find the categories of this party's own columns and encode its table."""
    if parties.me not in config.input_data:
        return LocalReport()
    from secretflow_worker.tasks.preprocessing._categories import category_columns, find_categories

    source = parties.input(config.input_data[parties.me])
    chosen = chosen_at(parties.me, source, config.columns, "columns")
    frame, texts = category_columns(source, chosen)
    found = find_categories(source, frame, texts, config.max_categories)
    parties.progress(0.4, "categories found")
    value = config.unknown_value if config.unknown == "value" else None
    fitted = {
        name: LabelRule(categories=categories, unknown=config.unknown, unknown_value=value)
        for name, categories in found.items()
    }
    _write(source, frame, texts, fitted, parties.stage(config.output_data[parties.me]))
    keep_rules(parties, config, make_rules("label_encoder", 1, fitted))
    return LocalReport(columns=list(texts))


@run.applier
def apply(table: Path, rules: Rules, target: Path) -> list[str]:
    """Encode new data by saved rules.

    Raises:
        InputError: no rows, or a category that the rules do not have, where they say 'error'.
    """
    from secretflow_worker.tasks._tables import scan
    from secretflow_worker.tasks.preprocessing._categories import category, require_known

    fitted = read_rules(rules, LabelRule)
    frame = scan(table)
    columns = [name for name in frame.collect_schema().names() if name in fitted]
    texts = {name: category(table, frame, name) for name in columns}
    strict = {n: fitted[n].categories for n in columns if fitted[n].unknown == "error"}
    require_known(table, frame, texts, strict)
    _write(table, frame, texts, fitted, target)
    return columns


@run.combine
def combine(config: LabelConfig, reports: Mapping[str, LocalReport]) -> LabelResult:
    """Merge what the parties encoded."""
    return LabelResult(
        output_paths=config.output_data,
        columns_encoded=merge_columns(config, config.columns, reports),
        rules_output=config.rules_output,
    )


def _write(
    source: Path,
    frame: pl.LazyFrame,
    texts: Mapping[str, pl.Expr],
    fitted: Mapping[str, LabelRule],
    target: Path,
) -> None:
    from secretflow_worker.tasks._tables import write

    encoded = (_encoded(text, fitted[name]).alias(name) for name, text in texts.items())
    write(frame.with_columns(encoded), target, source=source)


def _encoded(text: pl.Expr, rule: LabelRule) -> pl.Expr:
    import polars as pl

    from secretflow_worker.tasks.preprocessing._categories import codes

    found = codes(text, rule.categories)
    if rule.unknown_value is None:
        return found
    return pl.when(text.is_not_null()).then(found.fill_null(rule.unknown_value))
