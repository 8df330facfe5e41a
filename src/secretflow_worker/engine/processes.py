"""Processes seen from outside: whose they are, what they use, and how they are ended."""

from __future__ import annotations

import json
import os
import signal
from contextlib import suppress
from pathlib import Path

import psutil

IDENTITY_FILE = "process.json"
"""In each party's folder: only root may ask the kernel where a party process works."""


def write_identity(path: Path) -> None:
    """Name this process so that a later one of the same pid is not taken for it."""
    identity = {"pid": os.getpid(), "started": psutil.Process().create_time()}
    path.write_text(json.dumps(identity), encoding="utf-8")


def named_by(path: Path) -> psutil.Process | None:
    """Return the process that wrote its identity there, None where it does not run any more."""
    try:
        identity = json.loads(path.read_text(encoding="utf-8"))
        process = psutil.Process(identity["pid"])
        is_it = abs(process.create_time() - identity["started"]) < 1
        return process if is_it and process.status() != psutil.STATUS_ZOMBIE else None
    except (OSError, ValueError, KeyError, psutil.NoSuchProcess):
        return None


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
    """Kill the parties of a run's folder, and every process of ours that works in it."""
    for path in folder.glob(f"*/{IDENTITY_FILE}"):
        if (party := named_by(path)) is not None:
            end_group(party.pid, leads=True)
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
