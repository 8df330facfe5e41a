"""Schedules on both databases: what is due runs once, and what came of it is known."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from secretflow_worker.orchestrator.errors import Forbidden, Invalid, NotFound
from secretflow_worker.orchestrator.services import scheduler as rules
from secretflow_worker.orchestrator.services.accounts import Accounts
from secretflow_worker.orchestrator.services.chains import Chains
from secretflow_worker.orchestrator.services.control import Control
from secretflow_worker.orchestrator.services.runs import Runs
from secretflow_worker.orchestrator.services.scheduler import Scheduler
from secretflow_worker.orchestrator.services.schedules import Schedules, Wanted
from secretflow_worker.orchestrator.services.sign_in import Caller
from secretflow_worker.orchestrator.services.timetable import Timetable
from secretflow_worker.orchestrator.store import audit
from secretflow_worker.orchestrator.store import schedules as s
from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.orchestrator.store.accounts import Role
from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.orchestrator.store.schedules import Missed
from tests.orchestrator.stored import rows
from tests.orchestrator.test_api_chains import CHAIN

ME = Caller("me", Role.OPERATOR)
NOON = 1_700_000_000.0 - 1_700_000_000.0 % 86400 + 12 * 3600
EVERY_MINUTE = Timetable("* * * * *", None, "UTC")
HOURLY = Timetable("0 * * * *", None, "UTC")


def moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


class World:
    """A chain of a user, and an orchestrator's scheduler at a time that tests set."""

    def __init__(self, database: Database) -> None:
        self.now = NOON
        self.database = database
        self.accounts = Accounts(database, 3600, self.clock)
        self.accounts.create("me", Role.OPERATOR, by="-")
        self.chain_id = Chains(database, self.clock).create(CHAIN, by="me")
        self.runs = Runs(database, self.clock)
        self.control = Control(database, self.runs, self.clock)
        self.schedules = Schedules(database, self.clock)
        self.scheduler = self.make_scheduler()

    def clock(self) -> float:
        return self.now

    def make_scheduler(self) -> Scheduler:
        return Scheduler(self.database, self.control, self.clock)

    def schedule(self, timetable: Timetable = HOURLY, **more: Any) -> str:
        return self.schedules.create(self.chain_id, Wanted("s", timetable, **more), ME)

    def fire(self) -> None:
        while self.scheduler.fire_due():
            pass

    def firings(self) -> list[tuple[str, float, int]]:
        return [
            (row.outcome, row.due_at - NOON, row.missed)
            for row in rows(self.database, s.schedule_firings, s.schedule_firings.c.id)
        ]

    def reasons(self) -> list[str | None]:
        firings = s.schedule_firings
        return [row.reason for row in rows(self.database, firings, firings.c.id)]

    def cancel(self) -> None:
        self.control.cancel(self.chain_id, ME)


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def test_what_is_due_runs_once_in_its_users_name(world: World) -> None:
    schedule_id = world.schedule()
    world.fire()
    assert world.firings() == []
    world.now += 3600
    world.fire()
    world.fire()
    assert world.firings() == [("started", 3600.0, 0)]
    run = rows(world.database, t.chain_runs)[0]
    assert (run.run_id, run.started_by) == (
        rows(world.database, s.schedule_firings)[0].run_id, "me",
    )  # fmt: skip
    with world.database.reading() as connection:
        told = audit.read(connection, limit=1)[0]
    assert (told.who, told.event) == ("me", "chain.execute")
    assert told.facts == {
        "chain": world.chain_id, "run": run.run_id, "schedule": schedule_id,
    }  # fmt: skip
    assert rows(world.database, s.schedules)[0].due_at == NOON + 7200


def test_several_orchestrators_fire_a_due_time_once(world: World) -> None:
    world.schedule()
    world.now += 3600
    together = threading.Barrier(4)
    faults: list[BaseException] = []

    def fire() -> None:
        scheduler = world.make_scheduler()
        together.wait()
        try:
            scheduler.fire_due()
        except BaseException as fault:  # noqa: BLE001 - told to the test
            faults.append(fault)

    threads = [threading.Thread(target=fire) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert world.firings() == [("started", 3600.0, 0)]
    assert len(rows(world.database, t.chain_runs)) == 1


def test_a_due_time_that_a_slow_clock_gives_again_is_known(world: World) -> None:
    schedule_id = world.schedule()
    world.now += 3600
    world.fire()
    world.now -= 5
    for is_enabled in (False, True):
        world.schedules.switch(schedule_id, ME, is_enabled=is_enabled)
    assert rows(world.database, s.schedules)[0].due_at == NOON + 3600
    world.now += 5
    world.cancel()
    world.fire()
    assert world.firings() == [("started", 3600.0, 0)]
    assert rows(world.database, s.schedules)[0].due_at == NOON + 7200


def test_while_the_chain_still_runs_a_time_is_skipped(world: World) -> None:
    world.schedule(EVERY_MINUTE)
    world.now += 60
    world.fire()
    run_id = rows(world.database, t.chain_runs)[0].run_id
    world.control.pause(world.chain_id, ME)
    world.now += 60
    world.fire()
    world.cancel()
    world.now += 60
    world.fire()
    assert [outcome for outcome, *_ in world.firings()] == ["started", "skipped", "started"]
    assert world.reasons()[1] == "an earlier run has not ended: it is PAUSED"
    assert rows(world.database, s.schedule_firings)[1].run_id is None
    assert rows(world.database, t.chain_runs, t.chain_runs.c.number)[0].run_id == run_id


def test_times_at_which_nobody_ran_are_passed_over(world: World) -> None:
    world.schedule(HOURLY)
    world.now += 5 * 3600 + 1800
    world.fire()
    assert world.firings() == [("missed", 5 * 3600.0, 4)]
    assert rows(world.database, t.chain_runs) == []
    world.now = NOON + 6 * 3600 + rules.LATE_S  # a restart within a minute misses nothing
    world.fire()
    assert world.firings()[-1] == ("started", 6 * 3600.0, 0)


def test_or_run_once_for_all_of_them(world: World) -> None:
    world.schedule(HOURLY, missed=Missed.RUN_ONCE)
    world.now += 5 * 3600 + 1800
    world.fire()
    assert world.firings() == [("started", 5 * 3600.0, 4)]
    assert len(rows(world.database, t.chain_runs)) == 1


def test_a_long_absence_is_counted_in_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "_AT_ONCE", 10)
    monkeypatch.setattr(rules, "KEPT_FIRINGS", 2)
    world.schedule(EVERY_MINUTE, missed=Missed.RUN_ONCE)
    world.now += 25 * 60
    world.fire()
    assert world.firings() == [("missed", 1200.0, 9), ("started", 1500.0, 4)]
    assert rows(world.database, s.schedules)[0].due_at == NOON + 26 * 60


@pytest.mark.parametrize(("missed", "outcome"), [("skip", "missed"), ("run_once", "started")])
def test_once_is_once_also_if_it_was_missed(world: World, missed: str, outcome: str) -> None:
    at = Timetable(None, NOON + 90.5, "UTC")
    world.schedule(at, missed=Missed(missed))
    world.now += 90
    world.fire()
    assert world.firings() == []
    world.now += 7200
    world.fire()
    world.now += 7200
    world.fire()
    assert world.firings() == [(outcome, 90.5, 0)]
    assert rows(world.database, s.schedules)[0].due_at is None


def test_a_firing_that_failed_says_why(world: World) -> None:
    world.schedule(EVERY_MINUTE)
    world.accounts.create("boss", Role.ADMIN, by="-")

    def change_user(**change: Any) -> Callable[[], object]:
        given = {"role": None, "is_disabled": None, **change}
        return lambda: world.accounts.change("me", by="boss", **given)

    harms: list[tuple[Callable[[], object], str]] = [
        (change_user(role=Role.VIEWER), "its user me is only a viewer now"),
        (change_user(role=Role.OPERATOR, is_disabled=True), "its user me is disabled"),
        (lambda: _break_chain(world), "task_type"),
        (lambda: _take_chain(world), "is of another user"),
    ]
    for harm, reason in harms:
        harm()
        world.now += 60
        world.fire()
        assert world.firings()[-1][0] == "failed"
        assert reason in (world.reasons()[-1] or "")
    assert rows(world.database, t.chain_runs) == []


def _break_chain(world: World) -> None:
    """A plugin with the chain's task type is no longer installed."""
    world.accounts.change("me", by="boss", role=None, is_disabled=False)
    tasks = [{**CHAIN["tasks"][0], "task_type": "gone_with_its_plugin"}]
    with world.database.transaction() as connection:
        connection.execute(update(t.chain_versions).values(document={**CHAIN, "tasks": tasks}))
    world.scheduler = world.make_scheduler()  # as after a restart


def _take_chain(world: World) -> None:
    with world.database.transaction() as connection:
        connection.execute(update(t.chain_versions).values(document=CHAIN))
        connection.execute(update(t.task_chains).values(created_by="boss"))
    world.scheduler = world.make_scheduler()


def test_a_schedule_whose_time_zone_is_gone_ends_and_says_why(world: World) -> None:
    world.schedule(HOURLY)
    with world.database.transaction() as connection:
        connection.execute(update(s.schedules).values(time_zone="Mars/Olympus"))
    world.now += 3600
    world.fire()
    assert world.firings() == [("failed", 3600.0, 0)]
    assert "time_zone" in (world.reasons()[0] or "")
    assert rows(world.database, s.schedules)[0].due_at is None


def test_a_schedule_that_meets_a_bug_does_not_hold_up_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = world.schedule(HOURLY), world.schedule(EVERY_MINUTE)
    split = rules._split

    def fail(timetable: Timetable, due_at: float, now: float) -> object:
        if timetable == EVERY_MINUTE:
            raise ZeroDivisionError
        return split(timetable, due_at, now)

    monkeypatch.setattr(rules, "_split", fail)
    world.now += 3600
    assert world.scheduler.fire_due()
    assert not world.scheduler.fire_due()
    fired = rows(world.database, s.schedule_firings)
    assert [row.schedule_id for row in fired] == [first]
    due = {row.schedule_id: row.due_at for row in rows(world.database, s.schedules)}
    assert due[second] == NOON + 60, "it is tried again"


def test_a_deleted_chain_takes_its_schedules_with_it(world: World) -> None:
    world.schedule(EVERY_MINUTE)
    world.now += 60
    world.fire()
    world.cancel()
    Chains(world.database, world.clock).delete(world.chain_id)
    world.now += 60
    world.fire()
    assert rows(world.database, s.schedules) == []
    assert rows(world.database, s.schedule_firings) == []


def test_what_it_would_have_done_while_disabled_is_not_made_up(world: World) -> None:
    schedule_id = world.schedule(HOURLY, missed=Missed.RUN_ONCE)
    world.schedules.switch(schedule_id, ME, is_enabled=False)
    world.now += 5 * 3600 + 1800
    world.fire()
    world.schedules.switch(schedule_id, ME, is_enabled=True)
    world.fire()
    assert world.firings() == []
    assert rows(world.database, s.schedules)[0].due_at == NOON + 6 * 3600


def test_an_edit_keeps_what_is_due_unless_it_changes_the_times(world: World) -> None:
    schedule_id = world.schedule(HOURLY)
    world.now += 3600
    world.schedules.edit(schedule_id, Wanted("new name", HOURLY), ME, None)
    assert rows(world.database, s.schedules)[0].due_at == NOON + 3600
    world.schedules.edit(schedule_id, Wanted("new name", EVERY_MINUTE), ME, None)
    assert rows(world.database, s.schedules)[0].due_at == NOON + 3660
    events = [record.event for record in _audit(world) if record.event.startswith("schedule.")]
    assert events == ["schedule.edit", "schedule.edit", "schedule.create"]


def _audit(world: World) -> list[audit.Record]:
    with world.database.reading() as connection:
        return audit.read(connection)


def test_only_its_user_and_admins_may_change_it(world: World) -> None:
    schedule_id = world.schedule()
    other = Caller("other", Role.OPERATOR)
    with pytest.raises(Forbidden):
        world.schedules.delete(schedule_id, other)
    with pytest.raises(Forbidden):
        world.schedules.create(world.chain_id, Wanted("s", HOURLY), other)
    with pytest.raises(NotFound):
        world.schedules.switch("s-none", ME, is_enabled=False)
    world.schedules.delete(schedule_id, Caller("boss", Role.ADMIN))
    assert rows(world.database, s.schedules) == []


@pytest.mark.parametrize(
    ("timetable", "after", "expected"),
    [
        # Berlin: 02:00 to 03:00 is no time on 29 March 2026, and comes twice on 25 October.
        ("30 2 * * *", "2026-03-28T12:00+01:00",
         ["2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"]),
        ("30 2 * * *", "2026-10-24T12:00+02:00",
         ["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"]),
        # An orchestrator that starts in the second of the two hours finds it done.
        ("30 2 * * *", "2026-10-25T02:10+01:00", ["2026-10-26T02:30:00+01:00"]),
        ("*/30 * * * *", "2026-10-25T02:29+02:00",
         ["2026-10-25T02:30:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T02:30:00+01:00"]),
        ("0 0 29 2 *", "2026-01-01T00:00+01:00", ["2028-02-29T00:00:00+01:00"]),
        ("0 12 * * MON-FRI", "2026-11-20T12:00+01:00", ["2026-11-23T12:00:00+01:00"]),
    ],
)  # fmt: skip
def test_times_of_day_where_clocks_change(timetable: str, after: str, expected: list[str]) -> None:
    berlin = Timetable(timetable, None, "Europe/Berlin")
    found = berlin.upcoming(moment(after), len(expected))
    assert [berlin.local(due) for due in found] == expected


@pytest.mark.parametrize(
    ("cron", "at", "zone", "field"),
    [
        ("* * * *", None, "UTC", "cron"),
        ("* * * * * *", None, "UTC", "cron"),
        ("61 * * * *", None, "UTC", "cron"),
        ("0 0 30 2 *", None, "UTC", "cron"),
        ("@daily", None, "UTC", "cron"),
        (None, None, "UTC", "cron"),
        ("* * * * *", NOON, "UTC", "cron"),
        ("* * * * *", None, "Europe/Nowhere", "time_zone"),
        ("* * * * *", None, "../etc/passwd", "time_zone"),
        ("* * * * *", None, "America", "time_zone"),
        (None, -1.0, "UTC", "at"),
        (None, 1e12, "UTC", "at"),
    ],
)
def test_times_that_are_none_are_refused(
    cron: str | None, at: float | None, zone: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        Timetable(cron, at, zone).check()
    assert [fault.path for fault in refused.value.faults] == [field]


@given(st.from_regex(r"[0-9A-Za-z*/,#-]{1,8}( [0-9LMWONa*/,#-]{1,8}){4}", fullmatch=True))
@settings(deadline=None, max_examples=150)
def test_any_expression_is_refused_or_has_times_in_order(cron: str) -> None:
    timetable = Timetable(cron, None, "Europe/Berlin")
    try:
        timetable.check()
    except Invalid:
        return
    found = timetable.upcoming(NOON, 5)
    assert found == sorted(set(found))
    assert all(due > NOON for due in found)
