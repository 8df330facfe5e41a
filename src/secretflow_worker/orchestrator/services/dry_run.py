"""A chain without running it: what would run when, who would learn what, and how long it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from secretflow_worker.contract.chain import TriggerRule, parse_chain
from secretflow_worker.orchestrator.checks.nodes import CheckedNode
from secretflow_worker.orchestrator.core.expand import make_plan
from secretflow_worker.orchestrator.core.model import RunPlan
from secretflow_worker.orchestrator.errors import Fault
from secretflow_worker.orchestrator.services.estimate import Estimate, Experience
from secretflow_worker.orchestrator.services.parties import Parties
from secretflow_worker.orchestrator.services.unseen_inputs import Inputs, look_for_inputs
from secretflow_worker.orchestrator.services.validate import examine
from secretflow_worker.tasks import Learns


@dataclass(frozen=True)
class PlannedNode:
    """A node, and what is expected of it."""

    node_id: str
    task_type: str
    version: int
    depends_on: tuple[str, ...]
    level: int
    """How many nodes come before it on its longest path."""
    may_be_skipped: bool
    """By a condition or a rule, its own or that of a task before it."""
    estimate: Estimate | None
    """None: no experience with this type."""


@dataclass(frozen=True)
class WouldLearn:
    """One fact that somebody would learn."""

    to: str
    """A party; where it is `outside`, the words of the task type for who it is."""
    what: str
    about: str
    when: str
    nodes: tuple[str, ...]
    outside: bool
    is_certain: bool
    """False where it depends on what earlier tasks return, or on whether a task is skipped."""


@dataclass(frozen=True)
class DryRun:
    """With faults nothing would run, and the rest is empty."""

    faults: list[Fault]
    levels: list[list[str]]
    nodes: list[PlannedNode]
    learns: list[WouldLearn]
    total: Estimate | None
    """Along the longest path, or by ``max_parallel`` where that is what bounds the chain. None
    where a type has no experience; its `count` is that of the least known type."""
    unknown_types: list[str]
    """The types without experience."""
    inputs: Inputs | None = None
    """What the parties tell of the input tables, where they were asked."""


def dry_run(document: object, experience: Experience, parties: Parties | None = None) -> DryRun:
    """Say what running a chain would do; `parties` are asked whether its input tables are there.

    Raises:
        NotReady: the parties cannot be asked.
    """
    examined = examine(document)
    if examined.faults:
        return DryRun(examined.faults, [], [], [], None, [])
    plan = make_plan(parse_chain(document), "r-dry", "c-dry")
    checked = {node.node_id: node for node in examined.nodes}
    planned = _plan_nodes(plan, checked, experience)
    levels: list[list[str]] = []
    for node in planned:
        while len(levels) <= node.level:
            levels.append([])
        levels[node.level].append(node.node_id)
    unknown = sorted({node.task_type for node in planned if node.estimate is None})
    skippable = {node.node_id for node in planned if node.may_be_skipped}
    learns = _learns([checked[node.node_id] for node in planned], skippable)
    total = None if unknown else _total(planned, plan.max_parallel)
    inputs = None if parties is None else look_for_inputs(examined.nodes, parties)
    return DryRun([], levels, planned, learns, total, unknown, inputs)


def _plan_nodes(
    plan: RunPlan, checked: Mapping[str, CheckedNode], experience: Experience
) -> list[PlannedNode]:
    planned: dict[str, PlannedNode] = {}
    for node_id, node in plan.nodes.items():
        before = [planned[each] for each in node.depends_on]
        task_type = checked[node_id].task_type
        is_always = node.when is None and node.trigger_rule is not TriggerRule.ONE_FAILED
        skips_along = node.trigger_rule is TriggerRule.ALL_SUCCESS
        planned[node_id] = PlannedNode(
            node_id=node_id,
            task_type=task_type.name,
            version=task_type.version,
            depends_on=node.depends_on,
            level=1 + max((each.level for each in before), default=-1),
            may_be_skipped=not is_always
            or (skips_along and any(each.may_be_skipped for each in before)),
            estimate=experience.of(task_type, node.params["task_config"]),
        )
    return list(planned.values())


def _learns(nodes: Sequence[CheckedNode], skippable: set[str]) -> list[WouldLearn]:
    """Return the union of what the nodes disclose, to parties first."""
    found: dict[tuple[str, str, str, str, bool], list[tuple[str, bool]]] = {}
    for node in nodes:
        for line in node.task_type.learns:
            for to, is_certain in _reached(node, line):
                key = (to, line.what, line.about, line.when, line.outside)
                is_sure = is_certain and node.node_id not in skippable
                found.setdefault(key, []).append((node.node_id, is_sure))
    lines = [
        WouldLearn(
            *key[:4],
            nodes=tuple(node_id for node_id, _ in by),
            outside=key[4],
            is_certain=any(is_sure for _, is_sure in by),
        )
        for key, by in found.items()
    ]
    return sorted(lines, key=lambda line: (line.outside, line.to))


def _reached(node: CheckedNode, line: Learns) -> list[tuple[str, bool]]:
    """Return whom a line of the disclosure reaches, and whether that is certain."""
    config = node.config
    if line.outside:
        if config is None:
            return [(line.who, False)]
        is_told = line.disclosed is None or line.disclosed(config, "")
        return [(line.who, node.is_certain)] if is_told or not node.is_certain else []
    if config is None or not node.parties:
        return [(party, False) for party in node.parties or (line.who,)]
    if not node.is_certain:
        return [(party, line.disclosed is None) for party in node.parties]
    return [(party, True) for party in node.parties if line.reaches(config, party)]


def _total(planned: Sequence[PlannedNode], max_parallel: int | None) -> Estimate:
    def along(seconds: Callable[[Estimate], float]) -> float:
        ends: dict[str, float] = {}
        work = 0.0
        for node in planned:
            own = seconds(node.estimate) if node.estimate is not None else 0.0
            work += own
            ends[node.node_id] = own + max((ends[each] for each in node.depends_on), default=0.0)
        return max(max(ends.values()), work / max_parallel if max_parallel else 0.0)

    counts = [node.estimate.count for node in planned if node.estimate is not None]
    return Estimate(
        low_s=along(lambda each: each.low_s),
        median_s=along(lambda each: each.median_s),
        high_s=along(lambda each: each.high_s),
        count=min(counts),
        by_columns=False,
    )
