"""A party's own report of weight of evidence: figures by bin, and a chart per feature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from secretflow_worker.tasks._charts import (
    Axis,
    Chart,
    Headline,
    Series,
    Text,
    dump_charts,
    dump_headlines,
    short,
)
from secretflow_worker.tasks.stats._woe import Evidence

_BIN = Axis(name=Text(en="bin", zh="分箱"), kind="category")
_WOE = Text(en="weight of evidence", zh="证据权重 (WOE)")
_IV = Text(en="information value", zh="信息价值 (IV)")


def report_of(party: str, rows: int, evidence: Sequence[Evidence]) -> dict[str, Any]:
    """Return what the party's report file holds."""
    ranked = sorted(evidence, key=lambda one: -one.iv)
    return {
        "task_type": "woe_iv",
        "task_version": 1,
        "party": party,
        "rows": rows,
        "positives": int(evidence[0].positives.sum()) if evidence else None,
        "features": [_feature(one) for one in evidence],
        "headlines": dump_headlines(_headlines(ranked)),
        "charts": dump_charts(_charts(ranked)),
    }


def _feature(one: Evidence) -> dict[str, Any]:
    bins = zip(
        one.feature.labels(),
        one.feature.counts.tolist(),
        one.positives.tolist(),
        one.woe.tolist(),
        one.ivs.tolist(),
        strict=True,
    )
    return {
        "feature": one.feature.name,
        "iv": one.iv,
        "bins": [
            {
                "bin": label,
                "rows": rows,
                "positives": positives,
                "positive_rate": positives / rows,
                "woe": woe,
                "iv": iv,
            }
            for label, rows, positives, woe, iv in bins
        ],
    }


def _headlines(ranked: Sequence[Evidence]) -> list[Headline]:
    if not ranked:
        return []
    return [
        Headline(
            name=Text(en="most informative feature", zh="信息量最大的特征"),
            value=ranked[0].feature.name,
            meaning=Text(
                en="Of this party's features it tells the classes apart best.",
                zh="本方特征中对两类样本区分能力最强者。",
            ),
        ),
        Headline(
            name=Text(en="its information value", zh="其信息价值"),
            value=round(ranked[0].iv, 4),
            meaning=Text(
                en="Below 0.02 says nothing, 0.1 to 0.3 is medium; above 0.5 look for a leak of "
                "the label.",
                zh="低于 0.02 无预测力，0.1 至 0.3 为中等；高于 0.5 需检查是否泄漏了标签。",
            ),
        ),
    ]


def _charts(ranked: Sequence[Evidence]) -> list[Chart]:
    if not ranked:
        return []
    names = [one.feature.name for one in ranked]
    all_of_them = Chart(
        kind="bar",
        id="iv",
        title=Text(en="Information value of the features", zh="各特征的信息价值"),
        x=Axis(name=Text(en="feature", zh="特征"), kind="category"),
        y=Axis(name=_IV, low=0.0),
        series=[Series(name=_IV, x=list(names), y=[one.iv for one in ranked])],
        note=Text(
            en="Below 0.02 a feature says nothing, 0.02 to 0.1 little, 0.1 to 0.3 something, above "
            "0.3 much.",
            zh="低于 0.02 无预测力，0.02 至 0.1 弱，0.1 至 0.3 中等，高于 0.3 强。",
        ),
    )
    return [all_of_them, *(_woe_chart(number, one) for number, one in enumerate(ranked))]


def _woe_chart(number: int, one: Evidence) -> Chart:
    name = one.feature.name
    return Chart(
        kind="bar",
        id=f"woe-{number}",
        title=Text(en=f"Weight of evidence of {name}", zh=f"{name} 的证据权重"),
        x=_BIN,
        y=Axis(name=_WOE),
        series=[Series(name=_WOE, x=list(one.feature.labels(short)), y=one.woe.tolist())],
        note=Text(
            en="Above zero, label 1 is more common than in all rows; below, less.",
            zh="大于零表示该箱中标签 1 的占比高于总体，小于零则低于总体。",
        ),
    )
