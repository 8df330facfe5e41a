"""What happened to a chain, one line after the other: for people, and for clients that watch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert

from secretflow_worker.contract.events import Stage, StatusEvent
from secretflow_worker.orchestrator.core.model import NodeState, RunPlan, RunState
from secretflow_worker.orchestrator.store import tables as t

_STAGES = frozenset(stage.value for stage in Stage)
_LONGEST_PARTY = 64


@dataclass(frozen=True)
class Told:
    """What a worker's event says that no state keeps: where the attempt is, and of whom."""

    execution_id: str
    stage: str | None
    party: str | None
    progress: float

    @property
    def words(self) -> dict[str, Any]:
        said = {"stage": self.stage, "party": self.party}
        return {key: value for key, value in said.items() if value is not None}


def told_by(event: StatusEvent) -> Told:
    """Return what of a worker's event is for watchers alone; anybody may have written it."""
    stage, party = event.data.get("stage"), event.data.get("party")
    return Told(
        event.execution_id,
        stage if isinstance(stage, str) and stage in _STAGES else None,
        party if isinstance(party, str) and len(party) <= _LONGEST_PARTY else None,
        min(max(float(event.data.get("progress") or 0.0), 0.0), 1.0),
    )


def put_node(
    connection: Connection,
    plan: RunPlan,
    node_id: str,
    before: NodeState,
    after: NodeState,
    now: float,
    told: Told | None = None,
) -> None:
    """Write what became of a node, where it is something that a watcher sees."""
    if (before.status, before.progress, before.attempt) == (
        after.status, after.progress, after.attempt,
    ):  # fmt: skip
        return
    data: dict[str, Any] = {
        "status": after.status.value,
        "attempt": after.attempt,
        "progress": round(after.progress, 4),
    }
    if told is not None and told.execution_id == after.execution_id:
        data.update(told.words)
    if after.reused_from is not None:
        data["reused_from"] = after.reused_from
    if after.skip_reason is not None:
        data["skip_reason"] = after.skip_reason.value
    if after.error is not None:
        data["error"] = after.error.model_dump(mode="json", exclude={"traceback"})
    put(connection, plan.chain_id, "task", data, now, run_id=plan.run_id, node_id=node_id)


def put_party(
    connection: Connection,
    plan: RunPlan,
    node_id: str,
    node: NodeState,
    told: Told,
    now: float,
) -> None:
    """Write how far one party's worker is with a task of cluster mode.

    The task's own lines tell of the party that is ahead; these tell of those behind too.
    """
    if node.is_in_flight and node.execution_id == told.execution_id and told.party is not None:
        data = {"attempt": node.attempt, "progress": round(told.progress, 4), **told.words}
        put(connection, plan.chain_id, "party", data, now, run_id=plan.run_id, node_id=node_id)


def put_run(connection: Connection, plan: RunPlan, state: RunState, now: float) -> None:
    """Write what became of the run as a whole."""
    data: dict[str, Any] = {"status": state.status.value}
    if state.error is not None:
        data["error"] = state.error.model_dump(mode="json", exclude={"traceback"})
    put(connection, plan.chain_id, "chain", data, now, run_id=plan.run_id)


def put(
    connection: Connection,
    chain_id: str,
    kind: str,
    data: dict[str, Any],
    now: float,
    *,
    run_id: str | None = None,
    node_id: str | None = None,
) -> None:
    """Write one line."""
    connection.execute(
        insert(t.history).values(
            chain_id=chain_id, run_id=run_id, node_id=node_id, at=now, kind=kind, data=data
        )
    )
