"""Schedules over HTTP: made, previewed, edited, switched, and what came of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import update

from secretflow_worker.orchestrator.services.scheduler import Scheduler
from secretflow_worker.orchestrator.store import schedules as s
from tests.orchestrator.api_site import Site
from tests.orchestrator.test_api_chains import create

CRON = {"name": "nightly", "cron": "30 2 * * *", "time_zone": "Europe/Berlin"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("schedules"))
    yield site
    site.close()


def make(site: Site, who: str = "olga", **changes: Any) -> dict[str, Any]:
    given = {**CRON, "chain_id": create(site, who), **changes}
    made = site.ask(who, "POST", "/schedules", json=given)
    assert made.status_code == 201, made.text
    shown: dict[str, Any] = made.json()
    assert made.headers["Location"].endswith(f"/schedules/{shown['schedule_id']}")
    return shown


def test_a_schedule_is_shown_with_its_next_times(site: Site) -> None:
    made = make(site)
    assert (made["chain_name"], made["created_by"], made["missed"]) == ("two steps", "olga", "skip")
    assert made["due_at"] == made["next_times"][0]["at"]
    assert len(made["next_times"]) == 5
    assert "T02:30:00+0" in made["next_times"][0]["local"]
    listed = site.ask("vera", "GET", "/schedules", params={"chain_id": made["chain_id"]}).json()
    assert listed["total"] == 1
    assert "next_times" not in listed["items"][0]
    shown = site.ask("vera", "GET", f"/schedules/{made['schedule_id']}")
    assert (shown.json(), shown.headers["ETag"]) == (made, '"1"')


def test_an_edit_needs_the_version_that_was_read(site: Site) -> None:
    made = make(site)
    place = f"/schedules/{made['schedule_id']}"
    change = {**CRON, "name": "weekly", "cron": "0 3 * * SUN", "missed": "run_once"}
    assert site.ask("olga", "PUT", place, json=change).status_code == 428
    match = {"If-Match": '"1"'}
    edited = site.ask("olga", "PUT", place, json=change, headers=match)
    assert edited.json()["name"] == "weekly"
    assert edited.headers["ETag"] == '"2"'
    assert site.ask("olga", "PUT", place, json=change, headers=match).status_code == 412
    assert site.ask("otto", "PUT", place, json=change, headers={"If-Match": "*"}).status_code == 403


def test_it_is_switched_off_and_on_and_deleted(site: Site) -> None:
    place = f"/schedules/{make(site)['schedule_id']}"
    off = site.ask("olga", "POST", f"{place}/disable").json()
    assert (off["is_enabled"], off["due_at"], off["next_times"]) == (False, None, [])
    assert off["schedule_id"] in {
        item["schedule_id"]
        for item in site.ask("vera", "GET", "/schedules?is_enabled=false").json()["items"]
    }
    on = site.ask("ann", "POST", f"{place}/enable").json()
    assert on["due_at"] is not None
    assert site.ask("olga", "DELETE", place).status_code == 204
    assert site.ask("olga", "GET", place).status_code == 404


def test_what_came_of_it_is_listed_newest_first(site: Site) -> None:
    made = make(site, cron="0 0 29 2 *")
    place = f"/schedules/{made['schedule_id']}"
    services = site.services
    scheduler = Scheduler(site.database, services.control)
    of_schedule = s.schedules.c.schedule_id == made["schedule_id"]
    for number in range(3):
        with site.database.transaction() as connection:
            due_at = services.clock() - 50 + number
            connection.execute(update(s.schedules).where(of_schedule).values(due_at=due_at))
        scheduler.fire_due()
    told = site.ask("vera", "GET", f"{place}/firings?limit=2").json()
    assert [item["outcome"] for item in told["items"]] == ["skipped", "skipped"]
    older = site.ask("vera", "GET", f"{place}/firings?before={told['next_before']}").json()
    assert [item["outcome"] for item in older["items"]] == ["started"]
    assert older["items"][0]["run_status"] == "RUNNING"
    assert older["next_before"] is None
    assert site.ask("vera", "GET", place).json()["last"] == told["items"][0]
    site.ask("olga", "DELETE", f"/chains/{made['chain_id']}")
    site.ask("olga", "POST", f"{place}/disable")


def test_one_moment_is_given_with_its_offset_and_lies_ahead(site: Site) -> None:
    once = make(site, cron=None, at="2100-01-01T00:00:00+01:00")
    assert once["due_at"] == "2099-12-31T23:00:00.000Z"
    chain_id = once["chain_id"]
    for at, field in (
        ("2001-01-01T00:00:00Z", "at"),
        ("0001-01-01T00:00:00+14:00", "at"),
        ("9999-12-31T23:59:59-14:00", "at"),
        ("2100-01-01T00:00:00", "at"),
    ):
        given = {"name": "once", "chain_id": chain_id, "at": at}
        refused = site.ask("olga", "POST", "/schedules", json=given)
        assert refused.status_code == 422, at
        assert refused.json()["faults"][0]["path"] == field


def test_making_one_may_be_repeated_with_a_key(site: Site) -> None:
    given = {**CRON, "chain_id": create(site)}
    key = {"Idempotency-Key": "one"}
    first, second = (
        site.ask("olga", "POST", "/schedules", json=given, headers=key).json() for _ in range(2)
    )
    assert first == second


def test_a_preview_keeps_nothing(site: Site) -> None:
    asked = {"cron": "0 9 * * MON", "time_zone": "Asia/Shanghai", "count": 3}
    told = site.ask("vera", "GET", "/schedules/preview", params=asked).json()["next_times"]
    assert len(told) == 3
    assert all("T09:00:00+08:00" in due["local"] for due in told)
    wrong = site.ask("vera", "GET", "/schedules/preview", params={**asked, "time_zone": "No"})
    assert wrong.json()["faults"][0]["path"] == "time_zone"


def test_of_a_chain_of_another_user_there_is_none(site: Site) -> None:
    given = {**CRON, "chain_id": create(site, "otto")}
    assert site.ask("olga", "POST", "/schedules", json=given).status_code == 403
    given["chain_id"] = "c-none"
    assert site.ask("olga", "POST", "/schedules", json=given).status_code == 404
