"""Weight of evidence and information value of bins, and the rules that put them in tables.

For a bin with ``p`` of all P positive rows and ``n`` of all N negative ones::

    woe = ln((p / P) / (n / N))        iv = (p / P - n / N) * woe

Where p or n is zero, 0.5 is added to both first; so does SecretFlow's ``VertWoeBinning``, and
scorecards commonly. A feature's IV is the sum over its bins, that of missing values included.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import model_validator

from secretflow_worker.tasks._bins import bin_index
from secretflow_worker.tasks._numeric import measure
from secretflow_worker.tasks._rules import Rule
from secretflow_worker.tasks._tables import require_columns, write
from secretflow_worker.tasks.preprocessing._categories import category
from secretflow_worker.tasks.stats._woe_bins import BinnedFeature

Counts = NDArray[np.int64]
Numbers = NDArray[np.float64]

NEUTRAL = 0.0
"""The WOE of what the fit has not seen: no evidence either way."""


@dataclass(frozen=True)
class Evidence:
    """A feature's bins with what they say of the label; all arrays (bins,)."""

    feature: BinnedFeature
    positives: Counts
    woe: Numbers
    ivs: Numbers

    @property
    def iv(self) -> float:
        return float(self.ivs.sum())


def weigh(feature: BinnedFeature, positives: Counts) -> Evidence:
    """Compute WOE and IV; `positives` are the rows per bin whose label is 1."""
    negatives = feature.counts - positives
    added = np.where((positives == 0) | (negatives == 0), 0.5, 0.0)
    p = (positives + added) / positives.sum()
    n = (negatives + added) / negatives.sum()
    woe = np.log(p / n)
    return Evidence(feature, positives, woe, (p - n) * woe)


class WoeRule(Rule):
    """The WOE of one feature's bins; its entry in a rules file."""

    kind: Literal["intervals", "categories"]
    cuts: list[float]
    groups: list[list[str]]
    woe: list[float]
    missing_woe: float

    @model_validator(mode="after")
    def _fits(self) -> WoeRule:
        named = [name for group in self.groups for name in group]
        bins = len(self.cuts) + 1 if self.kind == "intervals" else len(self.groups)
        ascends = all(low < high for low, high in pairwise(self.cuts))
        if len(self.woe) != bins or not ascends or len(set(named)) < len(named):
            raise ValueError("bins and their WOE do not fit")
        return self


def rule_of(evidence: Evidence) -> WoeRule:
    """Return the rule by which new data is substituted."""
    feature, woe = evidence.feature, evidence.woe.tolist()
    is_numeric = feature.cuts is not None
    bins = len(feature.cuts or []) + 1 if is_numeric else len(feature.groups or [])
    return WoeRule(
        kind="intervals" if is_numeric else "categories",
        cuts=feature.cuts or [],
        groups=feature.groups or [],
        woe=woe[:bins],
        missing_woe=woe[feature.missing] if feature.missing >= 0 else NEUTRAL,
    )


def substitute(table: Path, rules: Mapping[str, WoeRule], target: Path) -> list[str]:
    """Write the table with features replaced by their WOE; returns them in the table's order.

    Raises:
        InputError: a feature is missing, or holds text where the rules have intervals; no rows.
    """
    require_columns(table, list(rules), "the rules")
    numeric = measure(table, [n for n, rule in rules.items() if rule.kind == "intervals"], {})
    columns = []
    for name, rule in rules.items():
        if rule.kind == "intervals":
            bins = bin_index(numeric.column(name), rule.cuts)
            woe = bins.replace_strict(range(len(rule.woe)), rule.woe, return_dtype=pl.Float64)
            is_missing = numeric.column(name).is_null()
        else:
            known = {
                text: woe
                for texts, woe in zip(rule.groups, rule.woe, strict=True)
                for text in texts
            }
            text = category(table, numeric.frame, name)
            woe = text.replace_strict(
                list(known), list(known.values()), default=NEUTRAL, return_dtype=pl.Float64
            )
            is_missing = text.is_null()
        columns.append(
            pl.when(is_missing).then(pl.lit(rule.missing_woe)).otherwise(woe).alias(name)
        )
    write(numeric.frame.with_columns(columns), target, source=table)
    return [name for name in numeric.frame.collect_schema().names() if name in rules]
