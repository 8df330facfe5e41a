"""The graph of a chain: order, cycles, what depends on what, and what kind of chain it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from secretflow_worker.contract.chain import ChainType

Graph = Mapping[str, Sequence[str]]
"""By node: the nodes that it depends on, all of which are nodes of the graph."""


def find_cycle(graph: Graph) -> list[str]:
    """Return the nodes of one cycle, each depending on the next and the last on the first."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as fault:
        # graphlib lists each node before those that depend on it, the first one twice.
        return list(reversed(fault.args[1][1:]))
    return []


def in_order(graph: Graph) -> list[str]:
    """Return the nodes, each after those that it depends on; otherwise in the graph's order.

    The graph has no cycle.
    """
    left = {node: len(set(depends_on)) for node, depends_on in graph.items()}
    followers = followers_of(graph)
    level = [node for node, count in left.items() if count == 0]
    ordered: list[str] = []
    while level:
        ordered += level
        following: list[str] = []
        for node in level:
            for follower in followers[node]:
                left[follower] -= 1
                if left[follower] == 0:
                    following.append(follower)
        level = following
    return ordered


def followers_of(graph: Graph) -> dict[str, list[str]]:
    """Return, for each node, those that depend on it directly."""
    followers: dict[str, list[str]] = {node: [] for node in graph}
    for node, depends_on in graph.items():
        for before in dict.fromkeys(depends_on):
            followers[before].append(node)
    return followers


def reachable(edges: Graph, start: Iterable[str]) -> set[str]:
    """Return all that the edges lead to from `start`, directly or not, without `start` itself.

    With a graph these are the nodes before; with its ``followers_of`` those after.
    """
    found: set[str] = set()
    left = list(start)
    while left:
        for node in edges[left.pop()]:
            if node not in found:
                found.add(node)
                left.append(node)
    return found


def chain_type_of(graph: Graph) -> ChainType:
    """Return what kind of chain a graph is.

    One line is sequential, no edges at all are parallel, and several starts that all lead to
    one and the same end are a chord.
    """
    followers = followers_of(graph)
    widths = [len(set(depends_on)) for depends_on in graph.values()]
    is_line = all(width <= 1 for width in widths) and all(
        len(after) <= 1 for after in followers.values()
    )
    starts = [node for node, depends_on in graph.items() if not depends_on]
    if is_line and len(starts) == 1:
        return ChainType.SEQUENTIAL
    if len(starts) == len(graph):
        return ChainType.PARALLEL
    if len(starts) == len(graph) - 1 and max(widths) == len(starts):
        return ChainType.CHORD
    return ChainType.COMPLEX
