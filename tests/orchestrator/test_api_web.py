"""The orchestrator's process and its settings: from nothing to somebody signed in, and its end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from secretflow_worker.contract.errors import ConfigError, ResourceBusy
from secretflow_worker.orchestrator.settings import load_settings
from secretflow_worker.orchestrator.web import run_web
from tests.conftest import eventually

_CODE = """
from secretflow_worker.orchestrator.settings import load_settings
from secretflow_worker.orchestrator.web import run_web
from tests.conftest import eventually
run_web(load_settings(), lambda started: print(f"{started.url} {started.link}", flush=True))
"""


def is_there(client: httpx.Client) -> bool:
    try:
        return client.get("/healthz").is_success
    except httpx.ConnectError:
        return False


def test_a_first_start_lets_somebody_in_and_ends_well(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "SFW_STATE_DIR": str(tmp_path / "state"),
        "SFW_PORT": "0",
        "REDIS_URL": "redis://127.0.0.1:1/0",  # away: the API answers all the same
    }
    process = subprocess.Popen(
        [sys.executable, "-c", _CODE],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        url, link = process.stdout.readline().split()
        secret = link.partition("/#")[2]
        with httpx.Client(base_url=url, timeout=60) as client:
            eventually(lambda: is_there(client))
            begun = client.post("/api/v1/auth/link", json={"token": secret})
            assert begun.json()["role"] == "admin"
            assert client.get("/api/v1/chains/").json()["total"] == 0
            ready = client.get("/readyz")
            assert (ready.status_code, ready.json()["checks"]["database"]) == (503, "ok")
            made = client.post(
                "/api/v1/users",
                json={"name": "bob", "role": "viewer"},
                headers={"X-CSRF-Token": begun.json()["csrf_token"]},
            )
            assert made.json()["link"].startswith(f"{url}/#sfwl_")
    finally:
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=30)
    assert process.returncode == 0, log
    assert secret not in log
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


def test_a_port_that_is_taken_is_said_so(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = load_settings(state_dir=tmp_path, port=taken.getsockname()[1])
        with pytest.raises(ResourceBusy, match="host, port"):
            run_web(settings, print)


def test_settings_come_from_flags_environment_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "sfw.toml"
    file.write_text(
        '[web]\nport = 1\nhost = "::1"\nsession_lifetime_s = 60\n[worker]\nname = "w"\n'
    )
    monkeypatch.setenv("SFW_HOST", "127.0.0.2")
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:secret@db/x")
    settings = load_settings(file, port=3, state_dir=None)
    assert (settings.port, settings.host, settings.session_lifetime_s) == (3, "127.0.0.2", 60)
    assert settings.database == "postgresql://me:secret@db/x"
    assert "secret@" not in repr(settings)
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert (
        load_settings().database == f"sqlite:///{tmp_path}/secretflow-orchestrator/orchestrator.db"
    )


@pytest.mark.parametrize(
    "text", ["[web]\nport = 99999", "[web]\ntypo = 1", "web = 1", "[web", "[web]\nhost = 1"]
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "sfw.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match="settings"):
        load_settings(file)
