"""First figures and charts of a task's reports, as far as the parties that have them share it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy import Row

from secretflow_worker.contract.asks import ReportAsk, new_ask_id
from secretflow_worker.orchestrator.api.answers import answer
from secretflow_worker.orchestrator.api.callers import Parts, Viewer
from secretflow_worker.orchestrator.api.chain_answers import ChainId, NodeId
from secretflow_worker.orchestrator.api.party_answers import PartyReport, TaskReports
from secretflow_worker.orchestrator.api.problems import problems
from secretflow_worker.orchestrator.api.routes.nodes import silence_of
from secretflow_worker.orchestrator.api.routes.task_logs import find_attempt, parties_of
from secretflow_worker.orchestrator.services.parties import Heard

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
    run: Annotated[
        str | None,
        Query(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="Not the newest run."),
    ] = None,
) -> Response:
    """Show the reports of a task's newest attempt as their parties tell them: charts, no rows.

    The file at the path is told of as it is now: a later run may have written it anew.
    """
    with services.database.reading() as connection:
        found = find_attempt(connection, chain_id, task_id, run, None)
    if found is None:
        return answer(TaskReports(execution_id=None, parties=[]))
    asks = [
        ReportAsk(ask_id=new_ask_id(), party=party, path=path) for party, path in _places(found)
    ]
    heard = services.parties.ask_all(asks) if asks else []
    told = [_told(one, ask.path) for one, ask in zip(heard, asks, strict=True)]
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


def _told(heard: Heard, path: str) -> PartyReport:
    found = next((one.report.document for one in heard.answers if one.report is not None), None)
    return PartyReport(party=heard.party, path=path, report=found, silence=silence_of(heard))


def _each_once(told: list[PartyReport]) -> list[PartyReport]:
    """Leave out who does not have the one file, and who has the same as another."""
    found: list[PartyReport] = []
    for one in told:
        if one.report is not None and all(one.report != other.report for other in found):
            found.append(one)
    known = {one.path for one in found}
    return found + [one for one in told if one.report is None and one.path not in known]
