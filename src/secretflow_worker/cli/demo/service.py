"""The demo's own ``sfw up``, as a process of its own, as a user would start it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from secretflow_worker.cli.failure import CommandError
from secretflow_worker.cli.up.announcement import UP_FILE

_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 40.0
_FORGET = ("SFW_", "REDIS_URL")
"""The demo is the same for everyone, whatever their environment says of their own worker."""


@dataclass
class Service:
    """A running ``sfw up``."""

    process: subprocess.Popen[bytes]
    log: Path
    redis_url: str = ""
    url: str = ""
    token: str = ""
    sign_in: str = ""
    """The link by which the first user signs in at the page, once."""

    def check(self) -> None:
        """Raise if it has ended.

        Raises:
            CommandError: with the last line that it logged.
        """
        if self.process.poll() is not None:
            raise CommandError(
                f"`sfw up` ended with code {self.process.returncode}: {_last_line(self.log)}",
                hint=f"its log is {self.log}; --keep or --dir leaves it there",
            )

    def stop(self) -> None:
        """End it, and what it started, and wait until it is gone."""
        _end(self.process)


def start_service(
    state_dir: Path, data_root: Path, concurrency: int, port: int, *, outlives: bool
) -> Service:
    """Start ``sfw up`` with its state and log in `state_dir` and wait until it answers.

    It ends with this process, however this process ends, unless it `outlives` it.

    Raises:
        CommandError: it does not start.
    """
    state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    log = state_dir / "up.log"
    flags: list[str] = [
        "--state-dir", str(state_dir), "--data-root", str(data_root),
        "--concurrency", str(concurrency), "--port", str(port),
        *([] if outlives else ["--end-with-parent"]),
    ]  # fmt: skip
    environment = {k: v for k, v in os.environ.items() if not k.upper().startswith(_FORGET)}
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "secretflow_worker", "up", *flags],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,  # Ctrl-C is for the demo, which then ends this
        )
    service = Service(process, log)
    try:
        told = _await_address(state_dir / UP_FILE, service)
    except BaseException:
        service.stop()
        raise
    service.redis_url, service.url = told["redis_url"], told["url"]
    service.token, service.sign_in = told["token"], told["sign_in"]
    return service


def _await_address(path: Path, service: Service) -> dict[str, Any]:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline:
        if path.exists():
            told: dict[str, Any] = json.loads(path.read_text())
            return told
        service.check()
        time.sleep(0.05)
    raise CommandError(
        f"`sfw up` did not start within {_START_TIMEOUT_S:.0f} s: {_last_line(service.log)}"
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _last_line(log: Path) -> str:
    lines = log.read_text("utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "it logged nothing"
