"""A task's report as it is told to others: first figures and charts, and those coarsely.

The file stays where it is, whole. What is told of it are its headlines and charts, checked to be
such; a curve is thinned and its numbers are rounded, so that no single row's score is in it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from secretflow_worker.contract.errors import InputError, InputNotFound
from secretflow_worker.tasks._charts import AnyChart, Chart, Headline, HeatMap

MOST_POINTS = 200
"""Of a line."""
MOST_CHARTS = 200
_DIGITS = 4
"""That count, of a number between others of its kind."""
_LIMIT_BYTES = 64 << 20
_LINES = ("line", "step", "scatter")
_HEADLINES = TypeAdapter(list[Headline])
_CHARTS = TypeAdapter(list[Annotated[AnyChart, Field(discriminator="kind")]])


def describe_report(real: Path, path: str, party: str) -> dict[str, Any]:
    """Return what is told of a report; `path` is its name in requests.

    Raises:
        InputNotFound: there is nothing.
        InputError: it is no report of a task; its contents are not quoted.
    """
    try:
        found = _read(real)
        headlines = _HEADLINES.validate_python(found.get("headlines", []))
        charts = _CHARTS.validate_python(found.get("charts", []))
        task_type, version, of = (found.get(key) for key in ("task_type", "task_version", "party"))
        if not isinstance(task_type, str) or not isinstance(version, int):
            raise TypeError("not such as a task writes")
    except FileNotFoundError:
        raise InputNotFound(f"{path} does not exist", party=party) from None
    except (OSError, ValueError, TypeError, AttributeError, RecursionError, ValidationError):
        raise InputError(f"{path} is no report of a task", party=party) from None
    return {
        "task_type": task_type,
        "task_version": version,
        "party": of if isinstance(of, str) else None,  # whose report it is, where one alone has it
        "headlines": [line.model_dump(mode="json") for line in headlines],
        "charts": [_coarse(chart) for chart in charts[:MOST_CHARTS]],
        "is_cut": len(charts) > MOST_CHARTS,
    }


def _coarse(chart: AnyChart) -> dict[str, Any]:
    told = chart.model_dump(mode="json", exclude_none=True)
    if isinstance(chart, Chart):
        for series in told["series"]:
            kept = _kept(len(series["x"])) if chart.kind in _LINES else range(len(series["x"]))
            for axis in ("x", "y"):
                series[axis] = [_rounded(series[axis][at]) for at in kept]
    elif isinstance(chart, HeatMap):
        told["values"] = [[_rounded(value) for value in row] for row in told["values"]]
    return told


def _kept(count: int) -> list[int]:
    """Return which points of a line are told: its ends, and as evenly as may be between them."""
    if count <= MOST_POINTS:
        return list(range(count))
    return [round(at * (count - 1) / (MOST_POINTS - 1)) for at in range(MOST_POINTS)]


def _rounded(value: Any) -> Any:
    if not isinstance(value, float) or value == 0 or not math.isfinite(value):
        return value
    return round(value, _DIGITS - 1 - math.floor(math.log10(abs(value))))


def _read(path: Path) -> Mapping[str, Any]:
    if path.stat().st_size > _LIMIT_BYTES:
        raise ValueError("too large")
    found: Mapping[str, Any] = json.loads(path.read_bytes())
    return found
