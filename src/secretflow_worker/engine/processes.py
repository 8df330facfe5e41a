"""Processes seen from outside: whose they are, what they use, and how they are ended."""

from __future__ import annotations

import json
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil


def own_identity() -> dict[str, Any]:
    """Name this process so that a later one of the same pid is not taken for it."""
    return {"pid": os.getpid(), "started": psutil.Process().create_time()}


def is_alive(owner: Path) -> bool:
    """Say whether the worker that an ``owner.json`` names still runs."""
    try:
        identity = json.loads(owner.read_text(encoding="utf-8"))
        process = psutil.Process(identity["pid"])
        return bool(
            process.status() != psutil.STATUS_ZOMBIE
            and abs(process.create_time() - identity["started"]) < 1
        )
    except (OSError, ValueError, KeyError, psutil.NoSuchProcess):
        return False


def end_group(pid: int, *, leads: bool) -> None:
    """Kill a party's process group, and where it still `leads` it, itself: it may have none yet."""
    for kill in (os.killpg, os.kill) if leads else (os.killpg,):
        with suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def end_children() -> None:
    """Kill every child of this process, with its process group."""
    for child in psutil.Process().children():
        end_group(child.pid, leads=True)


def end_processes_in(folder: Path) -> None:
    """Kill every process of ours whose working directory lies in `folder`."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.uids().real == os.getuid() and Path(process.cwd()).is_relative_to(folder):
                process.kill()


def memory_of(pid: int) -> int:
    """Return what a process and its children hold, in bytes, without pages of mapped files.

    Zero where it has ended.
    """
    total = 0
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):
                memory = one.memory_info()
                total += int(memory.rss - memory.shared)
    return total
