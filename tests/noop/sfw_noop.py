"""The task type ``noop``: it computes nothing, so that what surrounds tasks can be looked at.

A plugin for tests and benchmarks: this folder on ``PYTHONPATH`` of a worker (and of whoever
checks chains) is all the installing that it needs, see ``tests/noop/installing.py``.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from secretflow_worker.contract.errors import ERRORS_BY_CODE
from secretflow_worker.tasks import Config, Parties, Report, Result, TaskDispatcher


class NoopConfig(Config):
    """What a task of this type pretends to do."""

    sleep_ms: float = Field(default=0, ge=0, description="How long it takes.")
    fail_code: str | None = Field(default=None, description="The error that it fails with.")
    fail_first: int | None = Field(
        default=None, ge=0, description="Fail so many times only, as the tally counts them."
    )
    emit: Any = Field(default=None, description="The value in the result, whatever it is.")
    mark: str = Field(default="", description="What the lines of the tally begin with.")
    tally: str | None = Field(
        default=None, description="A file that gets a line as it begins and one as it ends."
    )


class NoopReport(Report):
    """What a party tells."""

    emitted: Any


class NoopResult(Result):
    """What the task returns."""

    emitted: Any = Field(description="The config's `emit`.")


@TaskDispatcher.register(
    "noop",
    version=1,
    summary="Nothing, for a while.",
    group="Understand",
    config=NoopConfig,
    report=NoopReport,
    result=NoopResult,
    learns=[],
    parties=(1, 5),
    link=False,
    example={"task_type": "noop", "sleep_ms": 10, "emit": {"score": 1}},
)
def run(parties: Parties, config: NoopConfig) -> NoopReport:
    """Wait, fail or succeed, as told."""
    _note(config, "begun")
    time.sleep(config.sleep_ms / 1000)
    if config.fail_code is not None and _is_to_fail(config):
        raise ERRORS_BY_CODE[config.fail_code]("this task fails because it was told to")
    _note(config, "done")
    return NoopReport(emitted=config.emit)


@run.combine
def combine(config: NoopConfig, reports: Mapping[str, NoopReport]) -> NoopResult:
    """Return what every party has emitted alike."""
    return NoopResult(emitted=next(iter(reports.values())).emitted)


def _note(config: NoopConfig, word: str) -> None:
    if config.tally is not None:
        # One write of a short line to a file that is only appended to is never torn.
        with Path(config.tally).open("a", encoding="utf-8") as file:
            file.write(f"{config.mark} {word}\n")


def _is_to_fail(config: NoopConfig) -> bool:
    if config.fail_first is None or config.tally is None:
        return True
    lines = Path(config.tally).read_text(encoding="utf-8").splitlines()
    return lines.count(f"{config.mark} begun") <= config.fail_first
