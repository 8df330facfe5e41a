"""A running chain: a table that moves on a terminal, one line per change elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table

from secretflow_worker.client.answers import Chain, Event
from secretflow_worker.contract.chain import NodeStatus, SkipReason

OnProgress = Callable[[Event], None]
MARKS = {
    NodeStatus.PENDING: ("○", "dim"),
    NodeStatus.QUEUED: ("◌", "dim"),
    NodeStatus.RUNNING: ("◉", "cyan"),
    NodeStatus.RETRY: ("↻", "yellow"),
    NodeStatus.SUCCESS: ("✓", "green"),
    NodeStatus.FAILURE: ("✗", "red"),
    NodeStatus.CANCELLED: ("⊘", "yellow"),
    NodeStatus.SKIPPED: ("↷", "dim"),
}
"""A shape and a colour, never the colour alone."""
_SKIPPED_AS = {
    SkipReason.WHEN.value: "its condition is false",
    SkipReason.TRIGGER_RULE.value: "nothing before it failed",
    SkipReason.DEPENDS_ON.value: "a task that it depends on did not succeed",
    SkipReason.STOP_ON_ERROR.value: "another task failed",
}
_STAGES = {
    "received": "received",
    "cluster_init": "meeting",
    "device_creation": "devices",
    "task_execution": "computing",
}
_MOST_ROWS = 40


@dataclass
class Row:
    """What is known of one task. Progress is from 0 to 1."""

    status: NodeStatus = NodeStatus.PENDING
    progress: float = 0.0
    attempt: int = 0
    parties: dict[str, tuple[str, float]] = field(default_factory=dict)
    """The stage and progress of each; "" is all of them."""
    started_at: float | None = None
    seconds: float = 0.0


class Board:
    """The tasks of a run as events tell of them; its own clock takes their seconds."""

    def __init__(self, chain: Chain) -> None:
        self.run_id = chain.celery_chain_id
        self.rows = {task.node_id: Row() for task in chain.tasks}

    def take(self, event: Event) -> tuple[str, str] | None:
        """Take an event; returns the task, and what is new in words, if it is about one of ours."""
        if event.run_id != self.run_id or event.task_id not in self.rows:
            return None
        row = self.rows[event.task_id]
        changes = [_take_status(event, row), _take_stage(event, row)]
        words = ", ".join(change for change in changes if change)
        return (event.task_id, words) if words else None

    def render(self, parties: Sequence[str]) -> RenderableType:
        """Draw the tasks, the busy ones where there are too many."""
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in ("", "task", "progress", *parties, "seconds"):
            table.add_column(heading, justify="right" if heading == "seconds" else "left")
        rows = list(self.rows.items())
        if len(rows) > _MOST_ROWS:
            rows = [each for each in rows if each[1].status is NodeStatus.RUNNING][:_MOST_ROWS]
        for name, row in rows:
            mark, style = MARKS[row.status]
            runs = row.status is NodeStatus.RUNNING and row.started_at is not None
            seconds = time.monotonic() - (row.started_at or 0.0) if runs else row.seconds
            table.add_row(
                f"[{style}]{mark}[/{style}]",
                escape(name),
                ProgressBar(total=1.0, completed=row.progress, width=24),
                *(_cell(row, party) for party in parties),
                f"{seconds:.1f}" if row.started_at is not None else "",
            )
        if len(self.rows) > _MOST_ROWS:
            ended = sum(row.status.is_terminal for row in self.rows.values())
            table.caption = f"{ended} of {len(self.rows)} tasks have ended"
        return table


def skipped_as(reason: str) -> str:
    """Return why a task was skipped, in words; a reason that is newer than this stays as it is."""
    return _SKIPPED_AS.get(reason, reason)


def _take_status(event: Event, row: Row) -> str | None:
    if event.status is None:
        return None
    status, before = NodeStatus(event.status), row.status
    row.progress = 1.0 if status is NodeStatus.SUCCESS else event.progress or 0.0
    row.status, row.attempt = status, event.attempt or row.attempt
    if status is before:
        return None
    if status is NodeStatus.RUNNING:
        row.started_at, row.parties = time.monotonic(), {}
    if status.is_terminal and row.started_at is not None:
        row.seconds = time.monotonic() - row.started_at
    took = f" after {row.seconds:.1f} s" if status.is_terminal and row.seconds else ""
    why = "" if event.error is None else f": {event.error.code}: {event.error.message}"
    if event.skip_reason is not None:
        why = f": {skipped_as(event.skip_reason)}"
    return f"{status.value}{took}{why}"


def _take_stage(event: Event, row: Row) -> str | None:
    """An event that names no party tells of all of them."""
    stage, party = _STAGES.get(event.stage or ""), event.party or ""
    if stage is None or event.status not in (None, NodeStatus.RUNNING.value):
        return None
    if not party:
        row.parties.clear()
    before = row.parties.get(party, ("", 0.0))[0]
    row.parties[party] = (stage, event.progress or 0.0)
    return f"{party} {stage}".strip() if stage != before else None


@contextmanager
def show_board(console: Console, chain: Chain, parties: Sequence[str] = ()) -> Iterator[OnProgress]:
    """Yield what a client's `on_progress` takes; `parties` get a column each, where they fit."""
    board = Board(chain)
    if not console.is_terminal:
        width = max(map(len, board.rows), default=0)

        def tell(event: Event) -> None:
            if (change := board.take(event)) is not None:
                console.print(escape(f"{change[0]:<{width}}  {change[1]}"), soft_wrap=True)

        yield tell
        return
    with Live(
        get_renderable=lambda: board.render(parties), console=console, refresh_per_second=8
    ):  # its seconds move between events too
        yield lambda event: board.take(event) and None


def _cell(row: Row, party: str) -> str:
    if row.status is NodeStatus.SUCCESS:
        return f"{'done':<15}"
    stage, progress = row.parties.get(party) or row.parties.get("", ("", 0.0))
    return f"{f'{stage} {progress:.0%}' if stage == 'computing' else stage:<15}"
