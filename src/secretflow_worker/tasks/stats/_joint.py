"""What the statistics over columns of several parties have in common: config and checks."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from pydantic import Field

from secretflow_worker.contract.errors import ConfigError
from secretflow_worker.contract.names import PartyName
from secretflow_worker.tasks._aligned import LEARNS_IDS, AlignedConfig
from secretflow_worker.tasks._columns import ColumnChoice, check_choice, check_every_party
from secretflow_worker.tasks._config import ColumnUse, PartyInputs, Receives, ReportPath
from secretflow_worker.tasks._task import Learns

ReceiverList = Annotated[list[PartyName], Field(min_length=1)]


class JointConfig(AlignedConfig):
    """Tables of all parties, of which row i is one entity, and who is told the figures."""

    input_data: PartyInputs = Field(description="Every party's table; row i of all is one entity.")
    columns: Annotated[ColumnChoice | None, ColumnUse.STATISTIC] = Field(
        default=None,
        description="The columns: a list, of which each must be at exactly one party, or "
        "{party: list}. Left out: every column of numbers but the id columns.",
    )
    receivers: Annotated[ReceiverList | None, Receives.STATISTICS] = Field(
        default=None,
        description="The parties that are told the figures. Left out: every party, so each learns "
        "of the others what they learn of it.",
    )
    output_report: ReportPath = Field(
        description="Where the report goes, as JSON; written where a receiver's worker is."
    )

    def check(self, parties: tuple[str, ...]) -> None:
        """See ``Config.check``."""
        check_every_party(self.input_data, parties, "input_data")
        check_choice(self.columns, self.input_data, "columns")
        self.check_ids(parties)
        check_receivers(self.receivers, parties)

    def told(self, party: str) -> bool:
        """Say whether a party is told the figures."""
        return self.receivers is None or party in self.receivers


def check_receivers(receivers: list[str] | None, parties: tuple[str, ...]) -> None:
    """Check the field ``receivers``.

    Raises:
        ConfigError: a receiver that is no party, or is named twice.
    """
    for receiver, count in Counter(receivers or ()).items():
        if receiver not in parties:
            raise ConfigError(
                f"task_config.receivers: {receiver!r} is not a party of this task",
                hint=f"The parties are {', '.join(parties)}.",
            )
        if count > 1:
            raise ConfigError(f"task_config.receivers: {receiver!r} is named more than once")


LEARNS_OF_JOINT = (
    Learns(
        "every party",
        "the number of rows, and which of the named columns each party has",
        "every party's table",
        when="columns is given",
        disclosed=lambda config, party: config.columns is not None,
    ),
    Learns(
        "every party",
        "the number of rows, and the names of all columns of numbers",
        "every party's table",
        when="columns is left out",
        disclosed=lambda config, party: config.columns is None,
    ),
    LEARNS_IDS,
)
