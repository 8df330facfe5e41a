"""The mean of a column over all parties' rows, on the SPU of the task's own link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pooled_statistics._pooled import PooledConfig, PooledReport, PooledResult, read_column
from secretflow_worker.tasks import Learns, Parties, TaskDispatcher


@TaskDispatcher.register(
    "pooled_mean",
    version=1,
    summary="Mean of a column over the rows of all parties, for one receiver.",
    group="Understand",
    config=PooledConfig,
    report=PooledReport,
    result=PooledResult,
    devices=("spu",),
    learns=[
        Learns(
            "receiver",
            "the sum of the column and the number of rows, over all parties together; so between "
            "two parties, the other's",
            "every party's column",
            disclosed=lambda config, party: party == config.receiver,
        ),
        Learns("sender of the request", "the mean", "every party's column", outside=True),
    ],
    example={
        "task_type": "pooled_mean",
        "input_data": {"alice": "/app/data/alice.csv", "bob": "/app/data/bob.csv"},
        "column": "age",
        "receiver": "alice",
    },
)
def run(parties: Parties, config: PooledConfig) -> PooledReport:
    """Add up sums and counts on shares; open both to the receiver alone."""
    import numpy as np

    values = read_column(parties, config)
    own = np.array([sum(values), len(values)])
    shares = [
        parties.spu.share(party, own if party == parties.me else None) for party in parties.names
    ]
    total = parties.spu.reveal(parties.spu.call(_add, *shares), config.receiver)
    return PooledReport(figure=None if total is None else float(total[0] / total[1]))


@run.combine
def combine(config: PooledConfig, reports: Mapping[str, PooledReport]) -> PooledResult:
    """Take the receiver's figure."""
    told = reports.get(config.receiver)
    return PooledResult(figure=None if told is None else told.figure)


def _add(*each: Any) -> Any:
    return sum(each)
