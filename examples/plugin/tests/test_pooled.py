"""The plugin's types in real parties, as ``pytest examples/plugin/tests`` runs them.

The package has to be installed beside secretflow-worker: ``pip install -e 'examples/plugin'``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from secretflow_worker.contract.errors import ConfigError, InputError
from secretflow_worker.contract.request import parse_request
from secretflow_worker.engine import Engine, EngineSettings


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    base = tmp_path_factory.getbasetemp()
    engine = Engine(EngineSettings(data_root=base, state_dir=base / "state"))
    engine.start()
    return engine


def run(engine: Engine, folder: Path, task_type: str, **changes: object) -> float:
    config = {
        "task_type": task_type,
        "input_data": {party: str(folder / f"{party}.csv") for party in ("alice", "bob")},
        "column": "age",
        "receiver": "alice",
        **changes,
    }
    request = {
        "task_id": "chain",
        "subtask_id": "node",
        "execution_id": f"{folder.name}-{task_type}",
        "sf_init_config": {"parties": ["alice", "bob"], "address": "local"},
        "task_config": config,
    }
    return float(engine.run(engine.prepare(parse_request(request))).result["figure"])


def test_the_figures_are_those_of_all_rows(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "alice.csv").write_text("age\n10\n20.5\n")
    (tmp_path / "bob.csv").write_text("age\n-3\n40.25\n7\n")
    assert run(engine, tmp_path, "pooled_mean") == pytest.approx(74.75 / 5, abs=1e-4)
    assert run(engine, tmp_path, "pooled_maximum") == pytest.approx(40.25, abs=1e-4)


def test_what_is_refused(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "alice.csv").write_text("age\n10\n")
    (tmp_path / "bob.csv").write_text("age\n2e6\n")
    with pytest.raises(InputError, match="'age' holds numbers beyond"):
        run(engine, tmp_path, "pooled_mean")
    with pytest.raises(ConfigError, match="receiver: 'carol' is no party"):
        run(engine, tmp_path, "pooled_mean", receiver="carol")
