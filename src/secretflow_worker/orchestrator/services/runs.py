"""Runs: every event goes through here, is decided by the core, and is written in one transaction.

What a decision asks for is written too: messages to the outbox, which the relay sends, and the
time at which something is due, at which the reconciler lets time pass.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from secretflow_worker.broker.telemetry import here
from secretflow_worker.contract.chain import ChainDocument, ChainStatus, NodeStatus, parse_chain
from secretflow_worker.contract.errors import ErrorReport
from secretflow_worker.contract.events import Status, StatusEvent
from secretflow_worker.orchestrator.core import model
from secretflow_worker.orchestrator.core.decide import decide
from secretflow_worker.orchestrator.core.due import next_due
from secretflow_worker.orchestrator.core.expand import make_plan
from secretflow_worker.orchestrator.errors import Conflict, NotFound
from secretflow_worker.orchestrator.services.changes import Change
from secretflow_worker.orchestrator.services.loop import apart
from secretflow_worker.orchestrator.services.saved_models import note_models
from secretflow_worker.orchestrator.store import history, messages, runs
from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.orchestrator.store.inserts import insert_unless_there
from secretflow_worker.orchestrator.store.remembered import RememberedStates

Clock = Callable[[], float]
_LIVE = [status.value for status in ChainStatus if not status.is_terminal]


class Runs:
    """Starts runs and applies events to them. Threads and processes may share a database."""

    def __init__(self, database: Database, clock: Clock = time.time) -> None:
        self._database = database
        self._clock = clock
        self.on_change: list[Callable[[Change], None]] = []
        """Each is told of what an event did to a run, once it is committed."""
        self.on_report: list[Callable[[StatusEvent, str], None]] = []
        """Each is told of a worker's event that counted, with the type of its task."""
        # A plan never changes while its run lasts, and takes a while to make.
        self._plan_of = lru_cache(maxsize=64)(self._make_plan)
        self._remembered = RememberedStates()

    def start(
        self,
        chain_id: str,
        *,
        by: str,
        version: int | None = None,
        reusable: Mapping[str, model.Reusable] | None = None,
    ) -> str:
        """Run a chain's newest version, or another one; returns the run's id.

        What it asks for in the same words as a `reusable` success is not run again.

        Raises:
            NotFound: no such chain or version.
            Conflict: a run of it has not ended.
        """
        now = self._clock()
        run_id = f"r-{secrets.token_hex(12)}"
        with self._database.transaction() as connection:
            chain = connection.execute(
                select(t.task_chains).where(t.task_chains.c.chain_id == chain_id).with_for_update()
            ).one_or_none()
            if chain is None:
                raise NotFound(f"there is no chain {chain_id}")
            self._refuse_second_run(connection, chain_id)
            chosen = chain.version if version is None else version
            document = _document(connection, chain_id, chosen)
            plan = make_plan(document, run_id, chain_id)
            _insert_run(connection, plan, document, chosen, by, now)
            self._apply(
                connection, plan, _locked(connection, run_id), model.Started(now, reusable or {})
            )
        return run_id

    def apply(self, run_id: str, event: Callable[[float], model.Event]) -> ChainStatus:
        """Apply an event, made from the time at which the run is held; returns what it led to.

        Raises:
            NotFound: no such run.
        """
        with self._database.transaction() as connection:
            run = _locked(connection, run_id)
            plan = self._plan_of(run_id, run.chain_id, run.version)
            return self._apply(connection, plan, run, event(self._clock())).status

    def report(self, event: StatusEvent) -> bool:
        """Take a worker's event; returns whether it was new and about an attempt of ours."""
        now = self._clock()
        with self._database.transaction() as connection:
            attempt = connection.execute(
                select(t.task_attempts.c.run_id, t.task_attempts.c.node_id).where(
                    t.task_attempts.c.execution_id == event.execution_id
                )
            ).one_or_none()
            # Of what is nobody's nothing is kept: whoever can write to Redis may make up events.
            if attempt is None or not _is_new(connection, event, now):
                return False
            run = runs.lock_run(connection, attempt.run_id)
            if run is None:
                return False
            plan = self._plan_of(run.run_id, run.chain_id, run.version)
            # In local mode one worker speaks for all; a party in its event is only whose
            # progress it tells.
            party = event.data.get("party") if event.status.is_terminal else None
            outcome = event.data if event.status.is_terminal else None
            messages.note_heard(connection, event.execution_id, party, outcome, now)
            told = history.told_by(event)
            state = self._apply(connection, plan, run, reported_by(event, party, now), told)
            if plan.nodes[attempt.node_id].parties and event.status is Status.RUNNING:
                node = state.nodes[attempt.node_id]
                history.put_party(connection, plan, attempt.node_id, node, told, now)
            task_type = plan.nodes[attempt.node_id].task_type
            self._database.after_commit(lambda: _tell(self.on_report, event, task_type))
            return True

    def _apply(
        self,
        connection: Connection,
        plan: model.RunPlan,
        run: Row[Any],
        event: model.Event,
        told: history.Told | None = None,
    ) -> model.RunState:
        """Decide an event and write it; `run` is the run's row, held and as it is now."""
        before = runs.read_state(connection, plan, run, self._remembered)
        decision = decide(plan, before, event)
        after = decision.state
        changed = runs.write_changes(connection, plan, before, after, event.at, self._remembered)
        for node_id in changed:
            old, node = before.nodes[node_id], after.nodes[node_id]
            messages.note_status(connection, old, node, event.at)
            history.put_node(connection, plan, node_id, old, node, event.at, told)
            if node.status is NodeStatus.SUCCESS and node.execution_id is not None:
                note_models(connection, plan, node_id, node.execution_id, event.at)
        if after.status is not before.status:
            history.put_run(connection, plan, after, event.at)
        change = Change(plan, before, after, changed, event.at, run.trace_parent)
        self._database.after_commit(lambda: _tell(self.on_change, change))
        for command in decision.commands:
            after = self._carry_out(connection, plan, command, event.at) or after
        connection.execute(
            update(t.chain_runs)
            .where(t.chain_runs.c.run_id == plan.run_id)
            .values(wake_at=next_due(plan, after))
        )
        return after

    def _carry_out(
        self, connection: Connection, plan: model.RunPlan, command: model.Command, now: float
    ) -> model.RunState | None:
        """Write a command; returns the state where it led to another event at once."""
        match command:
            case model.Dispatch():
                messages.put_dispatch(connection, plan, command, now)
            case model.StopAttempt():
                if not messages.put_stop(connection, plan, command, now):
                    ended = model.Reported(now, command.execution_id, NodeStatus.CANCELLED)
                    return self._apply(connection, plan, _locked(connection, plan.run_id), ended)
        return None

    def _refuse_second_run(self, connection: Connection, chain_id: str) -> None:
        live = select(t.chain_runs.c.run_id).where(
            t.chain_runs.c.chain_id == chain_id, t.chain_runs.c.status.in_(_LIVE)
        )
        if connection.execute(live).first() is not None:
            raise Conflict(
                f"chain {chain_id} runs already", hint="Wait for its end, or cancel it first."
            )

    def _make_plan(self, run_id: str, chain_id: str, version: int) -> model.RunPlan:
        with self._database.reading() as connection:
            return make_plan(_document(connection, chain_id, version), run_id, chain_id)


def _tell(watchers: list[Callable[..., None]], *what: object) -> None:
    for watcher in watchers:
        with apart("telling of a run"):
            watcher(*what)


def reported_by(event: StatusEvent, party: str | None, now: float) -> model.Reported:
    """Return a worker's event as the core takes it."""
    result, error = event.data.get("result"), event.data.get("error")
    if isinstance(result, Mapping) and "performance_metrics" in result:
        result = result.get("result")  # the whole outcome: the type's own result is inside
    return model.Reported(
        at=now,
        execution_id=event.execution_id,
        status=NodeStatus(event.status.value),
        party=party,
        progress=float(event.data.get("progress") or 0.0),
        result=result,
        error=ErrorReport.model_validate(error) if isinstance(error, Mapping) else None,
    )


def _locked(connection: Connection, run_id: str) -> Row[Any]:
    """Return a run's row, held until the transaction ends.

    Raises:
        NotFound: no such run.
    """
    run = runs.lock_run(connection, run_id)
    if run is None:
        raise NotFound(f"there is no run {run_id}")
    return run


def _is_new(connection: Connection, event: StatusEvent, now: float) -> bool:
    row = {
        "event_id": event.event_id,
        "execution_id": event.execution_id,
        "received_at": now,
    }
    return insert_unless_there(connection, t.inbox, row)


def _document(connection: Connection, chain_id: str, version: int) -> ChainDocument:
    stored = connection.execute(
        select(t.chain_versions.c.document).where(
            t.chain_versions.c.chain_id == chain_id, t.chain_versions.c.version == version
        )
    ).scalar()
    if stored is None:
        raise NotFound(f"chain {chain_id} has no version {version}")
    return parse_chain(stored)


def _insert_run(
    connection: Connection,
    plan: model.RunPlan,
    document: ChainDocument,
    version: int,
    by: str,
    now: float,
) -> None:
    of_chain = t.chain_runs.c.chain_id == plan.chain_id
    number = connection.execute(select(func.max(t.chain_runs.c.number)).where(of_chain)).scalar()
    connection.execute(
        insert(t.chain_runs).values(
            run_id=plan.run_id,
            chain_id=plan.chain_id,
            version=version,
            number=(number or 0) + 1,
            status=ChainStatus.PENDING.value,
            started_by=by,
            created_at=now,
            trace_parent=None if (place := here()) is None else place.write(),
        )
    )
    names = {task.task_id: task.task_name or task.task_id for task in document.tasks}
    runs.insert_nodes(connection, plan, names, now)
