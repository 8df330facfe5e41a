"""Apply to new data what an earlier task fitted, each party with its own rules file.

Tomorrow's table is scaled, encoded, binned or filled with today's figures, by the very function
that the fitting run used, so the numbers are the same. Rules name their task type and version;
this worker must have both. Nothing of the rules or the table leaves its owner.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from secretflow_worker.contract.errors import ConfigError, InputError
from secretflow_worker.contract.names import FilePath, PartyName
from secretflow_worker.tasks import Config, Learns, Parties, Result, TaskDispatcher
from secretflow_worker.tasks._columns import check_same_parties
from secretflow_worker.tasks._config import ColumnUse, PartyInputs, PartyOutputs, PartyRulesIn
from secretflow_worker.tasks._rules import Rules, load_rules
from secretflow_worker.tasks._task import ApplyFunction
from secretflow_worker.tasks.preprocessing._local import OWN_REFUSALS, LocalReport


class ApplyConfig(Config):
    """What ``apply_rules`` takes."""

    names_hold_values = True  # where the rules are an onehot_encoder's

    rules: Annotated[PartyRulesIn, ColumnUse.LOCAL] = Field(
        description="Each party's rules file: the rules_output of an earlier task."
    )
    input_data: PartyInputs = Field(description="Each party's new table.")
    output_data: PartyOutputs = Field(description="Where each party's changed table goes.")

    def check(self, parties: tuple[str, ...]) -> None:
        """See ``Config.check``."""
        check_same_parties(self.input_data, self.output_data, "input_data and output_data")
        check_same_parties(self.input_data, self.rules, "input_data and rules")


class ApplyResult(Result):
    """What ``apply_rules`` returns."""

    output_paths: dict[PartyName, FilePath]
    columns_changed: list[str] = Field(description="In the order of parties and tables.")


@TaskDispatcher.register(
    "apply_rules",
    version=1,
    summary="Apply a saved scaling, encoding, binning or filling to new data, at its owner.",
    group="Prepare",
    config=ApplyConfig,
    report=LocalReport,
    result=ApplyResult,
    learns=[
        Learns(
            who="sender of the request",
            what="the names of the columns that its rules are about",
            about="every party with a table",
            outside=True,
        ),
        OWN_REFUSALS,
    ],
    parties=(1, 5),
    link=False,
    example={
        "task_type": "apply_rules",
        "rules": {
            "alice": "/app/data/rules/alice_scaler.json",
            "bob": "/app/data/rules/bob_scaler.json",
        },
        "input_data": {"alice": "/app/data/alice_new.csv", "bob": "/app/data/bob_new.csv"},
        "output_data": {
            "alice": "/app/data/alice_new_scaled.csv",
            "bob": "/app/data/bob_new_scaled.csv",
        },
    },
)
def run(parties: Parties, config: ApplyConfig) -> LocalReport:
    """Apply this party's own rules to its own table."""
    if parties.me not in config.input_data:
        return LocalReport()
    from secretflow_worker.tasks._tables import require_columns

    rules_path = parties.input(config.rules[parties.me])
    source = parties.input(config.input_data[parties.me])
    rules = load_rules(rules_path)
    apply = _applier_of(rules_path, rules)
    require_columns(source, list(rules.columns), f"task_config.rules.{parties.me}")
    parties.progress(0.1, "rules read")
    target = parties.stage(config.output_data[parties.me])
    return LocalReport(columns=apply(source, rules, target))


@run.combine
def combine(config: ApplyConfig, reports: Mapping[str, LocalReport]) -> ApplyResult:
    """Merge what the parties changed; a name that two of them have is listed once."""
    own = [reports[party] for party in config.input_data if party in reports]
    return ApplyResult(
        output_paths=config.output_data,
        columns_changed=list(dict.fromkeys(name for report in own for name in report.columns)),
    )


def _applier_of(path: Path, rules: Rules) -> ApplyFunction:
    """Return the function that applies rules of that type and version.

    Raises:
        InputError: this worker has none; the file is not quoted.
    """
    able = [task for task in TaskDispatcher.all() if task.apply_function is not None]
    try:
        found = TaskDispatcher.find(rules.task_type, rules.task_version).apply_function
    except ConfigError:
        found = None
    if found is None:
        known = ", ".join(f"{task.name}@{task.version}" for task in able)
        raise InputError(
            f"{path.name}: the rules are of a task type or version that this worker cannot apply",
            hint=f"It applies rules of {known}. Fit again, or run a worker of their version.",
        )
    return found
