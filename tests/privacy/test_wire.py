"""What passes between two parties without TLS, byte by byte: no value, no key, no hash of a key."""

from __future__ import annotations

import base64
import hashlib
import shutil
import struct
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from secretflow_worker.contract.request import parse_request
from secretflow_worker.contract.result import TaskOutcome
from secretflow_worker.engine import Engine, EngineSettings
from secretflow_worker.engine import engine as engine_module
from secretflow_worker.engine.ports import PortLease
from secretflow_worker.engine.workdir import roll_back
from secretflow_worker.tasks.ml._vertical import digest_of
from tests.privacy.canaries import Canaries, Haystack, in_memory
from tests.privacy.needles import Needles
from tests.privacy.relay import Relay
from tests.tasks.vertical_data import paths

PARTIES = ("alice", "bob")
ROWS = 40
SEMI2K = {"protocol": "SEMI2K", "field": "FM128"}
CHEETAH = {"protocol": "CHEETAH", "field": "FM64"}
LR = {"epochs": 1, "learning_rate": 1e-6, "batch_size": 16}
XGB = {"num_boost_round": 1, "max_depth": 2, "sketch_eps": 0.25}
_FRAME = struct.Struct("<4sBIQ")
_CHUNK = 3


@dataclass
class Wire:
    """Two engines in cluster mode whose only ways to each other are recorded."""

    folder: Path
    engines: dict[str, Engine]
    canaries: Canaries
    tables: dict[str, dict[str, list[Any]]]
    logs: dict[str, bytes] = field(default_factory=dict)
    """Every log that a run left behind, also in the folder that it removed."""

    def run(
        self, config: Mapping[str, Any], spu: Mapping[str, str] = SEMI2K
    ) -> tuple[dict[str, TaskOutcome], bytes]:
        """Run a task, and return its outcomes and all that passed."""
        lease = PortLease(len(PARTIES), (20_000, 31_999))
        ports = dict(zip(PARTIES, lease.ports, strict=True))
        relays = {party: Relay(port) for party, port in ports.items()}
        try:
            with ThreadPoolExecutor(len(PARTIES)) as pool:
                running = {}
                for me in PARTIES:
                    at = {p: ports[p] if p == me else relays[p].port for p in PARTIES}
                    plan = self.engines[me].prepare(parse_request(_request(me, at, config, spu)))
                    running[me] = pool.submit(self.engines[me].run, plan)
                outcomes = {party: one.result(timeout=90) for party, one in running.items()}
        finally:
            for relay in relays.values():
                relay.close()
            lease.release()
        for party, engine in self.engines.items():
            for log in engine.settings.logs_dir.rglob("*.log"):
                self.logs[f"{party}: {log.name}"] = log.read_bytes()
        return outcomes, b"".join(bytes(relay.recorded) for relay in relays.values())

    def columns(self, *names: str) -> list[list[Any]]:
        every = {name: values for table in self.tables.values() for name, values in table.items()}
        return [every[name] for name in names]

    def assert_hidden(self, recorded: bytes, *tables: Sequence[Sequence[float]]) -> None:
        """Check that no canary passed and none is in a log.

        `tables` are columns of numbers that a party has side by side in its memory.
        """
        assert b"SFW1" in recorded, "the relay has heard nothing of the link"
        haystacks = [Haystack("the wire", recorded, is_foreign=True)]
        haystacks += [Haystack(name, content) for name, content in self.logs.items()]
        assert not self.canaries.leaks(haystacks)
        forms = {form for table in tables for form in in_memory(table)}
        for table in self.tables.values():
            forms.update(form for uid in table["uid"] for form in _forms_of(uid))
        assert not Needles(forms).found_in(recorded)


def _request(
    me: str, ports: Mapping[str, int], config: Mapping[str, Any], spu: Mapping[str, str]
) -> dict[str, Any]:
    at = {party: f"127.0.0.1:{port}" for party, port in ports.items()}
    nodes = [{"party": party, "address": address} for party, address in at.items()]
    return {
        "task_id": "wire",
        "subtask_id": "node",
        "execution_id": f"wire-{ports[me]}",
        "sf_init_config": {
            "parties": {party: {"address": address} for party, address in at.items()},
            "self_party": me,
        },
        "spu_config": {"cluster_def": {"nodes": nodes, "runtime_config": dict(spu)}},
        "task_config": dict(config),
        "timeout_s": 80,
    }


def _forms_of(text: str) -> Iterator[bytes]:
    """Yield a key as itself, in base64, and as hashes that anybody who guesses it could make."""
    raw = text.encode()
    yield raw
    yield base64.b64encode(raw).rstrip(b"=")[:-1]
    for make in (hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.sha512, hashlib.sha3_256):
        yield make(raw).digest()[:16]
        yield make(raw).hexdigest()[:32].encode()
    for size in (16, 32, 64):
        yield hashlib.blake2b(raw, digest_size=size).digest()


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    folder = tmp_path_factory.mktemp("wire")
    canaries = Canaries(seed=77)
    common = canaries.texts("both", ROWS)
    tables: dict[str, dict[str, list[Any]]] = {}
    for party in PARTIES:
        tables[party] = {
            "uid": [*common, *canaries.texts(party, 5)],
            f"x_{party}": canaries.numbers(party, ROWS + 5),
            f"z_{party}": canaries.numbers(party, ROWS + 5),
        }
    tables["alice"]["y"] = [row % 2 for row in range(ROWS + 5)]
    tables["alice"]["amount"] = canaries.numbers("alice", ROWS + 5)
    for party, columns in tables.items():
        (folder / party).mkdir()
        table = pd.DataFrame(columns)
        table.to_csv(folder / party / "people.csv", index=False)
        table.head(ROWS).to_csv(folder / party / "train.csv", index=False)
    logs: dict[str, bytes] = {}

    def keep_logs(run: Path) -> None:
        logs.update({str(log): log.read_bytes() for log in run.rglob("*.log")})
        roll_back(run)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine_module, "roll_back", keep_logs)
        engines = {
            party: Engine(
                EngineSettings(
                    party=party,
                    data_root=folder / party,
                    state_dir=folder / f"{party}-state",
                    allow_plaintext=True,
                    allow_no_policy=True,
                    allow_semi2k_dealer=True,
                    log_level="DEBUG",
                )
            )
            for party in PARTIES
        }
        for engine in engines.values():
            engine.start()
        yield Wire(folder, engines, canaries, tables, logs)
    shutil.rmtree(folder)


def training(wire: Wire, task_type: str, **changes: Any) -> dict[str, Any]:
    return {
        "task_type": task_type,
        "train_data": paths(wire.folder, "train.csv"),
        "test_data": paths(wire.folder, "train.csv"),
        "features": ["x_alice", "z_alice", "x_bob", "z_bob"],
        "label": "y",
        "label_party": "alice",
        "id_columns": ["uid"],
        "model_output": paths(wire.folder, f"{task_type}-model"),
        "prediction_output": {"alice": str(wire.folder / "alice" / f"{task_type}.csv")},
        "params": LR if task_type == "ss_lr" else XGB,
        **changes,
    }


@pytest.mark.parametrize("protocol", ["KKRT_PSI_2PC", "RR22_PSI_2PC", "ECDH_PSI_2PC"])
def test_psi_shows_no_key(wire: Wire, protocol: str) -> None:
    config = {
        "task_type": "psi",
        "keys": {party: ["uid"] for party in PARTIES},
        "input_paths": paths(wire.folder, "people.csv"),
        "output_paths": paths(wire.folder, "common.csv"),
        "receiver": "bob",
        "protocol": protocol,
    }
    outcomes, recorded = wire.run(config)
    assert outcomes["bob"].result["intersection_count"] == ROWS
    wire.assert_hidden(recorded, wire.columns("x_alice", "x_bob"))


@pytest.mark.parametrize(
    ("task_type", "spu"),
    [("ss_lr", SEMI2K), ("ss_lr", CHEETAH), ("ss_xgb", SEMI2K)],
    ids=["ss_lr-semi2k", "ss_lr-cheetah", "ss_xgb-semi2k"],
)
def test_a_training_and_its_predictions_show_no_number(
    wire: Wire, task_type: str, spu: dict[str, str]
) -> None:
    _, recorded = wire.run(training(wire, task_type), spu)
    assert b"x_alice" in recorded, "names of features are told, and in the clear here"
    predictions = pd.read_csv(wire.folder / "alice" / f"{task_type}.csv")["pred_prob"]
    own = [wire.columns(f"x_{party}", f"z_{party}") for party in PARTIES]
    wire.assert_hidden(recorded, [list(predictions)], *own)
    ids = digest_of(wire.folder / "alice" / "train.csv", ["uid"])
    assert ids not in recorded
    assert ids.hex().encode() not in recorded


def test_a_label_of_numbers_does_not_show(wire: Wire) -> None:
    config = training(wire, "ss_lr", label="amount", params={**LR, "reg_type": "linear"})
    _, recorded = wire.run(config)
    wire.assert_hidden(recorded, wire.columns("amount", "x_alice"))


def test_predict_shows_neither_rows_nor_predictions(wire: Wire) -> None:
    model = paths(wire.folder, "kept-model")
    wire.run(training(wire, "ss_lr", model_output=model))
    output = wire.folder / "bob" / "again.csv"
    _, recorded = wire.run(
        {
            "task_type": "predict",
            "model": model,
            "data": paths(wire.folder, "train.csv"),
            "id_columns": ["uid"],
            "receiver": "bob",
            "prediction_output": {"bob": str(output)},
        }
    )
    predictions = list(pd.read_csv(output)["pred_prob"])
    wire.assert_hidden(recorded, [predictions], wire.columns("x_alice", "z_alice"))


@pytest.mark.parametrize("spu", [SEMI2K, CHEETAH], ids=["semi2k", "cheetah"])
def test_the_same_table_is_shared_anew_each_time(wire: Wire, spu: dict[str, str]) -> None:
    runs = [shared_in(wire.run(training(wire, "ss_lr"), spu)[1]) for _ in range(2)]
    assert all(len(shares) >= 6 for shares in runs)
    assert not runs[0] & runs[1]


def shared_in(recorded: bytes) -> set[bytes]:
    """Return the beginnings of the shares that a party sent: the bodies of CHUNK frames."""
    found = set()
    start = recorded.find(b"SFW1")
    while start >= 0:
        head = recorded[start : start + _FRAME.size]
        if len(head) == _FRAME.size and head[4] == _CHUNK:
            _, _, header_length, body_length = _FRAME.unpack(head)
            body = start + _FRAME.size + header_length
            if body_length >= 32:
                found.add(recorded[body : body + 32])
        start = recorded.find(b"SFW1", start + 4)
    return found
