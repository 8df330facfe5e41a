"""The warm launcher: a fork server that has imported what a party program needs.

It is the standard library's ``multiprocessing`` fork server with a preload. A party forked
from it is ready in some 10 ms, where a cold start imports for seconds. When its owner dies
the server ends, and the kernel then ends every party (``PR_SET_PDEATHSIG``, see ``party``).
"""

from __future__ import annotations

import atexit
import importlib
import multiprocessing
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import ModuleType
from typing import Any

import psutil

from secretflow_worker.contract.errors import InternalError
from secretflow_worker.engine.spec import PartySpec

_PRELOAD = "secretflow_worker.engine.preload"
_WARM_UP_S = 120.0
"""Seconds until even a cold disk and a busy machine have imported it all."""

_DYING_S = 0.2
"""How long a launcher that was killed may still look alive."""
_SOCKET_FOLDER_LIMIT = 107 - len("/1234567/listener-12345678")

_start_lock = threading.Lock()
"""At every start multiprocessing looks at all children: nobody else may at that moment."""


def warm(sockets: Path | None = None) -> None:
    """Start the fork server, if it does not run, and wait until it has imported everything.

    Its socket lives in the folder `sockets` where one is given and its path is short enough:
    the temporary folder would keep that of a killed worker for ever.

    Raises:
        InternalError: it could not: the fork server itself would pass over that in silence, and
            every party would die of it.
    """
    if sockets is not None and len(os.fsencode(sockets)) <= _SOCKET_FOLDER_LIMIT:
        _put_socket_in(sockets)
    process = _start(_context().Process(target=_import_everything))
    if await_exit(process, _WARM_UP_S) != 0:
        raise InternalError(
            "the launcher could not import what a party needs",
            hint="Its traceback is above; `sfw doctor` checks the installed packages.",
        )
    forget(process)


def _put_socket_in(folder: Path) -> None:
    for left in folder.glob("*"):
        if left.name.isdecimal() and not psutil.pid_exists(int(left.name)):
            shutil.rmtree(left, ignore_errors=True)
    here = folder / str(os.getpid())
    config = multiprocessing.current_process()._config  # type: ignore[attr-defined]
    if config.get("tempdir") is None:
        here.mkdir(mode=0o700, parents=True, exist_ok=True)
        config["tempdir"] = str(here)
        atexit.register(shutil.rmtree, here, ignore_errors=True)


def fork_party(spec: PartySpec, control: Connection) -> ForkServerProcess:
    """Fork a party process; `control` is its end of the channel to the supervisor.

    Raises:
        OSError, EOFError: the launcher died, and so did the next one.
    """
    try:
        return _start(_party_process(spec, control))
    except (OSError, EOFError):  # what it may have forked dies with it
        time.sleep(_DYING_S)
        return _start(_party_process(spec, control))


def _party_process(spec: PartySpec, control: Connection) -> ForkServerProcess:
    return _context().Process(
        target=_enter_party, args=(spec.model_dump_json(), control), name=f"sfw-party-{spec.party}"
    )


def await_exit(process: ForkServerProcess, timeout_s: float) -> int | None:
    """Return the exit code of a party's process (-n: of signal n), None while it runs."""
    if not wait([process.sentinel], timeout_s):
        return None
    with _start_lock:
        return process.exitcode


def forget(process: ForkServerProcess) -> None:
    """Close what is kept of a process that has ended."""
    with _start_lock, suppress(ValueError):  # it has not ended: a stopped launcher says nothing
        process.close()


def _start(process: ForkServerProcess) -> ForkServerProcess:
    with _start_lock, _without_main_module():
        _replace_deaf_server()
        process.start()
    return process


def _replace_deaf_server() -> None:
    """Have a new server started where the running one's socket is gone.

    Whoever clears a state folder must not leave a worker without parties until it restarts.
    The deaf server lives on for the parties it has forked, and ends with its owner.
    """
    server: Any = forkserver._forkserver
    if server._forkserver_address is None or Path(server._forkserver_address).exists():
        return
    Path(server._forkserver_address).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Its pipe stays open, whose end of file would end the server.
    server._forkserver_pid = server._forkserver_address = server._forkserver_alive_fd = None


def _context() -> multiprocessing.context.ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([_PRELOAD])
    return context


@contextmanager
def _without_main_module() -> Iterator[None]:
    """Hide ``__main__``, which every child would import again: seconds, for a Celery program."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _enter_party(spec_json: str, control: Connection) -> None:
    """Run in the child, where the import is done already; its owner never pays for it."""
    from secretflow_worker.engine.party import run_party

    # A child of the fork server inherits the pipe whose end tells the server that its owner is
    # dead. With it in a party's hands, a killed worker's launcher would live on.
    os.close(forkserver._forkserver._forkserver_alive_fd)  # type: ignore[attr-defined]
    run_party(spec_json, control)


def _import_everything() -> None:
    """Run in the child: free of cost where the preload was done."""
    importlib.import_module(_PRELOAD)
