"""Statistics of some parties' columns by the groups of another party's column.

The mean income (at the bank) by city (at the shop), and neither sees the other's rows. Runs on
SecretFlow's HEU devices: numbers leave their owner encrypted only, and the group party is told
sums of whole groups only, never of one with fewer than `min_group_rows` rows.

Exact: sums, means and deviations are rounded once, at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from secretflow_worker.contract.errors import ConfigError, InputError
from secretflow_worker.contract.names import ColumnName, FilePath, PartyName
from secretflow_worker.tasks import Learns, Parties, Report, Result, TaskDispatcher
from secretflow_worker.tasks._aligned import LEARNS_IDS, AlignedConfig
from secretflow_worker.tasks._charts import (
    Axis,
    Chart,
    Headline,
    Series,
    Text,
    dump_charts,
    dump_headlines,
)
from secretflow_worker.tasks._columns import check_choice, check_every_party
from secretflow_worker.tasks._config import (
    ColumnUse,
    PartyColumns,
    PartyInputs,
    Receives,
    ReportPath,
)
from secretflow_worker.tasks._marks import DeclaredUse

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

_VERSION = 1
_GROUP_LIMIT = 1000


class GroupConfig(AlignedConfig):
    """What ``group_statistics`` takes."""

    input_data: PartyInputs = Field(description="Every party's table; row i of all is one entity.")
    group_party: Annotated[PartyName, Receives.STATISTICS] = Field(
        description="The party that has the groups; it is told the statistics."
    )
    group_by: Annotated[ColumnName, ColumnUse.LOCAL] = Field(
        description="Its column whose values are the groups; rows without a value are in none."
    )
    values: Annotated[PartyColumns, ColumnUse.STATISTIC] = Field(
        description="The columns to describe, {party: [columns]}, of any party but group_party."
    )
    min_group_rows: int = Field(
        default=5,
        ge=2,
        description="Groups of fewer rows are left out: few rows would tell their values.",
    )
    output_report: ReportPath = Field(
        description="Where the report goes, as JSON; written where the group party's worker is."
    )

    def check(self, parties: tuple[str, ...]) -> None:
        """See ``Config.check``."""
        check_every_party(self.input_data, parties, "input_data")
        if self.group_party not in parties:
            raise ConfigError(
                f"task_config.group_party: {self.group_party!r} is not a party of this task"
            )
        check_choice(self.values, self.input_data, "values")
        if self.group_party in self.values:
            raise ConfigError(
                f"task_config.values: {self.group_party} has the groups, and needs nobody for its "
                "own columns",
                hint="Name columns of other parties; table_statistics describes one's own.",
            )
        self.check_ids(parties)

    def column_uses(self, party: str) -> Iterator[DeclaredUse]:
        """See ``Config.column_uses``; only the group party has the column of groups."""
        for use in super().column_uses(party):
            if use.field != "group_by" or party == self.group_party:
                yield use


class GroupMoments(BaseModel):
    """Of one column in one group; `std` is the sample's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sum: float
    mean: float
    std: float | None


class GroupFigures(BaseModel):
    """One group: its name, its rows, and each column as ``<party>.<column>``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: str
    rows: int
    columns: dict[str, GroupMoments]


class GroupReport(Report):
    """What a party's worker is told; the group party's only has anything."""

    groups: list[GroupFigures] | None = None
    groups_left_out: int = 0
    rows_left_out: int = 0
    rows_without_group: int = 0


class GroupResult(Result):
    """What ``group_statistics`` returns."""

    output_report: FilePath | None = Field(description="None where the group party is elsewhere.")
    groups: int | None = Field(description="How many groups the report has; None elsewhere.")


@TaskDispatcher.register(
    "group_statistics",
    version=_VERSION,
    summary="Count, sum, mean and deviation of other parties' columns by one party's groups.",
    group="Understand",
    config=GroupConfig,
    report=GroupReport,
    result=GroupResult,
    devices=("secretflow", "spu"),
    learns=[
        Learns("every party", "the number of rows", "every party's table"),
        LEARNS_IDS,
        Learns(
            "group_party",
            "the sum and the sum of squares of each column of values in each group of "
            "min_group_rows rows or more, and so its mean and deviation; a group party that does "
            "not keep to the program could ask for other sets of rows",
            "each party with values",
            disclosed=lambda config, party: party == config.group_party,
        ),
        Learns(
            "each party with values",
            "how many groups have min_group_rows rows or more",
            "group_party",
            disclosed=lambda config, party: party in config.values,
        ),
        Learns(
            "sender of the request",
            "how many groups have min_group_rows rows or more",
            "group_party",
            outside=True,
        ),
        Learns(
            "reader of output_report",
            "what group_party learns, the groups' names and row counts, how many smaller groups "
            "and rows without a group there are",
            "every party",
            outside=True,
        ),
    ],
    example={
        "task_type": "group_statistics",
        "input_data": {"alice": "/app/data/alice.csv", "bob": "/app/data/bob.csv"},
        "group_party": "alice",
        "group_by": "category",
        "values": {"bob": ["spend", "balance"]},
        "output_report": "/app/data/group_report.json",
    },
)
def run(parties: Parties, config: GroupConfig) -> GroupReport:
    """Add up by group; the group party reports."""

    from secretflow_worker.tasks.ml._vertical import check_magnitude, read_rows
    from secretflow_worker.tasks.stats._grouped import LIMIT, moments_by_group

    me = parties.me
    path = parties.input(config.input_data[me])
    own_columns = config.values.get(me, [])
    names: list[str] = []
    groups: list[NDArray[np.int64]] = []
    report = GroupReport()
    if me == config.group_party:
        names, groups, report = _split_by_group(path, config)
    rows = read_rows(parties, path, own_columns, config.ids_at(me), "input_data")
    check_magnitude(path.name, own_columns, rows.values, LIMIT)
    columns = {party: config.values[party] for party in parties.names if party in config.values}
    found = moments_by_group(parties, config.group_party, columns, rows.values, groups)
    parties.progress(1.0)
    if me != config.group_party:
        return report
    figures = [
        GroupFigures(
            group=name,
            rows=len(groups[index]),
            columns={
                ".".join(column): GroupMoments(
                    sum=of[index].sum, mean=of[index].mean, std=of[index].std
                )
                for column, of in found.items()
            },
        )
        for index, name in enumerate(names)
    ]
    return report.model_copy(update={"groups": figures})


@run.combine
def combine(config: GroupConfig, reports: Mapping[str, GroupReport]) -> GroupResult:
    """Say how many groups there are."""
    report = reports.get(config.group_party)
    if report is None or report.groups is None:
        return GroupResult(output_report=None, groups=None)
    return GroupResult(output_report=config.output_report, groups=len(report.groups))


@run.document
def document(config: GroupConfig, reports: Mapping[str, GroupReport]) -> dict[str, Any] | None:
    """Return what the report file holds; there is none without the group party."""
    report = reports.get(config.group_party)
    if report is None or report.groups is None:
        return None
    columns = list(report.groups[0].columns)
    return {
        "task_type": "group_statistics",
        "task_version": _VERSION,
        "group_by": config.group_by,
        **report.model_dump(mode="json"),
        "headlines": dump_headlines(
            [
                _headline("Groups", "组数", len(report.groups), "described here", "已列出"),
                _headline(
                    "Rows left out",
                    "未计入的行",
                    report.rows_left_out + report.rows_without_group,
                    f"in groups of fewer than {config.min_group_rows} rows, or in none",
                    f"所在组不足 {config.min_group_rows} 行，或没有组",
                ),
            ]
        ),
        "charts": dump_charts([_chart(config, report.groups, column) for column in columns]),
    }


def _headline(name: str, name_zh: str, value: int, meaning: str, meaning_zh: str) -> Headline:
    return Headline(
        name=Text(en=name, zh=name_zh), value=value, meaning=Text(en=meaning, zh=meaning_zh)
    )


def _chart(config: GroupConfig, groups: Sequence[GroupFigures], column: str) -> Chart:
    return Chart(
        kind="bar",
        id=f"mean-{column}",
        title=Text(en=f"Mean of {column}", zh=f"{column} 的均值"),
        x=Axis(name=Text(en=config.group_by, zh=config.group_by), kind="category"),
        y=Axis(name=Text(en="Mean", zh="均值")),
        series=[
            Series(
                name=Text(en="Mean", zh="均值"),
                x=[each.group for each in groups],
                y=[each.columns[column].mean for each in groups],
            )
        ],
    )


def _split_by_group(
    path: Path, config: GroupConfig
) -> tuple[list[str], list[NDArray[np.int64]], GroupReport]:
    """Return the names and rows of the groups that are large enough, and what is left out."""
    import numpy as np

    from secretflow_worker.tasks._tables import load_text

    texts = load_text(path, [config.group_by])[config.group_by]
    rows_of: dict[str, list[int]] = {}
    for row, name in enumerate(texts.to_list()):
        if name is not None:
            rows_of.setdefault(name, []).append(row)
    large = {name: rows for name, rows in rows_of.items() if len(rows) >= config.min_group_rows}
    if not 1 <= len(large) <= _GROUP_LIMIT:
        raise InputError(
            f"{path.name}: column {config.group_by!r} has {len(large)} groups of "
            f"{config.min_group_rows} rows or more; this takes 1 to {_GROUP_LIMIT}",
            hint="Bin or encode the column first, or change min_group_rows.",
        )
    in_groups = sum(map(len, rows_of.values()))
    report = GroupReport(
        groups_left_out=len(rows_of) - len(large),
        rows_left_out=in_groups - sum(map(len, large.values())),
        rows_without_group=len(texts) - in_groups,
    )
    names = sorted(large)
    return names, [np.array(large[name], dtype=np.int64) for name in names], report
