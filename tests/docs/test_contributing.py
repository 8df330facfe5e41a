"""The task type that CONTRIBUTING.md writes out is taken from there, and run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

from tests.conftest import write_csv

CONTRIBUTING = Path(__file__).parents[2] / "CONTRIBUTING.md"
RUN = """
import json, sys
from pathlib import Path
from secretflow_worker.contract.request import parse_request
from secretflow_worker.engine import Engine, EngineSettings

folder = Path(sys.argv[1])
engine = Engine(EngineSettings(data_root=folder, state_dir=folder / "state"))
engine.start()
request = {
    "task_id": "t", "subtask_id": "s", "execution_id": "e",
    "sf_init_config": {"parties": ["alice", "bob"], "address": "local"},
    "task_config": {
        "task_type": "row_count", "receiver": "bob",
        "input_data": {party: str(folder / f"{party}.csv") for party in ("alice", "bob")},
        "output_report": str(folder / "report.json"),
    },
}
print(json.dumps(engine.run(engine.prepare(parse_request(request))).result))
"""


def test_the_type_written_out_works(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", CONTRIBUTING.read_text(encoding="utf-8"), re.S)
    (code,) = [block for block in blocks if "@TaskDispatcher.register" in block]
    info = tmp_path / "site" / "row_count-1.dist-info"
    info.mkdir(parents=True)
    info.joinpath("METADATA").write_text("Metadata-Version: 2.1\nName: row-count\nVersion: 1\n")
    info.joinpath("entry_points.txt").write_text("[secretflow_worker.tasks]\nrow = row_count\n")
    (tmp_path / "site" / "row_count.py").write_text(textwrap.dedent(code), encoding="utf-8")
    write_csv(tmp_path / "alice.csv", {"x": [1, 2, 3]})
    write_csv(tmp_path / "bob.csv", {"x": [4, 5]})

    done = subprocess.run(
        [sys.executable, "-c", RUN, str(tmp_path)],
        capture_output=True, text=True, check=False, timeout=100,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    report = tmp_path / "report.json"
    assert json.loads(done.stdout) == {"rows": 5, "output_report": str(report)}
    assert json.loads(report.read_text())["charts"][0]["id"] == "rows"
