"""What the demo found, as one document and as tables on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from secretflow_worker.cli.demo.baseline import Plain
from secretflow_worker.cli.demo.runner import Done
from secretflow_worker.cli.demo.steps import BOTH

AUC_TOLERANCE = 0.05
"""How far below the plain model's AUC a model may stay."""

Document = dict[str, Any]


def summarise(done: Mapping[str, Done], plain: Mapping[str, Plain], seconds: float) -> Document:
    """Put together what the tasks' envelopes say; `seconds` is the whole demo's wall time."""
    outcomes = {name: step.ending.document["result"] for name, step in done.items() if step.ending}
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
        "tasks": [_task(name, outcomes[name], done[name].seconds) for name in outcomes],
        "bytes_sent": sent,
        "learned": {party: list(_learned(party, outcomes)) for party in BOTH},
    }


def show(console: Console, document: Document) -> None:
    """Print the document as tables."""
    rows, common = document["intersection"]["rows"], document["intersection"]["common"]
    sides = ", ".join(f"{party} {count}" for party, count in rows.items())
    console.print(f"\n[bold]Intersection[/bold]  {common} applicants in common ({sides})\n")

    models = _table("model", "AUC", "K-S", "plain AUC", "plain K-S", "plain library")
    for name, model in document["models"].items():
        figures = (model["auc"], model["ks"], model["plain_auc"], model["plain_ks"])
        models.add_row(name, *(f"{figure:.3f}" for figure in figures), model["plain_library"])
    console.print(models)
    console.print(
        "plain: the same rows, columns and split, with both tables in one house\n", style="dim"
    )

    tasks = _table("task", "meeting s", "devices s", "algorithm s", "overhead s", "total s", *BOTH)
    for task in document["tasks"]:
        phases = ("cluster_init", "device_init", "algorithm", "overhead", "total")
        tasks.add_row(
            task["name"],
            *(f"{task['seconds'][phase]:.2f}" for phase in phases),
            *(_size(task["bytes_sent"].get(party)) for party in BOTH),
        )
    sizes = (_size(document["bytes_sent"][party]) for party in BOTH)
    tasks.add_row("all", "", "", "", "", f"{document['seconds']:.2f}", *sizes, style="bold")
    console.print(tasks)
    console.print(
        "under a party's name: what it sent to the other; 'all' is the whole demo's time\n",
        style="dim",
    )

    for party, lines in document["learned"].items():
        console.print(f"[bold]What the {party} learned[/bold]")
        for line in lines:
            about = f" (about {line['about']})" if line["about"] else ""
            console.print(f"  {line['task']:<10}  {escape(line['what'] + about)}")
        if not lines:
            console.print("  nothing")


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
