"""Where a party listens and where it reaches its peers, as its own worker's message says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from secretflow_worker.contract.request import parse_request
from secretflow_worker.engine.plan import prepare
from secretflow_worker.engine.settings import EngineSettings

ENDS = {
    "alice": {"address": "alice.example:7700", "listen_addr": "0.0.0.0:7700"},
    "bob": {"address": "192.168.1.100:7800", "listen_addr": "0.0.0.0:7800"},
}


def addresses(
    tmp_path: Path, ends: dict[str, dict[str, str]], nodes: list[dict[str, str]] | None
) -> list[str]:
    """Return what alice's worker makes of a message: its own address, then bob's."""
    (tmp_path / "a.csv").write_text("uid\n1\n")
    request: dict[str, Any] = {
        "task_id": "c",
        "subtask_id": "n",
        "execution_id": "e",
        "sf_init_config": {"parties": ends, "self_party": "alice"},
        "task_config": {
            "task_type": "psi",
            "keys": {"alice": ["uid"], "bob": ["uid"]},
            "input_paths": {"alice": str(tmp_path / "a.csv"), "bob": "/elsewhere/b.csv"},
            "output_paths": {"alice": str(tmp_path / "c.csv"), "bob": "/elsewhere/c.csv"},
            "receiver": "alice",
        },
    }
    if nodes is not None:
        runtime = {"protocol": "CHEETAH", "field": "FM64"}
        request["spu_config"] = {"cluster_def": {"nodes": nodes, "runtime_config": runtime}}
    settings = EngineSettings(
        data_root=tmp_path, state_dir=tmp_path, allow_plaintext=True, allow_no_policy=True
    )
    link = prepare(parse_request(request), settings).link
    assert link is not None
    return link.addresses


def test_without_nodes_the_parties_meet_at_their_own_addresses(tmp_path: Path) -> None:
    assert addresses(tmp_path, ENDS, None) == ["0.0.0.0:7700", "192.168.1.100:7800"]


@pytest.mark.parametrize(
    ("own_node", "listens"),
    [
        # As the documented messages have it: one's own node by loopback, the peer's by its host.
        ({"address": "127.0.0.1:12345"}, "0.0.0.0:12345"),
        ({"address": "alice.example:12345"}, "0.0.0.0:12345"),
        ({"address": "127.0.0.1:12345", "listen_address": "10.0.0.5:4000"}, "10.0.0.5:4000"),
    ],
)
def test_an_own_node_listens_where_the_party_says_that_it_listens(
    tmp_path: Path, own_node: dict[str, str], listens: str
) -> None:
    nodes = [
        {"party": "alice", **own_node},
        {"party": "bob", "address": "192.168.1.100:12346", "listen_address": "0.0.0.0:9"},
    ]
    assert addresses(tmp_path, ENDS, nodes) == [listens, "192.168.1.100:12346"]


def test_without_any_listen_address_a_node_listens_on_its_own(tmp_path: Path) -> None:
    ends = {party: {"address": end["address"]} for party, end in ENDS.items()}
    nodes = [
        {"party": "alice", "address": "127.0.0.1:12345"},
        {"party": "bob", "address": "192.168.1.100:12346"},
    ]
    assert addresses(tmp_path, ends, nodes) == ["127.0.0.1:12345", "192.168.1.100:12346"]
