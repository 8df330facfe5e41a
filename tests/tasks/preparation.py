"""Tables that parties prepare alone: written, run through a task with real parties, read back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from secretflow_worker.contract.result import TaskOutcome
from secretflow_worker.tasks._rules import Rules, load_rules
from tests.conftest import RunTask

ALONE = ("alice",)
SECRET = "Zq7secret"

Tables = Mapping[str, str | bytes | pl.DataFrame]


class Prepare:
    """Runs one task type on the parties' tables: texts as CSV, frames as Parquet."""

    def __init__(self, run_task: RunTask, folder: Path, task_type: str) -> None:
        self._run_task = run_task
        self.task_type = task_type
        self.folder = folder

    def __call__(
        self, tables: Tables, parties: Sequence[str] | None = None, **extra: Any
    ) -> TaskOutcome:
        """Fit and apply; the rules go to ``rules/<party>.json``, the tables to ``out``."""
        config = {
            "task_type": self.task_type,
            **self._paths(tables, "out"),
            "rules_output": self.rules_paths(tables),
            **extra,
        }
        return self._run_task(config, tuple(parties or tables))

    def again(
        self, tables: Tables, parties: Sequence[str] | None = None, **extra: Any
    ) -> TaskOutcome:
        """Apply the saved rules to other tables; the outputs go to ``again``."""
        config = {
            "task_type": "apply_rules",
            "rules": self.rules_paths(tables),
            **self._paths(tables, "again"),
            **extra,
        }
        return self._run_task(config, tuple(parties or tables))

    def rules_paths(self, parties: Mapping[str, Any]) -> dict[str, str]:
        return {party: str(self.folder / "rules" / f"{party}.json") for party in parties}

    def rules(self, party: str = "alice") -> Rules:
        return load_rules(self.folder / "rules" / f"{party}.json")

    def output(self, party: str = "alice", folder: str = "out") -> str:
        path = self.folder / folder / f"{party}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()

    def column(self, name: str, party: str = "alice", folder: str = "out") -> list[str | None]:
        """Return a column of an output CSV as text, None where it is missing."""
        table = pl.read_csv(self.folder / folder / f"{party}.csv", infer_schema=False)
        return table[name].to_list()

    def parquet(self, party: str = "alice", folder: str = "out") -> pl.DataFrame:
        return pl.read_parquet(self.folder / folder / f"{party}.parquet")

    def written(self) -> list[str]:
        """Return all that a run has left in its folders."""
        return sorted(path.name for name in ("out", "rules") for path in self._files(name))

    def _files(self, folder: str) -> list[Path]:
        path = self.folder / folder
        return list(path.iterdir()) if path.exists() else []

    def _paths(self, tables: Tables, folder: str) -> dict[str, dict[str, str]]:
        paths: dict[str, dict[str, str]] = {"input_data": {}, "output_data": {}}
        for party, table in tables.items():
            suffix = "parquet" if isinstance(table, pl.DataFrame) else "csv"
            path = self.folder / f"{party}.{suffix}"
            if isinstance(table, pl.DataFrame):
                table.write_parquet(path)
            else:
                path.write_bytes(table if isinstance(table, bytes) else table.encode())
            paths["input_data"][party] = str(path)
            paths["output_data"][party] = str(self.folder / folder / f"{party}.{suffix}")
        return paths


def signed(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rules file's document as who writes one by hand, and knows of its digest, would."""
    text = json.dumps(dict(document), separators=(",", ":"), ensure_ascii=False)
    return {**document, "sha256": hashlib.sha256(text.encode()).hexdigest()}
