"""The ``params`` of ``ss_glm``, and which links go with which distribution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from secretflow_worker.tasks.ml._params import _Params

Distribution = Literal["normal", "bernoulli", "poisson", "gamma", "tweedie"]
Link = Literal["identity", "logit", "log", "reciprocal"]

LINKS: dict[Distribution, tuple[Link, ...]] = {
    "normal": ("identity", "log"),
    "bernoulli": ("logit",),
    "poisson": ("log",),
    "gamma": ("log", "reciprocal"),
    "tweedie": ("log",),
}
"""The default first. A link that allows a mean outside of the distribution's is left out, but for
gamma's canonical one. Gamma's default is log, as in scikit-learn: the reciprocal one fails where
a score comes near zero."""

_POWERS = {"normal": 0.0, "bernoulli": 1.0, "poisson": 1.0, "gamma": 2.0}
_OTHER_NAMES = {"gaussian": "normal", "binomial": "bernoulli", "inverse": "reciprocal"}


class GlmParams(_Params):
    """``params`` of ``ss_glm``."""

    distribution: Distribution = Field(
        default="bernoulli", description="Of the label, given the features."
    )
    link: Link | None = Field(
        default=None,
        description="From the mean to the score. Left out: identity for normal, logit for "
        "bernoulli, log for poisson, gamma and tweedie. normal takes log too, gamma reciprocal.",
    )
    tweedie_power: float = Field(
        default=1.5,
        description="Of tweedie: the variance is the mean to this power. 0, 1, 2, or from 1.01 to "
        "1.99.",
    )
    dist_scale: float = Field(
        default=1.0,
        gt=0,
        le=1e6,
        description="A guess of the distribution's dispersion; it weighs the penalty only.",
    )
    solver: Literal["irls", "sgd"] = Field(
        default="irls",
        description="irls: Newton steps over all rows, a few of which are enough. sgd: many small "
        "steps; quicker only where there are hundreds of features.",
    )
    epochs: int = Field(
        default=10, ge=1, le=10_000, description="At most so many passes over the rows."
    )
    tolerance: float = Field(
        default=1e-3,
        ge=0,
        le=1,
        description="Of irls: it stops when no weight moved by more, in units of the standardized "
        "label. Every party sees when that is. 0: all the epochs, and nobody sees anything.",
    )
    learning_rate: float = Field(default=0.1, gt=0, le=100, description="Of every step of sgd.")
    batch_size: int = Field(
        default=1024,
        ge=1,
        description="Rows per step of sgd. The rows that do not fill the last batch of an epoch "
        "are left out; with fewer rows than this, a batch is all of them.",
    )
    l2_lambda: float = Field(
        default=0.0,
        ge=0,
        le=1e6,
        description="Penalty of l2_lambda / 2 times the squared weights, beside the log-likelihood "
        "of all rows; the intercept has none.",
    )

    @field_validator("distribution", "link", "solver", mode="before")
    @classmethod
    def _plain_name(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return _OTHER_NAMES.get(value.lower(), value.lower())

    @model_validator(mode="after")
    def _fits(self) -> GlmParams:
        links = LINKS[self.distribution]
        if self.link is not None and self.link not in links:
            raise ValueError(
                f"link: {self.link} does not go with {self.distribution}; "
                f"it takes {' or '.join(links)}"
            )
        power = self.tweedie_power
        if self.distribution == "tweedie" and not (
            power in (0.0, 1.0, 2.0) or 1.01 <= power <= 1.99
        ):
            raise ValueError("tweedie_power: it must be 0, 1, 2, or from 1.01 to 1.99")
        return self

    @property
    def link_used(self) -> Link:
        return self.link or LINKS[self.distribution][0]

    @property
    def power(self) -> float:
        """The variance is the mean to this power (of bernoulli it is not, and this not used)."""
        return _POWERS.get(self.distribution, self.tweedie_power)


def one_column(choice: Any) -> Any:
    """Read ``"column"`` and ``{party: "column"}`` as choices of one column."""
    if isinstance(choice, str):
        return [choice]
    if isinstance(choice, Mapping):
        return {key: [name] if isinstance(name, str) else name for key, name in choice.items()}
    return choice
