"""How long a party takes from fork until it is ready to run its task."""

import multiprocessing
import statistics
import time
from pathlib import Path

from benchmarks._data import wide_numbers
from benchmarks._harness import Bench, Figure, percentile
from secretflow_worker.engine import launcher
from secretflow_worker.engine.control import Done, Failed, read_message
from secretflow_worker.engine.spec import DeviceSpec, PartySpec

PARTIES, LIMIT_S = 50, 0.1


def run(bench: Bench) -> list[Figure]:
    table = bench.folder / "fork.csv"
    wide_numbers(table, 1)
    launcher.warm()
    fork_to_ready(bench.folder, table)
    seconds = [fork_to_ready(bench.folder, table) for _ in range(PARTIES)]
    samples = {"ours": seconds}
    return [
        Figure("fork to ready, median", "s", statistics.median(seconds), None, LIMIT_S, samples),
        Figure("fork to ready, p99", "s", percentile(seconds, 0.99)),
    ]


def fork_to_ready(folder: Path, table: Path) -> float:
    """Fork a real party; it is ready when it first speaks: own session, folder and log."""
    work = folder / "fork"
    work.mkdir(exist_ok=True)
    spec = PartySpec(
        party="alice",
        parties=["alice"],
        execution_id="fork",
        attempt=1,
        task_type="standard_scaler",
        task_version=1,
        task_config={
            "input_data": {"alice": str(table)},
            "output_data": {"alice": f"{table}.out.csv"},
        },
        data_root=folder,
        shared_root=folder,
        work_dir=work,
        log_path=work / "log",
        run_root=work,
        log_level="WARNING",
        link=None,
        device=DeviceSpec(protocol="SEMI2K", field="FM128"),
    )
    ours, theirs = multiprocessing.Pipe()
    started = time.perf_counter()
    process = launcher.fork_party(spec, theirs)
    theirs.close()
    message = read_message(ours)
    seconds = time.perf_counter() - started
    while not isinstance(message, Done):
        if isinstance(message, Failed):
            raise RuntimeError(message.error.message)
        message = read_message(ours)
    ours.close()
    process.join()
    return seconds
