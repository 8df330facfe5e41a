"""What 20 ms between two parties does: each task on the default device of cluster mode, CHEETAH.

Two engines, one per party, with mutual TLS, meet directly and then through a relay that adds
10 ms in each direction. A message that a party waits for costs a round trip, so messages count
more than bytes: large batches, few comparisons.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks._data import PARTIES, aligned_features, overlapping_ids
from benchmarks._distance import distant
from benchmarks._harness import Bench, Figure, compare
from secretflow_worker.contract.request import parse_request
from secretflow_worker.contract.result import TaskOutcome
from secretflow_worker.engine import Engine, EngineSettings, StopRequest
from secretflow_worker.engine.certs import create
from secretflow_worker.engine.ports import PortLease

ROUND_TRIP_S = 0.02
ROWS, FEATURES = 2_000, 10


class Pair:
    """Two engines that share nothing but certificates."""

    def __init__(self, folder: Path, resources: ExitStack) -> None:
        self._engines: dict[str, Engine] = {}
        certs = folder / "certs"
        for party in PARTIES:
            create(party, certs)
        for party in PARTIES:
            settings = EngineSettings(
                data_root=folder,
                state_dir=folder / f"state-{party}",
                party=party,
                certs_dir=certs,
                allow_no_policy=True,
            )
            engine = Engine(settings)
            engine.start()
            resources.callback(engine.close)
            self._engines[party] = engine
        self._number = 0

    def run(self, config: dict[str, Any], delay_s: float) -> TaskOutcome:
        """Run one task, each party seeing the other through `delay_s` per direction."""
        self._number += 1
        outcomes: dict[str, TaskOutcome] = {}
        lease = PortLease(2, (20_000, 31_999))
        with ExitStack() as stack:
            stack.callback(lease.release)
            ports = dict(zip(PARTIES, lease.ports, strict=True))
            far = {p: stack.enter_context(distant(ports[p], delay_s)) if delay_s else ports[p]
                   for p in PARTIES}  # fmt: skip

            def one(party: str) -> None:
                ends = {
                    peer: {"address": f"127.0.0.1:{(ports if peer == party else far)[peer]}"}
                    for peer in PARTIES
                }
                request = {
                    "task_id": "bench", "subtask_id": "distance",
                    "execution_id": f"distance-{self._number}",
                    "sf_init_config": {"parties": ends, "self_party": party},
                    "task_config": config,
                }  # fmt: skip
                engine = self._engines[party]
                outcomes[party] = engine.run(
                    engine.prepare(parse_request(request)), attempt=1, stop=StopRequest(),
                    on_progress=lambda progress: None,
                )  # fmt: skip

            with ThreadPoolExecutor(len(PARTIES)) as pool:
                list(pool.map(one, PARTIES))
        return outcomes[PARTIES[0]]


def run(bench: Bench) -> list[Figure]:
    pair = Pair(bench.folder, bench.resources)
    figures = []
    for name, config in tasks(bench.folder).items():
        near = [pair.run(config, 0).performance_metrics]
        away = [pair.run(config, ROUND_TRIP_S / 2).performance_metrics]
        messages = max(away[0].messages_sent.values())
        sent = max(away[0].bytes_sent.values()) / 1e6
        figures.append(
            compare(
                f"{name}: {messages:,} messages, {sent:.1f} MB; with 20 ms beside without",
                "s",
                [run.total_execution_time for run in away],
                [run.total_execution_time for run in near],
            )
        )
    return figures


def tasks(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the tasks, by what the table calls them."""
    ids = overlapping_ids(folder, 10_000)
    tables, features = aligned_features(folder, ROWS, FEATURES)
    model = {party: str(folder / f"distance_{party}") for party in PARTIES}
    training = {
        "train_data": tables, "features": features, "label": "y", "label_party": "alice",
        "model_output": model,
    }  # fmt: skip
    lr = {"task_type": "ss_lr", **training}
    size = f"{ROWS:,} x {FEATURES}"
    return {
        "psi of 10,000": {
            "task_type": "psi", "keys": {party: ["id"] for party in PARTIES}, "input_paths": ids,
            "output_paths": {party: str(folder / f"common_{party}.csv") for party in PARTIES},
            "receiver": "alice",
        },
        f"ss_lr {size}, 3 epochs, batch 256, t1": {
            **lr, "params": {"epochs": 3, "batch_size": 256, "learning_rate": 0.3},
        },
        f"ss_lr {size}, 10 steps of all rows, cubic": {
            **lr,
            "params": {"epochs": 10, "batch_size": ROWS, "learning_rate": 0.5,
                       "sig_type": "cubic"},
        },
        f"ss_xgb {size}, 1 tree of depth 3": {
            "task_type": "ss_xgb", **training,
            "params": {"num_boost_round": 1, "max_depth": 3},
        },
    }  # fmt: skip
