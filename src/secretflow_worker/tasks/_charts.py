"""Charts of a report: what a page needs to draw them, and nothing that it must know of the type.

A report file is a JSON object with ``task_type``, ``task_version``, the type's own figures, and
``headlines`` and ``charts``: lists of what this module describes. ``sfw report`` and the web
page draw any report by it, also one of a plugin. A chart holds only what the report may hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Text(_Part):
    """What a reader sees, in both languages."""

    en: str
    zh: str


class Headline(_Part):
    """A figure that a reader should see first, with one sentence on what it says."""

    name: Text
    value: float | int | str | None
    meaning: Text


class Axis(_Part):
    """`low` and `high` fix the ends of an axis of numbers; None leaves them to the data."""

    name: Text
    kind: Literal["number", "category"] = "number"
    low: float | None = None
    high: float | None = None


class Series(_Part):
    """One line, row of bars, or cloud of points: `x` and `y` of one length."""

    name: Text
    x: list[float | str]
    y: list[float | None]
    dashed: bool = False
    """For a line to compare with, such as the diagonal of a ROC."""

    @model_validator(mode="after")
    def _matches(self) -> Series:
        if len(self.x) != len(self.y):
            raise ValueError("x and y differ in length")
        return self


class Chart(_Part):
    """A chart over two axes. ``histogram`` is bars without gaps; ``step`` a line in steps."""

    kind: Literal["line", "step", "bar", "histogram", "scatter"]
    id: str
    title: Text
    x: Axis
    y: Axis
    series: list[Series] = Field(min_length=1)
    note: Text | None = None
    """One sentence on how to read it."""


class HeatMap(_Part):
    """A matrix, `values` by rows; None where there is no value."""

    kind: Literal["heatmap"] = "heatmap"
    id: str
    title: Text
    columns: list[str]
    rows: list[str]
    values: list[list[float | None]]
    low: float
    high: float
    note: Text | None = None


class Figures(_Part):
    """A table of figures; `values` by rows, in the order of `columns`."""

    kind: Literal["figures"] = "figures"
    id: str
    title: Text
    columns: list[Text]
    values: list[list[str | float | int | None]]
    note: Text | None = None


AnyChart = Chart | HeatMap | Figures


def short(value: float) -> str:
    """Write a number for an axis: four digits, and no exponent where zeros are read as easily."""
    written = Decimal(f"{value:.4g}")
    return f"{written:f}" if written == 0 or 1e-6 <= abs(written) < 1e9 else str(written).lower()


def dump_headlines(headlines: Sequence[Headline]) -> list[dict[str, Any]]:
    """Return the first figures as a report file holds them; None stays, as "no value"."""
    return [headline.model_dump(mode="json") for headline in headlines]


def dump_charts(charts: Sequence[AnyChart]) -> list[dict[str, Any]]:
    """Return the charts as a report file holds them."""
    return [chart.model_dump(mode="json", exclude_none=True) for chart in charts]
