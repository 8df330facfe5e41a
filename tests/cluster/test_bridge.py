"""A task on SecretFlow's devices between two workers that share nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cluster.sites import Sites
from tests.conftest import write_csv

pytestmark = pytest.mark.timeout(300)  # three workers start, on a busy machine slowly


def test_group_statistics(sites: Sites) -> None:
    tables: dict[str, dict[str, Any]] = {
        "alice": {"id": range(6), "city": list("abcabc")},
        "bob": {"id": range(6), "v": [1, 2, 3, 5, 8, 13]},
    }
    for party, columns in tables.items():
        write_csv(sites[party].data / "grouped.csv", columns)
    report = sites["alice"].data / "groups.json"
    outcomes = sites.run(
        lambda party: {
            "task_type": "group_statistics",
            "input_data": {p: str(sites[p].data / "grouped.csv") for p in tables},
            "group_party": "alice",
            "group_by": "city",
            "values": {"bob": ["v"]},
            "min_group_rows": 2,
            "id_columns": ["id"],
            "output_report": str(sites[party].data / report.name),
        }
    )
    assert outcomes["alice"]["result"] == {"output_report": str(report), "groups": 3}
    assert outcomes["bob"]["result"] == {"output_report": None, "groups": None}
    assert not (sites["bob"].data / report.name).exists()
    told = {
        each["group"]: each["columns"]["bob.v"] for each in json.loads(report.read_text())["groups"]
    }
    assert {group: moments["sum"] for group, moments in told.items()} == {"a": 6, "b": 10, "c": 16}
    security = outcomes["alice"]["task_metadata"]["security"]
    assert (security["protocol"], security["mutual_tls"]) == ("CHEETAH", True)
