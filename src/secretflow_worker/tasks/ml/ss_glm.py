"""Generalised linear models on columns of several parties, by secret sharing.

1. Every party reads and checks its own columns, and shares them and the label. The label is
   scaled by its holder, and what it was scaled by is shared too.
2. IRLS or SGD runs on the shares. Of IRLS every party learns after each step whether the weights
   still moved, unless the tolerance is 0.
3. The deviance is opened to the label holder alone.
4. Every party keeps its share of the weights. A prediction's score is opened to the receiver
   alone, who takes the mean from it.

The estimates are those of statsmodels' GLM. SecretFlow's ``SSGLM`` opens the label's scale to all
parties and ``X'WX`` to the label holder, and has an approximate sigmoid; nothing of this is here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, field_validator

from secretflow_worker.contract.errors import ConfigError
from secretflow_worker.tasks._columns import ColumnChoice
from secretflow_worker.tasks._config import ColumnUse, Report, Result
from secretflow_worker.tasks._marks import LeftOut
from secretflow_worker.tasks._parties import Array, Model, Parties
from secretflow_worker.tasks._task import Learns, TaskDispatcher
from secretflow_worker.tasks.ml._glm_params import GlmParams, one_column
from secretflow_worker.tasks.ml._training import LEARNS_OF_TRAINING, TrainingConfig


class GlmConfig(TrainingConfig):
    """``task_config`` of ``ss_glm``."""

    offset: Annotated[ColumnChoice | None, ColumnUse.MPC, LeftOut.NO_COLUMN] = Field(
        default=None,
        description="A column at one party that is added to each row's score, such as the log of "
        "an exposure: its name, or {party: name}. The rows to predict need it too.",
    )
    weight: Annotated[ColumnChoice | None, ColumnUse.MPC, LeftOut.NO_COLUMN] = Field(
        default=None,
        description="A column at one party of how much each row counts in the training: its name, "
        "or {party: name}.",
    )
    params: GlmParams = GlmParams()

    @field_validator("offset", "weight", mode="before")
    @classmethod
    def _one_column(cls, value: Any) -> Any:
        return one_column(value)

    def check(self, parties: tuple[str, ...]) -> None:
        """See ``Config.check``."""
        super().check(parties)
        for field in ("offset", "weight"):
            choice = getattr(self, field)
            if choice is None:
                continue
            lists = choice.values() if isinstance(choice, dict) else [choice]
            if [len(names) for names in lists] != [1]:
                raise ConfigError(f"task_config.{field}: it takes one column of one party")
            unknown = set(choice) - set(parties) if isinstance(choice, dict) else ()
            if unknown:
                raise ConfigError(
                    f"task_config.{field}: {min(unknown)!r} is not a party of this task"
                )
            if choice == [self.label] or choice == {self.label_party: [self.label]}:
                raise ConfigError(f"task_config.{field}: {self.label!r} is the label")


class GlmReport(Report):
    iterations: int
    converged: bool | None
    deviance: float | None
    null_deviance: float | None


class GlmMetrics(Result):
    iterations: int
    converged: bool | None = Field(
        description="Whether the weights came to rest; None of sgd, or where the tolerance is 0."
    )
    deviance: float | None = Field(
        description="Of the training rows. None where the label holder has another worker."
    )
    null_deviance: float | None = Field(
        description="The deviance if every row were predicted the label's mean; None likewise."
    )


class GlmResult(Result):
    model_saved: bool
    model_paths: dict[str, str]
    training_metrics: GlmMetrics
    prediction_output: str | None


@TaskDispatcher.register(
    "ss_glm",
    version=1,
    summary="Generalised linear model on secret shares: counts, amounts, claims, yes or no.",
    group="Learn",
    config=GlmConfig,
    report=GlmReport,
    result=GlmResult,
    devices=("spu",),
    learns=[
        *LEARNS_OF_TRAINING,
        Learns(
            "every party",
            "which party has the offset and the row weights",
            "every party's tables",
            when="offset or weight is given",
            disclosed=lambda config, party: bool(config.offset or config.weight),
        ),
        Learns(
            "label_party",
            "the deviance of the training, and with row weights that of the label's mean",
            "the model, every party's features, and the row weights",
            disclosed=lambda config, party: party == config.label_party,
        ),
        Learns(
            "sender of the request",
            "both deviances, from the label holder's worker",
            "the label, the row weights and every party's features",
            outside=True,
        ),
        Learns(
            "every party",
            "that the deviance is not above twice that of the mean (a training that ends so fails)",
            "the label and every party's features",
        ),
        Learns(
            "every party",
            "after which step no weight moved by more than the tolerance",
            "the model, the label and every party's features",
            when="solver is irls, with a tolerance",
            disclosed=lambda config, party: (
                config.params.solver == "irls" and config.params.tolerance > 0
            ),
        ),
        Learns(
            "every party",
            "that no row's score ended too far from that of the mean (a training that ends so "
            "fails)",
            "the model, the label and every party's features",
            when="the link is log or reciprocal",
            disclosed=lambda config, party: config.params.link_used in ("log", "reciprocal"),
        ),
    ],
    example={
        "task_type": "ss_glm",
        "train_data": {
            "alice": "/app/data/alice_train.csv",
            "bob": "/app/data/bob_train.csv",
        },
        "features": ["x1", "x2", "x3"],
        "label": "claims",
        "label_party": "alice",
        "offset": "log_exposure",
        "id_columns": ["uid"],
        "model_output": {"alice": "/app/data/alice_glm", "bob": "/app/data/bob_glm"},
        "params": {"distribution": "poisson", "link": "log", "solver": "irls", "epochs": 10},
        "test_data": {"alice": "/app/data/alice_test.csv", "bob": "/app/data/bob_test.csv"},
        "prediction_output": {"alice": "/app/data/alice_predictions.csv"},
        "prediction_column": "expected_claims",
        "prediction_receiver": "alice",
    },
)
def run(parties: Parties, config: GlmConfig) -> GlmReport:
    """Train, save this party's share of the model, and predict the test rows if there are any."""
    from secretflow_worker.tasks.ml import _glm_label as labels
    from secretflow_worker.tasks.ml import _glm_training as training
    from secretflow_worker.tasks.ml import _linear as linear
    from secretflow_worker.tasks.ml._continued import load_base_model
    from secretflow_worker.tasks.ml._glm_inputs import share_inputs
    from secretflow_worker.tasks.ml._glm_plan import check_features, check_row_columns, plan
    from secretflow_worker.tasks.ml._predictions import write_predictions
    from secretflow_worker.tasks.ml._row_columns import read_row_column, with_offset
    from secretflow_worker.tasks.ml._vertical import read_training

    me, params, holder = parties.me, config.params, config.label_party
    data = read_training(parties, config, is_binary=params.distribution == "bernoulli")
    offset = read_row_column(parties, config, config.offset, "offset", is_in_test=True)
    weight = read_row_column(parties, config, config.weight, "weight", is_in_test=False)
    features, test, offset_at = with_offset(data, offset, me)
    saved = {**params.model_dump(mode="json"), "link": params.link_used}
    saved |= {"power": params.power, "offset": offset.name if offset else None}
    saved["weight"] = weight.name if weight else None
    fixed = {name: saved[name] for name in ("distribution", "link", "power", "offset")}
    base = load_base_model(parties, config, features, fixed)
    glm = plan(
        params,
        data.train.count,
        parties.spu.field,
        parties.spu.protocol,
        has_offset=offset is not None,
        has_weight=weight is not None,
    )
    check_features(params, data, me)
    check_row_columns(data, offset, weight)
    scale = None
    if data.label is not None:
        where = data.train.path.name
        labels.check_domain(params, config.label, where, data.label, has_weight=weight is not None)
        if base is not None:
            scale = labels.Scale(base.own("center"), base.own("factor"))
        else:
            scale = labels.scale_of(glm, data.label)
        labels.check_size(glm, parties.spu.field, config.label, where, data.label, scale)
    inputs = share_inputs(parties, params, glm, data, holder, scale, offset, weight)
    fitted = training.fit(
        parties, params, glm, inputs, holder, base.secret("scaled") if base else None
    )
    deviance, null_deviance = training.find_deviance(
        parties, glm, inputs, holder, scale, fitted.weights
    )
    parties.spu.free(parties.spu.call(linear.release, inputs.x), *inputs.secrets())
    weights = training.unscale(parties, glm, holder, scale, fitted.weights, offset_at)
    parties.save_model(
        config.model_output[me],
        parameters=saved,
        features=features,
        label=config.label,
        label_party=holder,
        secrets={"weights": weights, "scaled": fitted.weights},
        own={} if scale is None else {"center": scale.center, "factor": scale.factor},
    )
    if test is not None and config.prediction_output and config.receiver:
        predictions = training.predict(
            parties, weights, glm.link, features, test.values, config.receiver
        )
        if predictions is not None:
            target = parties.stage(config.prediction_output[me])
            write_predictions(config, me, config.label, test.path, predictions, target)
    parties.progress(1.0)
    return GlmReport(
        iterations=fitted.iterations,
        converged=fitted.converged,
        deviance=deviance,
        null_deviance=null_deviance,
    )


@run.combine
def combine(config: GlmConfig, reports: Mapping[str, GlmReport]) -> GlmResult:
    """Take the deviances from the label holder's report, where this worker has it."""
    own = reports.get(config.label_party)
    told = own or next(iter(reports.values()))
    return GlmResult(
        model_saved=True,
        model_paths=dict(config.model_output),
        training_metrics=GlmMetrics(**told.model_dump()),
        prediction_output=config.prediction_output[config.receiver]
        if config.prediction_output and config.receiver
        else None,
    )


@run.predictor
def predict(parties: Parties, model: Model, rows: Array, receiver: str) -> Array | None:
    """Predict rows with a saved model; see ``PredictFunction``."""
    from secretflow_worker.tasks.ml import _glm_training as training

    link, weights = model.parameters["link"], model.secret("weights")
    return training.predict(parties, weights, link, model.features, rows, receiver)
