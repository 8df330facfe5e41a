"""The devices that trainings are measured on, and the tables that fit them."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks._harness import Figure, compare
from benchmarks._plain import PlainRun
from benchmarks._worker import OurRun


@dataclass(frozen=True)
class Device:
    """A protocol, its ring and its parties; `rows` and `features` of the table to try it on."""

    protocol: str
    field: str
    parties: tuple[str, ...]
    rows: int
    features: int

    @property
    def runtime(self) -> dict[str, str]:
        return {"protocol": self.protocol, "field": self.field}

    def __str__(self) -> str:
        return f"{self.protocol} {self.field}, {self.rows:,} x {self.features}"


def compare_runs(
    shape: str,
    mine: list[OurRun | PlainRun],
    theirs: list[OurRun | PlainRun],
    limit: float | None,
) -> list[Figure]:
    """Set the algorithms' times beside each other, and our messages and bytes below them."""
    figures = [
        compare(
            f"{shape}, the algorithm alone",
            "s",
            [done.algorithm_s for done in mine],
            [done.algorithm_s for done in theirs],
            limit,
        )
    ]
    last = next((done for done in reversed(mine) if isinstance(done, OurRun)), None)
    if last is not None:
        messages = max(last.metrics["messages_sent"].values())
        sent = max(last.metrics["bytes_sent"].values())
        figures.append(Figure(f"{shape}, messages of a party", "", messages))
        figures.append(Figure(f"{shape}, sent by a party", "MB", sent / 1e6))
    return figures
