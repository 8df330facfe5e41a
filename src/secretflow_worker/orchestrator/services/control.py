"""What people do to a chain's runs: a deed, its check and its audit record are one transaction."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select, update

from secretflow_worker.contract.chain import ChainStatus, NodeStatus
from secretflow_worker.orchestrator.core import model
from secretflow_worker.orchestrator.errors import Conflict, Forbidden, NotFound
from secretflow_worker.orchestrator.services.reuse import Looked, Offered, Reuse, tell
from secretflow_worker.orchestrator.services.runs import Clock, Runs
from secretflow_worker.orchestrator.services.sign_in import Caller
from secretflow_worker.orchestrator.store import audit, history, runs
from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.orchestrator.store.accounts import Role
from secretflow_worker.orchestrator.store.database import Database


@dataclass(frozen=True)
class Deed:
    """What a deed led to: the chain's newest run, if there is one, its status, and when."""

    run_id: str | None
    status: ChainStatus
    at: float


class Control:
    """Executes, pauses, resumes, retries and cancels."""

    def __init__(
        self,
        database: Database,
        runs: Runs,
        clock: Clock = time.time,
        reuse: Reuse | None = None,
    ) -> None:
        self._database = database
        self._runs = runs
        self._clock = clock
        self._reuse = reuse

    def offer(self, chain_id: str, caller: Caller) -> Offered:
        """Ask the parties which successes of a chain's earlier runs still hold.

        Not inside of a transaction: it takes seconds where a party is away.

        Raises:
            NotFound, Forbidden: no such chain; another user's.
        """
        with self._database.transaction() as connection:
            owned(connection, chain_id, caller)
        return Offered() if self._reuse is None else self._reuse.offer(chain_id)

    def execute(
        self,
        chain_id: str,
        caller: Caller,
        version: int | None = None,
        schedule: str | None = None,
        offered: Offered | None = None,
    ) -> Deed:
        """Start a run of a chain; `schedule` is the one that does it in the caller's name.

        What is `offered` is taken over where the run asks for the same.

        Raises:
            NotFound, Forbidden: no such chain or version; another user's.
            Conflict: it runs already.
        """
        with self._database.transaction() as connection:
            owned(connection, chain_id, caller)
            taken = offered or Offered()
            run_id = self._runs.start(
                chain_id, by=caller.name, version=version, reusable=taken.reusable
            )
            tell(connection, chain_id, run_id, taken.refused, self._clock())
            facts: dict[str, Any] = {"chain": chain_id, "run": run_id}
            if offered is not None:
                facts["reuse"] = True
            if schedule is not None:
                facts["schedule"] = schedule
            now = self._clock()
            audit.append(connection, caller.name, "chain.execute", facts, now)
            run = runs.lock_run(connection, run_id)
            status = ChainStatus.PENDING if run is None else ChainStatus(run.status)
        return Deed(run_id, status, now)

    def pause(self, chain_id: str, caller: Caller) -> Deed:
        """Start nothing more; what runs goes on."""
        return self._apply(chain_id, caller, "pause", {ChainStatus.RUNNING}, model.PauseAsked)

    def resume(self, chain_id: str, caller: Caller) -> Deed:
        """Go on after a pause."""
        return self._apply(chain_id, caller, "resume", {ChainStatus.PAUSED}, model.ResumeAsked)

    def retry(self, chain_id: str, caller: Caller, node_ids: tuple[str, ...]) -> Deed:
        """Run again what failed and what depends on it, or the nodes named.

        So are successes whose files have changed since; the parties are asked first.

        Raises:
            NotFound: a node that the run does not have.
            Conflict: nothing failed.
        """
        with self._database.transaction() as connection:
            row = owned(connection, chain_id, caller)
            self._refuse_retry(connection, row, node_ids)
            run_id = row.celery_chain_id
        looked = Looked()
        if self._reuse is not None and run_id is not None:
            looked = self._reuse.look(run_id, node_ids)
        with self._database.transaction() as connection:
            row = owned(connection, chain_id, caller)
            self._refuse_retry(connection, row, node_ids)
            if row.celery_chain_id != run_id:
                raise Conflict(f"chain {chain_id} was started anew meanwhile")
            may = {ChainStatus.FAILURE, ChainStatus.CANCELLED, ChainStatus.RUNNING}
            deed = self._apply(
                chain_id, caller, "retry", may, lambda at: looked.retry(at, node_ids)
            )
            tell(connection, chain_id, run_id, looked.lines(), deed.at)
            return deed

    def cancel(self, chain_id: str, caller: Caller) -> Deed:
        """End the run of a chain, or keep a chain that never ran from running by mistake."""
        with self._database.transaction() as connection:
            row = owned(connection, chain_id, caller)
            if row.celery_chain_id is not None:
                may = {status for status in ChainStatus if not status.is_terminal}
                return self._apply(chain_id, caller, "cancel", may, model.CancelAsked)
            if row.status != ChainStatus.PENDING.value:
                raise Conflict(f"chain {chain_id} is {row.status}: there is nothing to cancel")
            now = self._clock()
            cancelled = ChainStatus.CANCELLED
            connection.execute(
                update(t.task_chains)
                .where(t.task_chains.c.chain_id == chain_id)
                .values(status=cancelled.value, completed_at=now, updated_at=now)
            )
            history.put(connection, chain_id, "chain", {"status": cancelled.value}, now)
            audit.append(connection, caller.name, "chain.cancel", {"chain": chain_id}, now)
        return Deed(None, cancelled, now)

    def _apply(
        self,
        chain_id: str,
        caller: Caller,
        word: str,
        may: set[ChainStatus],
        event: Callable[[float], model.Event],
    ) -> Deed:
        with self._database.transaction() as connection:
            row = owned(connection, chain_id, caller)
            run_id = row.celery_chain_id
            run = None if run_id is None else runs.lock_run(connection, run_id)
            if run is None or ChainStatus(run.status) not in may:
                was = row.status if run is None else run.status
                raise Conflict(f"chain {chain_id} is {was}: there is nothing to {word}")
            status = self._runs.apply(run_id, event)
            now = self._clock()
            facts = {"chain": chain_id, "run": run_id}
            audit.append(connection, caller.name, f"chain.{word}", facts, now)
        return Deed(run_id, status, now)

    def _refuse_retry(
        self, connection: Connection, row: Row[Any], node_ids: tuple[str, ...]
    ) -> None:
        nodes = t.chain_tasks.c
        of_run = select(nodes.node_id, nodes.status).where(nodes.run_id == row.celery_chain_id)
        statuses = {found.node_id: found.status for found in connection.execute(of_run)}
        unknown = sorted(set(node_ids) - set(statuses))
        if unknown:
            raise NotFound(f"the run has no task {unknown[0]}")
        ended_badly = {NodeStatus.FAILURE.value, NodeStatus.CANCELLED.value}
        if not node_ids and not ended_badly & set(statuses.values()):
            raise Conflict(f"chain {row.chain_id} is {row.status}: nothing in it failed")


def owned(
    connection: Connection, chain_id: str, caller: Caller, *, is_held: bool = True
) -> Row[Any]:
    """Return a chain's row for who may change it, held for them until the transaction ends.

    Raises:
        NotFound: no such chain.
        Forbidden: it is another user's, and the caller is no admin.
    """
    query = select(t.task_chains).where(t.task_chains.c.chain_id == chain_id)
    row = connection.execute(query.with_for_update() if is_held else query).one_or_none()
    if row is None:
        raise NotFound(f"there is no chain {chain_id}")
    if row.created_by != caller.name and caller.role is not Role.ADMIN:
        raise Forbidden(f"chain {chain_id} is of another user", hint="Clone it, or ask them.")
    return row
