"""The charts of a regression's report, from the tables that `_residuals` makes."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from secretflow_worker.tasks._charts import AnyChart, Axis, Chart, Headline, Series, Text, short

_PREDICTION = Axis(name=Text(en="mean prediction of the bucket", zh="分组平均预测值"))


def headlines(metrics: Mapping[str, float | None]) -> list[Headline]:
    """Return the metrics with what each says."""
    return [
        Headline(name=name, value=_rounded(metrics[key]), meaning=meaning)
        for key, name, meaning in _METRICS
    ]


def charts(tables: Mapping[str, Any]) -> list[AnyChart]:
    """Return residuals, predicted beside true values, and residuals by prediction."""
    return [
        _agreement(tables["buckets"]),
        _distribution(tables["residual_distribution"]),
        _by_prediction(tables["buckets"]),
    ]


def _agreement(buckets: Mapping[str, Any]) -> AnyChart:
    means = buckets["mean_prediction"]
    ends = [min(means), max(means)]
    return Chart(
        kind="line",
        id="agreement",
        title=Text(en="True beside predicted", zh="真实值与预测值"),
        x=_PREDICTION,
        y=Axis(name=Text(en="mean label", zh="平均真实值")),
        series=[
            Series(name=Text(en="this model", zh="本模型"), x=means, y=buckets["mean_label"]),
            Series(name=Text(en="perfect", zh="完全一致"), x=ends, y=ends, dashed=True),
        ],
        note=Text(
            en="Rows are grouped by their prediction; on the dashed line the model is right on "
            "average.",
            zh="样本按预测值分组；落在虚线上表示平均预测准确。",
        ),
    )


def _distribution(residuals: Mapping[str, Any]) -> AnyChart:
    bins = [f"{short(low)} .. {short(high)}" for low, high in pairwise(residuals["edges"])]
    rows = Text(en="rows", zh="样本数")
    return Chart(
        kind="histogram",
        id="residual_distribution",
        title=Text(en="Distribution of residuals", zh="残差分布"),
        x=Axis(name=Text(en="label minus prediction", zh="真实值减预测值"), kind="category"),
        y=Axis(name=rows, low=0.0),
        series=[Series(name=rows, x=bins, y=residuals["rows"])],
    )


def _by_prediction(buckets: Mapping[str, Any]) -> AnyChart:
    quartiles = (
        ("residual_25%", Text(en="lower quartile", zh="下四分位"), True),
        ("residual_50%", Text(en="median", zh="中位数"), False),
        ("residual_75%", Text(en="upper quartile", zh="上四分位"), True),
    )
    return Chart(
        kind="line",
        id="residuals",
        title=Text(en="Residuals by prediction", zh="残差随预测值的变化"),
        x=_PREDICTION,
        y=Axis(name=Text(en="label minus prediction", zh="真实值减预测值")),
        series=[
            Series(name=name, x=buckets["mean_prediction"], y=buckets[key], dashed=dashed)
            for key, name, dashed in quartiles
        ],
        note=Text(
            en="A slope or a widening band shows where the model is systematically off.",
            zh="若曲线倾斜或区间变宽，说明模型在该处存在系统性偏差。",
        ),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.5g}")


_METRICS = (
    (
        "rmse",
        Text(en="RMSE", zh="RMSE"),
        Text(
            en="The typical error, in the label's unit; large errors weigh more.",
            zh="典型误差（与标签同单位），大误差权重更高。",
        ),
    ),
    (
        "mae",
        Text(en="MAE", zh="MAE"),
        Text(
            en="The mean size of the error, in the label's unit.",
            zh="平均绝对误差（与标签同单位）。",
        ),
    ),
    (
        "r2_score",
        Text(en="R²", zh="R²"),
        Text(
            en="The share of the label's variance that is explained; 1 is all of it.",
            zh="被解释的方差比例；1 表示完全解释。",
        ),
    ),
    (
        "mse",
        Text(en="MSE", zh="MSE"),
        Text(en="The mean squared error.", zh="均方误差。"),
    ),
)
