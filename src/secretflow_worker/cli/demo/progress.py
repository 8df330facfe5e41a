"""Shows a running chain: a table that moves on a terminal, one line per change elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table

from secretflow_worker.cli.demo.runner import Watcher
from secretflow_worker.cli.demo.steps import Step
from secretflow_worker.cli.sender import Ending

_STAGES = {
    "received": "received",
    "cluster_init": "meeting",
    "device_creation": "devices",
    "task_execution": "computing",
}
_MARKS = {
    "waiting": ("○", "dim"),
    "running": ("◉", "cyan"),
    "done": ("✓", "green"),
    "failed": ("✗", "red"),
}


@dataclass
class _Row:
    """What is known of one step. Progress is from 0 to 1."""

    state: str = "waiting"
    progress: float = 0.0
    parties: dict[str, tuple[str, float]] = field(default_factory=dict)
    started_at: float = 0.0
    seconds: float = 0.0


@contextmanager
def show_progress(
    console: Console, steps: Sequence[Step], parties: Sequence[str], check: Callable[[], None]
) -> Iterator[Watcher]:
    """Yield what a run reports to; `check` is called often and may raise to end the run."""
    if not console.is_terminal:
        yield LineProgress(console, check)
        return
    table = TableProgress(steps, parties, check)
    with Live(table.render(), console=console, auto_refresh=False) as live:
        table.live = live
        yield table


class LineProgress:
    """Prints when a step starts, changes stage at a party, and ends."""

    def __init__(self, console: Console, check: Callable[[], None]) -> None:
        self._console = console
        self.idle = check
        self._rows: dict[str, _Row] = {}

    def started(self, step: Step) -> None:
        self._rows[step.name] = _Row("running", started_at=time.monotonic())
        self._line(step, "started")

    def heard(self, step: Step, event: Mapping[str, Any]) -> None:
        known = self._rows[step.name].parties
        for party, stage, progress in _moves(step, event):
            if known.get(party, ("", 0.0))[0] != stage:
                self._line(step, f"{party}: {stage} {progress:.0%}")
            known[party] = (stage, progress)

    def finished(self, step: Step, ending: Ending | None) -> None:
        seconds = time.monotonic() - self._rows[step.name].started_at
        failed = ending is not None and not ending.succeeded
        self._line(step, f"{'failed' if failed else 'done'} after {seconds:.2f} s")

    def _line(self, step: Step, text: str) -> None:
        self._console.print(escape(f"{step.name:<10}  {text}"), highlight=False, soft_wrap=True)


class TableProgress:
    """One row per step: state, progress, what each party is doing, seconds."""

    def __init__(
        self, steps: Sequence[Step], parties: Sequence[str], check: Callable[[], None]
    ) -> None:
        self.live: Live | None = None
        self._rows = {step.name: _Row() for step in steps}
        self._parties = parties
        self._check = check

    def started(self, step: Step) -> None:
        row = self._rows[step.name]
        row.state, row.started_at = "running", time.monotonic()
        self._draw()

    def heard(self, step: Step, event: Mapping[str, Any]) -> None:
        row = self._rows[step.name]
        for party, stage, progress in _moves(step, event):
            row.parties[party] = (stage, progress)
            row.progress = max(row.progress, progress)

    def finished(self, step: Step, ending: Ending | None) -> None:
        row = self._rows[step.name]
        row.seconds = time.monotonic() - row.started_at
        if ending is None or ending.succeeded:
            row.state, row.progress = "done", 1.0
            row.parties = dict.fromkeys(step.parties, ("done", 1.0))
        else:
            row.state = "failed"
        self._draw()

    def idle(self) -> None:
        self._check()
        self._draw()

    def render(self) -> Table:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in ("", "task", "progress", *self._parties, "seconds"):
            table.add_column(heading, justify="right" if heading == "seconds" else "left")
        for name, row in self._rows.items():
            mark, style = _MARKS[row.state]
            running = row.state == "running"
            seconds = time.monotonic() - row.started_at if running else row.seconds
            table.add_row(
                f"[{style}]{mark}[/{style}]",
                name,
                ProgressBar(total=1.0, completed=row.progress, width=24),
                *(self._cell(row, party) for party in self._parties),
                "" if row.state == "waiting" else f"{seconds:.1f}",
            )
        return table

    @staticmethod
    def _cell(row: _Row, party: str) -> str:
        stage, progress = row.parties.get(party, ("", 0.0))
        text = f"{stage} {progress:.0%}" if stage == "computing" else stage
        return f"{text:<15}"

    def _draw(self) -> None:
        if self.live is not None:
            self.live.update(self.render(), refresh=True)


def _moves(step: Step, event: Mapping[str, Any]) -> Iterator[tuple[str, str, float]]:
    """Yield (party, stage, progress); an event that names no party tells of all of them."""
    data = event.get("data", {})
    stage = _STAGES.get(str(data.get("stage")))
    if event.get("status") != "RUNNING" or stage is None:
        return
    party = data.get("party")
    for name in step.parties if party is None else (str(party),):
        yield name, stage, float(data.get("progress", 0.0))
