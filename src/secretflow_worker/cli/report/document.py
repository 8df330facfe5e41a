"""A report file, read and checked: the JSON that a task wrote at ``output_report``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from secretflow_worker.cli.failure import CommandError
from secretflow_worker.tasks._charts import AnyChart, Headline, Text

_LARGEST_BYTES = 64 << 20
_HEADLINES = TypeAdapter(list[Headline])
_CHARTS = TypeAdapter(list[Annotated[AnyChart, Field(discriminator="kind")]])


@dataclass(frozen=True)
class ReportDocument:
    """What a page or a terminal shows of a report."""

    title: Text
    about: list[str | Text]
    """The file's name, the task type with its version, the party."""
    headlines: list[Headline]
    charts: list[AnyChart]
    figures: list[tuple[str, float | int | str | None]]
    """Every other single figure of the file, by its name."""
    learns: list[str]
    """What the task type states that those learn who need not be a party: a reader among them."""


def read_report(path: Path) -> ReportDocument:
    """Read a report file.

    Raises:
        CommandError: it is no report of a task, or describes a chart that is none.
    """
    content = _load(path)
    task_type, version = content.get("task_type"), content.get("task_version")
    if not isinstance(task_type, str) or not isinstance(version, int):
        raise _no_report(path, "task_type and task_version are missing")
    try:
        headlines = _HEADLINES.validate_python(content.get("headlines", []))
        charts = _CHARTS.validate_python(content.get("charts", []))
    except ValidationError as fault:
        place = ".".join(map(str, fault.errors()[0]["loc"]))
        raise _no_report(path, f"a headline or chart is none, at {place}") from None
    summary, learns = _stated(task_type, version)
    party = content.get("party")
    about: list[str | Text] = [path.name, f"{task_type}@{version}"]
    if isinstance(party, str):
        about.append(Text(en=f"party {party}", zh=f"参与方 {party}"))
    return ReportDocument(
        title=_TITLES.get(task_type, Text(en=summary, zh=summary)),
        about=about,
        headlines=headlines,
        charts=charts,
        figures=list(_single_figures(content)),
        learns=learns,
    )


def _load(path: Path) -> Mapping[str, Any]:
    if path.stat().st_size > _LARGEST_BYTES:
        raise _no_report(path, f"it is larger than {_LARGEST_BYTES >> 20} MiB")
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise _no_report(path, "it is not JSON") from None
    if not isinstance(content, dict):
        raise _no_report(path, "it is not a JSON object")
    return content


def _no_report(path: Path, why: str) -> CommandError:
    return CommandError(
        f"{path}: this is no report of a task: {why}",
        hint="name the file that a task wrote at its output_report",
    )


def _stated(task_type: str, version: int) -> tuple[str, list[str]]:
    """Return summary and disclosure of the type; little where this machine does not have it."""
    from secretflow_worker.contract.errors import UnknownTask
    from secretflow_worker.tasks import TaskDispatcher

    try:
        task = TaskDispatcher.find(task_type, version)
    except UnknownTask:
        return task_type, []
    # A line about the report may lean on one before it: "the same, and ...".
    lines = [line for line in task.learns if line.outside]
    return task.summary, [f"{line.who}: {line.what} (about: {line.about})" for line in lines]


def _single_figures(content: Mapping[str, Any]) -> Iterator[tuple[str, float | int | str | None]]:
    for name, value in content.items():
        if name in _SHOWN_ELSEWHERE:
            continue
        if value is None or isinstance(value, (int, float, str)):
            yield name, value


_SHOWN_ELSEWHERE = {"task_type", "task_version", "party", "metrics", "headlines", "charts"}

_TITLES = {
    "biclassification_eval": Text(
        en="How well the model tells two classes apart", zh="二分类模型评估"
    ),
    "regression_eval": Text(en="How close the model's predictions come", zh="回归模型评估"),
    "table_statistics": Text(en="The tables at a glance", zh="数据表统计"),
    "pearson_correlation": Text(en="How columns move together", zh="皮尔逊相关系数"),
    "vif": Text(en="Which columns repeat what others say", zh="方差膨胀因子"),
    "woe_iv": Text(en="How much each column says of the label", zh="证据权重与信息价值"),
    "ss_pvalue": Text(en="Which coefficients are significant", zh="系数显著性检验"),
    "group_statistics": Text(en="Other parties' columns by group", zh="分组统计"),
    "ss_kmeans": Text(en="The clusters found", zh="聚类结果"),
    "sgb": Text(en="What the trees rely on", zh="特征重要性"),
}
