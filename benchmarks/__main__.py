"""``python -m benchmarks [NAME ...]``: run benchmarks, print ratios, write JSON.

``BENCH_REPEATS`` sets how often each side runs (default 5; the long ones take fewer). Exits
with 1 when a figure is above its limit.
"""

import importlib
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks._harness import Bench, Figure, save, show

NAMES = (
    "psi",
    "ss_lr",
    "ss_glm",
    "ss_xgb",
    "sgb",
    "ss_kmeans",
    "woe_iv",
    "statistics",
    "distance",
    "overhead",
    "fork",
    "queue",
    "orchestrator",
    "api",
    "page",
    "scaling",
    "streaming",
    "psi_million",
)
LONG = ("soak",)
"""Only run where they are named."""
RESULTS = Path(__file__).parent / "results"


def main() -> int:
    names = tuple(sys.argv[1:]) or NAMES
    unknown = set(names) - {*NAMES, *LONG}
    if unknown:
        print(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES + LONG)}")
        return 2
    figures: list[Figure] = []
    results = RESULTS / f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}.json"
    with ExitStack() as resources:
        folder = resources.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))
        bench = Bench(Path(folder), int(os.environ.get("BENCH_REPEATS", "5")), resources)
        for name in names:
            found = importlib.import_module(f"benchmarks.{name}").run(bench)
            show(name, found)
            figures += found
            save(results, figures)
    print(f"every sample is in {results}")
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
