"""``task_config`` of ``ss_pvalue``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from secretflow_worker.tasks._aligned import AlignedConfig
from secretflow_worker.tasks._columns import check_every_party
from secretflow_worker.tasks._config import (
    ColumnUse,
    PartyInputs,
    PartyModelsIn,
    Receives,
    ReportPath,
)
from secretflow_worker.tasks.stats._joint import ReceiverList, check_receivers


class PvalueConfig(AlignedConfig):
    """A saved model, the rows that it was trained on, and who is told the figures."""

    model: Annotated[PartyModelsIn, ColumnUse.STATISTIC] = Field(
        description="Every party's folder of a model of ss_lr or ss_glm."
    )
    data: PartyInputs = Field(
        description="Every party's table of the rows that the model was trained on, with the label."
    )
    receivers: Annotated[ReceiverList, Receives.STATISTICS] = Field(
        description="The parties that are told the figures."
    )
    standard_errors: bool = Field(
        default=False,
        description="Tell the receivers the standard errors too. With the statistics they give "
        "the coefficients, which otherwise stay secret.",
    )
    output_report: ReportPath = Field(
        description="Where the report goes, as JSON; written where a receiver's worker is."
    )

    def check(self, parties: tuple[str, ...]) -> None:
        """See ``Config.check``."""
        check_every_party(self.model, parties, "model")
        check_every_party(self.data, parties, "data")
        self.check_ids(parties)
        check_receivers(self.receivers, parties)
