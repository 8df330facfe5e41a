"""Who may call what: every route is in the table below, or the test fails."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from secretflow_worker.orchestrator.api import app
from secretflow_worker.orchestrator.api.callers import COOKIE
from tests.orchestrator.api_site import V1, Site

ANYBODY, VIEWER, OPERATOR, ADMIN = 0, 1, 2, 3
LEAST = {
    "POST /auth/login": ANYBODY,
    "POST /auth/link": ANYBODY,
    "GET /auth/session": VIEWER,
    "POST /auth/logout": VIEWER,
    "POST /auth/password": VIEWER,
    "GET /users": ADMIN,
    "POST /users": ADMIN,
    "PATCH /users/{name}": ADMIN,
    "POST /users/{name}/link": ADMIN,
    "GET /tokens": VIEWER,
    "POST /tokens": VIEWER,
    "DELETE /tokens/{token_id}": VIEWER,
    "GET /audit": ADMIN,
    "GET /audit/verify": ADMIN,
    "GET /audit/export": ADMIN,
    "GET /tasks": VIEWER,
    "GET /tasks/{name}": VIEWER,
    "GET /chains": VIEWER,
    "GET /chains/": VIEWER,
    "GET /chains/{chain_id}": VIEWER,
    "GET /chains/{chain_id}/tasks/{task_id}": VIEWER,
    "GET /chains/{chain_id}/runs": VIEWER,
    "GET /chains/{chain_id}/runs/{run_id}": VIEWER,
    "GET /chains/{chain_id}/runs/{run_id}/tasks/{task_id}": VIEWER,
    "GET /chains/{chain_id}/tasks/{task_id}/report": VIEWER,
    "GET /disclosed": VIEWER,
    "GET /chains/{chain_id}/events": VIEWER,
    "POST /chains/{chain_id}/execute": OPERATOR,
    "DELETE /chains/{chain_id}": OPERATOR,
    "POST /chains/{chain_id}/pause": OPERATOR,
    "POST /chains/{chain_id}/resume": OPERATOR,
    "POST /chains/{chain_id}/retry": OPERATOR,
    "POST /chains": OPERATOR,
    "POST /chains/": OPERATOR,
    "POST /chains/dry-run": VIEWER,
    "POST /chains/import": OPERATOR,
    "PUT /chains/{chain_id}": OPERATOR,
    "GET /chains/{chain_id}/export": VIEWER,
    "GET /chains/{chain_id}/versions": VIEWER,
    "GET /chains/{chain_id}/versions/{version}": VIEWER,
    "GET /chains/{chain_id}/diff": VIEWER,
    "POST /chains/{chain_id}/rollback": OPERATOR,
    "POST /chains/{chain_id}/clone": OPERATOR,
    "POST /executions": OPERATOR,
    "GET /executions/{chain_id}": VIEWER,
    "GET /templates": VIEWER,
    "POST /templates": OPERATOR,
    "GET /templates/{name}": VIEWER,
    "DELETE /templates/{name}": OPERATOR,
    "POST /templates/{name}/render": VIEWER,
    "POST /templates/{name}/chains": OPERATOR,
    "GET /schedules": VIEWER,
    "POST /schedules": OPERATOR,
    "GET /schedules/preview": VIEWER,
    "GET /schedules/{schedule_id}": VIEWER,
    "PUT /schedules/{schedule_id}": OPERATOR,
    "POST /schedules/{schedule_id}/enable": OPERATOR,
    "POST /schedules/{schedule_id}/disable": OPERATOR,
    "DELETE /schedules/{schedule_id}": OPERATOR,
    "GET /schedules/{schedule_id}/firings": VIEWER,
    "GET /nodes": VIEWER,
    "GET /nodes/{name}": VIEWER,
    "GET /files": VIEWER,
    "GET /models": VIEWER,
    "GET /models/{model_id}": VIEWER,
    "GET /chains/{chain_id}/tasks/{task_id}/logs": VIEWER,
    "GET /healthz": ANYBODY,
    "GET /readyz": ANYBODY,
    "GET /metrics": VIEWER,
}
USERS = {None: ANYBODY, "vera": VIEWER, "olga": OPERATOR, "ann": ADMIN}
VALUES = {
    "name": "nobody", "token_id": "t-0", "chain_id": "c-none", "task_id": "a", "version": "1",
    "run_id": "r-0", "schedule_id": "s-0", "model_id": "m-0",
}  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("access"))
    yield site
    site.close()


def test_every_route_is_in_the_table(site: Site) -> None:
    found = {
        f"{method} {path.removeprefix(V1)}"
        for path, calls in site.app.openapi()["paths"].items()
        for method in (word.upper() for word in calls)
    }
    assert found <= set(LEAST)
    unlisted = set(LEAST) - found
    assert unlisted == {"GET /chains", "POST /chains"}, "a call without its documentation"


@pytest.mark.parametrize("call", sorted(LEAST))
def test_a_call_needs_its_role(site: Site, call: str) -> None:
    method, _, path = call.partition(" ")
    for name, value in VALUES.items():
        path = path.replace(f"{{{name}}}", value)
    for user, rank in USERS.items():
        status = site.ask(user, method, path).status_code
        if rank >= LEAST[call]:
            assert status not in ({403} if user else {401, 403}) or path.startswith("/auth")
            assert status < 500
        else:
            assert status == (403 if user else 401), (user, call)


def test_what_is_no_token_lets_nobody_in(site: Site) -> None:
    for shown in ("Bearer", "Bearer x", "Bearer sfw_", "Basic YTpi", "bearer \xff", "x" * 9000):
        headers = {b"Authorization": shown.encode("latin-1")}
        answered = site.client.get(f"{V1}/chains/", headers=headers)
        assert answered.status_code == 401, shown
        assert answered.headers["WWW-Authenticate"].startswith("Bearer")
    site.client.cookies.set(COOKIE, "sfws_guess", path="/api")
    assert site.client.get(f"{V1}/chains/").status_code == 401
    site.client.cookies.clear()


def test_a_browser_signs_in_by_the_link_and_sets_a_password(tmp_path: Path) -> None:
    site = Site(tmp_path)
    client = site.client
    begun = client.post(f"{V1}/auth/link", json={"token": site.link})
    assert begun.status_code == 200
    cookie = begun.headers["set-cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=strict", "Path=/api"))
    assert "Secure" not in cookie
    csrf = {"X-CSRF-Token": begun.json()["csrf_token"]}
    assert client.get(f"{V1}/auth/session").json()["csrf_token"] == csrf["X-CSRF-Token"]
    new = {"password": "a long enough password"}
    assert client.post(f"{V1}/auth/password", json=new).status_code == 403
    wrong = {"X-CSRF-Token": "0" * 64}
    assert client.post(f"{V1}/auth/password", json=new, headers=wrong).status_code == 403
    assert client.post(f"{V1}/auth/password", json=new, headers=csrf).status_code == 204
    assert client.post(f"{V1}/auth/logout", headers=csrf).status_code == 204
    assert client.get(f"{V1}/auth/session").status_code == 401
    again = {"name": "admin", "password": "a long enough password"}
    assert client.post(f"{V1}/auth/login", json=again).status_code == 200
    assert client.post(f"{V1}/auth/link", json={"token": site.link}).status_code == 401
    site.close()


def test_who_finds_a_session_open_cannot_set_a_password(tmp_path: Path) -> None:
    site = Site(tmp_path)
    client = site.client
    begun = client.post(f"{V1}/auth/link", json={"token": site.link})
    assert begun.json()["password_is_asked"] is False
    csrf = {"X-CSRF-Token": begun.json()["csrf_token"]}
    old, new = "a long enough password", "another long password"
    answers = [
        client.post(f"{V1}/auth/password", json=body, headers=csrf)
        for body in (
            {"password": old},
            {"password": new},
            {"password": new, "current": new},
            {"password": new, "current": old},
        )
    ]
    assert [answered.status_code for answered in answers] == [204, 422, 422, 204]
    assert answers[1].json()["detail"] == "current: the present password is needed, too"
    assert answers[2].json()["detail"] == "the present password is wrong"
    assert client.get(f"{V1}/auth/session").json()["password_is_asked"] is True
    site.close()


def test_a_token_cannot_set_a_password(site: Site) -> None:
    answered = site.ask("ann", "POST", "/auth/password", json={"password": "x" * 20})
    assert answered.status_code == 401


def test_behind_https_the_cookie_is_secure(tmp_path: Path) -> None:
    site = Site(tmp_path, public_url="https://sfw.example/")
    begun = site.client.post(f"{V1}/auth/link", json={"token": site.link})
    assert "Secure" in begun.headers["set-cookie"]
    assert "max-age" in begun.headers["strict-transport-security"]
    made = site.ask("ann", "POST", "/users", json={"name": "new", "role": "viewer"})
    assert made.json()["link"].startswith("https://sfw.example/#sfwl_")
    site.close()


def test_guessing_passwords_ends_in_429(tmp_path: Path) -> None:
    site = Site(tmp_path)
    given = {"name": "admin", "password": "wrong"}
    for _ in range(10):
        assert site.ask(None, "POST", "/auth/login", json=given).status_code == 401
    refused = site.ask(None, "POST", "/auth/login", json=given)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    site.close()


def test_every_route_is_a_plain_function() -> None:
    """They work in threads: a call that waits for the database must not stop the others."""
    calls = [route for module in app._ROUTES for route in module.router.routes]
    assert len(calls) >= len(LEAST) - 1
    assert all(isinstance(route, APIRoute) for route in calls)
    waiting = [
        route.path
        for route in calls
        if isinstance(route, APIRoute) and inspect.iscoroutinefunction(route.endpoint)
    ]
    assert waiting == []
