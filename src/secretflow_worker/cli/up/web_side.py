"""The orchestrator of ``sfw up``: a process of its own, started again when it dies.

All that it knows is in SQL and Redis, so a new one goes on where the old one was. It shares no
interpreter with the worker: neither a crash nor a busy moment of one is the other's.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from secretflow_worker.cli.up.handover import Handover, read_line, write_line

_log = logging.getLogger(__name__)
_STOP_TIMEOUT_S = 15.0
_LIVED_S = 60.0
"""Who has lived so long had started well."""
_MOST_DEATHS = 5


class WebSide:
    """Keeps one orchestrator alive. `on_start` gets what each start tells, in a thread of its own.

    `on_loss` is called once when starting it again is of no use.
    """

    def __init__(
        self,
        listening: socket.socket,
        arguments: list[str],
        environment: Mapping[str, str],
        on_start: Callable[[WebSide, str | None], None],
        on_loss: Callable[[], None],
    ) -> None:
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self.token: str | None = f"sfw_{secrets.token_urlsafe(32)}"
        self._listening = listening
        self._arguments = arguments
        self._environment = dict(environment)
        self._on_start = on_start
        self._on_loss = on_loss
        self._secret = self.token
        self._has_started = False
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        # The kernel ends a child with the thread that made it: this one stays to the end.
        self._thread = threading.Thread(target=self._keep, name="web-side", daemon=True)

    def start(self) -> None:
        """Start it; who is told so is `on_start`."""
        self._thread.start()

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        self._stopping.set()
        self._thread.join()
        self._listening.close()

    def _keep(self) -> None:
        deaths = 0
        while not self._stopping.is_set():
            started_at = time.monotonic()
            code = self._run_one()
            if self._stopping.is_set():
                return
            deaths = 1 if time.monotonic() - started_at > _LIVED_S else deaths + 1
            if deaths >= _MOST_DEATHS or not self._has_started:
                _log.error("the orchestrator ended with code %d: giving up", code)
                self._on_loss()
                return
            _log.error("the orchestrator ended with code %d: starting it again", code)
            self._stopping.wait(0.2 * 2**deaths)

    def _run_one(self) -> int:
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                handover = Handover(os.getpid(), self._listening.fileno(), theirs.fileno())
                process = subprocess.Popen(
                    [sys.executable, "-m", "secretflow_worker", "web", *self._arguments,
                     "--handover", handover.write()],
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    pass_fds=(handover.listening_fd, handover.channel_fd),
                    start_new_session=True,  # Ctrl-C is for the parent, which then ends this
                )  # fmt: skip
            self._hear(ours)
        while (code := process.poll()) is None:
            if self._stopping.wait(0.2):
                return _end(process)
        return code

    def _hear(self, channel: socket.socket) -> None:
        """Hand the token over and wait for the word that calls are taken, or for its end."""
        channel.settimeout(0.2)
        try:
            write_line(channel, {"token": self._secret})
            while not self._stopping.is_set():
                try:
                    told = read_line(channel)
                except TimeoutError:
                    continue
                self._has_started = True
                self.url = str(told["url"])
                self.token = self._secret if told["has_local_access"] else None
                self._on_start(self, told["link"])
                return
        except (EOFError, OSError):
            return  # it has ended; its code says so


def _end(process: subprocess.Popen[bytes]) -> int:
    process.send_signal(signal.SIGTERM)
    try:
        return process.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def child_environment(redis_url: str) -> dict[str, str]:
    """Return this process's environment for the orchestrator, with the Redis that it is given.

    A ``DATABASE_URL`` is some other program's here: what ``sfw up`` keeps is in its state folder.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "REDIS_URL", "SFW_HOST", "SFW_PORT")
    }
    return {**kept, "SFW_REDIS_URL": redis_url}


def child_arguments(folder: Path, config: Path | None) -> list[str]:
    """Return the flags of the orchestrator."""
    named = [] if config is None else ["--config", str(config)]
    return ["--host", "127.0.0.1", "--state-dir", str(folder), *named]
