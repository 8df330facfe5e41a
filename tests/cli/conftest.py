"""The real entry point as a subprocess, as a user would type it, with an environment of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import eventually
from tests.noop.installing import installed

SFW = Path(sys.executable).with_name("sfw")
Sfw = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment that says nothing of any worker, with a home of its own."""
    return clean_environment(tmp_path / "home")


def clean_environment(home: Path) -> dict[str, str]:
    """Return this process's environment without any setting of a worker."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SFW_", "REDIS_URL", "XDG_"))
    }
    return {**kept, "HOME": str(home), "COLUMNS": "200", "NO_COLOR": "1"}


@pytest.fixture
def sfw(environment: dict[str, str], tmp_path: Path) -> Sfw:
    """Run ``sfw`` to its end; ``env`` adds variables."""

    def run(
        *arguments: str | Path,
        env: Mapping[str, str] | None = None,
        input: str | None = None,
        timeout_s: float = 60,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [SFW, *arguments],
            env={**environment, **(env or {})},
            cwd=tmp_path,
            input=input,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    return run


@dataclass
class Up:
    """A running ``sfw up`` and what its ``up.json`` says."""

    process: subprocess.Popen[str]
    state_dir: Path
    redis_url: str
    data_root: Path
    url: str = ""

    @property
    def token(self) -> str:
        """The token of this machine's command line, as it is now."""
        return str(json.loads(self.file.read_text())["token"])

    @property
    def password(self) -> str:
        return urlsplit(self.redis_url).password or ""

    @property
    def file(self) -> Path:
        return self.state_dir / "up.json"

    def stop(self) -> int:
        """Stop it as Ctrl-C does and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


PARENT = "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))"


def start_up(state_dir: Path, *arguments: str | Path, through_a_parent: bool = False) -> Up:
    """Start ``sfw up``, perhaps through a process between, and wait until it says where it is."""
    state_dir.mkdir(parents=True, exist_ok=True)
    (state_dir / "up.json").unlink(missing_ok=True)
    log = state_dir / "up.log"
    between = [sys.executable, "-c", PARENT] if through_a_parent else []
    with log.open("w") as file:
        process = subprocess.Popen(
            [*between, SFW, "up", "--state-dir", state_dir, "--port", "0", *arguments],
            env=installed(clean_environment(state_dir / "home")),
            stdout=file,
            stderr=subprocess.STDOUT,
            text=True,
        )
    up = Up(process, state_dir, "", state_dir)
    eventually(lambda: up.file.exists() or process.poll() is not None, timeout_s=60)
    assert process.poll() is None, log.read_text()
    facts = json.loads(up.file.read_text())
    up.redis_url, up.data_root = facts["redis_url"], Path(facts["data_root"])
    up.url = facts.get("url", "")
    return up


@pytest.fixture(scope="package")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One ``sfw up`` for all tests that need a worker; its data root is pytest's own folder."""
    base = tmp_path_factory.getbasetemp()
    running = start_up(tmp_path_factory.mktemp("cli-up"), "--data-root", base)
    yield running
    assert running.stop() == 0
    assert not running.file.exists()


def error_line(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line that a user error is; fail on a traceback or a second line."""
    lines = done.stderr.strip().splitlines()
    assert done.returncode != 0
    assert len(lines) == 1, done.stderr
    return lines[0]
