"""What a worker tells of itself when asked: announcements, tables, logs, fingerprints, models."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from secretflow_worker import __version__
from secretflow_worker.contract.asks import new_ask_id, worker_ask_list
from secretflow_worker.contract.nodes import node_key
from secretflow_worker.worker import start_embedded_redis
from secretflow_worker.worker.announce import worker_id_in
from tests.conftest import write_csv
from tests.policies import open_policy, write_policy
from tests.worker.asking import ask, code_of, node_of, nodes
from tests.worker.harness import Client, Worker

NAME = "shared"


@pytest.fixture
def folder(client: Client) -> Path:
    folder = client.data / uuid.uuid4().hex[:8]
    folder.mkdir()
    return folder


def test_it_announces_what_it_is(client: Client, worker: Worker) -> None:
    node = node_of(client.redis, NAME)
    assert (node.party, node.slots, node.version) == (None, 2, __version__)
    assert node.worker_id.startswith(f"{NAME}-")
    assert "psi@1" in node.task_types
    assert {"spu", "jax"} <= set(node.pins)
    assert node.memory_bytes > 1 << 20
    assert node.policy == ["no policy: what requests name within the data root"]
    assert node.shares == ["tables", "models", "reports", "logs", "fingerprints"]
    ttl = client.redis.ttl(node_key(node.worker_id))
    assert isinstance(ttl, int)
    assert 0 < ttl <= 16


def test_a_worker_keeps_its_id_with_its_state_folder(tmp_path: Path) -> None:
    first = worker_id_in(tmp_path, "w")
    assert worker_id_in(tmp_path, "w") == first
    (tmp_path / "worker.id").write_text("../../etc")
    assert worker_id_in(tmp_path, "w") not in (first, "w-../../etc")
    (tmp_path / "other").mkdir()
    assert worker_id_in(tmp_path / "other", "w") != first


def test_tables_are_told_without_their_values(client: Client, worker: Worker, folder: Path) -> None:
    odd = 'id,"a ""quoted"", name",x,when,flag\n1,"line\nbreak",1.5,2024-01-02,true\n2,,2,,false\n'
    (folder / "a.csv").write_text(odd)
    write_csv(folder / "sub" / "b.csv", {"only": [1, 2, 3]})
    pl.DataFrame({"n": [1, 2], "t": ["x", "y"]}).write_parquet(folder / "c.parquet")
    (folder / "bare.csv").write_text("17.25,abc\n18.5,def\n")
    (folder / "torn.csv").write_bytes(b"\xff\xfe\x00,\n")
    (folder / ".hidden.csv").write_text("a\n1\n")
    (folder / "notes.txt").write_text("a\n1\n")
    (folder / "bad name.csv").write_text("a\n1\n")
    answer = ask(client.redis, "files", "alice", NAME, prefix=f"{folder}/")
    assert answer.files is not None
    found = {Path(table.path).name: table for table in answer.files.tables}
    assert set(found) == {"a.csv", "b.csv", "c.parquet", "bare.csv", "torn.csv"}
    assert [(c.name, c.kind) for c in found["a.csv"].columns or []] == [
        ("id", "integer"), ('a "quoted", name', "text"), ("x", "number"), ("when", "date"),
        ("flag", "boolean"),
    ]  # fmt: skip
    assert [found[name].rows for name in ("a.csv", "b.csv", "c.parquet")] == [2, 3, 2]
    assert [(c.name, c.kind) for c in found["c.parquet"].columns or []] == [
        ("n", "integer"), ("t", "text"),
    ]  # fmt: skip
    assert found["bare.csv"].columns is None, "its first line is a row"
    assert "17.25" not in answer.model_dump_json()
    assert found["torn.csv"].columns is None
    assert found["a.csv"].size_bytes == len(odd)
    few = ask(client.redis, "files", "alice", NAME, prefix=f"{folder}/", limit=1).files
    assert few is not None
    assert (len(few.tables), few.is_cut) == (1, True)


def test_no_path_leads_out_of_the_data_root(
    client: Client, worker: Worker, folder: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.csv"
    write_csv(outside, {"secret_column": [1]})
    (folder / "link.csv").symlink_to(outside)
    (folder / "way").symlink_to(tmp_path)
    (folder / "here.csv").write_text("a\n1\n")
    (folder / "alias.csv").symlink_to(folder / "here.csv")
    answer = ask(client.redis, "files", "alice", NAME, prefix=f"{folder}/")
    assert answer.files is not None
    assert [Path(t.path).name for t in answer.files.tables] == ["alias.csv", "here.csv"]
    hostile = [
        f"{folder}/../../outside.csv", f"{folder}/link.csv", f"{folder}/way/outside.csv",
        str(outside), "/etc/passwd", f"{worker.folder}/state/fingerprint.key", "/",
    ]  # fmt: skip
    for path in hostile:
        told = ask(client.redis, "fingerprints", "alice", NAME, paths=[path])
        assert code_of(told) == "PATH_FORBIDDEN", path
        assert code_of(ask(client.redis, "model", "alice", NAME, path=path)) == "PATH_FORBIDDEN"
    for prefix in (f"{folder}/../", "/etc/", f"{tmp_path}/"):
        told = ask(client.redis, "files", "alice", NAME, prefix=prefix)
        assert code_of(told) == "PATH_FORBIDDEN", prefix
        assert "secret_column" not in told.model_dump_json()


def test_logs_of_one_execution_and_no_other(client: Client, worker: Worker) -> None:
    first, second = client.quick(), client.quick()
    second["execution_id"] = first["execution_id"] + ".1"
    for request in (first, second):
        client.send(request).get(timeout=60)
    answer = ask(
        client.redis, "logs", "alice", NAME, execution_id=first["execution_id"], level="DEBUG"
    )
    assert answer.logs is not None
    messages = [line.message for line in answer.logs.lines]
    assert messages[0] == "received"
    assert any(message.startswith("succeeded in") for message in messages)
    assert sum(message == "received" for message in messages) == 1
    assert all(line.at.endswith("Z") for line in answer.logs.lines)
    other = ask(client.redis, "logs", "alice", NAME, execution_id="nobody-ran-this")
    assert other.logs is not None
    assert other.logs.lines == []
    errors = ask(
        client.redis, "logs", "alice", NAME, execution_id=first["execution_id"], level="ERROR"
    )
    assert errors.logs is not None
    assert errors.logs.lines == []


def test_fingerprints_tell_a_change_and_no_likeness(
    client: Client, worker: Worker, folder: Path
) -> None:
    one, two = write_csv(folder / "1.csv", {"x": [1]}), write_csv(folder / "2.csv", {"x": [1]})
    gone = str(folder / "gone.csv")

    def prints() -> dict[str, str | None]:
        told = ask(client.redis, "fingerprints", "alice", NAME, paths=[one, two, gone])
        assert told.fingerprints is not None, told
        return told.fingerprints.prints

    first = prints()
    assert prints() == first
    assert first[gone] is None
    assert first[one] != first[two], "it would tell that two files are alike"
    bob = ask(client.redis, "fingerprints", "bob", NAME, paths=[one]).fingerprints
    assert bob is not None
    assert bob.prints[one] != first[one]
    write_csv(folder / "1.csv", {"x": [2]})
    assert prints()[one] != first[one]
    write_csv(folder / "1.csv", {"x": [1]})
    assert prints()[one] == first[one], "by content, not by time"
    key = worker.folder / "state" / "fingerprint.key"
    assert key.stat().st_mode & 0o777 == 0o600


def test_what_a_model_and_a_rules_file_are(client: Client, worker: Worker, folder: Path) -> None:
    request = client.quick()
    config = {**request["task_config"], "rules_output": {"alice": str(folder / "rules.json")}}
    client.send(client.request(config)).get(timeout=60)
    rules = ask(client.redis, "model", "alice", NAME, path=str(folder / "rules.json")).model
    assert rules is not None
    assert (rules.kind, rules.task_type) == ("rules", "standard_scaler")
    assert rules.features == {"alice": ["x_alice"]}
    saved = json.loads((folder / "rules.json").read_text())
    assert rules.digest == saved["sha256"]
    assert "center" not in rules.model_dump_json()
    write_csv(folder / "no.csv", {"x": [1]})
    told = ask(client.redis, "model", "alice", NAME, path=str(folder / "no.csv"))
    assert code_of(told) == "INPUT_INVALID"
    told = ask(client.redis, "model", "alice", NAME, path=str(folder / "none"))
    assert code_of(told) == "INPUT_NOT_FOUND"


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "shell"},
        {"kind": "files", "limit": 10**9},
        {"kind": "files", "more": 1},
        {"kind": "logs", "execution_id": "../../etc"},
        {"kind": "fingerprints", "paths": []},
        {"kind": "fingerprints", "paths": ["/a b"]},
        {"kind": "fingerprints", "paths": ["/x"] * 2001},
    ],
    ids=lambda fields: json.dumps(fields)[:40],
)
def test_a_wrong_ask_is_answered_by_an_error(
    client: Client, worker: Worker, fields: dict[str, Any]
) -> None:
    assert code_of(ask(client.redis, party="alice", worker=NAME, **fields)) == "CONFIG_INVALID"


def test_what_is_no_ask_is_passed_over(client: Client, worker: Worker) -> None:
    place = worker_ask_list(node_of(client.redis, NAME).worker_id)
    client.redis.rpush(place, "", "[]", "null", '{"ask_id": "../x"}', "[" * 100_000, b"\xff\xfe")
    huge = {"ask_id": new_ask_id(), "party": "alice", "kind": "files", "x": "y" * (2 << 20)}
    client.redis.rpush(place, json.dumps(huge))
    assert ask(client.redis, "files", "alice", NAME, prefix=f"{client.data}/none").files
    assert client.redis.exists(f"sfw:answer:{huge['ask_id']}") == 0


@dataclass(frozen=True)
class House:
    """Carol's: her worker has a Redis of its own, and takes only what is sent there."""

    client: Client
    policy: Path


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Carol's house, with a policy that shares what her operator writes into the file."""
    folder = tmp_path_factory.mktemp("house")
    data = folder / "data"
    redis = start_embedded_redis(folder)
    client = Client(redis.url, data)
    write_csv(data / "open.csv", {"uid": [1, 2], "income": [3, 4], "hidden": [5, 6]})
    write_csv(data / "closed" / "other.csv", {"x": [1]})
    policy = write_policy(folder / "carol.toml", open_policy(data, {}))
    worker = Worker(
        client.url, folder / "carols", data_root=data, party="carol", policy_file=policy
    )
    worker.started()
    yield House(client, policy)
    assert worker.terminate() == 0, worker.log()
    assert nodes(client.redis) == {}, "a worker that has ended is no longer there"
    worker.close()
    client.redis.close()
    client.app.close()
    redis.stop()


def test_a_party_tells_what_its_policy_shares(house: House) -> None:
    client, policy = house.client, house.policy
    data = policy.parent / "data"
    asks: dict[str, dict[str, Any]] = {
        "files": {},
        "logs": {"execution_id": "any"},
        "model": {"path": f"{data}/model"},
    }
    for kind, fields in asks.items():
        told = ask(client.redis, kind, "carol", **fields)
        assert code_of(told) == "POLICY_REFUSED"
        assert told.error is not None
        assert "carol does not share" in told.error.message
    open_csv = str(data / "open.csv")
    told = ask(client.redis, "fingerprints", "carol", paths=[open_csv])
    assert told.fingerprints is not None, "these are shared unless the policy says otherwise"

    narrow = open_policy(data, {})
    narrow["folders"] = {"read": [str(data)], "write": []}
    narrow["tables"] = [
        {"path": f"{data}/*.csv", "columns": {"uid": "key", "hidden": [], "*": "mpc"}}
    ]
    narrow["limits"] = {"min_rows": 3}
    narrow["share"] = {"tables": [f"{data}/open*"], "logs": True, "fingerprints": False}
    write_policy(policy, narrow)
    files = ask(client.redis, "files", "carol").files
    assert files is not None
    assert [table.path for table in files.tables] == [open_csv]
    assert [column.name for column in files.tables[0].columns or []] == ["uid", "income"]
    assert files.tables[0].rows is None, "fewer than min_rows"
    assert ask(client.redis, "logs", "carol", execution_id="any").logs is not None
    told = ask(client.redis, "fingerprints", "carol", paths=[open_csv])
    assert code_of(told) == "POLICY_REFUSED"

    policy.write_text("version = 1\nshare = 3\n")
    told = ask(client.redis, "files", "carol")
    assert code_of(told) == "POLICY_REFUSED"
    assert "faulty" in (told.error.message if told.error else "")
    write_policy(policy, open_policy(data, {}))


def test_a_worker_answers_for_its_own_party_alone(house: House) -> None:
    client = house.client
    told = ask(client.redis, "files", "alice", worker="carols")
    assert code_of(told) == "CONFIG_INVALID"
    node = node_of(client.redis, "carols")
    assert node.party == "carol"
    assert node.shares == ["fingerprints"]
    assert node.policy is not None
    assert node.policy[0] == "task types: *"
    assert str(house.policy.parent) not in node.model_dump_json(), "no folder is told"


def prints_of(client: Client, execution_id: str) -> dict[str, Any]:
    last = client.events(execution_id)[-1]
    assert last["status"] == "SUCCESS"
    found: dict[str, Any] = last["data"]["fingerprints"]
    return found


def test_a_success_tells_the_fingerprints_of_its_files(client: Client, worker: Worker) -> None:
    request = client.quick()
    client.send(request).get(timeout=60)
    config = request["task_config"]
    told = prints_of(client, request["execution_id"])
    assert set(told) == {"alice", "bob"}
    for party, files in told.items():
        assert set(files["inputs"]) == {config["input_data"][party]}
        assert set(files["outputs"]) == {config["output_data"][party]}
        paths = [*files["inputs"], *files["outputs"]]
        now = ask(client.redis, "fingerprints", party, NAME, paths=paths).fingerprints
        assert now is not None
        assert now.prints == {**files["inputs"], **files["outputs"]}
        assert all(now.prints.values())


def test_an_input_that_its_output_replaces_has_none(client: Client, worker: Worker) -> None:
    request = client.quick()
    request["task_config"]["output_data"] = paths = request["task_config"]["input_data"]
    client.send(request).get(timeout=60)
    told = prints_of(client, request["execution_id"])["alice"]
    assert told["inputs"] == {paths["alice"]: None}
    assert told["outputs"][paths["alice"]] is not None


def test_a_party_may_keep_its_fingerprints(house: House) -> None:
    client, policy = house.client, house.policy
    data = policy.parent / "data"
    document = {**open_policy(data, {}), "share": {"fingerprints": False}}
    write_policy(policy, document)
    config = {
        "task_type": "table_statistics",
        "input_data": {"carol": str(data / "open.csv")},
        "columns": ["income"],
        "output_report": str(data / "report.json"),
    }
    address = {"carol": {"address": "127.0.0.1:20001"}}
    cluster = {"parties": address, "self_party": "carol"}
    request = client.request(config, sf_init_config=cluster)
    client.send(request, queue="secretflow_queue.carol").get(timeout=60)
    assert "fingerprints" not in client.events(request["execution_id"])[-1]["data"]
    write_policy(policy, open_policy(data, {}))


def test_names_made_of_values_are_kept(client: Client, worker: Worker, folder: Path) -> None:
    raw = write_csv(folder / "raw.csv", {"id": [1, 2, 3], "city": ["Xanadu", "Ys", "Xanadu"]})
    wide, scaled = str(folder / "wide.csv"), str(folder / "scaled.csv")
    encode = {
        "task_type": "onehot_encoder",
        "input_data": {"alice": raw},
        "output_data": {"alice": wide},
        "columns": ["city"],
    }
    scale = {
        "task_type": "standard_scaler",
        "input_data": {"alice": wide},
        "output_data": {"alice": scaled},
        "columns": ["id"],
    }
    alone = {"parties": ["alice"], "address": "local"}
    rules = str(folder / "rules.json")
    scale["rules_output"] = {"alice": rules}
    for config in (encode, scale):
        client.send(client.request(config, sf_init_config=alone)).get(timeout=60)
    answer = ask(client.redis, "files", "alice", NAME, prefix=f"{folder}/").files
    assert answer is not None
    columns = {Path(table.path).name: table.columns for table in answer.tables}
    assert (columns["wide.csv"], columns["scaled.csv"]) == (None, None)
    assert columns["raw.csv"] is not None
    assert "Xanadu" not in answer.model_dump_json()
    saved = ask(client.redis, "model", "alice", NAME, path=rules).model
    assert saved is not None
    assert saved.features == {}, "it was fitted on such a table"


def test_a_report_is_told_as_its_policy_shares_it(
    client: Client, worker: Worker, folder: Path
) -> None:
    (folder / "in.csv").write_text("secret\n17.25\n")
    report = {"task_type": "psi", "task_version": 1, "charts": [], "figure": 17.25}
    (folder / "report.json").write_text(json.dumps(report))
    told = ask(client.redis, "report", "alice", NAME, path=str(folder / "report.json"))
    assert told.report is not None
    assert told.report.document["task_type"] == "psi"
    assert "17.25" not in told.model_dump_json()
    wrong = ask(client.redis, "report", "alice", NAME, path=str(folder / "in.csv"))
    assert code_of(wrong) == "INPUT_INVALID"
    assert "17.25" not in wrong.model_dump_json()
    outside = ask(client.redis, "report", "alice", NAME, path="/etc/passwd")
    assert code_of(outside) == "PATH_FORBIDDEN"
