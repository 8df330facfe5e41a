"""Configs of tasks whose tables are split by columns: row i of all is the same entity.

With ``id_columns`` the parties' rows are checked to be aligned, by one bit that opens inside MPC;
without, only row counts are compared.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from secretflow_worker.contract.errors import ConfigError
from secretflow_worker.tasks._columns import ColumnChoice, check_choice, check_every_party
from secretflow_worker.tasks._config import ColumnUse, Config
from secretflow_worker.tasks._task import Learns


class AlignedConfig(Config):
    """Which rows are the same entity."""

    id_columns: Annotated[ColumnChoice | None, ColumnUse.KEY] = Field(
        default=None,
        description="Columns that identify a row: a list where every party calls them the same, "
        "or {party: list}. With them the parties' rows are checked to be aligned. Left out: only "
        "row counts are compared.",
    )

    def ids_at(self, party: str) -> list[str]:
        """Return the id columns of a party's table."""
        if isinstance(self.id_columns, dict):
            return self.id_columns[party]
        return self.id_columns or []

    def check_ids(self, parties: tuple[str, ...]) -> None:
        """Check the id columns.

        Raises:
            ConfigError: a party without them, or with another number of them.
        """
        check_choice(self.id_columns, dict.fromkeys(parties, ""), "id_columns")
        if isinstance(self.id_columns, dict):
            check_every_party(self.id_columns, parties, "id_columns")
            if len({len(columns) for columns in self.id_columns.values()}) > 1:
                raise ConfigError(
                    "task_config.id_columns: every party must name as many columns; they match by "
                    "position"
                )


LEARNS_IDS = Learns(
    "every party",
    "that the id columns are equal in every row (a run where they are not fails)",
    "every party's id columns",
    when="id_columns is given",
    disclosed=lambda config, party: config.id_columns is not None,
)
