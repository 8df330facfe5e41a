"""The orchestrator of ``sfw up``: let in, started again, and gone with it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from secretflow_worker.client import Client
from tests.cli.chains import chain, noop
from tests.cli.conftest import Sfw, Up, error_line, start_up
from tests.conftest import eventually


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """An ``sfw up`` of this module's own, as its tests kill parts of it."""
    running = start_up(tmp_path_factory.mktemp("own") / "state")
    yield running
    if running.process.poll() is None:
        assert running.stop() == 0


def web_side(up: Up) -> psutil.Process:
    children = psutil.Process(up.process.pid).children()
    return next(child for child in children if "--handover" in child.cmdline())


def ask(up: Up, token: str, path: str = "/chains/") -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{up.url}/api/v1{path}", headers=headers, timeout=60)


def test_the_token_is_of_the_first_user_as_operator_and_in_no_list_of_processes(own: Up) -> None:
    told = ask(own, own.token, "/auth/session").json()

    assert (told["name"], told["role"]) == ("admin", "operator")
    commands = [web_side(own).cmdline(), psutil.Process(own.process.pid).cmdline()]
    secrets = (own.token, own.password)
    assert not any(secret in word for words in commands for word in words for secret in secrets)
    assert not any(own.token in value for value in web_side(own).environ().values())


def test_who_signs_in_by_the_printed_link_has_the_command_lines_chains_too(own: Up) -> None:
    def link_printed() -> str:
        log = (own.state_dir / "up.log").read_text()
        return str(re.findall(r"by this link: http://127\.0\.0\.1:\d+/#(\S+)", log)[-1])

    def link_told() -> str:
        return str(json.loads(own.file.read_text())["sign_in"]).partition("#")[2]

    eventually(lambda: link_printed() == link_told())
    link = link_printed()
    with httpx.Client(base_url=f"{own.url}/api/v1", timeout=30) as page:
        signed_in = page.post("/auth/link", json={"token": link}).json()
        assert signed_in["name"] == "admin"
        page.headers["X-CSRF-Token"] = signed_in["csrf_token"]
        label = {"label": "sfw up", "role": "viewer"}  # the word that the own token has, too
        of_a_program = page.post("/tokens", json=label).json()["token"]
        drawn = page.post("/chains/", json=chain(noop("hello"))).json()["chain_id"]

    with Client(own.url, own.token) as command_line:
        command_line.chains.execute(drawn)
        assert command_line.chains.wait(drawn).created_by == "admin"
    web_side(own).kill()
    assert ask(own, of_a_program, f"/chains/{drawn}").json()["status"] == "SUCCESS"
    users = ask(own, own.token, "/users").json()
    assert users["code"] == "FORBIDDEN"


def test_an_orchestrator_that_dies_is_started_again_where_it_was(own: Up) -> None:
    first, token = web_side(own), own.token

    first.kill()
    answered = ask(own, token)  # waits in the socket that is kept for it

    assert answered.status_code == 200
    assert web_side(own).pid != first.pid
    assert "starting it again" in (own.state_dir / "up.log").read_text()


def test_a_port_that_is_taken_is_named(sfw: Sfw, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = error_line(sfw("up", "--state-dir", tmp_path / "state", "--port", str(port)))

    assert str(port) in line
    assert "0 takes a free one" in line


def test_killed_it_leaves_nothing_and_its_token_is_good_no_longer(own: Up) -> None:
    token = own.token
    family = psutil.Process(own.process.pid).children(recursive=True)

    os.kill(own.process.pid, signal.SIGKILL)
    own.process.wait()

    eventually(lambda: not any(each.is_running() for each in family), 30)
    again = start_up(own.state_dir)
    own.process, own.redis_url, own.url = again.process, again.redis_url, again.url
    assert ask(own, token).status_code == 401
    assert ask(own, own.token).status_code == 200
