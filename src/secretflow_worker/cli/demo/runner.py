"""Runs a chain of steps as any Celery client would: independent ones at once.

A stand-in for the orchestrator, without its guarantees: it remembers nothing and lives as
long as the command.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from secretflow_worker.cli.demo.steps import Step
from secretflow_worker.cli.sender import Ending, Sender

_POLL_S = 0.1
_TASK_TIMEOUT_S = 120.0


class Watcher(Protocol):
    """Is told what happens, as it happens."""

    def started(self, step: Step) -> None: ...
    def heard(self, step: Step, event: Mapping[str, Any]) -> None: ...
    def finished(self, step: Step, ending: Ending | None) -> None: ...
    def idle(self) -> None:
        """Is called many times a second; may raise to end the run."""


@dataclass
class Done:
    """A step that has ended; `ending` is None where the step was done here."""

    step: Step
    seconds: float
    ending: Ending | None

    @property
    def succeeded(self) -> bool:
        return self.ending is None or self.ending.succeeded


@dataclass
class _Running:
    step: Step
    celery_id: str
    started_at: float = field(default_factory=time.monotonic)


class ChainRun:
    """One run of a chain. Stops at the first failure and cancels what else is running."""

    def __init__(self, steps: Sequence[Step], sender: Sender, watcher: Watcher) -> None:
        self._steps = steps
        self._waiting = list(steps)
        self._running: dict[str, _Running] = {}
        self._sender = sender
        self._watcher = watcher
        self._chain_id = f"german-credit-{secrets.token_hex(4)}"
        self._done: dict[str, Done] = {}

    def run(self) -> dict[str, Done]:
        """Return every step that ended, by name and in the chain's order."""
        try:
            while (self._waiting or self._running) and self._all_succeeded():
                self._start_ready()
                self._hear()
                self._collect()
                self._watcher.idle()
        finally:
            for task in self._running.values():
                self._sender.cancel(task.celery_id)
        return {step.name: self._done[step.name] for step in self._steps if step.name in self._done}

    def _all_succeeded(self) -> bool:
        return all(done.succeeded for done in self._done.values())

    def _start_ready(self) -> None:
        ready = [step for step in self._waiting if set(step.after) <= set(self._done)]
        for step in ready:
            self._waiting.remove(step)
            self._watcher.started(step)
            if step.work is not None:
                self._do(step, step.work)
            elif step.config is not None:
                self._send(step, step.config())

    def _do(self, step: Step, work: Callable[[], None]) -> None:
        started_at = time.monotonic()
        work()
        self._finish(step, started_at, None)

    def _send(self, step: Step, task_config: Mapping[str, Any]) -> None:
        execution_id = f"{self._chain_id}-{step.name}"
        request = {
            "task_id": self._chain_id,
            "subtask_id": step.name,
            "execution_id": execution_id,
            "sf_init_config": {"parties": list(step.parties), "address": "local"},
            "task_config": task_config,
            "timeout_s": _TASK_TIMEOUT_S,
        }
        self._running[execution_id] = _Running(step, self._sender.send(request))

    def _hear(self) -> None:
        for event in self._sender.hear(_POLL_S):
            task = self._running.get(str(event.get("execution_id")))
            if task is not None:
                self._watcher.heard(task.step, event)

    def _collect(self) -> None:
        for execution_id, task in list(self._running.items()):
            ending = self._sender.ending(task.celery_id)
            if ending is not None:
                del self._running[execution_id]
                self._finish(task.step, task.started_at, ending)

    def _finish(self, step: Step, started_at: float, ending: Ending | None) -> None:
        self._done[step.name] = Done(step, time.monotonic() - started_at, ending)
        self._watcher.finished(step, ending)
