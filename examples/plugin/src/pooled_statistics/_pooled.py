"""What the two types have in common: who has rows, of which column, and who is told."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from secretflow_worker.contract.errors import ConfigError, InputError
from secretflow_worker.tasks import (
    ColumnName,
    ColumnUse,
    Config,
    Parties,
    PartyInputs,
    PartyName,
    Receives,
    Report,
    Result,
    load_numbers,
)

LIMIT = 1e6
"""Of a number's size: so a sum over 100 million rows is small enough for the SPU."""


class PooledConfig(Config):
    """Tables with the same column, each with rows of its own."""

    input_data: PartyInputs = Field(description="Every party's table; its rows are its own.")
    column: Annotated[ColumnName, ColumnUse.STATISTIC] = Field(
        description="The column, of numbers, that every table has."
    )
    receiver: Annotated[PartyName, Receives.STATISTICS] = Field(
        description="The party that is told the figure."
    )

    def check(self, parties: tuple[str, ...]) -> None:
        """See ``Config.check``."""
        for party in parties:
            if party not in self.input_data:
                raise ConfigError(f"task_config.input_data: party {party} is missing")
        if self.receiver not in parties:
            raise ConfigError(f"task_config.receiver: {self.receiver!r} is no party of this task")


class PooledReport(Report):
    """What a party's worker is told; the figure at the receiver only."""

    figure: float | None


class PooledResult(Result):
    """What both types return."""

    figure: float | None = Field(description="None where the receiver's worker is elsewhere.")


def read_column(parties: Parties, config: PooledConfig) -> list[float]:
    """Return this party's own numbers.

    Raises:
        InputError: no such column, no rows, a value that is no number, or one beyond the limit.
    """
    path = parties.input(config.input_data[parties.me])
    values: list[float] = load_numbers(path, [config.column])[:, 0].tolist()
    if not values:
        raise InputError(f"{path.name}: the table has no rows", hint="Give it at least one row.")
    if max(map(abs, values)) > LIMIT:
        raise InputError(
            f"{path.name}: column {config.column!r} holds numbers beyond {LIMIT:g}",
            hint="Divide the column by a power of ten first.",
        )
    return values
