"""The largest number of a column over all parties' rows, on SecretFlow's own devices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pooled_statistics._pooled import PooledConfig, PooledReport, PooledResult, read_column
from secretflow_worker.tasks import Learns, Parties, TaskDispatcher


@TaskDispatcher.register(
    "pooled_maximum",
    version=1,
    summary="Largest number of a column over the rows of all parties, for one receiver.",
    group="Understand",
    config=PooledConfig,
    report=PooledReport,
    result=PooledResult,
    devices=("secretflow", "spu"),
    learns=[
        Learns(
            "receiver",
            "the largest number, which is a value of some party's data",
            "every party's column",
            disclosed=lambda config, party: party == config.receiver,
        ),
        Learns("sender of the request", "the same", "every party's column", outside=True),
    ],
    example={
        "task_type": "pooled_maximum",
        "input_data": {"alice": "/app/data/alice.csv", "bob": "/app/data/bob.csv"},
        "column": "age",
        "receiver": "alice",
    },
)
def run(parties: Parties, config: PooledConfig) -> PooledReport:
    """Each PYU finds its own maximum, the SPU the largest of them, the receiver's PYU gets it."""
    largest = max(read_column(parties, config))
    bridge = parties.secretflow()
    import secretflow  # after the bridge, which counts the seconds that it takes

    # A function of a PYU runs in its own party's process: there, `largest` is that party's.
    own = [bridge.pyu(party)(lambda: largest)() for party in parties.names]
    joint = bridge.spu(_largest)(*(each.to(bridge.spu) for each in own))
    figures: list[float] = []
    keep = bridge.pyu(config.receiver)(lambda figure: figures.append(float(figure)))
    secretflow.wait(keep(joint.to(bridge.pyu(config.receiver))))
    return PooledReport(figure=figures[0] if figures else None)


@run.combine
def combine(config: PooledConfig, reports: Mapping[str, PooledReport]) -> PooledResult:
    """Take the receiver's figure."""
    told = reports.get(config.receiver)
    return PooledResult(figure=None if told is None else told.figure)


def _largest(*each: Any) -> Any:
    import jax.numpy as jnp

    return jnp.max(jnp.stack(each))
