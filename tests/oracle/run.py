"""SecretFlow's own training of the same rows, two processes, each a cold start of seconds."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._plain import ROOT, free_ports
from tests.tasks.vertical_data import Numbers, Split, paths


def run_oracle(script: str, folder: Path, split: Split, params: Mapping[str, Any]) -> Numbers:
    """Run ``tests.oracle.<script>`` at both parties; return its predictions of the test rows."""
    work = {
        "train": paths(folder, "train.csv"),
        "test": paths(folder, "test.csv"),
        "features": {party: split.features_of(party) for party in split.parties},
        "params": dict(params),
        "predictions": str(folder / "oracle.npy"),
    }
    ports = [str(port) for port in free_ports(4)]
    running = []
    for party in split.parties:
        own = folder / f"oracle-{party}"
        own.mkdir()
        command = [sys.executable, "-m", f"tests.oracle.{script}", "--party", party]
        command += ["--ports", *ports, "--work", json.dumps(work)]
        with (own / "log").open("wb") as log:
            running.append(
                subprocess.Popen(
                    command, cwd=own, stdout=log, stderr=subprocess.STDOUT,
                    env={"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}", "TMPDIR": str(own)},
                )
            )  # fmt: skip
    try:
        codes = [process.wait(timeout=100) for process in running]
    finally:
        for process in running:
            process.kill()
            process.wait()
    logs = [(folder / f"oracle-{party}" / "log").read_text()[-2000:] for party in split.parties]
    assert codes == [0, 0], "\n".join(logs)
    predictions: Numbers = np.load(folder / "oracle.npy").ravel()
    return predictions
