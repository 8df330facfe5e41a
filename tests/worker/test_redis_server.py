"""The embedded Redis: private, lasting, alone in its folder."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from redis import Redis
from redis.exceptions import AuthenticationError

from secretflow_worker.contract.errors import ResourceBusy
from secretflow_worker.worker import start_embedded_redis
from tests.conftest import eventually


def test_data_and_address_outlive_it(tmp_path: Path) -> None:
    first = start_embedded_redis(tmp_path)
    with Redis.from_url(first.url) as redis:
        redis.set("kept", "yes")
    first.stop()
    second = start_embedded_redis(tmp_path)
    assert second.url == first.url
    with Redis.from_url(second.url) as redis:
        assert redis.get("kept") == b"yes"
    second.stop()


def test_redis_cli_takes_its_url(tmp_path: Path) -> None:
    """As the guide to operations has it; the one that comes with the server takes no empty name."""
    server = start_embedded_redis(tmp_path)
    cli = Path(sys.executable).with_name("redis-cli")
    done = subprocess.run(
        [cli, "-u", server.url, "PING"], capture_output=True, text=True, check=False, timeout=20
    )
    assert done.stdout == "PONG\n", done.stderr
    server.stop()


def test_it_is_private(tmp_path: Path) -> None:
    server = start_embedded_redis(tmp_path)
    _, _, password_and_host = server.url.partition("redis://default:")
    password, _, place = password_and_host.partition("@")
    with Redis.from_url(f"redis://{place}") as stranger, pytest.raises(AuthenticationError):
        stranger.ping()
    listening = psutil.Process(server.process.pid).net_connections()
    assert {one.laddr.ip for one in listening if one.status == "LISTEN"} == {"127.0.0.1"}
    assert not any(password in word for word in psutil.Process(server.process.pid).cmdline())
    for name in ("redis.conf", "address.json"):
        assert stat.S_IMODE((tmp_path / "redis" / name).stat().st_mode) == 0o600
    server.stop()


def test_a_folder_has_one_server(tmp_path: Path) -> None:
    server = start_embedded_redis(tmp_path)
    with pytest.raises(ResourceBusy, match="another embedded Redis"):
        start_embedded_redis(tmp_path)
    server.stop()
    server.stop()


def test_it_ends_with_its_parent_however_that_ends(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path\n"
        "from secretflow_worker.worker.redis_server import start_embedded_redis\n"
        "print(start_embedded_redis(Path(sys.argv[1])).process.pid, flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        server = psutil.Process(int(parent.stdout.readline()))
        parent.send_signal(signal.SIGKILL)
    eventually(lambda: not server.is_running() or server.status() == psutil.STATUS_ZOMBIE)
