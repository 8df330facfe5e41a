"""Each party's files lie in its own root, a file of no one party in the machine's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from secretflow_worker.contract.errors import PathForbidden
from secretflow_worker.contract.request import parse_request
from secretflow_worker.engine import Engine, EngineSettings
from tests.conftest import make_request, write_csv


def test_parties_with_roots_of_their_own(tmp_path: Path) -> None:
    roots = {party: tmp_path / party for party in ("alice", "bob")}
    engine = Engine(
        EngineSettings(
            data_root=tmp_path / "shared", party_data_roots=roots, state_dir=tmp_path / "state"
        )
    )
    engine.start()
    report = tmp_path / "shared" / "report.json"
    report.parent.mkdir()
    config = {
        "task_type": "table_statistics",
        "input_data": {
            party: write_csv(root / "t.csv", {f"x_{party}": [1, 2, 3]})
            for party, root in roots.items()
        },
        "output_report": str(report),
    }
    engine.run(engine.prepare(parse_request(make_request(config))))
    assert {"x_alice", "x_bob"} <= set(json.loads(report.read_text())["statistics"])

    crossed = config | {"input_data": {"alice": str(roots["bob"] / "t.csv")}}
    with pytest.raises(PathForbidden, match=r"input_data\.alice"):
        engine.prepare(parse_request(make_request(crossed)))
