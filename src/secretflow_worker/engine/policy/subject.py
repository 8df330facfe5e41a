"""What a party's policy judges: one request as it concerns that party."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from secretflow_worker.tasks import Config, TaskType
from secretflow_worker.tasks._config import DeclaredFile, FileRole
from secretflow_worker.tasks._marks import ColumnUse, DeclaredUse


@dataclass(frozen=True)
class Subject:
    """One request, seen by `party`. `parties` are all of the task by rank."""

    party: str
    task: TaskType
    config: Config
    parties: tuple[str, ...]
    is_network: bool
    """Whether each party has a worker of its own; else all of them are on this machine."""
    dealer: str | None = None
    """The party that deals the triples, where the protocol has one and the parties meet."""
    is_dealer_allowed: bool = False
    """Whether the setting ``allow_semi2k_dealer`` overrides the policy in this."""
    certs_dir: Path | None = None

    @property
    def peers(self) -> Sequence[str]:
        return [party for party in self.parties if party != self.party]

    @property
    def is_linked(self) -> bool:
        return self.task.link and len(self.parties) > 1

    @cached_property
    def files(self) -> list[tuple[DeclaredFile, Path]]:
        """This party's files and those of no one party, with their real paths."""
        return [
            (declared, Path(os.path.realpath(declared.path)))
            for declared in self.config.files()
            if declared.party in (self.party, None)
        ]

    @property
    def tables(self) -> list[tuple[DeclaredFile, Path]]:
        return [file for file in self.files if file[0].role is FileRole.INPUT_TABLE]

    @property
    def gives_data(self) -> bool:
        """Whether anything of this party goes into the task."""
        return any(declared.role.is_input for declared, _ in self.files)

    @cached_property
    def uses(self) -> list[DeclaredUse]:
        """What is done with this party's columns; the most, where the type says nothing."""
        uses = list(self.config.column_uses(self.party))
        if self.tables and not uses and not self.config.says_column_uses():
            return [DeclaredUse("task_type", ColumnUse.STATISTIC, None)]
        return uses

    @property
    def tells_statistics(self) -> bool:
        return any(use.use is ColumnUse.STATISTIC for use in self.uses)
