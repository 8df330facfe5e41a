"""The charts of a table's description: figures, and histograms where they are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from secretflow_worker.tasks._charts import AnyChart, Axis, Chart, Figures, Series, Text, short

_FIGURES = {
    "count": Text(en="count", zh="计数"),
    "missing": Text(en="missing", zh="缺失"),
    "mean": Text(en="mean", zh="均值"),
    "std": Text(en="standard deviation", zh="标准差"),
    "min": Text(en="minimum", zh="最小值"),
    "25%": Text(en="25 %", zh="25%"),
    "50%": Text(en="median", zh="中位数"),
    "75%": Text(en="75 %", zh="75%"),
    "max": Text(en="maximum", zh="最大值"),
}


def table(statistics: Mapping[str, Mapping[str, Any]]) -> AnyChart:
    """Return all figures, a row for each column."""
    return Figures(
        id="statistics",
        title=Text(en="Columns", zh="列统计"),
        columns=[Text(en="column", zh="列"), *_FIGURES.values()],
        values=[
            [name, *(described[figure] for figure in _FIGURES)]
            for name, described in statistics.items()
        ],
    )


def histogram(name: str, edges: Sequence[float], counts: Sequence[int]) -> AnyChart:
    """Return how a column's values are spread; one edge more than counts."""
    rows = Text(en="rows", zh="行数")
    return Chart(
        kind="histogram",
        id=f"histogram.{name}",
        title=Text(en=f"Distribution of {name}", zh=f"{name} 的分布"),
        x=Axis(name=Text(en=name, zh=name), kind="category"),
        y=Axis(name=rows, low=0.0),
        series=[
            Series(
                name=rows,
                x=[f"{short(low)} – {short(high)}" for low, high in pairwise(edges)],
                y=[float(count) for count in counts],
            )
        ],
    )
