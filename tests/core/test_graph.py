"""Order, cycles and kinds of graphs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretflow_worker.orchestrator.core.graph import (
    chain_type_of,
    find_cycle,
    followers_of,
    in_order,
    reachable,
)


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, list[str]]:
    names = [f"t{number}" for number in range(draw(st.integers(1, 12)))]
    graph = {
        name: draw(st.lists(st.sampled_from(names[:at]), unique=True)) if at else []
        for at, name in enumerate(names)
    }
    return dict(draw(st.permutations(list(graph.items()))))


@given(graphs())
def test_every_node_comes_once_and_after_those_it_depends_on(graph: dict[str, list[str]]) -> None:
    ordered = in_order(graph)
    assert sorted(ordered) == sorted(graph)
    assert all(
        ordered.index(before) < ordered.index(node) for node in graph for before in graph[node]
    )
    assert find_cycle(graph) == []


@given(graphs(), st.data())
def test_a_cycle_is_found_and_is_one(graph: dict[str, list[str]], data: st.DataObject) -> None:
    last = in_order(graph)[-1]
    first = data.draw(st.sampled_from(sorted(reachable(graph, [last]) | {last})))
    graph[first] = [*graph[first], last]
    cycle = find_cycle(graph)
    assert cycle
    following = [*cycle[1:], cycle[0]]
    assert all(after in graph[node] for node, after in zip(cycle, following, strict=True))


def test_a_graph_of_ten_thousand_nodes_in_one_line() -> None:
    graph = {f"t{n}": [f"t{n - 1}"] if n else [] for n in reversed(range(10_000))}
    assert in_order(graph)[:3] == ["t0", "t1", "t2"]
    assert len(reachable(followers_of(graph), ["t0"])) == 9_999
    assert find_cycle({**graph, "t0": ["t9999"]})


@pytest.mark.parametrize(
    ("graph", "kind"),
    [
        ({"a": []}, "sequential"),
        ({"a": [], "b": ["a"], "c": ["b"]}, "sequential"),
        ({"a": [], "b": []}, "parallel"),
        ({"a": [], "b": [], "c": ["a", "b"]}, "chord"),
        ({"a": [], "b": ["a"], "c": ["a"]}, "complex"),
        ({"a": [], "b": [], "c": ["a"]}, "complex"),
        ({"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"]}, "complex"),
    ],
)
def test_the_kind_of_a_chain_is_worked_out(graph: dict[str, list[str]], kind: str) -> None:
    assert chain_type_of(graph).value == kind
