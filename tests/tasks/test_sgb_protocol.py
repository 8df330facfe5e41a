"""sgb at one party, whose peer is played here and does not keep to the protocol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretflow_worker.contract.errors import PeerLost
from secretflow_worker.tasks.ml import _splits as splits
from secretflow_worker.tasks.ml._forest import Split, Tree, leaf_columns, leaves_of
from secretflow_worker.tasks.ml._params import SgbParams
from secretflow_worker.tasks.ml._secureboost import find_candidates
from secretflow_worker.tasks.ml._secureboost_follow import Follower
from secretflow_worker.tasks.ml._secureboost_lead import Leader

ROWS = 6
VALUES = np.arange(float(ROWS))[:, np.newaxis]
PARAMS = SgbParams(max_depth=2, num_boost_round=1, sketch_eps=0.25)


class Played:
    """A party's view in which all that a peer says is given; takes the place of the HEU too."""

    def __init__(self, me: str, said: Sequence[Any], opened: Sequence[int] = ()) -> None:
        self.me = me
        self.heu = self
        self._said = iter(said)
        self._opened = list(opened)

    def send(self, to: str, value: Any) -> None:
        pass

    def receive(self, sender: str, dtype: str, shape: Any) -> Any:
        return np.asarray(next(self._said), dtype)

    def encrypt(self, values: Any, count: int, to: Any) -> Any:
        return None

    def bucket_sums(self, values: Any, members: Any, bins: Any, buckets: int) -> Any:
        return None

    def open(self, *arguments: Any) -> Any:
        return self._opened


def follow(*said: Any) -> Tree:
    parties: Any = Played("bob", said)
    candidates = find_candidates(VALUES, 4)
    return Follower(parties, PARAMS, "alice", candidates).grow(np.ones(ROWS, bool), [0])


NONE = np.empty((0, 2))
LEFT = [True] * 3 + [False] * 3


def test_a_tree_of_the_protocol_is_followed() -> None:
    tree = follow([1], [[1, 0]], LEFT, [2], [3], NONE, [2, 6, 7])
    assert list(tree.splits) == [1]
    assert tree.leaves == [2, 6, 7]


@pytest.mark.parametrize(
    "said",
    [
        ([2], NONE),
        ([1, 1], NONE),
        ([0], NONE),
        ([1], [[2, 0]]),
        ([1], [[1, 3]]),
        ([1], [[1, -1]]),
        ([1], NONE, LEFT, [2], [1], NONE),
        ([], NONE, [2, 3]),
        ([], NONE, []),
        ([1], NONE, LEFT, [2], [], NONE, [1]),
    ],
)
def test_a_label_holder_that_picks_what_there_is_not(said: Sequence[Any]) -> None:
    with pytest.raises(PeerLost) as caught:
        follow(*said)
    assert caught.value.party == "alice"


@pytest.mark.parametrize("count", [-1, 2**31 - 1])
def test_a_number_of_candidates_that_cannot_be(count: int) -> None:
    parties: Any = Played("alice", [[count]])
    label = np.array([0.0, 1.0] * 3)
    leader = Leader(parties, PARAMS, ["bob"], find_candidates(VALUES, 4), label, 0.0 * label)
    with pytest.raises(PeerLost):
        leader.grow(np.ones(ROWS, bool), [0])


@pytest.mark.parametrize("second", [-(2**20), 2**22])
def test_sums_that_cannot_be(second: int) -> None:
    low, _ = splits.slot_layout(ROWS)
    parties: Any = Played("alice", [[1]], [(5 << low) + (second & (1 << low) - 1)])
    label = np.array([0.0, 1.0] * 3)
    leader = Leader(parties, PARAMS, ["bob"], find_candidates(VALUES, 4), label, 0.0 * label)
    with pytest.raises(PeerLost) as caught:
        leader.grow(np.ones(ROWS, bool), [0])
    assert caught.value.party == "bob"


@given(
    firsts=st.lists(st.floats(-1, 1), min_size=1, max_size=30),
    seed=st.integers(0, 100),
)
@settings(max_examples=50, deadline=None)
def test_sums_come_back_as_they_were_packed(firsts: list[float], seed: int) -> None:
    random = np.random.default_rng(seed)
    first = np.rint(np.array(firsts) * 2**20)
    second = np.rint(random.random(len(firsts)) * 2**18)
    rows = random.random(len(firsts)) < 0.7
    low, slot = splits.slot_layout(max(1, int(rows.sum())))
    packed = splits.pack(splits.Gradients(first, second, 1.0), rows, low)
    total = sum(packed)
    assert abs(total) < 2 ** (slot - 1)
    expected = [[first[rows].sum(), second[rows].sum()]]
    np.testing.assert_array_equal(splits.unpack([total], low), expected)


@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_a_row_is_in_one_leaf_of_all_parties_together(data: st.DataObject) -> None:
    split_nodes, frontier = set(), [1]
    while frontier:
        node = frontier.pop()
        if node < 16 and data.draw(st.booleans()):
            split_nodes.add(node)
            frontier += [2 * node, 2 * node + 1]
    leaves = leaves_of(sorted(split_nodes))
    owners = {node: data.draw(st.sampled_from("ab")) for node in split_nodes}
    rows = np.random.default_rng(len(split_nodes)).normal(size=(20, 2))
    together: Any = 1
    for party in "ab":
        own = {
            node: Split(feature=node % 2, cut=0.1 * node)
            for node, owner in owners.items()
            if owner == party
        }
        columns = leaf_columns(Tree(splits=own, leaves=leaves), rows)
        together = together * np.stack([columns[leaf] for leaf in leaves], axis=1)
    assert (together.sum(axis=1) == 1).all()
