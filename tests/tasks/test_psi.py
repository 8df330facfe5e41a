"""PSI against plain set intersection, with real parties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from secretflow_worker.contract.errors import ConfigError, InputError
from tests.conftest import RunTask, write_csv

TWO = ("alice", "bob")
THREE = ("alice", "bob", "carol")


def psi_config(folder: Path, parties: Sequence[str] = TWO, **extra: Any) -> dict[str, Any]:
    return {
        "task_type": "psi",
        "keys": {party: ["id"] for party in parties},
        "input_paths": {party: str(folder / f"{party}.csv") for party in parties},
        "output_paths": {party: str(folder / "out" / f"{party}.csv") for party in parties},
        **extra,
    }


def write_tables(folder: Path, keys: Mapping[str, Sequence[str]]) -> dict[str, pd.DataFrame]:
    """Write each party's keys in a random order, with a column of its own."""
    rng = np.random.default_rng(7)
    tables = {}
    for party, own in keys.items():
        shuffled = list(rng.permutation(list(own)))
        columns = {"id": shuffled, f"v_{party}": [f"{party}-{key}" for key in shuffled]}
        tables[party] = pd.DataFrame(columns)
        tables[party].to_csv(folder / f"{party}.csv", index=False)
    return tables


def read(folder: Path, party: str) -> pd.DataFrame:
    return pd.read_csv(folder / "out" / f"{party}.csv", dtype=str, keep_default_na=False)


@pytest.mark.parametrize("protocol", [None, "KKRT_PSI_2PC", "RR22_PSI_2PC", "PROTOCOL_ECDH"])
def test_every_party_gets_its_rows_of_the_intersection_aligned(
    run_task: RunTask, tmp_path: Path, protocol: str | None
) -> None:
    write_tables(
        tmp_path,
        {"alice": [f"u{i:03}" for i in range(120)], "bob": [f"u{i:03}" for i in range(60, 200)]},
    )
    outcome = run_task(
        psi_config(tmp_path, receiver="alice", broadcast_result=True, protocol=protocol)
    )
    expected = [f"u{i:03}" for i in range(60, 120)]
    alice, bob = read(tmp_path, "alice"), read(tmp_path, "bob")
    assert list(alice["id"]) == list(bob["id"]) == expected
    assert list(alice["v_alice"]) == [f"alice-{key}" for key in expected]
    assert list(bob["v_bob"]) == [f"bob-{key}" for key in expected]
    assert outcome.result["intersection_count"] == 60
    assert outcome.result["psi_protocol"] == (protocol or "KKRT_PSI_2PC")
    assert min(outcome.performance_metrics.bytes_sent.values()) > 1000


@pytest.mark.parametrize("receiver", TWO)
def test_only_the_receiver_learns(run_task: RunTask, tmp_path: Path, receiver: str) -> None:
    keys = {"alice": [f"u{i}" for i in range(30)], "bob": [f"u{i}" for i in range(20, 50)]}
    tables = write_tables(tmp_path, keys)
    outcome = run_task(psi_config(tmp_path, receiver=receiver))
    other = "bob" if receiver == "alice" else "alice"
    in_own_order = [key for key in tables[receiver]["id"] if key in keys[other]]
    assert list(read(tmp_path, receiver)["id"]) == in_own_order
    assert not (tmp_path / "out" / f"{other}.csv").exists()
    counts = {report["party"]: report for report in outcome.result["reports"]}
    assert counts[receiver]["intersection_count"] == 10
    assert counts[other]["intersection_count"] == -1
    assert {party: report["original_count"] for party, report in counts.items()} == {
        "alice": 30,
        "bob": 30,
    }
    told = [line.to for line in outcome.task_metadata.disclosed if "keys" in line.what]
    assert told == [receiver]


@pytest.mark.parametrize("protocol", [None, "ECDH_PSI_3PC", "KKRT_PSI_NPC", "ECDH_PSI_NPC"])
def test_three_parties(run_task: RunTask, tmp_path: Path, protocol: str | None) -> None:
    keys = {
        "alice": [f"u{i}" for i in range(50)],
        "bob": [f"u{i}" for i in range(20, 80)],
        "carol": [f"u{i}" for i in range(0, 100, 2)],
    }
    write_tables(tmp_path, keys)
    run_task(psi_config(tmp_path, THREE, broadcast_result=True, protocol=protocol), THREE)
    expected = sorted(set.intersection(*(set(own) for own in keys.values())))
    for party in THREE:
        assert list(read(tmp_path, party)["id"]) == expected


def test_a_sole_receiver_may_have_its_rows_sorted(run_task: RunTask, tmp_path: Path) -> None:
    keys = [f"u{i:02}" for i in range(40)]
    write_tables(tmp_path, {"alice": keys, "bob": keys[5:]})
    run_task(psi_config(tmp_path, receiver="alice", sort=True))
    assert list(read(tmp_path, "alice")["id"]) == keys[5:]


def test_three_parties_one_receiver(run_task: RunTask, tmp_path: Path) -> None:
    write_tables(tmp_path, {"alice": ["a", "b"], "bob": ["b", "c"], "carol": ["b", "z"]})
    run_task(psi_config(tmp_path, THREE, receiver="carol"), THREE)
    assert list(read(tmp_path, "carol")["id"]) == ["b"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["carol.csv"]


def test_keys_may_hold_anything_and_rows_pass_unchanged(run_task: RunTask, tmp_path: Path) -> None:
    odd = ["a,b", 'say "hi"', "naïve 名", "0012", " 12", "1e3", "line\nbreak", "=1+1"]
    tables = write_tables(tmp_path, {"alice": [*odd, "only-a"], "bob": [*odd, "only-b"]})
    run_task(psi_config(tmp_path))
    for party in TWO:
        expected = tables[party][tables[party]["id"].isin(odd)].sort_values(
            "id", key=lambda column: column.str.encode("utf-8")
        )
        pd.testing.assert_frame_equal(read(tmp_path, party), expected.reset_index(drop=True))


def test_several_key_columns_match_by_position(run_task: RunTask, tmp_path: Path) -> None:
    write_csv(tmp_path / "alice.csv", {"first": ["a", "a", "ab"], "second": ["b", "c", ""]})
    write_csv(tmp_path / "bob.csv", {"x": ["b", "c"], "y": ["a", "a"]})
    config = psi_config(tmp_path) | {"keys": {"alice": ["first", "second"], "bob": ["y", "x"]}}
    with pytest.raises(InputError, match="without a key"):
        run_task(config)
    write_csv(tmp_path / "alice.csv", {"first": ["a", "a", "ab"], "second": ["b", "c", "z"]})
    assert run_task(config).result["intersection_count"] == 2


def test_an_empty_intersection_is_a_result(run_task: RunTask, tmp_path: Path) -> None:
    write_tables(tmp_path, {"alice": ["a", "b"], "bob": ["c"]})
    assert run_task(psi_config(tmp_path)).result["intersection_count"] == 0
    assert list(read(tmp_path, "bob").columns) == ["id", "v_bob"]
    assert len(read(tmp_path, "bob")) == 0


@pytest.mark.parametrize(
    ("join_type", "alice", "bob"),
    [
        ("left", ["b", "c", "a"], ["b", "c", ""]),
        ("right", ["b", "c", ""], ["b", "c", "d"]),
        ("full", ["b", "c", "a", ""], ["b", "c", "", "d"]),
    ],
)
def test_outer_joins_keep_rows_aligned(
    run_task: RunTask, tmp_path: Path, join_type: str, alice: list[str], bob: list[str]
) -> None:
    write_tables(tmp_path, {"alice": ["a", "b", "c"], "bob": ["b", "c", "d"]})
    run_task(psi_config(tmp_path, join_type=join_type, left_side="alice"))
    assert list(read(tmp_path, "alice")["id"]) == alice
    assert list(read(tmp_path, "bob")["id"]) == bob


def test_parquet_in_and_out(run_task: RunTask, tmp_path: Path) -> None:
    pd.DataFrame({"id": [3, 1, 2], "v": [0.5, 0.25, 0.125]}).to_parquet(tmp_path / "alice.parquet")
    write_csv(tmp_path / "bob.csv", {"id": [2, 3, 9]})
    config = psi_config(tmp_path)
    config["input_paths"]["alice"] = str(tmp_path / "alice.parquet")
    config["output_paths"]["alice"] = str(tmp_path / "out" / "alice.parquet")
    run_task(config)
    out = pd.read_parquet(tmp_path / "out" / "alice.parquet")
    assert out.to_dict("list") == {"id": [2, 3], "v": [0.125, 0.5]}


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"keys": {"alice": ["id"]}}, "keys: party bob is missing"),
        ({"keys": {"alice": ["id"], "bob": ["id", "v"]}}, "as many columns"),
        ({"keys": {"alice": ["id", "id"], "bob": ["id", "v"]}}, "named twice"),
        ({"receiver": "mallory"}, "receiver: 'mallory' is not a party"),
        ({"protocol": "ECDH_PSI_3PC"}, "does not run among 2 parties"),
        ({"protocol": "BC22"}, "one of ECDH, KKRT, RR22"),
        ({"join_type": "left", "receiver": "alice"}, "set broadcast_result"),
        ({"recieiver": "alice"}, "recieiver: unknown field"),
    ],
)
def test_a_bad_request_starts_nothing(
    run_task: RunTask, tmp_path: Path, change: dict[str, Any], match: str
) -> None:
    write_tables(tmp_path, {"alice": ["a"], "bob": ["a"]})
    with pytest.raises(ConfigError, match=match):
        run_task(psi_config(tmp_path) | change)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("id,v\nkey-7,1\nkey-7,2\n", "same key more than once"),
        ("id,v\nkey-7,1\n,2\n", "without a key"),
        ("id,v\n", "no rows"),
        ("uid,v\n1,2\n", "id"),
        ("id,id\n1,2\n", "id"),
        (f"id,v\n{'key-7' * 20_000},1\nb,2\n", "more than 65536 bytes"),
    ],
)
def test_a_bad_table_is_refused_without_its_values(
    run_task: RunTask, tmp_path: Path, text: str, match: str
) -> None:
    write_tables(tmp_path, {"alice": ["a"], "bob": ["a"]})
    (tmp_path / "bob.csv").write_text(text)
    with pytest.raises(InputError, match=match) as caught:
        run_task(psi_config(tmp_path))
    assert caught.value.party == "bob"
    assert "key-7" not in caught.value.message
    assert not (tmp_path / "out").exists()


def test_parquet_columns_that_no_output_holds(run_task: RunTask, tmp_path: Path) -> None:
    write_csv(tmp_path / "bob.csv", {"id": ["k1"]})
    config = psi_config(tmp_path)
    table = tmp_path / "alice.parquet"
    pd.DataFrame({"id": ["k1"], "tags": [[1, 2]], "raw": [b"x"]}).to_parquet(table)
    config["input_paths"]["alice"] = str(table)
    with pytest.raises(InputError, match="'tags' holds lists or structures, which a CSV"):
        run_task(config)
    config["output_paths"]["alice"] = str(tmp_path / "out.parquet")
    run_task(config)
    assert list(pd.read_parquet(tmp_path / "out.parquet")["tags"][0]) == [1, 2]
    for name in ("tags", "raw"):
        keys = {**config["keys"], "alice": [name]}
        with pytest.raises(InputError, match=f"'{name}' has no text form"):
            run_task({**config, "keys": keys})
