"""What a report of clusters shows."""

from __future__ import annotations

from collections.abc import Sequence

from secretflow_worker.tasks._charts import Axis, Chart, Headline, Series, Text


def size_chart(sizes: Sequence[int]) -> Chart:
    """Return the rows of each cluster as bars."""
    return Chart(
        kind="bar",
        id="cluster_sizes",
        title=Text(en="Size of the clusters", zh="各簇样本数"),
        x=Axis(name=Text(en="cluster", zh="簇"), kind="category"),
        y=Axis(name=Text(en="training rows", zh="训练样本数"), low=0.0),
        series=[
            Series(
                name=Text(en="rows", zh="样本数"),
                x=[str(number) for number in range(len(sizes))],
                y=[float(size) for size in sizes],
            )
        ],
        note=Text(
            en="A cluster of very few rows may be made of outliers; try fewer clusters.",
            zh="样本极少的簇可能由异常值构成，可尝试减少簇数。",
        ),
    )


def headlines(sizes: Sequence[int], inertia: float) -> list[Headline]:
    """Return how many clusters there are and how tight they are."""
    return [
        Headline(
            name=Text(en="clusters", zh="簇数"),
            value=len(sizes),
            meaning=Text(en="How many clusters were asked for.", zh="要求的簇数。"),
        ),
        Headline(
            name=Text(en="mean squared distance", zh="平均平方距离"),
            value=round(inertia / sum(sizes), 4),
            meaning=Text(
                en="Inertia per row: how far rows are from their centre. Lower is tighter; it "
                "always falls with more clusters.",
                zh="每行的惯性：样本到簇中心的远近。越低越紧凑，簇数越多必然越低。",
            ),
        ),
    ]
