"""The charts of a binary classification's report, from the curves that `_scores` counts."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from secretflow_worker.tasks._charts import AnyChart, Axis, Chart, Figures, Headline, Series, Text

_SHARE = {"low": 0.0, "high": 1.0}
_THRESHOLD = Axis(name=Text(en="threshold", zh="阈值"), low=0.0, high=1.0)
_POPULATION = Axis(
    name=Text(en="share of rows, best scores first", zh="样本占比（按分数从高到低）"), **_SHARE
)
_MODEL, _CHANCE = Text(en="this model", zh="本模型"), Text(en="by chance", zh="随机")


def headlines(metrics: Mapping[str, float]) -> list[Headline]:
    """Return the metrics with what each says."""
    return [
        Headline(name=name, value=round(metrics[key], 4), meaning=meaning)
        for key, name, meaning in _METRICS
    ]


def charts(curves: Mapping[str, Any]) -> list[AnyChart]:
    """Return ROC, K-S, precision and recall, gain, lift, calibration, scores and confusion."""
    return [
        *_ranking_charts(curves),
        *_lift_charts(curves),
        _calibration(curves["calibration"]),
        _distribution(curves["score_distribution"]),
        _confusion(curves["confusion"]),
    ]


def _ranking_charts(curves: Mapping[str, Any]) -> list[AnyChart]:
    ks, pr = curves["ks"], curves["precision_recall"]
    base = curves["positives"] / curves["rows"]
    return [
        Chart(
            kind="line",
            id="roc",
            title=Text(en="ROC", zh="ROC 曲线"),
            x=Axis(name=Text(en="false positive rate", zh="假正率"), **_SHARE),
            y=Axis(name=Text(en="true positive rate", zh="真正率"), **_SHARE),
            series=[
                Series(name=_MODEL, x=curves["roc"]["fpr"], y=curves["roc"]["tpr"]),
                Series(name=_CHANCE, x=[0.0, 1.0], y=[0.0, 1.0], dashed=True),
            ],
            note=Text(
                en="The further above the diagonal, the better the model ranks.",
                zh="曲线离对角线越远，模型的排序能力越强。",
            ),
        ),
        Chart(
            kind="line",
            id="ks",
            title=Text(en="K-S", zh="K-S 曲线"),
            x=_THRESHOLD,
            y=Axis(name=Text(en="share at or above the threshold", zh="达到阈值的占比"), **_SHARE),
            series=[
                Series(name=Text(en="positives", zh="正样本"), x=ks["threshold"], y=ks["tpr"]),
                Series(name=Text(en="negatives", zh="负样本"), x=ks["threshold"], y=ks["fpr"]),
                Series(
                    name=Text(en="distance", zh="差值"),
                    x=ks["threshold"],
                    y=ks["distance"],
                    dashed=True,
                ),
            ],
            note=Text(
                en="K-S is the largest distance between the two curves.",
                zh="K-S 值为两条曲线的最大差值。",
            ),
        ),
        Chart(
            kind="line",
            id="precision_recall",
            title=Text(en="Precision and recall", zh="精确率-召回率曲线"),
            x=Axis(name=Text(en="recall", zh="召回率"), **_SHARE),
            y=Axis(name=Text(en="precision", zh="精确率"), **_SHARE),
            series=[
                Series(name=_MODEL, x=pr["recall"], y=pr["precision"]),
                Series(name=_CHANCE, x=[0.0, 1.0], y=[base, base], dashed=True),
            ],
        ),
    ]


def _lift_charts(curves: Mapping[str, Any]) -> list[AnyChart]:
    gain, lift, buckets = curves["gain"], curves["lift"], curves["buckets"]
    names = [str(number + 1) for number in range(len(buckets["rows"]))]
    return [
        Chart(
            kind="line",
            id="gain",
            title=Text(en="Cumulative gain", zh="累计增益"),
            x=_POPULATION,
            y=Axis(name=Text(en="share of positives found", zh="捕获的正样本占比"), **_SHARE),
            series=[
                Series(name=_MODEL, x=gain["population"], y=gain["gain"]),
                Series(name=_CHANCE, x=[0.0, 1.0], y=[0.0, 1.0], dashed=True),
            ],
        ),
        Chart(
            kind="line",
            id="lift",
            title=Text(en="Lift", zh="提升度"),
            x=_POPULATION,
            y=Axis(name=Text(en="times better than chance", zh="相对随机的倍数"), low=0.0),
            series=[
                Series(name=_MODEL, x=lift["population"], y=lift["lift"]),
                Series(name=_CHANCE, x=[0.0, 1.0], y=[1.0, 1.0], dashed=True),
            ],
        ),
        Chart(
            kind="bar",
            id="buckets",
            title=Text(en="Positives by bucket", zh="各分组正样本率"),
            x=Axis(
                name=Text(en="bucket, best scores first", zh="分组（分数从高到低）"),
                kind="category",
            ),
            y=Axis(name=Text(en="share of positives", zh="正样本率"), low=0.0),
            series=[
                Series(
                    name=Text(en="share of positives", zh="正样本率"),
                    x=names,
                    y=buckets["positive_rate"],
                )
            ],
        ),
    ]


def _calibration(calibration: Mapping[str, Any]) -> AnyChart:
    return Chart(
        kind="line",
        id="calibration",
        title=Text(en="Calibration", zh="校准曲线"),
        x=Axis(name=Text(en="mean predicted probability", zh="平均预测概率"), **_SHARE),
        y=Axis(name=Text(en="share of positives", zh="实际正样本率"), **_SHARE),
        series=[
            Series(name=_MODEL, x=calibration["mean_score"], y=calibration["positive_rate"]),
            Series(
                name=Text(en="perfectly calibrated", zh="完全校准"),
                x=[0.0, 1.0],
                y=[0.0, 1.0],
                dashed=True,
            ),
        ],
        note=Text(
            en="On the diagonal, a predicted 30 % comes true in 30 % of the cases.",
            zh="落在对角线上时，预测 30% 的样本中恰有 30% 为正。",
        ),
    )


def _distribution(scores: Mapping[str, Any]) -> AnyChart:
    edges = scores["edges"]
    bins = [f"{low:.2f}-{high:.2f}" for low, high in pairwise(edges)]
    return Chart(
        kind="histogram",
        id="score_distribution",
        title=Text(en="Distribution of scores", zh="分数分布"),
        x=Axis(name=Text(en="predicted probability", zh="预测概率"), kind="category"),
        y=Axis(name=Text(en="rows", zh="样本数"), low=0.0),
        series=[
            Series(name=Text(en="positives", zh="正样本"), x=bins, y=scores["positives"]),
            Series(name=Text(en="negatives", zh="负样本"), x=bins, y=scores["negatives"]),
        ],
    )


def _confusion(confusion: Mapping[str, list[float]]) -> AnyChart:
    columns = [name for name, _, _ in _CONFUSION]
    rows = zip(*(confusion[name] for name in columns), strict=True)
    return Figures(
        id="confusion",
        title=Text(en="Confusion at several thresholds", zh="不同阈值下的混淆矩阵"),
        columns=[Text(en=en, zh=zh) for _, en, zh in _CONFUSION],
        values=[[round(value, 4) for value in row] for row in rows],
    )


_CONFUSION = (
    ("threshold", "threshold", "阈值"),
    ("tp", "true positives", "真正"),
    ("fp", "false positives", "假正"),
    ("tn", "true negatives", "真负"),
    ("fn", "false negatives", "假负"),
    ("precision", "precision", "精确率"),
    ("recall", "recall", "召回率"),
    ("f1_score", "F1", "F1"),
    ("accuracy", "accuracy", "准确率"),
)

_METRICS = (
    (
        "auc",
        Text(en="AUC", zh="AUC"),
        Text(
            en="How often a positive is scored above a negative; 0.5 is chance.",
            zh="正样本得分高于负样本的概率；0.5 等于随机。",
        ),
    ),
    (
        "ks",
        Text(en="K-S", zh="K-S"),
        Text(
            en="The largest distance between the classes' score distributions.",
            zh="两类分数分布的最大差距。",
        ),
    ),
    (
        "f1_score",
        Text(en="F1", zh="F1"),
        Text(
            en="Precision and recall in one figure, from 0.5 on.",
            zh="阈值 0.5 时精确率与召回率的调和平均。",
        ),
    ),
    (
        "precision",
        Text(en="precision", zh="精确率"),
        Text(
            en="Of those called positive, the share that is.", zh="判为正的样本中实际为正的比例。"
        ),
    ),
    (
        "recall",
        Text(en="recall", zh="召回率"),
        Text(en="Of the positives, the share that was found.", zh="正样本中被找出的比例。"),
    ),
    (
        "accuracy",
        Text(en="accuracy", zh="准确率"),
        Text(en="The share of rows that was called right.", zh="判断正确的样本比例。"),
    ),
)
