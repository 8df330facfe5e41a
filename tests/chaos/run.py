"""One run of chaos: chains on their way, services dying, and the judgement at the end."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.chains import Writer, make_cases
from tests.chaos.driver import open_driver
from tests.chaos.judge import Verdict, judge, left_behind
from tests.chaos.monkey import Monkey
from tests.chaos.stack import open_stack

_DEEDS_OF_A_WAVE = 6
_END_S = 150
_SETTLE_S = 90
"""More than an orchestrator waits for the end of an attempt that it told to stop."""


@dataclass
class Outcome:
    """What was wrong, and what was counted."""

    faults: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)


def run_chaos(
    folder: Path,
    seed: int,
    *,
    is_postgresql: bool,
    deeds: Sequence[str | None],
    tell: Callable[[str], None] = print,
) -> Outcome:
    """Run chains while `deeds` happen to what runs them; None is one by the seed.

    Twenty chains begin with the first deed, and twenty more after every few.
    """
    random_ = random.Random(seed)
    outcome = Outcome()
    with open_stack(folder, is_postgresql=is_postgresql) as stack:
        writer = Writer(stack.data / "tally", random_)
        with open_driver(stack.webs) as driver:
            monkey = Monkey(stack, random_, driver.tick)
            for number, deed in enumerate(deeds):
                if number % _DEEDS_OF_A_WAVE == 0:
                    wave = number // _DEEDS_OF_A_WAVE
                    driver.add(make_cases(writer, f"s{seed}-{wave}"))
                tell(f"{time.strftime('%H:%M:%S')} {monkey.act(deed)}")
            stack.revive()
            if not _wait(lambda: driver.has_ended, _END_S, monkey.wait):
                outcome.faults += [
                    f"{each.case.name} ({each.chain_id}) has not ended: {each.status}"
                    for each in driver.running
                    if not each.has_ended
                ]
            left: list[str] = []
            if not _wait(lambda: not left_behind(stack), _SETTLE_S, monkey.wait):
                left = left_behind(stack)
            verdict: Verdict = judge(stack, [r for r in driver.running if r.has_ended])
            outcome.faults += verdict.faults + sorted(driver.faults)
            outcome.faults += [f"left: {each}" for each in left]
            outcome.counts, outcome.kills = verdict.counts, monkey.counts
            outcome.answers = driver.answers
        stack.stop()
    return outcome


def _wait(check: Callable[[], bool], timeout_s: float, wait: Callable[[float], None]) -> bool:
    deadline = time.monotonic() + timeout_s
    while not check():
        if time.monotonic() > deadline:
            return False
        wait(0.2)
    return True
