"""What the demo found, as one document and as tables on the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from secretflow_worker.cli.demo.baseline import Plain
from secretflow_worker.cli.demo.chain import BOTH
from secretflow_worker.client import TaskDetails
from secretflow_worker.contract.events import read_moment

AUC_TOLERANCE = 0.05
"""How far below the plain model's AUC a model may stay."""

Document = dict[str, Any]
_PHASES = ("cluster_init", "device_init", "algorithm", "overhead", "total")


def summarise(
    done: Mapping[str, TaskDetails], plain: Mapping[str, Plain], seconds: float
) -> Document:
    """Put together what the tasks' outcomes say; `seconds` is the whole demo's wall time."""
    outcomes = {name: task.outcome for name, task in done.items() if task.outcome is not None}
    psi = outcomes["psi"]["result"]
    models = dict(_models(outcomes, plain))
    sent = dict.fromkeys(BOTH, 0)
    for outcome in outcomes.values():
        for party, count in outcome["performance_metrics"]["bytes_sent"].items():
            sent[party] += count
    return {
        "ok": all(model["auc"] >= model["plain_auc"] - AUC_TOLERANCE for model in models.values()),
        "seconds": round(seconds, 2),
        "intersection": {
            "rows": {report["party"]: report["original_count"] for report in psi["reports"]},
            "common": psi["intersection_count"],
        },
        "models": models,
        "tasks": [_task(name, outcomes[name], _waited(done[name])) for name in outcomes],
        "bytes_sent": sent,
        "learned": {party: list(_learned(party, outcomes)) for party in BOTH},
    }


def show(console: Console, document: Document) -> None:
    """Print the document as tables."""
    rows, common = document["intersection"]["rows"], document["intersection"]["common"]
    sides = ", ".join(f"{party} {count}" for party, count in rows.items())
    console.print(f"\n[bold]Intersection[/bold]  {common} applicants in common ({sides})\n")

    _show_models(console, document)
    _show_tasks(console, document)
    for party, lines in document["learned"].items():
        _show_learned(console, party, lines)


def _show_models(console: Console, document: Document) -> None:
    models = _table("model", "AUC", "K-S", "plain AUC", "plain K-S", "plain library")
    for name, model in document["models"].items():
        figures = (model["auc"], model["ks"], model["plain_auc"], model["plain_ks"])
        models.add_row(name, *(f"{figure:.3f}" for figure in figures), model["plain_library"])
    console.print(models)
    console.print("plain: the same rows, columns and split, all in one house\n", style="dim")


def _show_tasks(console: Console, document: Document) -> None:
    """Seconds per phase, and how much each party sent to the other."""
    sent = (f"{party}\nsent" for party in BOTH)
    tasks = _table(
        "task",
        "cluster\ninit s",
        "device\ninit s",
        "algorithm\ns",
        "overhead\ns",
        "total\ns",
        *sent,
    )
    for task in document["tasks"]:
        tasks.add_row(
            task["name"],
            *(f"{task['seconds'][phase]:.2f}" for phase in _PHASES),
            *(_size(task["bytes_sent"].get(party)) for party in BOTH),
        )
    sizes = (_size(document["bytes_sent"][party]) for party in BOTH)
    tasks.add_row("demo", "", "", "", "", f"{document['seconds']:.2f}", *sizes, style="bold")
    console.print(tasks)


def _show_learned(console: Console, party: str, lines: Iterable[Document]) -> None:
    """Each fact once, with all the tasks that disclosed it."""
    facts: dict[str, list[str]] = {}
    for line in lines:
        about = f" (about {line['about']})" if line["about"] else ""
        facts.setdefault(line["what"] + about, []).append(line["task"])
    console.print(f"\n[bold]What the {party} learned[/bold]")
    table = Table.grid(padding=(0, 2))
    for fact, tasks in facts.items():
        table.add_row(", ".join(tasks), escape(fact))
    console.print(table if facts else "nothing")


def _models(
    outcomes: Mapping[str, Any], plain: Mapping[str, Plain]
) -> Iterator[tuple[str, Document]]:
    for name, evaluation in (("ss_lr", "eval_lr"), ("ss_xgb", "eval_xgb")):
        metrics = outcomes[evaluation]["result"]["metrics"]
        yield (
            name,
            {
                "auc": metrics["auc"],
                "ks": metrics["ks"],
                "plain_auc": plain[name].auc,
                "plain_ks": plain[name].ks,
                "plain_library": plain[name].library,
            },
        )


def _waited(task: TaskDetails) -> float:
    """Return the seconds from a task's message to its end."""
    sent, ended = (
        read_moment(moment or task.attempts[-1].dispatched_at)
        for moment in (task.attempts[-1].dispatched_at, task.completed_at)
    )
    return (ended - sent).total_seconds()


def _task(name: str, outcome: Mapping[str, Any], waited: float) -> Document:
    metrics = outcome["performance_metrics"]
    return {
        "name": name,
        "task_type": outcome["task_metadata"]["task_type"],
        "parties": outcome["task_metadata"]["parties"],
        "security": outcome["task_metadata"].get("security"),
        "seconds": {
            "cluster_init": metrics["cluster_init_time"],
            "device_init": metrics["device_init_time"],
            "algorithm": metrics["algorithm_exec_time"],
            "overhead": metrics["overhead_time"],
            "total": metrics["total_execution_time"],
            "submit_to_result": round(waited, 3),
        },
        "bytes_sent": metrics["bytes_sent"],
        "peak_rss_bytes": metrics["peak_rss_bytes"],
    }


def _learned(party: str, outcomes: Mapping[str, Any]) -> Iterator[Document]:
    for name, outcome in outcomes.items():
        for fact in outcome["task_metadata"]["disclosed"]:
            if fact["to"] == party:
                yield {"task": name, "what": fact["what"], "about": fact["about"]}


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        words = heading in {"model", "task", "plain library"}
        table.add_column(heading, justify="left" if words else "right", no_wrap=True)
    return table


def _size(count: int | None) -> str:
    if not count:
        return "-"
    return f"{count / 1e6:.2f} MB" if count >= 1e6 else f"{count / 1e3:.1f} kB"
