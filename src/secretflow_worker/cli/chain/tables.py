"""Chains and their tasks as tables on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from secretflow_worker.cli.chain.board import MARKS, skipped_as
from secretflow_worker.client.answers import Chain, Page, Task
from secretflow_worker.contract.events import read_moment

_MOST_FACTS = 4


def show_list(console: Console, page: Page) -> None:
    """Print a page of chains."""
    if not page.items:
        console.print("no chains; `sfw chain run FILE` makes one", soft_wrap=True)
        return
    table = _table("chain", "name", "status", "tasks", "owner", "created")
    for line in page.items:
        done = f"{line.completed_tasks}/{line.total_tasks}"
        cells = (line.chain_id, line.chain_name, line.status.value, done, line.created_by)
        table.add_row(*map(escape, cells), local(line.created_at))
    console.print(table)
    if page.total > len(page.items):
        console.print(f"{page.total} in all; --limit and --page show more", style="dim")


def show_chain(console: Console, chain: Chain) -> None:
    """Print a chain, its tasks, and how it ended."""
    console.print(f"[bold]{escape(chain.chain_name)}[/bold]  {chain.chain_id}", soft_wrap=True)
    console.print(
        f"{chain.status.value}, version {chain.version}, {chain.completed_tasks} of "
        f"{chain.total_tasks} tasks done, by {escape(chain.created_by)}, "
        f"created {local(chain.created_at)}",
        soft_wrap=True,
    )
    if chain.tasks:
        show_results(console, chain)
    else:
        console.print("it has not run yet")
    if chain.error is not None:
        hint = f" ({chain.error.hint})" if chain.error.hint else ""
        party = f" at {chain.error.party}" if chain.error.party else ""
        console.print(
            escape(f"{chain.error.code}{party}: {chain.error.message}{hint}"), soft_wrap=True
        )


def show_results(console: Console, chain: Chain) -> None:
    """Print the tasks of a run with the plain figures of their results."""
    table = _table("", "task", "type", "status", "seconds", "result")
    for task in chain.tasks:
        mark, style = MARKS[task.status]
        table.add_row(
            f"[{style}]{mark}[/{style}]",
            *map(escape, (task.node_id, task.task_type, task.status.value)),
            _seconds(task),
            escape(_told(task)),
        )
    console.print(table)


def _told(task: Task) -> str:
    if task.error is not None:
        return task.error.code
    if task.skip_reason is not None:
        return skipped_as(task.skip_reason.value)
    return ", ".join(_facts(task))


def local(moment: str | None) -> str:
    """Write a time of the wire in this machine's time zone."""
    if moment is None:
        return ""
    return read_moment(moment).astimezone().strftime("%F %T")


def _facts(task: Task) -> Iterator[str]:
    found = list(_plain(task.result))
    yield from found[:_MOST_FACTS]
    if len(found) > _MOST_FACTS:
        yield "..."


def _plain(value: Any, name: str = "", depth: int = 2) -> Iterator[str]:
    """Yield the figures of a result that lie near its top; all of it is for --json."""
    if isinstance(value, dict) and depth > 0:
        for key, inner in value.items():
            yield from _plain(inner, str(key), depth - 1)
    elif isinstance(value, bool):
        return
    elif isinstance(value, (int, float)):
        yield f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}"


def _seconds(task: Task) -> str:
    if task.started_at is None or task.completed_at is None:
        return ""
    took = read_moment(task.completed_at) - read_moment(task.started_at)
    return f"{took.total_seconds():.1f}"


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        right = heading in {"seconds", "tasks"}
        table.add_column(heading, justify="right" if right else "left", no_wrap=heading != "name")
    return table
