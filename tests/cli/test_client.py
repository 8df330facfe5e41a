"""The client of the orchestrator, blocking and awaiting, against a running ``sfw up``."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from secretflow_worker import chain_builder
from secretflow_worker.client import (
    AsyncClient,
    Chain,
    ChainCancelled,
    ChainFailed,
    Client,
    Conflict,
    Event,
    Invalid,
    NotFound,
    StaleVersion,
    Unauthenticated,
    WaitTimeout,
)
from tests.cli.chains import LONG_MS, chain, noop
from tests.cli.conftest import Up
from tests.cli.test_up import web_side
from tests.conftest import eventually


@pytest.fixture
def client(up: Up) -> Iterator[Client]:
    with Client(up.url, up.token) as client:
        yield client


def test_a_chain_is_run_and_its_results_are_returned(client: Client) -> None:
    told: list[Event] = []

    ended = client.chains.run(
        chain(noop("one", emit=3), noop("two", "one", emit="${tasks.one.result.emitted}")),
        on_progress=told.append,
    )

    assert ended.results == {"one": {"emitted": 3}, "two": {"emitted": 3}}
    assert (ended.status.value, ended.progress) == ("SUCCESS", 100.0)
    assert [event.status for event in told if event.kind == "chain"] == ["RUNNING", "SUCCESS"]
    details = client.chains.task(ended.chain_id, "two")
    assert details.outcome is not None
    assert details.outcome["performance_metrics"]["total_execution_time"] > 0


def test_a_document_may_be_yaml_a_file_or_a_builder(client: Client, tmp_path: Path) -> None:
    document = chain(noop("one"))
    as_json, as_yaml = tmp_path / "chain.json", tmp_path / "chain.yaml"
    as_json.write_text(json.dumps(document, indent="\t"))
    made = client.chains.create(document).chain_id
    as_yaml.write_text(client.chains.export(made))
    built = chain_builder.Chain("noop", parties=["alice"]).task("noop", task_id="one", sleep_ms=1)

    for given in (as_json, as_yaml, as_yaml.read_text(), built):
        chain_id = client.chains.create(given).chain_id
        assert client.chains.document(chain_id, 1) == document


def test_the_awaiting_client_does_the_same(up: Up) -> None:
    async def use() -> tuple[Chain, list[Event], int]:
        told: list[Event] = []
        async with AsyncClient(up.url, up.token) as client:
            document = chain(noop("one", emit=3), name="awaited")
            ended, other = await asyncio.gather(
                client.chains.run(document, on_progress=told.append),
                client.chains.run(document),
            )
            assert ended.chain_id != other.chain_id
            events = client.chains.events(ended.chain_id, follow=False)
            assert [event async for event in events][1:] == told[1:]
            with pytest.raises(ChainFailed, match="told to"):
                await client.chains.run(chain(noop("one", fail_code="DISK_FULL")))
            async for event in client.chains.events(ended.chain_id):
                if event.status == "SUCCESS" and event.kind == "chain":
                    break
            return ended, told, (await client.chains.list(name="awaited")).total

    ended, told, count = asyncio.run(use())
    assert ended.results == {"one": {"emitted": 3}}
    assert told[-1].status == "SUCCESS"
    assert count == 2


def test_a_failure_is_an_error_with_code_message_and_hint(client: Client) -> None:
    with pytest.raises(ChainFailed) as raised:
        client.chains.run(chain(noop("one"), noop("two", "one", fail_code="DISK_FULL")))

    fault = raised.value
    assert (fault.code, fault.task_id) == ("DISK_FULL", "two")
    assert "Free space" in fault.hint
    assert fault.chain.task("one").status.value == "SUCCESS"
    with pytest.raises(KeyError):
        fault.chain.task("three")


def test_waiting_ends_with_its_limit_or_with_a_cancel_by_somebody_else(
    client: Client, up: Up
) -> None:
    chain_id = client.chains.create(chain(noop("one", sleep_ms=LONG_MS))).chain_id
    client.chains.execute(chain_id)

    with pytest.raises(WaitTimeout):
        client.chains.wait(chain_id, timeout_s=0.5)

    def cancel(event: Event) -> None:
        if event.stage == "received":
            with Client(up.url, up.token) as other:
                other.chains.cancel(chain_id)

    with pytest.raises(ChainCancelled):
        client.chains.wait(chain_id, on_progress=cancel)


def test_waiting_outlives_the_orchestrator(client: Client, up: Up) -> None:
    told: list[Event] = []
    steps = [noop("a", sleep_ms=1500), noop("b", "a", sleep_ms=1500), noop("c", "b")]

    def watch(event: Event) -> None:
        told.append(event)
        if event.task_id == "a" and event.status == "RUNNING" and not killed:
            killed.append(web_side(up).pid)
            web_side(up).kill()

    killed: list[int] = []
    ended = client.chains.run(chain(*steps), on_progress=watch)

    assert ended.completed_tasks == 3
    assert web_side(up).pid not in killed
    numbers = [event.id for event in told]
    assert numbers == sorted(set(numbers))  # none twice, and below: none missed
    so_far = list(client.chains.events(ended.chain_id, follow=False))
    assert [event.id for event in so_far] == numbers


def test_events_go_on_after_the_one_that_was_seen_last(client: Client) -> None:
    chain_id = client.chains.run(chain(noop("one"))).chain_id
    everything = list(client.chains.events(chain_id, follow=False))

    for number, event in enumerate(everything):
        assert (
            list(client.chains.events(chain_id, after=event.id, follow=False))
            == (everything[number + 1 :])
        )
    following = client.chains.events(chain_id, after=everything[-2].id)
    assert next(following) == everything[-1]


def test_the_same_key_means_the_same_run(client: Client) -> None:
    document = chain(noop("one"))
    first = client.chains.run(document, key="the-same")
    again = client.chains.run(document, key="the-same")

    assert first == again
    with pytest.raises(Invalid) as raised:
        client.chains.run(chain(noop("two")), key="the-same")
    assert raised.value.code == "KEY_REUSED"


def test_a_chain_is_edited_compared_rolled_back_and_copied(client: Client) -> None:
    chain_id = client.chains.create(chain(noop("one", emit=1))).chain_id
    assert client.chains.update(chain_id, chain(noop("one", emit=2)), version=1).version == 2
    with pytest.raises(StaleVersion):
        client.chains.update(chain_id, chain(noop("one", emit=3)), version=1)

    (change,) = client.chains.diff(chain_id, 1, 2)
    assert (change.before, change.after) == (1, 2)
    assert client.chains.rollback(chain_id, 1, version="*").version == 3
    assert [version.version for version in client.chains.versions(chain_id)] == [3, 2, 1]
    copy = client.chains.clone(chain_id, chain_name="a copy")
    assert client.chains.get(copy.chain_id).chain_name == "a copy"
    with pytest.raises(Conflict):
        client.chains.resume(chain_id)
    with pytest.raises(NotFound):
        client.chains.get("c-none")


def test_faults_have_their_places(client: Client) -> None:
    wrong = chain(noop("one", "nobody"), noop("two", sleepms=1))

    faults = client.chains.validate(wrong)
    with pytest.raises(Invalid) as raised:
        client.chains.run(wrong)

    assert [fault.path for fault in faults] == [
        "tasks.0.depends_on.0", "tasks.1.task_params.task_config.sleepms",
    ]  # fmt: skip
    assert raised.value.faults == faults
    assert client.chains.dry_run(chain(noop("one"))).levels == [["one"]]
    with pytest.raises(Invalid, match="line 2"):
        client.chains.validate("{")


def test_templates_task_types_and_single_tasks(client: Client) -> None:
    template: dict[str, Any] = {
        "name": "wait", "title": "Wait", "description": "Waits.",
        "parameters": [{"name": "ms", "type": "integer", "description": "How long."}],
        "document": chain(noop("one", sleep_ms="${param.ms}")),
    }  # fmt: skip
    client.templates.save(template)

    assert {"psi", "wait"} <= {each.name for each in client.templates.list()}
    assert client.templates.get("wait").parameters[0]["name"] == "ms"
    rendered = client.templates.render("wait", {"ms": 5})
    assert rendered["tasks"][0]["task_params"]["task_config"]["sleep_ms"] == 5
    made = client.templates.create_chain("wait", {"ms": 5})
    assert client.chains.document(made.chain_id, 1) == rendered
    client.templates.delete("wait")

    psi = client.tasks.get("psi@1")
    assert psi.name in {each.name for each in client.tasks.list(group=psi.group)}
    started = client.executions.create("noop", {"emit": 1}, parties=["alice"])
    client.chains.wait(started.chain_id)
    assert client.executions.get(started.chain_id).result == {"emitted": 1}


def test_what_parties_tell(client: Client) -> None:
    ended = client.chains.run(chain(noop("one")))

    (told,) = client.chains.logs(ended.chain_id, "one").parties
    assert told.party == "alice"
    assert told.lines or told.silence
    (node,) = client.nodes.list()
    assert "noop@1" in node.task_types or "noop" in node.task_types
    assert client.nodes.get(node.name).worker_id == node.worker_id
    assert client.files.list("alice", limit=1).party == "alice"
    assert client.models.list(chain_id=ended.chain_id).total == 0
    assert [run.number for run in client.chains.runs(ended.chain_id)] == [1]
    with pytest.raises(NotFound):
        client.models.get("m-none")


def test_a_chain_gets_a_schedule(client: Client) -> None:
    chain_id = client.chains.create(chain(noop("one"))).chain_id

    made = client.schedules.create(chain_id, "nightly", cron="30 2 * * *", time_zone="Asia/Tokyo")

    assert made.next_times[0].local.endswith("T02:30:00+09:00")
    assert client.schedules.disable(made.schedule_id).due_at is None
    assert client.schedules.enable(made.schedule_id).is_enabled
    assert client.schedules.list(chain_id=chain_id).items[0].schedule_id == made.schedule_id
    client.schedules.delete(made.schedule_id)
    with pytest.raises(NotFound):
        client.schedules.get(made.schedule_id)
    once = datetime(2100, 1, 1, tzinfo=timezone.utc)
    later = client.schedules.create(chain_id, "once", at=once, missed="run_once")
    assert later.due_at == "2100-01-01T00:00:00.000Z"
    client.schedules.delete(later.schedule_id)


def test_a_token_may_be_asked_for_anew_for_each_call(up: Up) -> None:
    tokens = [up.token, "sfw_old", up.token, "sfw_wrong"]

    with Client(up.url + "/api/v1", lambda: tokens[0] if len(tokens) == 1 else tokens.pop(0)) as it:
        assert it.chains.list(page_size=1).page_size == 1
        assert it.chains.list(page_size=1).page_size == 1  # the old one was replaced meanwhile
        with pytest.raises(Unauthenticated):
            it.chains.list()


def test_a_stream_that_is_not_read_on_is_closed(client: Client) -> None:
    chain_id = client.chains.run(chain(noop("one"))).chain_id
    events = client.chains.events(chain_id)
    assert next(events).kind == "created"
    del events
    eventually(lambda: client.chains.get(chain_id).status.value == "SUCCESS")
