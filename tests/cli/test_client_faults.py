"""What the client does where answers are missing, late, or somebody else's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from secretflow_worker.client import (
    Client,
    ClientError,
    Event,
    NotReady,
    ServerFault,
    Unreachable,
    party_calls,
    schedule_calls,
)
from secretflow_worker.client import answers as a
from secretflow_worker.client.sse import read_events
from secretflow_worker.orchestrator.api import (
    chain_answers,
    party_answers,
    run_answers,
    schedule_answers,
)
from secretflow_worker.orchestrator.api.routes import authoring, models, task_types, templates

CREATED = {
    "chain_id": "c-1", "chain_name": "n", "chain_type": "sequential", "total_tasks": 1,
    "status": "PENDING", "version": 1, "created_at": "2025-01-01T00:00:00.000Z",
}  # fmt: skip
DEED = {"chain_id": "c-1", "celery_chain_id": "r-1", "status": "PAUSED", "at": "now"}
CHAIN = {
    **CREATED, "description": None, "celery_chain_id": "r-1", "completed_tasks": 0,
    "failed_tasks": 0, "progress": 0, "created_by": "me", "started_at": None,
    "completed_at": None, "updated_at": "now", "error": None, "tasks": [],
}  # fmt: skip
Answer = httpx.Response | Exception


class Server:
    """Gives its answers in turn, and keeps what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def made(*answers: Answer, **options: Any) -> tuple[Client, Server]:
    server = Server(*answers)
    client = Client("http://127.0.0.1:1", "t", **options)
    client._http = httpx.Client(
        transport=httpx.MockTransport(server), base_url="http://127.0.0.1:1/api/v1"
    )
    return client, server


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secretflow_worker.client.blocking.time.sleep", lambda seconds: None)


def problem(status: int, code: str) -> httpx.Response:
    return httpx.Response(status, json={"status": status, "code": code, "detail": "no"})


def events(*statuses: str, after: int = 0) -> httpx.Response:
    lines = (
        f"id: {after + n}\nevent: chain\ndata: "
        + json.dumps({"chain_id": "c-1", "run_id": "r-1", "at": "now", "status": status})
        for n, status in enumerate(statuses, 1)
    )
    return httpx.Response(200, text=": hello\n\n" + "".join(f"{line}\n\n" for line in lines))


LOST = httpx.ReadError("gone")


def test_what_can_be_done_twice_is_repeated_with_its_key() -> None:
    client, server = made(
        LOST, problem(503, "NOT_READY"), httpx.Response(502, text="<html>"),
        httpx.Response(200, json=CREATED),
    )  # fmt: skip

    assert client.chains.create({"chain_name": "n"}).chain_id == "c-1"
    assert len({request.headers["Idempotency-Key"] for request in server.asked}) == 1


def test_what_cannot_be_done_twice_is_not_repeated() -> None:
    client, server = made(LOST, httpx.Response(200, json=DEED))

    with pytest.raises(Unreachable, match="gone"):
        client.chains.pause("c-1")
    assert len(server.asked) == 1


def test_what_was_never_sent_is_repeated_whatever_it_is() -> None:
    client, _ = made(httpx.ConnectError("refused"), httpx.Response(200, json=DEED))

    assert client.chains.pause("c-1").status.value == "PAUSED"


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ([httpx.ConnectError("refused")] * 4, Unreachable),
        ([problem(503, "NOT_READY")] * 4, NotReady),
        ([problem(500, "INTERNAL")], ServerFault),
        ([httpx.Response(404, text="<html>no such page</html>")], Unreachable),
        ([httpx.Response(200, text="<html>welcome</html>")], Unreachable),
        ([httpx.Response(307, headers={"Location": "http://other"})], Unreachable),
    ],
)
def test_each_bad_answer_is_an_error_of_its_own(
    answers: Sequence[Answer], kind: type[Exception]
) -> None:
    client, server = made(*answers)

    with pytest.raises(kind):
        client.chains.get("c-1")
    assert server.answers == []


def test_where_no_stream_is_given_events_are_asked_for() -> None:
    client, server = made(
        httpx.Response(200, json=CHAIN),
        problem(503, "NOT_READY"), events("RUNNING"),
        LOST, events("PAUSED", after=1),
        events("RUNNING", after=2), events(),
        events("SUCCESS", after=3),
        httpx.Response(200, json={**CHAIN, "status": "SUCCESS"}),
    )  # fmt: skip
    told: list[Event] = []

    client.chains.wait("c-1", on_progress=told.append)

    assert [event.status for event in told] == ["RUNNING", "PAUSED", "RUNNING", "SUCCESS"]
    after = [request.headers.get("Last-Event-ID") for request in server.asked]
    assert [number for number in after if number] == ["0", "1", "2", "3"]


def test_silence_is_borne_for_so_long_only() -> None:
    client, server = made(
        httpx.Response(200, json=CHAIN), *[httpx.ConnectError("refused")] * 100, silence_s=0.0
    )

    with pytest.raises(Unreachable):
        client.chains.wait("c-1")
    assert len(server.asked) < 10


def test_waiting_bears_silence_at_every_call() -> None:
    gone = [httpx.ConnectError("refused")] * 10
    client, _ = made(
        *gone, httpx.Response(200, json=CHAIN), events("SUCCESS"),
        *gone, httpx.Response(200, json={**CHAIN, "status": "SUCCESS"}),
    )  # fmt: skip

    assert client.chains.wait("c-1").status.value == "SUCCESS"


def test_an_earlier_runs_end_is_not_this_runs() -> None:
    earlier = events("SUCCESS")
    earlier_run = earlier.text.replace("r-1", "r-0")
    client, _ = made(
        httpx.Response(200, json=CHAIN),
        httpx.Response(200, text=earlier_run), events("SUCCESS", after=1),
        httpx.Response(200, json={**CHAIN, "status": "SUCCESS"}),
    )  # fmt: skip

    assert client.chains.wait("c-1").status.value == "SUCCESS"


@pytest.mark.parametrize("url", ["", "127.0.0.1:8000", "ftp://here", "http://", "http://a:b"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ClientError, match="no address"):
        Client(url, "t")


def test_events_are_put_together_from_lines() -> None:
    lines = 'retry: 5\n\nid: 3\nevent: task\ndata:{"chain_id":"c","at":"t","new":1}\n\nid: 4\n'

    assert [(event.id, event.kind) for event in read_events(lines.split("\n"))] == [(3, "task")]


MODELS: list[tuple[type[a.Answer], Any]] = [
    (a.Chain, chain_answers.ChainAnswer),
    (a.Page, chain_answers.ChainList),
    (a.TaskDetails, chain_answers.TaskAnswer),
    (a.Attempt, chain_answers.Attempt),
    (a.Deed, chain_answers.DeedAnswer),
    (a.Started, chain_answers.ExecuteAnswer),
    (a.Cancelled, chain_answers.CancelAnswer),
    (a.Created, authoring.CreateAnswer),
    (a.Versioned, authoring.VersionAnswer),
    (a.Version, authoring.VersionLine),
    (a.Change, authoring.ChangeAnswer),
    (a.TaskType, task_types.TypeAnswer),
    (a.Run, run_answers.RunLine),
    (party_calls.Files, party_answers.FileList),
    (party_calls.PartyLogs, party_answers.PartyLogs),
    (party_calls.Logs, party_answers.TaskLogs),
    (party_calls.ModelPage, models.ModelList),
    (party_calls.Model, models.ModelAnswer),
    (party_calls.Holder, models.Holder),
    (schedule_calls.Schedule, schedule_answers.ScheduleAnswer),
    (schedule_calls.SchedulePage, schedule_answers.ScheduleList),
]


@pytest.mark.parametrize(("ours", "theirs"), MODELS, ids=lambda model: model.__name__)
def test_the_client_reads_only_what_the_api_answers(ours: type[a.Answer], theirs: Any) -> None:
    assert set(ours.model_fields) <= set(theirs.model_fields)


def test_the_lists_of_templates_have_what_the_client_needs() -> None:
    needed = {name for name, field in a.Template.model_fields.items() if field.is_required()}
    assert needed <= set(templates.TemplateLine.model_fields)
