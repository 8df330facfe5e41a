"""Compiled programs of earlier runs: found again, right, and the same at every party."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from secretflow_worker.contract.request import parse_request
from secretflow_worker.contract.result import TaskOutcome
from secretflow_worker.engine import Engine
from tests.conftest import make_request
from tests.engine.conftest import Cluster
from tests.engine.test_cluster import SEMI2K, TWO, Addresses

ROWS = 60
SIGMOID_STEPS = {"epochs": 2, "batch_size": 20, "learning_rate": 0.1}
TYPES: dict[str, dict[str, Any]] = {
    "vif": {},
    "pearson_correlation": {},
    "woe_iv": {"label": "y", "label_party": "alice", "bin_num": 3},
    "ss_lr": {"params": SIGMOID_STEPS},
    "ss_glm": {"params": {"solver": "irls", "epochs": 2, "l2_lambda": 0.1}},
    "ss_xgb": {"params": {"num_boost_round": 1, "max_depth": 2, "sketch_eps": 0.3}},
    "ss_kmeans": {"params": {"n_clusters": 2, "max_iter": 2, "n_init": 2}},
}
_STATISTICS = ("vif", "pearson_correlation")


def write_tables(folder_of: Callable[[str], Path], parties: Sequence[str] = TWO) -> dict[str, str]:
    random = np.random.default_rng(5)
    x = random.normal(size=(ROWS, 2 * len(parties)))
    written = {}
    for rank, party in enumerate(parties):
        table = pd.DataFrame(x[:, 2 * rank : 2 * rank + 2], columns=[f"{party}0", f"{party}1"])
        if rank == 0:
            table["y"] = (x.sum(axis=1) > 0).astype(int)
        path = folder_of(party) / "t.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        table.to_csv(path, index=False)
        written[party] = str(path)
    return written


def config_of(task_type: str, tables: Mapping[str, str]) -> dict[str, Any]:
    config: dict[str, Any] = {"task_type": task_type, **TYPES[task_type]}
    features = [f"{party}{index}" for party in tables for index in range(2)]
    reports = {party: str(Path(path).parent / "report.json") for party, path in tables.items()}
    if task_type == "woe_iv":
        return config | {
            "input_data": dict(tables), "features": features, "output_report": reports
        }  # fmt: skip
    if task_type in _STATISTICS:
        return config | {"input_data": dict(tables), "output_report": reports["alice"]}
    config |= {"train_data": dict(tables), "features": features}
    config["model_output"] = {p: str(Path(path).parent / "model") for p, path in tables.items()}
    if task_type != "ss_kmeans":
        config |= {"label": "y", "label_party": "alice"}
    return config


class Runs:
    """Runs of an engine that keeps programs in a folder of the test's own."""

    def __init__(self, engine: Engine, folder: Path, **settings: Any) -> None:
        self.programs = folder / "programs"
        told = {"programs_dir": self.programs, "log_level": "DEBUG", **settings}
        self._engine = Engine(engine.settings.model_copy(update=told))

    def run(self, config: Mapping[str, Any], parties: Sequence[str] = TWO) -> TaskOutcome:
        request = make_request(config, parties)
        outcome = self._engine.run(self._engine.prepare(parse_request(request)))
        folder = self._engine.settings.logs_dir / f"{request['execution_id']}.1"
        log = "".join(path.read_text() for path in folder.glob("*.log"))
        self.compiled = re.findall(r"(\w+): compiled in", log)
        self.not_kept = re.findall(r"(\w+) is compiled and not kept", log)
        return outcome

    def files(self) -> dict[str, bytes]:
        return files_of(self.programs)


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.program")}


def assert_near(one: Any, other: Any) -> None:
    """Compare two results to what rounding on shares leaves open."""
    if isinstance(one, float):
        assert math.isclose(one, other, rel_tol=2e-3, abs_tol=2e-3)
    elif isinstance(one, dict):
        assert one.keys() == other.keys()
        for name in one:
            assert_near(one[name], other[name])
    elif isinstance(one, list):
        for left, right in zip(one, other, strict=True):
            assert_near(left, right)
    else:
        assert one == other


@pytest.mark.parametrize("task_type", list(TYPES))
def test_a_second_run_compiles_nothing_and_comes_to_the_same(
    engine: Engine, tmp_path: Path, task_type: str
) -> None:
    config = config_of(task_type, write_tables(lambda party: tmp_path / party))
    runs = Runs(engine, tmp_path)

    first = runs.run(config)
    assert runs.not_kept == []
    assert len(runs.compiled) >= len(runs.files()) > 0

    second = runs.run(config)
    assert runs.compiled == []
    without = Runs(engine, tmp_path / "without", programs_limit_bytes=0)
    anew = without.run(config)
    assert without.compiled
    assert not without.programs.exists()
    assert_near(second.result, first.result)
    assert_near(second.result, anew.result)


def test_what_is_damaged_is_compiled_anew_byte_for_byte(engine: Engine, tmp_path: Path) -> None:
    config = config_of("vif", write_tables(lambda party: tmp_path / party))
    runs = Runs(engine, tmp_path)
    first = runs.run(config)
    whole = runs.files()
    for number, (name, content) in enumerate(sorted(whole.items())):
        damaged = content[: number * 40] if number % 2 else content.replace(b"add", b"sub")
        (runs.programs / name).write_bytes(damaged)

    second = runs.run(config)

    assert_near(second.result, first.result)
    assert runs.files() == whole


def test_other_parties_do_not_find_the_programs(engine: Engine, tmp_path: Path) -> None:
    # How soon it runs would tell them what was computed with others.
    runs = Runs(engine, tmp_path)
    runs.run(config_of("vif", write_tables(lambda party: tmp_path / party)))
    others = ("alice", "carol")
    runs.run(config_of("vif", write_tables(lambda party: tmp_path / party, others)), others)
    assert runs.compiled


def test_each_worker_comes_to_the_same_programs_by_itself(
    cluster: Cluster, addresses: Addresses, tmp_path: Path
) -> None:
    """Two workers, two launchers, two folders; then one of them starts afresh."""
    tables = write_tables(lambda party: cluster.data_of(party) / tmp_path.name)
    kept = {party: tmp_path / party / "programs" for party in TWO}
    settings = {party: {"programs_dir": kept[party], "allow_semi2k_dealer": True} for party in TWO}

    def run() -> list[Any]:
        def config(party: str) -> dict[str, Any]:
            report = str(Path(tables[party]).with_name("report.json"))
            return config_of("vif", tables) | {"output_report": report}

        runs = cluster.start(config, addresses(*TWO), SEMI2K, settings=settings)
        return [run.outcome().result["vif_values"] for run in runs.values()]

    first = run()
    programs = files_of(kept["alice"])
    assert programs
    assert files_of(kept["bob"]) == programs
    for path in kept["bob"].iterdir():
        path.unlink()
    assert_near(run(), first)
    assert files_of(kept["bob"]) == files_of(kept["alice"]) == programs
