"""What every benchmark shares: sides run in turn, medians, a table of ratios, a JSON file."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.table import Table

from benchmarks._worker import Worker
from tests.noop.installing import installed

T = TypeVar("T")


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    With a `reference`, `limit` bounds the ratio ours / reference; without one, it bounds ours.
    """

    what: str
    unit: str
    ours: float
    reference: float | None = None
    limit: float | None = None
    samples: dict[str, list[float]] = field(default_factory=dict)

    @property
    def compared(self) -> float:
        return self.ours if self.reference is None else self.ours / self.reference

    @property
    def holds(self) -> bool:
        return self.limit is None or self.compared <= self.limit


@dataclass
class Bench:
    """What a benchmark is given. `folder` is the worker's data root, and goes at the end."""

    folder: Path
    repeats: int
    resources: ExitStack
    _worker: Worker | None = None
    _idle_worker: Worker | None = None

    @property
    def worker(self) -> Worker:
        """A real worker with its embedded Redis, started at first use and shared from then on."""
        if self._worker is None:
            self._worker = self.resources.enter_context(Worker.running(self.folder))
        return self._worker

    @property
    def idle_worker(self) -> Worker:
        """One that also knows the task type ``noop``, with the orchestrator in front of it."""
        if self._idle_worker is None:
            self._idle_worker = self.resources.enter_context(
                Worker.running(self.folder, installed())
            )
        return self._idle_worker


def in_turn(repeats: int, *sides: Callable[[], T]) -> list[list[T]]:
    """Run every side `repeats` times, alternating, so that a busy minute hits all alike."""
    runs: list[list[T]] = [[] for _ in sides]
    for number in range(repeats):
        order = range(len(sides)) if number % 2 == 0 else reversed(range(len(sides)))
        for index in order:
            runs[index].append(sides[index]())
    return runs


def compare(
    what: str,
    unit: str,
    ours: Sequence[float],
    reference: Sequence[float],
    limit: float | None = None,
) -> Figure:
    """Set the medians of two sides beside each other."""
    return Figure(
        what,
        unit,
        statistics.median(ours),
        statistics.median(reference),
        limit,
        {"ours": list(ours), "reference": list(reference)},
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of all do not exceed."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, max(0, round(share * len(ranked) + 0.4999) - 1))]


def programs() -> str:
    """Tell whether our side finds the SPU's programs compiled, as every run but the first does.

    The library compiles them in every run. ``SFW_PROGRAMS_LIMIT_BYTES=0`` makes ours do the same.
    """
    is_anew = os.environ.get("SFW_PROGRAMS_LIMIT_BYTES") == "0"
    return "compiled anew" if is_anew else "kept from a run before"


def show(name: str, figures: Sequence[Figure]) -> None:
    """Print one benchmark's figures."""
    title = f"{name}: ours beside the reference (medians; our programs {programs()})"
    table = Table(title=title)
    for column in ("what", "ours", "reference", "ratio", "limit", ""):
        table.add_column(column, justify="left" if column in {"what", ""} else "right")
    for figure in figures:
        reference = "" if figure.reference is None else f"{figure.reference:.3g} {figure.unit}"
        table.add_row(
            figure.what,
            f"{figure.ours:.3g} {figure.unit}",
            reference,
            "" if figure.reference is None else f"{figure.compared:.3f}",
            "" if figure.limit is None else f"{figure.limit:g}",
            "" if figure.limit is None else ("holds" if figure.holds else "MISSED"),
        )
    Console(width=max(100, Console().width)).print(table)


def save(path: Path, figures: Sequence[Figure]) -> None:
    """Write the figures with every sample, and what they were measured on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "machine": {
            "cpus": os.cpu_count(),
            "system": platform.platform(),
            "python": platform.python_version(),
            "load_average": os.getloadavg(),
        },
        "programs": programs(),
        "figures": [
            {**asdict(figure), "ratio": figure.compared, "holds": figure.holds}
            for figure in figures
        ],
    }
    path.write_text(json.dumps(document, indent=2) + "\n")
