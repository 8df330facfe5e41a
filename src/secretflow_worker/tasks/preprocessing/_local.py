"""What the types have in common that each party runs on its own table alone.

The run fits rules and applies them by the function that ``apply_rules`` uses later, so both
give the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import Field

from secretflow_worker.contract.names import FilePath, PartyName
from secretflow_worker.tasks import Config, Learns, Parties, Report, Result
from secretflow_worker.tasks._columns import (
    ColumnChoice,
    check_have_data,
    check_same_parties,
    chosen_at,
    require_all_found,
)
from secretflow_worker.tasks._config import PartyInputs, PartyOutputs, PartyRulesOut
from secretflow_worker.tasks._rules import Rules, save_rules

OWN_REFUSALS = Learns(
    who="sender of the request",
    what="from an error, which column of a table is absent or does not fit the task, and how",
    about="every party with a table",
    when="the task fails",
    outside=True,
)


class LocalConfig(Config):
    """Tables in, tables out, and the rules."""

    input_data: PartyInputs = Field(description="Each party's table.")
    output_data: PartyOutputs = Field(description="Where each party's new table goes.")
    rules_output: PartyRulesOut | None = Field(
        default=None, description="Where each party keeps what it fitted, for apply_rules."
    )

    def check(self, parties: tuple[str, ...]) -> None:
        """See ``Config.check``."""
        check_same_parties(self.input_data, self.output_data, "input_data and output_data")
        check_have_data(self.rules_output, self.input_data, "rules_output")


class LocalReport(Report):
    """What a party's worker is told: names of columns, in the order of the table."""

    columns: list[str] = Field(default_factory=list)


class LocalResult(Result):
    """What every such type returns."""

    output_paths: dict[PartyName, FilePath]
    rules_output: dict[PartyName, FilePath] | None = None


def named_at(parties: Parties, source: Path, choice: ColumnChoice | None) -> list[str] | None:
    """Return the columns of this party that ``columns`` names, None where it is left out."""
    return None if choice is None else chosen_at(parties.me, source, choice, "columns")


def keep_rules(parties: Parties, config: LocalConfig, rules: Rules) -> None:
    """Write this party's rules where the request asks for them."""
    if config.rules_output is not None and parties.me in config.rules_output:
        save_rules(rules, parties.stage(config.rules_output[parties.me]))


def merge_columns(
    config: LocalConfig, choice: ColumnChoice | None, reports: Mapping[str, LocalReport]
) -> list[str]:
    """Return what the parties report, in their order; a name that two have is listed once.

    Raises:
        InputError: a column of a flat list that no party has.
    """
    found: dict[str, Sequence[str]] = {party: report.columns for party, report in reports.items()}
    require_all_found(choice, config.input_data, found, "columns")
    return list(dict.fromkeys(name for party in config.input_data for name in found.get(party, [])))
