"""Policy files: their faults, their place, and when an edit counts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from secretflow_worker.contract.errors import ConfigError, PathForbidden
from secretflow_worker.contract.request import parse_request
from secretflow_worker.engine import Engine
from secretflow_worker.engine.policy import PolicyRefusal, read_policy
from tests.conftest import make_request, write_csv
from tests.engine.house import House
from tests.policies import write_policy

GUIDES = Path(__file__).parents[2] / "docs" / "guides"
TOML_BLOCK = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_an_edit_counts_from_the_next_task_on_and_a_faulty_one_refuses(house: House) -> None:
    house.prepare(house.psi())
    house.say("bob", tasks={"allow": []})
    assert house.refusal(house.psi()).rules == ["tasks.allow"]

    house.policies["bob"].write_text("version = 1\ntasks = \n")
    refusal = house.refusal(house.psi())
    assert refusal.rules == ["policy_file"]
    assert "line 2" in refusal.message

    house.policies["bob"].unlink()
    assert "No such file" in house.refusal(house.psi()).message
    house.say("bob")
    house.prepare(house.psi())


FAULTS: dict[str, tuple[str, str]] = {
    "no TOML": ("version = 1\npeers = \n", "line 2"),
    "no version": ("[tasks]\nallow = []", "version: is missing"),
    "another version": ("version = 2", "version: is none that this worker knows"),
    "an unknown key": ("version = 1\ntask = 1", "task: unknown field"),
    "an unknown use": (
        'version = 1\n[[tables]]\npath = "/a"\ncolumns = {a = ["all"]}',
        "tables.0.columns.a.0",
    ),
    "none as a use": (
        'version = 1\n[[tables]]\npath = "/a"\ncolumns = {a = "none"}',
        "write [] where nothing",
    ),
    "a short fingerprint": (
        'version = 1\n[[peers]]\nparty = "bob"\nfingerprint = "AB:CD"',
        "peers.0.fingerprint: must be a SHA-256 fingerprint",
    ),
    "a peer twice": (
        'version = 1\n[[peers]]\nparty = "bob"\n[[peers]]\nparty = "bob"',
        "peers: a party is there twice",
    ),
    "a relative folder": ('version = 1\n[folders]\nread = ["data"]', "must be an absolute path"),
    "a limit of nothing": ("version = 1\n[limits]\nmin_rows = 0", "limits.min_rows"),
    "a task with a space": ('version = 1\n[tasks]\nallow = ["psi 1"]', "tasks.allow.0"),
    "no UTF-8": ("version = 1 # \udcff", "not UTF-8"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_file_is_refused_with_its_place(tmp_path: Path, fault: str) -> None:
    text, said = FAULTS[fault]
    path = tmp_path / "policy.toml"
    path.write_bytes(text.encode(errors="surrogateescape"))

    with pytest.raises(ConfigError) as refused:
        read_policy(path)

    assert str(path) in refused.value.message
    assert said in refused.value.message


def test_a_worker_does_not_start_with_a_faulty_policy(house: House) -> None:
    house.policies["bob"].write_text("version = 3")
    with pytest.raises(ConfigError, match=r"bob\.toml: version"):
        house.engine.start()

    house.say("bob", party="carol")
    with pytest.raises(ConfigError, match="policy of carol, not of bob"):
        house.engine.start()

    house.say("bob")
    house.policies["bob"].chmod(0o666)
    with pytest.raises(ConfigError, match="every user of this machine may write it"):
        house.engine.start()


def test_a_policy_may_not_lie_where_tasks_write(house: House) -> None:
    inside = write_policy(house.roots["bob"] / "policy.toml", {})
    settings = house.engine.settings.model_copy(update={"policy_file": inside})

    with pytest.raises(ConfigError, match="lies in the data root"):
        Engine(settings).start()
    outputs = {**house.paths("scaled.csv"), "bob": str(inside)}
    with pytest.raises(PathForbidden, match="the worker's own"):
        Engine(settings).prepare(parse_request(make_request(house.scaler(output_data=outputs))))


def test_no_task_touches_the_audit_log(house: House) -> None:
    audit = house.folder / "data" / "bob" / "audit"
    engine = Engine(house.engine.settings.model_copy(update={"audit_dir": audit}))
    outputs = {**house.paths("scaled.csv"), "bob": str(audit / "bob.jsonl")}

    with pytest.raises(PathForbidden, match="the worker's own"):
        engine.prepare(parse_request(make_request(house.scaler(output_data=outputs))))


def test_a_folder_outside_of_the_data_root_stays_outside(house: House, tmp_path: Path) -> None:
    house.say("bob", folders={"read": ["/"], "write": ["/"]})
    outside = write_csv(tmp_path / "outside.csv", {"x_bob": [1, 2]})

    with pytest.raises(PathForbidden):
        house.prepare(house.scaler(input_data={"alice": outside, "bob": outside}))


def test_without_a_policy_the_machine_s_own_parties_may_all(house: House) -> None:
    settings = house.engine.settings.model_copy(update={"party_policies": {}})

    Engine(settings).prepare(parse_request(make_request(house.psi())))


def test_a_policy_of_one_party_is_not_lent_to_another(house: House) -> None:
    house.say("alice", party="alice")
    settings = house.engine.settings.model_copy(
        update={"party_policies": {}, "policy_file": house.policies["alice"]}
    )

    with pytest.raises(PolicyRefusal, match="policy of alice, not of bob"):
        Engine(settings).prepare(parse_request(make_request(house.psi())))


def test_the_worker_s_group_may_write_the_policy(house: House) -> None:
    house.policies["bob"].chmod(0o664)
    house.prepare(house.psi())


@pytest.mark.parametrize("page", ["policy.md", "policy.zh-CN.md", "cluster.md"])
def test_the_policies_of_the_guides_have_no_fault(tmp_path: Path, page: str) -> None:
    text = (GUIDES / page).read_text(encoding="utf-8")
    (shown,) = [block for block in TOML_BLOCK.findall(text) if "version = 1" in block]
    file = tmp_path / "shown.toml"
    file.write_text(re.sub(r'fingerprint = "[^"]*"', f'fingerprint = "{"ab" * 32}"', shown))

    policy = read_policy(file).policy

    assert policy.party == "alice"
    assert policy.peer("bob") is not None
    assert policy.tables
