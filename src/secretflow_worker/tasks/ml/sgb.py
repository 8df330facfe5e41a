"""SecureBoost: gradient boosted trees on columns of several parties, by homomorphic encryption.

1. The label holder encrypts each row's gradients; only it can decrypt.
2. Every other party adds them up left of each of its candidate splits and opens the sums to the
   label holder, unnamed and shuffled. The label holder picks the best split of each node; its
   owner says which rows go left.
3. Every party keeps its own splits, the label holder the leaves' weights: a model that no party
   has alone. Predictions are computed on shares and opened to the receiver only.

The method is SecureBoost (Cheng et al. 2019), as in SecretFlow's Sgb. It is faster than
``ss_xgb`` and tells more: see what each party learns. SecretFlow also shows every party the
gain and the rows of each split, and the label holder every prediction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from secretflow_worker.contract.errors import ModelInvalid
from secretflow_worker.tasks._charts import (
    Axis,
    Chart,
    Headline,
    Series,
    Text,
    dump_charts,
    dump_headlines,
)
from secretflow_worker.tasks._columns import ColumnChoice
from secretflow_worker.tasks._config import ColumnUse, Report, ReportPath, Result
from secretflow_worker.tasks._parties import Array, Model, Parties
from secretflow_worker.tasks._task import Learns, TaskDispatcher
from secretflow_worker.tasks.ml._params import SgbParams
from secretflow_worker.tasks.ml._training import LEARNS_OF_TRAINING, TrainingConfig

if TYPE_CHECKING:
    from secretflow_worker.tasks.ml._leaf_margins import Boosted


class SgbConfig(TrainingConfig):
    """``task_config`` of ``sgb``."""

    features: Annotated[ColumnChoice, ColumnUse.STATISTIC] = Field(
        description="Columns to learn from: a list, of which each must be at exactly one party, "
        "or {party: list}. The label holder is told sums of gradients over them."
    )
    params: SgbParams = SgbParams()
    feature_importance: bool = Field(
        default=True,
        description="Tell the label holder, and so the sender, how often each feature of every "
        "party splits a node and what that gains.",
    )
    output_report: ReportPath | None = Field(
        default=None,
        description="Where the report goes, as JSON, at the label holder's worker; with a chart of "
        "the features' importance.",
    )

    def key_holder(self) -> str:
        """See ``Config.key_holder``."""
        return self.label_party


class FeatureImportance(BaseModel):
    """Of one feature: in how many splits, and what they gain in all and on average."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    party: str
    feature: str
    weight: int
    total_gain: float
    gain: float


class SgbReport(Report):
    num_trees: int
    importance: list[FeatureImportance] | None = Field(
        description="At the label holder; None elsewhere."
    )


class SgbMetrics(Result):
    num_trees: int = Field(description="Those of the base model included.")
    feature_importance: list[FeatureImportance] | None = Field(
        description="The most important first, by total gain. None where it was not asked for, "
        "and where the label holder has another worker."
    )


class SgbResult(Result):
    model_saved: bool
    model_paths: dict[str, str]
    training_metrics: SgbMetrics
    prediction_output: str | None
    output_report: str | None


def _to_label_party(config: SgbConfig, party: str) -> bool:
    return party == config.label_party


def _with_importance(config: SgbConfig, party: str) -> bool:
    return config.feature_importance and party == config.label_party


@TaskDispatcher.register(
    "sgb",
    version=1,
    summary="SecureBoost: boosted trees over homomorphic encryption; each keeps its own splits.",
    group="Learn",
    config=SgbConfig,
    report=SgbReport,
    result=SgbResult,
    devices=("heu", "spu"),
    learns=[
        *LEARNS_OF_TRAINING,
        Learns("every party", "the number of leaves of all trees", "the model"),
        Learns(
            "prediction_receiver",
            "the order of magnitude of the leaves' weights",
            "the model",
            when="test_data is given and objective is linear",
            disclosed=lambda config, party: (
                config.receiver == party and config.params.objective == "linear"
            ),
        ),
        Learns(
            "label_party",
            "for each tree, how many candidate splits each party has, and in each node the sums "
            "of the gradients left of every candidate, from which the number of rows and of "
            "positive labels there can be worked out; the candidates without names or cuts, in an "
            "order that is random for each tree but the same in all of its nodes",
            "the other parties' features",
            disclosed=_to_label_party,
        ),
        Learns(
            "label_party",
            "the shape of every tree, whose feature each split is by, which rows of train_data "
            "go to which side of it, and so the model's score of each of these rows",
            "the other parties' features",
            disclosed=_to_label_party,
        ),
        Learns(
            "every other party that has features",
            "the shape of every tree, and which rows of train_data are in which node, but for the "
            "leaves of the last level",
            "the label and every party's features",
            disclosed=lambda config, party: party != config.label_party,
        ),
        Learns(
            "every other party that has features",
            "which nodes are split best by its own features, and by which cuts; all of them "
            "where several are equally good",
            "the label",
            disclosed=lambda config, party: party != config.label_party,
        ),
        Learns(
            "label_party",
            "how often each feature splits a node, and what that gains in all: where a party has "
            "few splits, enough to tell which feature each of them is by",
            "the other parties' features",
            when="feature_importance is true",
            disclosed=_with_importance,
        ),
        Learns(
            "sender of the request",
            "the importance of each feature, from the label holder's worker",
            "the label and every party's features",
            when="feature_importance is true",
            disclosed=lambda config, party: config.feature_importance,
            outside=True,
        ),
        Learns(
            "reader of output_report",
            "the importance of each feature",
            "the label and every party's features",
            when="output_report is given and feature_importance is true",
            disclosed=lambda config, party: (
                config.feature_importance and config.output_report is not None
            ),
            outside=True,
        ),
        Learns(
            "label_party",
            "the score of each row of train_data by the base model",
            "the base model, and the other parties' features",
            when="base_model is given",
            disclosed=lambda config, party: (
                config.base_model is not None and party == config.label_party
            ),
        ),
    ],
    example={
        "task_type": "sgb",
        "train_data": {
            "alice": "/app/data/alice_train.csv",
            "bob": "/app/data/bob_train.csv",
        },
        "features": ["x1", "x2", "x3"],
        "label": "y",
        "label_party": "alice",
        "id_columns": ["uid"],
        "model_output": {"alice": "/app/data/alice_sgb_model", "bob": "/app/data/bob_sgb_model"},
        "params": {
            "num_boost_round": 10,
            "max_depth": 5,
            "learning_rate": 0.3,
            "objective": "logistic",
            "reg_lambda": 0.1,
            "sketch_eps": 0.05,
        },
        "test_data": {"alice": "/app/data/alice_test.csv", "bob": "/app/data/bob_test.csv"},
        "prediction_output": {"alice": "/app/data/alice_sgb_predictions.csv"},
        "prediction_receiver": "alice",
        "output_report": "/app/data/sgb_report.json",
    },
)
def run(parties: Parties, config: SgbConfig) -> SgbReport:
    """Train, save this party's part of the model, and predict the test rows if there are any."""
    from secretflow_worker.tasks.ml import _secureboost as secureboost
    from secretflow_worker.tasks.ml._continued import load_base_model
    from secretflow_worker.tasks.ml._fixed_point import fixed_point
    from secretflow_worker.tasks.ml._forest import Forest
    from secretflow_worker.tasks.ml._importance import importances
    from secretflow_worker.tasks.ml._leaf_margins import Boosted, margins
    from secretflow_worker.tasks.ml._predictions import write_predictions
    from secretflow_worker.tasks.ml._vertical import read_training

    me, params, holder = parties.me, config.params, config.label_party
    if config.test_data is not None or config.base_model is not None:
        fixed_point(parties.spu.field)
    data = read_training(parties, config, is_binary=params.objective == "logistic")
    secureboost.check_numbers(params, data, config.label)
    fixed = {"objective": params.objective, "base_score": params.base_score}
    model = load_base_model(parties, config, data.features, fixed)
    base, start = Forest(), None
    if model is not None:
        boosted = _load(model, me)
        base, start = boosted.forest, margins(parties, boosted, data.train.values, holder)
    elif data.label is not None:
        start = data.label * 0.0 + params.base_score
    forest = secureboost.train(parties, params, holder, data, base, start)
    leaves = parties.exchange(forest.leaf_count if me == holder else None)[holder]
    parties.save_model(
        config.model_output[me],
        parameters={**params.model_dump(mode="json"), "leaves": leaves},
        features=data.features,
        label=config.label,
        label_party=holder,
        secrets={},
        own=forest.dump(),
    )
    found = None
    if config.feature_importance:
        found = importances(parties, forest, data.features, holder)
    if data.test is not None and config.prediction_output and config.receiver:
        boosted = Boosted(forest, data.features, holder, params, leaves)
        predictions = _predict(parties, boosted, data.test.values, config.receiver)
        if predictions is not None:
            target = parties.stage(config.prediction_output[me])
            write_predictions(config, me, config.label, data.test.path, predictions, target)
    parties.progress(1.0)
    told = None if found is None else [FeatureImportance(**each.model_dump()) for each in found]
    return SgbReport(num_trees=len(forest.trees), importance=told)


@run.combine
def combine(config: SgbConfig, reports: Mapping[str, SgbReport]) -> SgbResult:
    """Take the importance from the label holder's report, where this worker has it."""
    own = reports.get(config.label_party)
    return SgbResult(
        model_saved=True,
        model_paths=dict(config.model_output),
        training_metrics=SgbMetrics(
            num_trees=next(iter(reports.values())).num_trees,
            feature_importance=own.importance if own else None,
        ),
        prediction_output=config.prediction_output[config.receiver]
        if config.prediction_output and config.receiver
        else None,
        output_report=config.output_report if own else None,
    )


@run.document
def document(config: SgbConfig, reports: Mapping[str, SgbReport]) -> dict[str, Any] | None:
    """Return what the report file holds; None at a worker that does not run the label holder."""
    own = reports.get(config.label_party)
    if own is None:
        return None
    found = own.importance or []
    return {
        "task_type": "sgb",
        "task_version": 1,
        "party": config.label_party,
        "num_trees": own.num_trees,
        "feature_importance": [each.model_dump() for each in found],
        "headlines": dump_headlines(
            [
                Headline(
                    name=Text(en="Trees", zh="树的数量"),
                    value=own.num_trees,
                    meaning=Text(
                        en="Each corrects what those before it got wrong.",
                        zh="每棵树修正前面各棵树的误差。",
                    ),
                )
            ]
        ),
        "charts": dump_charts([_importance_chart(found)] if found else []),
    }


def _importance_chart(found: list[FeatureImportance]) -> Chart:
    shown = found[:30]
    names = [f"{each.party}: {each.feature}" for each in shown]
    return Chart(
        kind="bar",
        id="importance",
        title=Text(en="Importance of the features", zh="特征重要性"),
        x=Axis(name=Text(en="Feature", zh="特征"), kind="category"),
        y=Axis(name=Text(en="Total gain", zh="总增益"), low=0.0),
        series=[
            Series(
                name=Text(en="Total gain", zh="总增益"),
                x=list(names),
                y=[each.total_gain for each in shown],
            )
        ],
        note=Text(
            en="What the splits by a feature gained in the loss, in all trees; the first thirty.",
            zh="所有树中按该特征分裂所降低的损失总和；最多显示前三十个。",
        ),
    )


@run.predictor
def predict(parties: Parties, model: Model, rows: Array, receiver: str) -> Array | None:
    """Predict rows with a saved model; see ``PredictFunction``."""
    return _predict(parties, _load(model, parties.me), rows, receiver)


def _load(model: Model, me: str) -> Boosted:
    from secretflow_worker.tasks.ml._forest import Forest
    from secretflow_worker.tasks.ml._leaf_margins import Boosted

    parameters = dict(model.parameters)
    leaves = parameters.pop("leaves", None)
    if model.label_party is None or type(leaves) is not int or leaves < 1:
        raise ModelInvalid("the model's manifest is not that of a model of sgb")
    params = SgbParams.model_validate(parameters)
    return Boosted(Forest.load(model, me), model.features, model.label_party, params, leaves)


def _predict(parties: Parties, model: Boosted, rows: Array, receiver: str) -> Array | None:
    from secretflow_worker.tasks.ml._leaf_margins import margins
    from secretflow_worker.tasks.ml._predictions import sigmoid

    found = margins(parties, model, rows, receiver)
    if found is None or model.params.objective == "linear":
        return found
    return sigmoid(found)
