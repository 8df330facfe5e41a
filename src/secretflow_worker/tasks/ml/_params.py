"""The ``params`` of the trainings, which their programs read too."""

from __future__ import annotations

import math
from typing import Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, field_validator, model_validator

_OBJECTIVES = {"binary:logistic": "logistic", "reg:squarederror": "linear"}


class _Params(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class LrParams(_Params):
    """``params`` of ``ss_lr``."""

    epochs: int = Field(
        default=10, ge=1, le=10_000, description="Passes over the rows; there is no early stop."
    )
    learning_rate: float = Field(default=0.1, gt=0, le=100, description="Of every step.")
    batch_size: int = Field(
        default=128,
        ge=1,
        description="Rows per step. The rows that do not fill the last batch of an epoch are left "
        "out, as in SecretFlow; with fewer rows than this, a batch is all of them. On CHEETAH a "
        "step is dear: take thousands, and sig_type cubic where it holds.",
    )
    reg_type: Literal["logistic", "linear"] = Field(
        default="logistic", description="logistic takes a label of 0 and 1."
    )
    penalty: Literal["none", "l1", "l2"] = Field(
        default="none",
        description="l2: weight decay as in SecretFlow. l1: proximal steps (SecretFlow has none). "
        "Both are divided by the batch size and leave the bias alone.",
    )
    l2_norm: float = Field(default=0.1, ge=0, le=1000, description="Weight of penalty l2.")
    l1_norm: float = Field(default=0.1, ge=0, le=1000, description="Weight of penalty l1.")
    sig_type: Literal["t1", "cubic"] = Field(
        default="t1",
        description="The sigmoid of the training: t1 is a line that is cut off at 0 and 1; cubic "
        "is nearer to the sigmoid and about twice as fast, for standardized features only: a "
        "training whose scores leave -5 to 5 fails.",
    )

    @field_validator("penalty", mode="before")
    @classmethod
    def _lower(cls, value: Any) -> Any:
        return value.lower() if isinstance(value, str) else "none" if value is None else value

    @model_validator(mode="after")
    def _fits(self) -> LrParams:
        if self.sig_type == "cubic" and self.reg_type == "linear":
            raise ValueError("sig_type: a linear regression has no sigmoid")
        return self

    @property
    def norm(self) -> float:
        return {"none": 0.0, "l1": self.l1_norm, "l2": self.l2_norm}[self.penalty]


class KmeansParams(_Params):
    """``params`` of ``ss_kmeans``."""

    n_clusters: int = Field(ge=1, le=512, description="Clusters; at most one per row.")
    max_iter: int = Field(
        default=10, ge=1, le=1000, description="Steps of a start; there is no early stop."
    )
    n_init: int = Field(
        default=1, ge=1, le=100, description="Starts, of which the one of the least inertia stays."
    )
    init: Literal["k-means++", "random"] = Field(
        default="k-means++",
        description="The first centres: rows that k-means++ spreads, chosen among up to 512 random "
        "ones; or random rows. Nobody learns the values of either.",
    )
    seed: int = Field(default=42, ge=0, le=2**32 - 1, description="Of the random choices; public.")


class TreeParams(_Params):
    """What ``ss_xgb`` and ``sgb`` have in common."""

    num_boost_round: int = Field(default=10, ge=1, le=1024, description="Trees.")
    max_depth: int = Field(default=5, ge=1, le=16, description="Levels of splits of a tree.")
    learning_rate: float = Field(
        default=0.1, gt=0, le=1, description="Factor of every leaf weight."
    )
    objective: Literal["logistic", "linear"] = Field(
        default="logistic",
        description="xgboost's binary:logistic and reg:squarederror are accepted too.",
    )
    reg_lambda: float = Field(
        default=0.1, ge=0, le=10_000, description="Below 0.001 it counts as 0.001."
    )
    subsample: float = Field(
        default=1.0, gt=0, le=1, description="Share of the rows that each tree uses."
    )
    colsample_by_tree: float = Field(
        default=1.0, gt=0, le=1, description="Share of the features that each tree uses."
    )
    base_score: float = Field(
        default=0.5, ge=-10, le=10, description="The margin that the first tree starts from."
    )
    sketch_eps: float = Field(
        default=0.1, ge=0.001, lt=1, description="Each feature gets 1/sketch_eps buckets."
    )
    seed: int = Field(default=42, ge=0, le=2**32 - 1, description="Of the samples; public.")

    @field_validator("objective", mode="before")
    @classmethod
    def _plain_name(cls, value: Any) -> Any:
        return _OBJECTIVES.get(value, value) if isinstance(value, str) else value

    @property
    def buckets(self) -> int:
        return math.ceil(1 / self.sketch_eps - 1e-9)


class XgbParams(TreeParams):
    """``params`` of ``ss_xgb``."""

    pad_candidates: bool = Field(
        default=True,
        description="Fill every feature up to as many candidate splits, so that nobody learns how "
        "many distinct values another party's feature has. false is faster where features have "
        "few values, as those of onehot_encoder, and tells every party these numbers.",
    )
    reveal_splits: bool = Field(
        default=False,
        description="Tell every party which of its own candidates split which nodes, if any, so "
        "that it can say itself which rows are left of them. Faster, most of all on CHEETAH; "
        "SecretFlow tells every party all splits.",
    )

    @property
    def padded_candidates(self) -> int | None:
        """The candidates of every feature; None where each has its own number."""
        return self.buckets - 1 if self.pad_candidates else None


class SgbParams(TreeParams):
    """``params`` of ``sgb``: as ``ss_xgb``, and as SecretFlow's Sgb where they differ."""

    learning_rate: float = Field(
        default=0.3, gt=0, le=1, description="Factor of every leaf weight."
    )
    gamma: float = Field(
        default=0.0, ge=0, le=10_000, description="A node splits only for a gain above this."
    )
    subsample: float = Field(
        default=1.0,
        gt=0,
        le=1,
        validation_alias=AliasChoices("subsample", "rowsample_by_tree"),
        description="Share of the rows that each tree uses; SecretFlow's rowsample_by_tree too.",
    )
    base_score: float = Field(
        default=0.0, ge=-1e6, le=1e6, description="The margin that the first tree starts from."
    )
    sketch_eps: float = Field(
        default=0.1, ge=0.008, lt=1, description="Each feature gets 1/sketch_eps buckets, at most."
    )
    seed: int = Field(default=1212, ge=0, le=2**32 - 1, description="Of the samples; public.")
