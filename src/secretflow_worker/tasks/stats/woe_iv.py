"""Weight of evidence and information value of every party's features against one party's label.

1. Every party bins its own features, in plaintext; no bin has fewer than `min_bin_count` rows.
2. The label and each owner's map of rows to bins become shares; the number of rows with label 1
   in each bin is opened to the feature's owner alone. The label holder counts its own in
   plaintext.
3. The owner computes WOE and IV of its bins, and keeps them in its own report and rules.

SecretFlow's ``VertWoeBinning`` opens every party's counts to the label holder, who computes for
all. What an owner is told here it must know to use WOE; see `learns` for what that tells of the
label.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from secretflow_worker.contract.errors import ConfigError, InputError
from secretflow_worker.contract.names import ColumnName, FilePath, PartyName
from secretflow_worker.tasks import Learns, Parties, Report, Result, TaskDispatcher
from secretflow_worker.tasks._aligned import LEARNS_IDS, AlignedConfig
from secretflow_worker.tasks._columns import (
    ColumnChoice,
    check_choice,
    check_every_party,
    merge_by_column,
)
from secretflow_worker.tasks._config import (
    ColumnUse,
    PartyInputs,
    PartyOutputs,
    PartyReports,
    PartyRulesOut,
    Receives,
)
from secretflow_worker.tasks._marks import DeclaredReceiver, DeclaredUse
from secretflow_worker.tasks._rules import Rules, make_rules, read_rules, save_rules
from secretflow_worker.tasks.preprocessing._binning import Edges, check_edges


class WoeConfig(AlignedConfig):
    """What ``woe_iv`` takes."""

    input_data: PartyInputs = Field(description="Every party's table; row i of all is one entity.")
    features: Annotated[ColumnChoice, ColumnUse.MPC] = Field(
        description="Columns to bin: a list, of which each must be at exactly one party, or "
        "{party: list}. A column that is not all numbers has a bin per category."
    )
    label: Annotated[ColumnName, ColumnUse.STATISTIC] = Field(
        description="The column of labels, 0 or 1."
    )
    label_party: Annotated[PartyName, Receives.NOTHING] = Field(
        description="The party that has the label."
    )
    method: Literal["quantile", "equal_width"] = Field(
        default="quantile", description="How columns of numbers are binned."
    )
    bin_num: int = Field(
        default=10, ge=2, le=1000, description="The number of bins of a column of numbers, at most."
    )
    bin_edges: Annotated[dict[ColumnName, Edges] | None, ColumnUse.NONE] = Field(
        default=None,
        description="Edges of your own for some of the columns: ascending, the outer two "
        "included. A value outside is in the first or the last bin.",
    )
    max_categories: int = Field(
        default=100, ge=1, le=1000, description="Refuse a column that has more categories."
    )
    min_bin_count: int = Field(
        default=5,
        ge=2,
        description="Join bins with fewer rows with others: few rows would tell the feature's "
        "owner their labels.",
    )
    disclose_iv: bool = Field(
        default=False, description="Return the information value of every feature."
    )
    output_report: PartyReports = Field(
        description="Where each party's own report goes, as JSON: bins, counts, WOE and IV of its "
        "own features, and charts."
    )
    output_data: PartyOutputs | None = Field(
        default=None, description="Where a party's table with WOE in place of its features goes."
    )
    rules_output: PartyRulesOut | None = Field(
        default=None, description="Where a party keeps its bins and their WOE, for apply_rules."
    )

    def check(self, parties: tuple[str, ...]) -> None:
        """See ``Config.check``."""
        check_every_party(self.input_data, parties, "input_data")
        if self.label_party not in parties:
            raise ConfigError(
                f"task_config.label_party: {self.label_party!r} is not a party of this task"
            )
        check_choice(self.features, self.input_data, "features")
        listed = self.features
        by_party = listed if isinstance(listed, dict) else {self.label_party: listed}
        if self.label in by_party.get(self.label_party, []):
            raise ConfigError(f"task_config.features: {self.label!r} is the label")
        named = {name for own in by_party.values() for name in own}
        if odd := sorted(set(self.bin_edges or {}) - named):
            raise ConfigError(f"task_config.bin_edges: {odd[0]!r} is not one of features")
        check_edges(self.bin_edges)
        self.check_ids(parties)

    def column_uses(self, party: str) -> Iterator[DeclaredUse]:
        """See ``Config.column_uses``; with `disclose_iv` a figure of the features is told."""
        for use in super().column_uses(party):
            if use.field == "label" and party != self.label_party:
                continue
            if self.disclose_iv and use.field == "features":
                yield DeclaredUse(use.field, ColumnUse.STATISTIC, use.columns)
            else:
                yield use

    def declared_receivers(self, parties: tuple[str, ...]) -> Iterator[DeclaredReceiver]:
        """See ``Config.declared_receivers``; who has a feature is told of the label."""
        for party in parties:
            if self.is_told(party):
                yield DeclaredReceiver("features", Receives.STATISTICS, party)

    def is_told(self, party: str) -> bool:
        """Say whether a party may have features, and so be told of another party's label."""
        return party != self.label_party and (
            not isinstance(self.features, dict) or party in self.features
        )


class WoeReport(Report):
    """What a party's worker is told: by feature, as the request names them."""

    bin_counts: dict[str, int]
    iv: dict[str, float] | None


class WoeResult(Result):
    """What ``woe_iv`` returns."""

    output_report: dict[PartyName, FilePath]
    bin_counts: dict[str, int] = Field(
        description="Bins per feature, that of missing values included. Where two parties have a "
        "feature of the same name, the later party's is called <party>.<feature>."
    )
    iv: dict[str, float] | None = Field(
        default=None, description="Information value per feature, if disclose_iv asks for it."
    )
    output_data: dict[PartyName, FilePath] | None = None
    rules_output: dict[PartyName, FilePath] | None = None


@TaskDispatcher.register(
    "woe_iv",
    version=1,
    summary="Weight of evidence and information value of features, each told to its owner.",
    group="Understand",
    config=WoeConfig,
    report=WoeReport,
    result=WoeResult,
    devices=("spu",),
    learns=[
        Learns(
            "every party",
            "the number of rows, which of the named features each party has, and how many bins "
            "they have together",
            "every party's table",
        ),
        LEARNS_IDS,
        Learns(
            "owner of a feature",
            "how many rows have label 1, in all and in each bin of its own features, and so WOE "
            "and IV. Where all rows of a bin or none have label 1 that is the label of each; what "
            "several features and runs with other bins tell adds up. No bin has fewer than "
            "min_bin_count rows",
            "the label",
            when="it is not the label holder",
            disclosed=lambda config, party: config.is_told(party),
        ),
        Learns(
            "sender of the request",
            "the number of bins of each feature, fewer than bin_num where values repeat; and from "
            "an error, which column does not fit the task, and how",
            "every party's features and the label",
            outside=True,
        ),
        Learns(
            "sender of the request",
            "the information value of each feature",
            "the label and every party's features",
            when="disclose_iv is true",
            outside=True,
        ),
        Learns(
            "reader of a party's output_report, output_data or rules_output",
            "edges or categories of the bins, rows and positive rows in each, WOE and IV",
            "the party's features and the label",
            outside=True,
        ),
    ],
    example={
        "task_type": "woe_iv",
        "input_data": {"alice": "/app/data/alice.csv", "bob": "/app/data/bob.csv"},
        "features": ["age", "income", "balance"],
        "label": "y",
        "label_party": "alice",
        "id_columns": ["uid"],
        "bin_num": 10,
        "output_report": {"alice": "/app/data/alice_woe.json", "bob": "/app/data/bob_woe.json"},
        "output_data": {"alice": "/app/data/alice_woe.csv", "bob": "/app/data/bob_woe.csv"},
        "rules_output": {"bob": "/app/data/rules/bob_woe.json"},
    },
)
def run(parties: Parties, config: WoeConfig) -> WoeReport:
    """Bin this party's features, learn the positive rows of each bin, and write what follows."""
    import json

    import numpy as np

    from secretflow_worker.tasks.ml._vertical import find_features, read_label, read_rows
    from secretflow_worker.tasks.stats._woe import rule_of, substitute, weigh
    from secretflow_worker.tasks.stats._woe_bins import Binning, bin_features
    from secretflow_worker.tasks.stats._woe_counts import count_positives
    from secretflow_worker.tasks.stats._woe_report import report_of

    me = parties.me
    path = parties.input(config.input_data[me])
    label = None
    if me == config.label_party:
        label = read_label(path, config.label, is_binary=True).astype(np.int32)
    names = find_features(parties, path, config.features, "features")[me]
    how = Binning(
        method=config.method,
        bin_num=config.bin_num,
        edges=config.bin_edges or {},
        max_categories=config.max_categories,
        min_count=config.min_bin_count,
    )
    own = bin_features(path, names, how)
    rows = read_rows(parties, path, [], config.ids_at(me), "input_data").count
    if rows < config.min_bin_count:
        raise InputError(
            f"task_config.min_bin_count: the tables have {rows} rows, fewer than a bin may have",
            hint="Give more rows.",
        )
    parties.progress(0.2, "binned")
    positives = count_positives(parties, config.label_party, label, own, rows)
    evidence = [weigh(*pair) for pair in zip(own, positives, strict=True)]
    rules = {one.feature.name: rule_of(one) for one in evidence}
    if me in config.output_report:
        text = json.dumps(report_of(me, rows, evidence), indent=2, ensure_ascii=False)
        parties.stage(config.output_report[me]).write_text(text + "\n", encoding="utf-8")
    if config.output_data is not None and me in config.output_data:
        substitute(path, rules, parties.stage(config.output_data[me]))
    if config.rules_output is not None and me in config.rules_output:
        save_rules(make_rules("woe_iv", 1, rules), parties.stage(config.rules_output[me]))
    return WoeReport(
        bin_counts={feature.name: len(feature.counts) for feature in own},
        iv={one.feature.name: one.iv for one in evidence} if config.disclose_iv else None,
    )


@run.combine
def combine(config: WoeConfig, reports: Mapping[str, WoeReport]) -> WoeResult:
    """Merge what the parties tell."""
    told = [(party, reports[party]) for party in sorted(reports)]
    return WoeResult(
        output_report=config.output_report,
        bin_counts=merge_by_column((party, report.bin_counts) for party, report in told),
        iv=merge_by_column((party, report.iv or {}) for party, report in told)
        if config.disclose_iv
        else None,
        output_data=config.output_data,
        rules_output=config.rules_output,
    )


@run.applier
def apply(table: Path, rules: Rules, target: Path) -> list[str]:
    """Put the saved WOE in place of a new table's features."""
    from secretflow_worker.tasks.stats._woe import WoeRule, substitute

    return substitute(table, read_rules(rules, WoeRule), target)
