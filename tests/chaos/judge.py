"""Whether all came right: each chain's end, each result taken once, and nothing left behind."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis.exceptions import RedisError
from sqlalchemy import Row, select

from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.orchestrator.store.database import Database
from tests.chaos.driver import Running
from tests.chaos.stack import Stack

_TRACE = re.compile(r"^Traceback .*\n(?:[ \n].*\n|\n)*(\S.*)", re.MULTILINE)
"""The last line of a traceback in a service's log, which no outage should bring about."""
_TERMINAL = {"SUCCESS", "FAILURE", "CANCELLED", "SKIPPED"}


@dataclass
class Verdict:
    """Every fault in words, and what was counted."""

    faults: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def judge(stack: Stack, running: list[Running]) -> Verdict:
    """Compare what the database and the workers' tally say with what was to come."""
    verdict = Verdict()
    executions = Counter((stack.data / "tally").read_text().splitlines())
    database = Database.open(stack.database_url)
    try:
        with database.reading() as connection:
            made = Counter(connection.execute(select(t.task_chains.c.chain_name)).scalars())
            verdict.faults += [f"{name}: made {n} times" for name, n in made.items() if n > 1]
            for each in running:
                of_chain = t.chain_runs.c.chain_id == each.chain_id
                runs = connection.execute(select(t.chain_runs).where(of_chain)).all()
                if len(runs) != 1:
                    verdict.faults.append(f"{each.case.name}: {len(runs)} runs")
                    continue
                _judge_chain(verdict, each, runs[0], _read(connection, runs[0]), executions)
    finally:
        database.close()
    verdict.counts["chains"] = len(running)
    verdict.counts["executions begun"] = sum(
        count for line, count in executions.items() if line.endswith(" begun")
    )
    _count_logs(verdict, stack)
    return verdict


def _read(connection: Any, run: Row[Any]) -> dict[str, list[Row[Any]]]:
    found = {}
    for name, table in (("nodes", t.chain_tasks), ("attempts", t.task_attempts)):
        query = select(table).where(table.c.run_id == run.run_id)
        found[name] = list(connection.execute(query))
    lines = t.history.c
    query = select(t.history).where(lines.run_id == run.run_id).order_by(lines.id)
    found["history"] = list(connection.execute(query))
    return found


def _judge_chain(
    verdict: Verdict,
    each: Running,
    run: Row[Any],
    found: dict[str, list[Row[Any]]],
    executions: Counter[str],
) -> None:
    case, name = each.case, each.case.name
    if run.status != case.ends:
        verdict.faults.append(f"{name}: it ended {run.status} and not {case.ends}: {run.error}")
    for node in found["nodes"]:
        where = f"{name}/{node.node_id}"
        if node.status not in case.expected(node.node_id):
            verdict.faults.append(f"{where}: {node.status}: {node.error}")
        if node.node_id in case.emits and node.status == "SUCCESS":
            emitted = (node.result or {}).get("emitted")
            if emitted != case.emits[node.node_id]:
                verdict.faults.append(f"{where}: its result is {json.dumps(node.result)}")
        lines = [x for x in found["history"] if (x.node_id, x.kind) == (node.node_id, "task")]
        _judge_history(verdict, where, [line.data for line in lines])
        attempts = [each for each in found["attempts"] if each.node_id == node.node_id]
        _judge_attempts(verdict, where, node, attempts)
        if node.status == "SUCCESS" and not executions[f"{name}/{node.task_id} done"]:
            verdict.faults.append(f"{where}: no worker ran it to its end")
    verdict.counts["tasks"] += len(found["nodes"])
    verdict.counts["attempts"] += len(found["attempts"])
    verdict.counts["attempts beyond the first"] += sum(a.attempt > 1 for a in found["attempts"])


def _judge_history(verdict: Verdict, where: str, lines: list[dict[str, Any]]) -> None:
    """An attempt ends once at most, and a task once: it is not touched after its end.

    Only a user's retry makes a task that has ended PENDING again.
    """
    has_ended = False
    for line in lines:
        if has_ended and line["status"] not in ("PENDING", "QUEUED"):
            verdict.faults.append(f"{where}: {line['status']} after its end: {lines}")
        has_ended = line["status"] in _TERMINAL
    successes = sum(line["status"] == "SUCCESS" for line in lines)
    if successes > 1:
        verdict.faults.append(f"{where}: its success was taken {successes} times")


def _judge_attempts(verdict: Verdict, where: str, node: Row[Any], attempts: list[Row[Any]]) -> None:
    if sorted(each.attempt for each in attempts) != list(range(1, node.attempt + 1)):
        verdict.faults.append(f"{where}: its attempts are not numbered from 1 to {node.attempt}")
    if any(each.ended_at is None for each in attempts):
        verdict.faults.append(f"{where}: an attempt has not ended")
    if sum(each.status == "SUCCESS" for each in attempts) != (node.status == "SUCCESS"):
        verdict.faults.append(f"{where}: {[each.status for each in attempts]}, {node.status}")


def left_behind(stack: Stack) -> list[str]:
    """Return what is still there although every chain has ended."""
    found = [f"party process {process.pid}" for process in stack.party_processes()]
    for worker in stack.workers:
        for folder in ("journal", "runs"):
            found += [str(path) for path in (worker.folder / "state" / folder).glob("*")]
    try:
        keys = list(stack.redis.client.scan_iter("sfw:claim:*"))
        keys += [
            key
            for key in ("secretflow_queue", "secretflow_queue.alice", "secretflow_queue.bob",
                        "unacked", "task_status_queue")
            if stack.redis.client.exists(key)
        ]  # fmt: skip
        found += [f"Redis key {key}" for key in keys]
    except RedisError as fault:
        found.append(f"Redis does not answer: {type(fault).__name__}")
    return found + _left_in_database(stack)


def _left_in_database(stack: Stack) -> list[str]:
    nodes, runs = t.chain_tasks.c, t.chain_runs.c
    queries = {
        "unsent message": select(t.outbox.c.execution_id).where(t.outbox.c.sent_at.is_(None)),
        "open attempt": select(t.task_attempts.c.execution_id).where(
            t.task_attempts.c.ended_at.is_(None)
        ),
        "draining attempt": select(nodes.draining).where(nodes.draining.is_not(None)),
        "run that waits for a time": select(runs.run_id).where(runs.wake_at.is_not(None)),
    }
    database = Database.open(stack.database_url)
    try:
        with database.reading() as connection:
            return [
                f"{what} {value}"
                for what, query in queries.items()
                for value in connection.execute(query).scalars()
            ]
    finally:
        database.close()


def _count_logs(verdict: Verdict, stack: Stack) -> None:
    """Count what the services say that they recovered from, and faults that they should not say."""
    texts = {
        "messages sent again": (r"its message is sent again", [w.log_path for w in stack.webs]),
        "services' waits": (r"it is tried again", [w.log_path for w in stack.webs]),
        "messages queued again": (r"queued again", [w.log_path for w in stack.workers]),
        "duplicates answered": (r"delivered again", [w.log_path for w in stack.workers]),
        "runs rolled forward": (r"had succeeded", [w.log_path for w in stack.workers]),
    }
    for name, (pattern, paths) in texts.items():
        verdict.counts[name] = sum(len(re.findall(pattern, _text(path))) for path in paths)
    for path in (part.log_path for part in stack.services):
        for trace in re.findall(
            r"Traceback \(most recent call last\):\n(?:.*\n)*?(?=\S)(.*)", _text(path)
        ):
            verdict.faults.append(f"{path.name}: {trace}")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
