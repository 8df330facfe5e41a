"""First figures and charts of a task's reports, as far as the parties that have them share it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy import Row

from secretflow_worker.contract.asks import FingerprintsAsk, ReportAsk, new_ask_id
from secretflow_worker.orchestrator.api.answers import answer
from secretflow_worker.orchestrator.api.callers import Parts, Viewer
from secretflow_worker.orchestrator.api.chain_answers import ChainId, NodeId, OlderRun
from secretflow_worker.orchestrator.api.party_answers import PartyReport, Silence, TaskReports
from secretflow_worker.orchestrator.api.problems import problems
from secretflow_worker.orchestrator.api.routes.nodes import silence_of
from secretflow_worker.orchestrator.api.routes.task_logs import find_attempt, parties_of
from secretflow_worker.orchestrator.services.parties import Heard
from secretflow_worker.orchestrator.store.traces import success_of

router = APIRouter(prefix="/chains/{chain_id}/tasks/{task_id}", tags=["parties"])


@router.get(
    "/report",
    response_model=TaskReports,
    responses=problems("CONFIG_INVALID", "UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND", "NOT_READY"),
)
def show_reports(
    chain_id: ChainId,
    task_id: NodeId,
    caller: Viewer,
    services: Parts,
    run: OlderRun = None,
) -> Response:
    """Show the reports of a task's newest attempt as their parties tell them: charts, no rows.

    One that was written anew since, as its fingerprint tells, has a `silence` instead.
    """
    with services.database.reading() as connection:
        found = find_attempt(connection, chain_id, task_id, run, None)
    if found is None:
        return answer(TaskReports(execution_id=None, parties=[]))
    asks = [
        ReportAsk(ask_id=new_ask_id(), party=party, path=path) for party, path in _places(found)
    ]
    written = success_of(found).outputs
    prints = [
        FingerprintsAsk(ask_id=new_ask_id(), party=ask.party, paths=[ask.path]) for ask in asks
    ]
    heard = services.parties.ask_all([*asks, *prints]) if asks else []
    told = [
        _told(report, now, ask.path, written.get((ask.party, ask.path)))
        for ask, report, now in zip(asks, heard[: len(asks)], heard[len(asks) :], strict=True)
    ]
    return answer(TaskReports(execution_id=found.execution_id, parties=_each_once(told)))


def _places(attempt: Row[Any]) -> Iterator[tuple[str, str]]:
    """Yield who may have a report, and where; of one path alone any party may be its holder."""
    config = attempt.request.get("task_config")
    paths = config.get("output_report") if isinstance(config, Mapping) else None
    parties = parties_of(attempt)
    if isinstance(paths, str):
        yield from ((party, paths) for party in parties)
    elif isinstance(paths, Mapping):
        yield from ((str(party), str(path)) for party, path in paths.items() if party in parties)


def _told(heard: Heard, now: Heard, path: str, written: str | None) -> PartyReport:
    found = next((one.report.document for one in heard.answers if one.report is not None), None)
    silence = silence_of(heard)
    if found is not None and written is not None and _is_other(now, path, written):
        found = None
        silence = Silence(code="CHANGED", message=f"{path} was written anew since this run")
    return PartyReport(party=heard.party, path=path, report=found, silence=silence)


def _is_other(now: Heard, path: str, written: str) -> bool:
    """Say whether the fingerprint of a file is another now; what nobody tells is not known."""
    told = [one.fingerprints.prints.get(path) for one in now.answers if one.fingerprints]
    return any(told) and written not in told


def _each_once(told: list[PartyReport]) -> list[PartyReport]:
    """Leave out who does not have the one file, and who has the same as another."""
    found: list[PartyReport] = []
    for one in told:
        if one.report is not None and all(one.report != other.report for other in found):
            found.append(one)
    known = {one.path for one in found}
    return found + [one for one in told if one.report is None and one.path not in known]
