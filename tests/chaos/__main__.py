"""``python -m tests.chaos --minutes 10``: the long run, which reports what was counted."""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.chaos.run import run_chaos

_DEEDS = 30
"""In each run; then all is given time to end, and judged."""
_SHOWN = 40
_KINDS = ("postgresql", "sqlite")
"""Two orchestrators, or one."""


def main() -> int:
    """Run until the time is over; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=None, help="of the first run")
    parser.add_argument("--on", choices=_KINDS, help="by default a seed in three is on SQLite")
    parser.add_argument("--deeds", type=int, default=_DEEDS)
    asked = parser.parse_args()
    until = time.monotonic() + asked.minutes * 60
    seed = random.randrange(10_000) if asked.seed is None else asked.seed
    total: Counter[str] = Counter()
    has_failed, runs = False, 0
    while time.monotonic() < until:
        kind = asked.on or _KINDS[seed % 3 == 0]
        print(f"seed {seed}, {kind}", flush=True)
        folder = Path(tempfile.mkdtemp(prefix="chaos-"))
        outcome = run_chaos(
            folder,
            seed,
            is_postgresql=kind == "postgresql",
            deeds=[None] * asked.deeds,
            tell=lambda line: print(line, flush=True),
        )
        for counted in (outcome.counts, outcome.kills, outcome.answers):
            total.update(counted)
        for fault in outcome.faults[:_SHOWN]:
            print(f"FAULT {fault}", flush=True)
        if outcome.faults:
            has_failed = True
            print(f"kept: {folder}", flush=True)
        else:
            shutil.rmtree(folder)
        seed, runs = seed + 1, runs + 1
    total["runs"] = runs
    for name, count in sorted(total.items()):
        print(f"{count:8} {name}")
    return int(has_failed)


if __name__ == "__main__":
    sys.exit(main())
