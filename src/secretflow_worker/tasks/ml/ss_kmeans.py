"""K-means on columns of several parties, by secret sharing.

1. Every party reads and checks its own columns, and shares them.
2. The first centres are rows that a public seed draws; k-means++ spreads them on the shares.
   Lloyd's steps follow, one program each. Nothing is opened in between, so there is no early
   stop either: whether the centres still move would tell of the data.
3. Every party keeps its share of the centres. A row's cluster is opened to the receiver alone,
   and so are the sizes of the clusters, where the config names somebody for them.

A cluster that loses all its rows keeps its centre, and may find rows again; in SecretFlow it
divides by zero. Which of equally near centres has a row is left to the rounding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

from secretflow_worker.contract.errors import ConfigError
from secretflow_worker.contract.names import ColumnName, PartyName
from secretflow_worker.tasks._charts import dump_charts, dump_headlines
from secretflow_worker.tasks._config import ColumnUse, Receives, Report, ReportPath, Result
from secretflow_worker.tasks._marks import DeclaredReceiver
from secretflow_worker.tasks._parties import Array, Model, Parties
from secretflow_worker.tasks._task import Learns, TaskDispatcher
from secretflow_worker.tasks.ml._params import KmeansParams
from secretflow_worker.tasks.ml._training import (
    LEARNS_OF_ROWS,
    ModelConfig,
    check_every_party,
    check_receiver,
)


class KmeansConfig(ModelConfig):
    """``task_config`` of ``ss_kmeans``; predictions are of the training rows by default."""

    params: KmeansParams
    prediction_column: Annotated[ColumnName, ColumnUse.NONE] = Field(
        default="cluster", description="The column of the clusters, whole numbers from 0."
    )
    sizes_receiver: Annotated[PartyName | None, Receives.STATISTICS] = Field(
        default=None,
        description="The one party that learns how many training rows each cluster has, and the "
        "inertia: the sum of the rows' squared distances from their centres. Left out: nobody.",
    )
    output_report: ReportPath | None = Field(
        default=None, description="Where the sizes and the inertia go as a report, as JSON."
    )

    def declared_receivers(self, parties: tuple[str, ...]) -> Iterator[DeclaredReceiver]:
        """See ``Config.declared_receivers``; without a sizes_receiver nobody gets the sizes."""
        for given in super().declared_receivers(parties):
            if given.field != "sizes_receiver" or self.sizes_receiver is not None:
                yield given

    def check_prediction(self, parties: tuple[str, ...]) -> None:
        """See ``ModelConfig.check_prediction``; here the training rows may be predicted too."""
        if self.test_data is not None:
            check_every_party(self.test_data, parties, "test_data")
        if self.prediction_output is not None:
            receiver = self.prediction_receiver
            check_receiver(self.prediction_output, receiver, parties, "prediction_receiver")
        elif self.test_data is not None or self.prediction_receiver is not None:
            raise ConfigError(
                "task_config.prediction_output: required beside test_data and prediction_receiver"
            )
        if self.sizes_receiver is not None and self.sizes_receiver not in parties:
            raise ConfigError(
                f"task_config.sizes_receiver: {self.sizes_receiver!r} is not a party of this task"
            )
        if self.output_report is not None and self.sizes_receiver is None:
            raise ConfigError("task_config.sizes_receiver: required beside output_report")


class KmeansReport(Report):
    cluster_sizes: list[int] | None = Field(description="At the sizes_receiver; None elsewhere.")
    inertia: float | None


class KmeansMetrics(Result):
    n_clusters: int
    steps: int = Field(description="Of each start.")
    cluster_sizes: list[int] | None = Field(
        description="Training rows of each cluster. None without a sizes_receiver, or where it has "
        "another worker."
    )
    inertia: float | None = Field(
        description="The sum of the training rows' squared distances from their centres, where "
        "cluster_sizes are."
    )


class KmeansResult(Result):
    model_saved: bool
    model_paths: dict[str, str]
    training_metrics: KmeansMetrics
    prediction_output: str | None
    output_report: str | None


@TaskDispatcher.register(
    "ss_kmeans",
    version=1,
    summary="K-means clustering on secret shares; the centres stay shares.",
    group="Learn",
    config=KmeansConfig,
    report=KmeansReport,
    result=KmeansResult,
    devices=("spu",),
    learns=[
        *LEARNS_OF_ROWS,
        Learns(
            "prediction_receiver",
            "the cluster of each row of test_data, or of train_data where there is none",
            "every party's features",
            when="prediction_output is given",
            disclosed=lambda config, party: config.receiver == party,
        ),
        Learns(
            "sizes_receiver",
            "how many training rows each cluster has, and the inertia",
            "every party's features",
            when="sizes_receiver is given",
            disclosed=lambda config, party: config.sizes_receiver == party,
        ),
        Learns(
            "sender of the request",
            "the sizes of the clusters and the inertia, from the sizes_receiver's worker",
            "every party's features",
            when="sizes_receiver is given",
            disclosed=lambda config, party: config.sizes_receiver is not None,
            outside=True,
        ),
        Learns(
            "reader of output_report",
            "the sizes of the clusters and the inertia",
            "every party's features",
            when="output_report is given",
            disclosed=lambda config, party: config.output_report is not None,
            outside=True,
        ),
    ],
    example={
        "task_type": "ss_kmeans",
        "train_data": {
            "alice": "/app/data/alice_train.csv",
            "bob": "/app/data/bob_train.csv",
        },
        "features": ["x1", "x2", "x3"],
        "id_columns": ["uid"],
        "model_output": {
            "alice": "/app/data/alice_kmeans_model",
            "bob": "/app/data/bob_kmeans_model",
        },
        "params": {"n_clusters": 4, "max_iter": 10, "init": "k-means++"},
        "prediction_output": {"alice": "/app/data/alice_clusters.csv"},
        "prediction_receiver": "alice",
        "sizes_receiver": "alice",
        "output_report": "/app/data/kmeans_report.json",
    },
)
def run(parties: Parties, config: KmeansConfig) -> KmeansReport:
    """Train, save this party's share of the centres, and tell the receivers of the rows."""
    from secretflow_worker.tasks.ml import _clustering as clustering
    from secretflow_worker.tasks.ml._predictions import write_predictions
    from secretflow_worker.tasks.ml._vertical import read_unlabelled

    me, params, receiver = parties.me, config.params, config.receiver
    data = read_unlabelled(parties, config)
    clustering.check_numbers(params, data, me, parties.spu.field)
    assigned_to = receiver if data.test is None else None
    clusters = clustering.train(parties, params, data, assigned_to, config.sizes_receiver)
    parties.save_model(
        config.model_output[me],
        parameters=params.model_dump(mode="json"),
        features=data.features,
        secrets={"centers": clusters.centers},
        own={},
    )
    assigned, rows = clusters.assigned, data.train
    if data.test is not None and receiver is not None:
        rows = data.test
        assigned = clustering.predict(
            parties, clusters.centers, data.features, rows.values, receiver
        )
    if assigned is not None and config.prediction_output is not None:
        target = parties.stage(config.prediction_output[me])
        write_predictions(config, me, None, rows.path, assigned, target)
    parties.progress(1.0)
    return KmeansReport(cluster_sizes=clusters.sizes, inertia=clusters.inertia)


@run.combine
def combine(config: KmeansConfig, reports: Mapping[str, KmeansReport]) -> KmeansResult:
    """Take the sizes from their receiver's report, where this worker has it."""
    told = reports.get(config.sizes_receiver or "")
    return KmeansResult(
        model_saved=True,
        model_paths=dict(config.model_output),
        training_metrics=KmeansMetrics(
            n_clusters=config.params.n_clusters,
            steps=config.params.max_iter,
            cluster_sizes=told.cluster_sizes if told else None,
            inertia=told.inertia if told else None,
        ),
        prediction_output=config.prediction_output[config.receiver]
        if config.prediction_output and config.receiver
        else None,
        output_report=config.output_report if told else None,
    )


@run.document
def document(config: KmeansConfig, reports: Mapping[str, KmeansReport]) -> dict[str, Any] | None:
    """Return the report, or None where the sizes are at another worker."""
    told = reports.get(config.sizes_receiver or "")
    if told is None or told.cluster_sizes is None or told.inertia is None:
        return None
    from secretflow_worker.tasks.ml import _cluster_charts as charts

    sizes, inertia = told.cluster_sizes, told.inertia
    return {
        "task_type": "ss_kmeans",
        "task_version": 1,
        "cluster_sizes": sizes,
        "inertia": inertia,
        "headlines": dump_headlines(charts.headlines(sizes, inertia)),
        "charts": dump_charts([charts.size_chart(sizes)]),
    }


@run.predictor
def predict(parties: Parties, model: Model, rows: Array, receiver: str) -> Array | None:
    """Tell the clusters of rows by a saved model; see ``PredictFunction``."""
    from secretflow_worker.tasks.ml import _clustering as clustering

    return clustering.predict(parties, model.secret("centers"), model.features, rows, receiver)
