"""Each rule of a party's policy, in local mode: what is let through, what is refused and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from secretflow_worker.contract.errors import PolicyError
from secretflow_worker.contract.request import parse_request
from secretflow_worker.engine import Engine, EngineSettings
from secretflow_worker.engine.policy import PolicyRefusal, Subject, judge, read_policy
from secretflow_worker.tasks import Config, Report, Result, TaskType
from secretflow_worker.tasks._config import PartyInputs
from tests.conftest import make_request
from tests.engine.house import TWO, House
from tests.policies import write_policy


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def tables(house: House, party: str, **columns: Any) -> list[dict[str, Any]]:
    return [{"path": f"{house.roots[party]}/*", "columns": columns}]


def test_an_open_policy_lets_everything_through(house: House) -> None:
    for config in (house.psi(), house.scaler(), house.training(), house.statistics()):
        house.prepare(config)


@pytest.mark.parametrize(
    ("allowed", "is_fine"),
    [(["psi"], True), (["psi@1"], True), (["*"], True), (["psi@2"], False), (["ss_lr"], False)],
)
def test_task_types_and_versions(house: House, allowed: list[str], is_fine: bool) -> None:
    house.say("bob", tasks={"allow": allowed})

    if is_fine:
        house.prepare(house.psi())
        return
    refusal = house.refusal(house.psi())
    assert refusal.rules == ["tasks.allow"]
    assert (refusal.code, refusal.party) == ("POLICY_REFUSED", "bob")
    assert "tasks.allow" in refusal.message
    assert "psi@1" in refusal.message
    assert 'add "psi@1" to tasks.allow' in refusal.hint


def test_an_empty_policy_allows_nothing(house: House) -> None:
    write_policy(house.policies["bob"], {})

    rules = house.refusal(house.scaler()).rules

    assert rules == ["tasks.allow", "peers", "folders.read", "folders.write"]


def test_peers_on_the_same_machine_go_by_name(house: House) -> None:
    house.say("alice", peers=[{"party": "carol"}])
    assert house.refusal(house.psi()).rules == ["peers"]

    house.say("alice", peers=[{"party": "carol"}, {"party": "bob"}])
    house.prepare(house.psi())


@pytest.mark.parametrize("key", ["read", "write"])
def test_folders(house: House, key: str) -> None:
    root = house.roots["alice"]
    folders = {"read": [str(root)], "write": [str(root)], key: [str(root / "other")]}
    house.say("alice", folders=folders)

    refusal = house.refusal(house.scaler())

    assert refusal.rules == [f"folders.{key}"]
    assert f'add "{root}" to folders.{key}' in refusal.hint


def test_a_link_does_not_lead_out_of_a_folder(house: House) -> None:
    root = house.roots["alice"]
    (root / "open").mkdir()
    (root / "open" / "people.csv").symlink_to(root / "people.csv")
    house.say("alice", folders={"read": [f"{root}/open"], "write": [str(root)]})
    inputs = {**house.paths("people.csv"), "alice": str(root / "open" / "people.csv")}

    assert house.refusal(house.scaler(input_data=inputs)).rules == ["folders.read"]


def test_models_and_rules_are_bound_to_folders_too(house: House) -> None:
    root = house.roots["bob"]
    house.say("bob", folders={"read": [str(root)], "write": [str(root / "out")]})

    assert house.refusal(house.training()).rules == ["folders.write"]
    outputs = {**house.paths("scaled.csv"), "bob": str(root / "out" / "scaled.csv")}
    rules = house.scaler(output_data=outputs, rules_output=house.paths("rules.json"))
    assert house.refusal(rules).rules == ["folders.write"]
    house.prepare({**rules, "rules_output": {"bob": str(root / "out" / "rules.json")}})


def test_a_table_that_no_entry_covers(house: House) -> None:
    house.say("bob", tables=[{"path": "/elsewhere/*", "columns": {"*": "any"}}])

    refusal = house.refusal(house.scaler())

    assert refusal.rules == ["tables"]
    assert "[[tables]]" in refusal.hint


ONLY = {"key": "psi", "mpc": "training", "local": "scaler", "statistic": "statistics"}


@pytest.mark.parametrize("use", ONLY)
@pytest.mark.parametrize("kind", ONLY.values())
def test_a_column_is_used_only_as_its_entry_says(house: House, use: str, kind: str) -> None:
    """Every column of bob's may be used in one way, and each kind of task uses them in another."""
    columns = {"uid": "any" if kind == "training" else [use], "x_*": [use], "y": [use]}
    house.say("bob", tables=tables(house, "bob", **columns))
    config = getattr(house, kind)()

    if ONLY[use] == kind:
        house.prepare(config)
        return
    refusal = house.refusal(config)
    column = "uid" if kind == "psi" else "x_*"
    assert f'tables."{house.roots["bob"]}/*".columns."{column}"' in refusal.rules
    assert refusal.party == "bob"


def test_a_column_without_an_entry_may_not_be_used(house: House) -> None:
    house.say("bob", tables=tables(house, "bob", uid="any"))

    refusal = house.refusal(house.training())

    assert refusal.rules == [f'tables."{house.roots["bob"]}/*".columns']
    assert "column 'x_bob' as mpc (task_config.features)" in refusal.message


def test_a_column_s_own_entry_goes_before_patterns(house: House) -> None:
    house.say("bob", tables=tables(house, "bob", **{"*": "any", "x_bob": []}))
    assert house.refusal(house.training()).rules[0].endswith('columns."x_bob"')

    house.say("bob", tables=tables(house, "bob", **{"*": [], "x_bob": "mpc", "uid": "key"}))
    house.prepare(house.training())


def test_columns_that_are_left_out_are_all_columns(house: House) -> None:
    house.say("bob", tables=tables(house, "bob", x_bob="any", y="any"))
    config = house.statistics()

    refusal = house.refusal(config)

    assert "column 'uid' as statistic (task_config.columns)" in refusal.message
    house.prepare({**config, "columns": ["x_bob", "x_alice", "y"]})


class Silent(Config):
    """A plugin's, which reads tables and says nothing of their columns."""

    data: PartyInputs


def test_a_type_that_says_nothing_of_columns_may_tell_all_of_them(house: House) -> None:
    task = TaskType(
        "silent", 1, "", "Prepare", Silent, Report, Result, [], (1, 5), False, (), (), {},
        lambda parties, config: Report(),
    )  # fmt: skip
    config = Silent(task_type="silent", data={"bob": house.paths("people.csv")["bob"]})
    subject = Subject("bob", task, config, ("bob",), is_network=False)
    house.say("bob", tables=tables(house, "bob", **{"*": ["key", "mpc", "local"], "y": "any"}))

    verdicts = list(judge(read_policy(house.policies["bob"]).policy, subject))

    refused = [verdict.what for verdict in verdicts if not verdict.is_allowed]
    assert refused == [
        f"column {name!r} as statistic (task_config.task_type)" for name in ("uid", "x_bob")
    ]


def test_a_label_of_another_party_needs_no_leave(house: House) -> None:
    house.say("bob", tables=tables(house, "bob", uid="key", x_bob="mpc"))
    house.prepare(house.training())

    assert house.refusal(house.training(label_party="bob")).rules[0].endswith(".columns")


def test_predictions_go_only_to_whom_it_may(house: House) -> None:
    receivers = {"statistics": ["*"], "predictions": ["carol"]}
    house.say("bob", receivers=receivers)
    config = house.predicting()
    outputs = config["prediction_output"]

    refusal = house.refusal({**config, "prediction_output": {"alice": outputs["alice"]}})

    assert refusal.rules == ["receivers.predictions"]
    assert 'add "alice" to receivers.predictions' in refusal.hint
    house.prepare({**config, "prediction_output": {"bob": outputs["bob"]}})
    house.prepare(house.training())  # nobody gets any


def test_the_loss_goes_only_to_a_label_holder_that_may_have_it(house: House) -> None:
    house.say("bob", receivers={})

    assert house.refusal(house.training()).rules == ["receivers.statistics"]
    house.say("alice", receivers={})
    house.say("bob", receivers={"statistics": ["alice"]})
    house.prepare(house.training())  # alice herself is told, of whom her own policy says nothing


@pytest.mark.parametrize(
    ("fields", "learners"),
    [
        ({}, {"alice", "bob"}),
        ({"receiver": "alice"}, {"alice"}),
        ({"receiver": "alice", "broadcast_result": True}, {"alice", "bob"}),
    ],
)
@pytest.mark.parametrize("owner", TWO)
def test_an_intersection_goes_only_to_whom_it_may(
    house: House, owner: str, fields: dict[str, Any], learners: set[str]
) -> None:
    house.say(owner, receivers={})

    if learners <= {owner}:
        house.prepare(house.psi(**fields))
    else:
        assert house.refusal(house.psi(**fields)).rules == ["receivers.intersection"]


def test_statistics_are_told_to_the_sender_only_where_it_may(house: House) -> None:
    house.say("bob", receivers={"statistics": ["*"]})
    config = house.statistics()

    refusal = house.refusal(config)

    assert refusal.rules == ["receivers.statistics"]
    assert '"@sender"' in refusal.hint
    house.say("bob", receivers={"statistics": ["@sender"]})
    house.prepare(config)


def test_an_intersection_whose_size_it_would_not_learn(house: House) -> None:
    house.say("bob", limits={"min_intersection": 2})

    assert house.refusal(house.psi(receiver="alice")).rules == ["limits.min_intersection"]
    house.prepare(house.psi(receiver="bob"))
    house.prepare(house.psi())


@pytest.mark.parametrize("limit", [6, 7])
def test_a_small_intersection_gets_no_name_at_any_party(
    engine: Engine, house: House, limit: int
) -> None:
    house.say("bob", limits={"min_intersection": limit})
    common = [Path(path) for path in house.paths("common.csv").values()]

    if limit == 6:
        assert house.run(house.psi()).result["intersection_count"] == 6
        assert all(path.exists() for path in common)
        return
    with pytest.raises(PolicyError, match=r"bob refuses: limits\.min_intersection") as refused:
        house.run(house.psi())
    assert refused.value.party == "bob"
    assert "6" not in refused.value.message
    assert not any(path.exists() for path in common)
    house.run(house.psi(receiver="bob"))  # only its own party learns it


@pytest.mark.parametrize("limit", [6, 7])
def test_a_table_of_few_rows_is_not_computed_on(engine: Engine, house: House, limit: int) -> None:
    house.say("alice", limits={"min_rows": limit})
    house.run(house.scaler())  # nothing of it leaves its owner

    if limit == 6:
        house.run(house.psi())
        return
    for config in (house.psi(), house.statistics(columns=["x_alice"])):
        with pytest.raises(PolicyError, match=r"limits\.min_rows"):
            house.run(config)
    assert not Path(house.paths("common.csv")["bob"]).exists()


def network(house: House, party: str, **changes: Any) -> Callable[[Mapping[str, Any]], None]:
    """Return how a worker of one party checks a cluster-mode request."""
    settings = EngineSettings(
        data_root=house.roots[party],
        state_dir=house.folder / "state",
        party=party,
        **{"policy_file": house.policies[party], "allow_plaintext": True, **changes},
    )

    def prepare(config: Mapping[str, Any]) -> None:
        request = make_request(config)
        request["sf_init_config"] = {
            "parties": {"alice": {"address": "127.0.0.1:1"}, "bob": {"address": "127.0.0.1:2"}},
            "self_party": party,
        }
        Engine(settings).prepare(parse_request(request))

    return prepare


def test_cluster_mode_without_a_policy_is_refused(house: House) -> None:
    with pytest.raises(PolicyRefusal, match="this worker has no policy") as refused:
        network(house, "bob", policy_file=None, connect_timeout_s=0.1)(house.psi())
    assert "sfw policy init" in refused.value.hint

    network(house, "bob", policy_file=None, allow_no_policy=True)(house.psi())


def test_a_peer_elsewhere_needs_a_certificate_that_is_seen(house: House) -> None:
    with pytest.raises(PolicyRefusal, match="party alice on another machine"):
        network(house, "bob", connect_timeout_s=0.1)(house.psi())

    house.say("bob", peers=[{"party": "alice", "fingerprint": "ab" * 32}])
    with pytest.raises(PolicyRefusal, match="without TLS"):
        network(house, "bob", connect_timeout_s=0.1)(house.psi())
