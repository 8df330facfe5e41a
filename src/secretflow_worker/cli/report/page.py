"""A report as one self-contained HTML page: it carries its charts' script and asks no host."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template
from typing import Any, Literal

from secretflow_worker.cli.report.document import ReportDocument

Language = Literal["en", "zh"]

_STATIC = Path(__file__).parent / "static"


def render(report: ReportDocument, language: Language) -> str:
    """Return the page; `language` is the one that it opens in, and it can be switched there."""
    content = {
        "language": language,
        "title": report.title.model_dump(),
        "about": [
            about if isinstance(about, str) else about.model_dump() for about in report.about
        ],
        "headlines": [headline.model_dump() for headline in report.headlines],
        "charts": [chart.model_dump(exclude_none=True) for chart in report.charts],
        "figures": [list(pair) for pair in report.figures],
        "learns": report.learns,
    }
    return Template(_read("report.html")).substitute(
        title=_escaped(getattr(report.title, language)),
        style=_read("report.css"),
        report=_inside_script(content),
        echarts=_read("echarts.min.js"),
        script=_read("report.js"),
    )


def _read(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")


def _inside_script(content: Mapping[str, Any]) -> str:
    """Return JSON that cannot end the script element that it stands in, whatever its texts are."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False)
    return "".join(_harmless(text))


def _harmless(text: str) -> Iterator[str]:
    for sign in text:
        yield f"\\u{ord(sign):04x}" if sign in "<>&\u2028\u2029" else sign


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
