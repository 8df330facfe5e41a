"""Alice's and bob's folders on one machine, and a policy of each that a test changes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from secretflow_worker.contract.request import parse_request
from secretflow_worker.contract.result import TaskOutcome
from secretflow_worker.engine import Engine, EngineSettings
from secretflow_worker.engine.policy import PolicyRefusal
from tests.conftest import make_request, write_csv
from tests.policies import open_policy, write_policy

TWO = ("alice", "bob")


class House:
    """Of a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.roots = {party: folder / "data" / party for party in TWO}
        self.policies = {party: folder / f"{party}.toml" for party in TWO}
        for party, root in self.roots.items():
            columns = {"uid": range(6), f"x_{party}": [1, 2, 3, 4, 5, 9], "y": [0, 1, 0, 1, 1, 0]}
            write_csv(root / "people.csv", columns)
            self.say(party)
        self.engine = Engine(
            EngineSettings(
                data_root=folder / "data",
                party_data_roots=self.roots,
                state_dir=folder / "state",
                party_policies=self.policies,
            )
        )

    def say(self, party: str, /, **changes: Any) -> None:
        """Write a party's policy: everything below its root, with changes."""
        document = open_policy(self.roots[party], {"*": None})
        document["folders"]["write"].append(str(self.folder / "data" / "reports"))
        write_policy(self.policies[party], {**document, **changes})

    def paths(self, name: str) -> dict[str, str]:
        return {party: str(root / name) for party, root in self.roots.items()}

    def psi(self, **changes: Any) -> dict[str, Any]:
        return {
            "task_type": "psi",
            "keys": {party: ["uid"] for party in TWO},
            "input_paths": self.paths("people.csv"),
            "output_paths": self.paths("common.csv"),
            **changes,
        }

    def scaler(self, **changes: Any) -> dict[str, Any]:
        return {
            "task_type": "standard_scaler",
            "input_data": self.paths("people.csv"),
            "output_data": self.paths("scaled.csv"),
            "columns": ["x_alice", "x_bob"],
            **changes,
        }

    def training(self, **changes: Any) -> dict[str, Any]:
        return {
            "task_type": "ss_lr",
            "train_data": self.paths("people.csv"),
            "features": ["x_alice", "x_bob"],
            "label": "y",
            "label_party": "alice",
            "id_columns": ["uid"],
            "model_output": self.paths("model"),
            **changes,
        }

    def predicting(self) -> dict[str, Any]:
        return self.training(
            test_data=self.paths("people.csv"), prediction_output=self.paths("out.csv"),
        )  # fmt: skip

    def statistics(self, **changes: Any) -> dict[str, Any]:
        report = str(self.folder / "data" / "reports" / "r.json")
        config = {"task_type": "table_statistics", "input_data": self.paths("people.csv")}
        return {**config, "output_report": report, **changes}

    def prepare(self, config: Mapping[str, Any]) -> None:
        self.engine.prepare(parse_request(make_request(config)))

    def run(self, config: Mapping[str, Any]) -> TaskOutcome:
        return self.engine.run(self.engine.prepare(parse_request(make_request(config))))

    def refusal(self, config: Mapping[str, Any]) -> PolicyRefusal:
        with pytest.raises(PolicyRefusal) as refused:
            self.prepare(config)
        return refused.value
