"""Attempts, and the messages about them that wait to be sent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from secretflow_worker.contract.chain import NodeStatus
from secretflow_worker.contract.names import QUEUE, party_queue
from secretflow_worker.orchestrator.core.model import Dispatch, NodeState, RunPlan, StopAttempt
from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.orchestrator.store.runs import PRIORITIES


def put_dispatch(connection: Connection, plan: RunPlan, sent: Dispatch, now: float) -> None:
    """Write an attempt, and a message to each worker that takes part in it."""
    connection.execute(
        insert(t.task_attempts).values(
            execution_id=sent.execution_id,
            run_id=plan.run_id,
            node_id=sent.node_id,
            attempt=sent.attempt,
            request=dict(sent.request),
            parties=list(sent.parties),
            status=NodeStatus.QUEUED.value,
            dispatched_at=now,
        )
    )
    _put(connection, plan, sent.execution_id, sent.parties, "task", now)


def put_stop(connection: Connection, plan: RunPlan, stop: StopAttempt, now: float) -> bool:
    """Take back what was not sent yet of an attempt, and write a call to stop the rest.

    Returns whether there is a rest; a second call for the same attempt says nothing new.
    """
    of_attempt = t.outbox.c.execution_id == stop.execution_id
    is_untouched = t.outbox.c.sent_at.is_(None) & t.outbox.c.claimed_until.is_(None)
    connection.execute(delete(t.outbox).where(of_attempt, t.outbox.c.kind == "task", is_untouched))
    kinds = {row.kind for row in connection.execute(select(t.outbox.c.kind).where(of_attempt))}
    if "task" in kinds and "stop" not in kinds:
        _put(connection, plan, stop.execution_id, (), "stop", now)
    return "task" in kinds


def message_of(request: dict[str, Any], party: str) -> dict[str, Any]:
    """Return the message to one party's worker, or to the one worker of local mode."""
    if not party:
        return request
    cluster = {**request["sf_init_config"], "self_party": party}
    return {**request, "sf_init_config": cluster}


def note_heard(
    connection: Connection, execution_id: str, party: str | None, outcome: Any, now: float
) -> None:
    """Note when an attempt was last heard of, and what a party's worker told at its end."""
    values: dict[str, Any] = {"heard_at": now}
    of_attempt = t.task_attempts.c.execution_id == execution_id
    if outcome is not None:
        known = connection.execute(select(t.task_attempts.c.outcomes).where(of_attempt)).scalar()
        values["outcomes"] = {**(known or {}), party or "": outcome}
    connection.execute(update(t.task_attempts).where(of_attempt).values(values))


def note_status(connection: Connection, before: NodeState, after: NodeState, now: float) -> None:
    """Note what has become of a node's newest attempt, and of one that it was let go for."""
    if before.execution_id not in (None, after.execution_id):
        _note(connection, before.execution_id, NodeStatus.CANCELLED, now)
    if after.execution_id is not None:
        # A node that will be tried again has had an attempt that failed.
        is_to_come = after.status is NodeStatus.RETRY
        status = NodeStatus.FAILURE if is_to_come else after.status
        is_over = after.status.is_terminal or is_to_come
        _note(connection, after.execution_id, status, now if is_over else None)


def send_again(connection: Connection, message: int, sent_at: float) -> bool:
    """Have a message sent once more, unless that has been seen to since it was sent.

    Its lease is one that is over, and not none: a worker may have it, who is to be told to stop.
    """
    same = (t.outbox.c.id == message, t.outbox.c.sent_at == sent_at)
    done = connection.execute(
        update(t.outbox).where(*same).values(sent_at=None, claimed_until=sent_at)
    )
    return done.rowcount == 1


def send_stops_again(connection: Connection, since: float) -> None:
    """Have every call to stop that was sent after a time sent once more."""
    stops = (t.outbox.c.kind == "stop", t.outbox.c.sent_at > since)
    connection.execute(update(t.outbox).where(*stops).values(sent_at=None, claimed_until=None))


def _note(
    connection: Connection, execution_id: str | None, status: NodeStatus, ended_at: float | None
) -> None:
    attempt = t.task_attempts.c
    is_open = (attempt.execution_id == execution_id, attempt.ended_at.is_(None))
    connection.execute(
        update(t.task_attempts).where(*is_open).values(status=status.value, ended_at=ended_at)
    )


def _put(
    connection: Connection,
    plan: RunPlan,
    execution_id: str,
    parties: tuple[str, ...],
    kind: str,
    now: float,
) -> None:
    connection.execute(
        insert(t.outbox),
        [
            {
                "execution_id": execution_id,
                "party": party,
                "kind": kind,
                "run_id": plan.run_id,
                "queue": party_queue(party) if party else QUEUE,
                "priority": PRIORITIES[plan.priority],
                "created_at": now,
            }
            for party in parties or ("",)
        ],
    )
