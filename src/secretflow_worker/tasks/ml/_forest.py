"""A boosted model as one party has it: its own splits, the trees' shape, and no more.

Nodes are numbered from the root, 1; the children of node k are 2k, to which rows below the cut
go, and 2k + 1. Weights and gains are at the label holder only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from secretflow_worker.contract.errors import ModelInvalid
from secretflow_worker.tasks._parties import Model

Numbers = NDArray[np.float64]

ROOT = 1


class Split(BaseModel):
    """A split by a party's own feature, by its place among them."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    feature: int = Field(ge=0)
    cut: float


class Gain(BaseModel):
    """What a split gained, and whose feature it is by."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    party: str
    gain: float


class Tree(BaseModel):
    """One tree. `leaves` are all its leaves, ascending; `weights` theirs."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    splits: dict[int, Split]
    leaves: list[int] = Field(min_length=1)
    weights: list[float] = []
    gains: dict[int, Gain] = {}


_TREES = TypeAdapter(list[Tree])


@dataclass(frozen=True)
class Forest:
    """This party's part of all trees."""

    trees: list[Tree] = field(default_factory=list)

    @property
    def leaf_count(self) -> int:
        return sum(len(tree.leaves) for tree in self.trees)

    def weights(self) -> Numbers:
        """Return the weights of all leaves, tree after tree; only the label holder has them."""
        return np.array([weight for tree in self.trees for weight in tree.weights])

    def reach(self) -> float:
        """Return a bound of every margin's distance from the base score."""
        return sum(max(map(abs, tree.weights), default=0.0) for tree in self.trees)

    def memberships(self, rows: Numbers) -> NDArray[np.int8]:
        """Return which leaves a row may be in, as far as this party knows, (n, leaves)."""
        columns = [column for tree in self.trees for column in leaf_columns(tree, rows).values()]
        return np.stack(columns, axis=1).astype(np.int8)

    def dump(self) -> dict[str, Any]:
        """Return what `load` reads, as the own part of a model."""
        return {"trees": [tree.model_dump(mode="json") for tree in self.trees]}

    @staticmethod
    def load(model: Model, party: str) -> Forest:
        """Read the part of a model that a party has.

        Raises:
            ModelInvalid: the parts do not fit each other.
        """
        try:
            trees = _TREES.validate_python(model.own("trees"))
        except ValidationError:
            raise ModelInvalid("the model's own part does not hold the trees of sgb") from None
        forest, width = Forest(trees), len(model.features[party])
        holds_label = party == model.label_party
        fits = all(split.feature < width for tree in trees for split in tree.splits.values())
        if holds_label:
            fits = fits and all(len(tree.weights) == len(tree.leaves) for tree in trees)
        if holds_label or width:
            fits = fits and forest.leaf_count == model.parameters.get("leaves")
        if not fits:
            raise ModelInvalid("the model's trees do not fit its features and leaves")
        return forest


def leaf_columns(tree: Tree, rows: Numbers) -> dict[int, NDArray[np.bool_]]:
    """Return for each leaf the rows (n,) that the own splits on its path let through."""
    everyone = np.ones(len(rows), bool)
    known: dict[int, NDArray[np.bool_]] = {ROOT: everyone}

    def of_node(node: int) -> NDArray[np.bool_]:
        if node not in known:
            above = of_node(node // 2)
            split = tree.splits.get(node // 2)
            if split is not None:
                below = rows[:, split.feature] < split.cut
                above = above & (below if node % 2 == 0 else ~below)
            known[node] = above
        return known[node]

    return {leaf: of_node(leaf) for leaf in tree.leaves}


def leaves_of(split_nodes: Sequence[int]) -> list[int]:
    """Return the leaves of a tree whose nodes `split_nodes` are split, ascending."""
    inner = set(split_nodes)
    children = {child for node in inner for child in (2 * node, 2 * node + 1)}
    return sorted((children or {ROOT}) - inner)


def count_gains(trees: Sequence[Tree]) -> Mapping[str, list[tuple[int, int, float]]]:
    """Return each party's splits with their gains, ``(tree, node, gain)``, in that order."""
    by_party: dict[str, list[tuple[int, int, float]]] = {}
    for number, tree in enumerate(trees):
        for node in sorted(tree.gains):
            gained = tree.gains[node]
            by_party.setdefault(gained.party, []).append((number, node, gained.gain))
    return by_party
