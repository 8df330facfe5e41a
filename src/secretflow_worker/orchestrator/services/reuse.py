"""Asks the parties whether earlier successes still hold; the core decides what follows from it.

Nothing is asked inside of a transaction: an answer takes seconds where a party is away. What was
found is about executions, so it stays true of them whatever happens meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, select

from secretflow_worker.contract.asks import MOST_PATHS, FingerprintsAsk, new_ask_id
from secretflow_worker.contract.chain import NodeStatus
from secretflow_worker.contract.errors import WorkerError
from secretflow_worker.orchestrator.core.graph import reachable
from secretflow_worker.orchestrator.core.model import RetryAsked, Reusable
from secretflow_worker.orchestrator.core.reuse import (
    Examined,
    File,
    FilesNow,
    Finding,
    Holds,
    Success,
    content_of,
    examine,
    examine_run,
)
from secretflow_worker.orchestrator.errors import NotReady
from secretflow_worker.orchestrator.services.parties import Parties
from secretflow_worker.orchestrator.services.saved_models import versions_in
from secretflow_worker.orchestrator.store import history, traces
from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.tasks import TaskDispatcher

_RENEWED = Finding(Holds.CHANGED, "its task type would now run in another version")


@dataclass(frozen=True)
class Looked:
    """What was found of the successes that a retry may keep, by execution."""

    examined: Examined = field(default_factory=lambda: Examined({}, ()))
    nodes: Mapping[str, str] = field(default_factory=dict)
    """By execution, the node that it is the success of."""

    def retry(self, at: float, node_ids: tuple[str, ...]) -> RetryAsked:
        """Return the event that runs again what does not hold."""
        findings = self.examined.findings
        lost = frozenset(one for one, found in findings.items() if found.holds.is_lost)
        return RetryAsked(at, node_ids, lost, tuple(self.examined.together))

    def lines(self) -> Iterator[tuple[str, Finding]]:
        """Yield what is to be told of each node."""
        for execution_id, node_id in self.nodes.items():
            yield node_id, self.examined.findings[execution_id]


@dataclass(frozen=True)
class Offered:
    """Earlier successes that a new run may take over, and why others may not."""

    reusable: Mapping[str, Reusable] = field(default_factory=dict)
    refused: tuple[tuple[str, Finding], ...] = ()
    """By node."""


class Reuse:
    """Looks at what was stored of executions, and asks what their files are now."""

    def __init__(self, database: Database, parties: Parties) -> None:
        self._database = database
        self._parties = parties

    def look(self, run_id: str, node_ids: tuple[str, ...]) -> Looked:
        """Examine the successes that a retry of these nodes, or of all that failed, may keep."""
        with self._database.reading() as connection:
            nodes = dict(_kept_nodes(connection, run_id, node_ids))
            rows = list(traces.attempts_of(connection, nodes))
        if not rows:
            return Looked()
        successes = [traces.success_of(row) for row in rows]
        examined = examine_run(successes, self._files_now(successes))
        renewed = {row.execution_id: _RENEWED for row in rows if _is_of_this_version(row) is False}
        findings = {**examined.findings, **renewed}
        found = {row.execution_id: nodes[row.execution_id] for row in rows}
        return Looked(Examined(findings, examined.together), found)

    def offer(self, chain_id: str) -> Offered:
        """Examine the newest success of everything that earlier runs of a chain asked for."""
        newest: dict[str, tuple[str, Success, Reusable]] = {}
        with self._database.reading() as connection:
            for row in traces.list_successes(connection, chain_id):
                content = content_of(row.request)
                if content not in newest and _is_of_this_version(row):
                    taken = Reusable(row.execution_id, row.result)
                    newest[content] = (row.node_id, traces.success_of(row), taken)
        now = self._files_now(success for _, success, _ in newest.values())
        reusable, refused = {}, []
        for content, (node_id, success, taken) in newest.items():
            finding = _examine_strictly(success, now)
            if finding.holds is Holds.KEPT:
                reusable[content] = taken
            else:
                refused.append((node_id, finding))
        return Offered(reusable, tuple(refused))

    def _files_now(self, successes: Iterable[Success]) -> FilesNow:
        paths: dict[str, set[str]] = defaultdict(set)
        for success in successes:
            for party, path in success.files:
                paths[party].add(path)
        asks = [
            FingerprintsAsk(ask_id=new_ask_id(), party=party, paths=some)
            for party, each in sorted(paths.items())
            for some in _in_parts(sorted(each), MOST_PATHS)
        ]
        prints: dict[File, frozenset[str]] = {}
        silent: dict[str, str] = {}
        try:
            heard = self._parties.ask_all(asks) if asks else []
        except NotReady as fault:
            return FilesNow({}, dict.fromkeys(paths, fault.message))
        for one in heard:
            if not one.answers:
                silent[one.party] = one.note
            for answer in one.answers:
                told = answer.fingerprints.prints if answer.fingerprints is not None else {}
                for path, print_ in told.items():
                    known = prints.get((one.party, path), frozenset())
                    prints[one.party, path] = known | ({print_} if print_ else set())
        return FilesNow(prints, silent)


def tell(
    connection: Connection,
    chain_id: str,
    run_id: str | None,
    lines: Iterable[tuple[str, Finding]],
    now: float,
) -> None:
    """Write into the history what was found of the successes of nodes."""
    for node_id, finding in lines:
        data = {"holds": finding.holds.value}
        if finding.why:
            data["why"] = finding.why
        if finding.party is not None:
            data["party"] = finding.party
        history.put(connection, chain_id, "reuse", data, now, run_id=run_id, node_id=node_id)


def _kept_nodes(
    connection: Connection, run_id: str, node_ids: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """Yield the executions and nodes of a run's successes; of named nodes, those before them."""
    nodes = t.chain_tasks.c
    query = select(
        nodes.node_id, nodes.depends_on, nodes.status, nodes.task_request_id, nodes.reused_from
    ).where(nodes.run_id == run_id)
    rows = {row.node_id: row for row in connection.execute(query)}
    graph = {node_id: row.depends_on for node_id, row in rows.items()}
    before = reachable(graph, [one for one in node_ids if one in graph]) if node_ids else set(graph)
    for node_id in before:
        execution_id = rows[node_id].reused_from or rows[node_id].task_request_id
        if rows[node_id].status == NodeStatus.SUCCESS.value and execution_id is not None:
            yield execution_id, node_id


def _examine_strictly(success: Success, now: FilesNow) -> Finding:
    """Examine a success of another run: what it has itself replaced cannot be read again."""
    for party, path in success.inputs:
        if (party, path) in success.outputs:
            return Finding(Holds.CHANGED, f"it has replaced its own input {path}", party)
    return examine(success, now)


def _is_of_this_version(row: Row[Any]) -> bool | None:
    """Return whether the same request would run the same version again; None: not known."""
    try:
        kind = TaskDispatcher.resolve(row.request.get("task_config") or {})
    except WorkerError:  # of a plugin that only the workers have
        return None
    ran = versions_in(row.outcomes).get(kind.name)
    return None if ran is None else ran == kind.version


def _in_parts(items: list[str], size: int) -> Iterator[list[str]]:
    waiting = iter(items)
    while part := list(islice(waiting, size)):
        yield part
