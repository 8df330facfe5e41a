"""``sfw policy`` and ``sfw audit``, and what ``sfw up`` allows by itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from secretflow_worker.engine.audit import AuditLog
from tests.cli.conftest import Sfw, Up, error_line
from tests.conftest import make_request, write_csv
from tests.policies import open_policy, write_policy


def statistics(root: Path, **fields: Any) -> dict[str, Any]:
    """Return a request for figures about alice's only table, which is written."""
    write_csv(root / "people.csv", {"uid": "abc", "income": [1, 2, 3], "age": [4, 5, 6]})
    config = {
        "task_type": "table_statistics",
        "input_data": {"alice": str(root / "people.csv")},
        "output_report": str(root / "report.json"),
    }
    return make_request(config | fields, ["alice"])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.fixture
def request_file(tmp_path: Path, root: Path) -> Path:
    path = tmp_path / "request.json"
    path.write_text(json.dumps(statistics(root, columns=["income", "age"])))
    return path


def test_a_new_policy_has_no_fault_and_allows_nothing(
    sfw: Sfw, tmp_path: Path, root: Path, request_file: Path
) -> None:
    file = tmp_path / "alice.toml"
    made = sfw("policy", "init", file, "--party", "alice", "--data-root", root)
    assert made.returncode == 0, made.stderr
    assert file.stat().st_mode & 0o077 == 0
    assert sfw("policy", "check", file).returncode == 0
    assert "exists already" in error_line(sfw("policy", "init", file))
    assert sfw("policy", "init", file, "--force").returncode == 0

    told = sfw("policy", "explain", request_file, "--policy", file, "--data-root", root)

    assert told.returncode == 1
    assert "party alice: refused by" in told.stdout
    assert "REFUSES  tasks.allow: task type table_statistics@1" in told.stdout
    assert 'to allow it: add "table_statistics@1" to tasks.allow' in told.stdout


def test_a_new_policy_is_right_once_its_examples_are_uncommented(
    sfw: Sfw, tmp_path: Path, root: Path
) -> None:
    certs = tmp_path / "certs"
    assert sfw("certs", "init", "--party", "bob", "--dir", certs).returncode == 0
    (certs / "bob.key").unlink()
    file = tmp_path / "alice.toml"
    sfw("policy", "init", file, "--party", "alice", "--data-root", root, "--certs-dir", certs)
    text = file.read_text()
    for name in ("allow", "read", "write"):
        text = text.replace(f"{name} = []\n# {name} =", f"{name} =")
    lines = [
        line.removeprefix("# ")
        if line.startswith(
            ("# [[", "# party", "# finger", "# trusted", "# path", "# columns", "# min")
        )
        else line
        for line in text.splitlines()
    ]
    file.write_text("\n".join(lines))

    checked = sfw("policy", "check", file)

    assert checked.returncode == 0, checked.stderr
    assert "peers    bob" in checked.stdout
    assert "psi@1" in checked.stdout


def test_check_names_every_fault_with_its_place(sfw: Sfw, tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(
        'version = 1\nextra = 1\n[tasks]\nallow = ["a b"]\n[folders]\nread = ["data"]\n'
        '[[tables]]\npath = "/a"\ncolumns = {age = "all"}\n'
    )

    line = error_line(sfw("policy", "check", file))

    for place in ("extra: unknown", "tasks.allow.0", "folders.read.0", "tables.0.columns.age.0"):
        assert place in line


def test_explain_says_rule_by_rule_and_what_would_be_disclosed(
    sfw: Sfw, tmp_path: Path, root: Path, request_file: Path
) -> None:
    document = open_policy(root, {})
    tables = [{"path": f"{root}/*", "columns": {"age": "any", "income": "mpc"}}]
    file = write_policy(tmp_path / "alice.toml", {**document, "tables": tables})

    told = sfw("policy", "explain", request_file, "--policy", file, "--data-root", root)

    assert told.returncode == 1
    where = f'tables."{root}/*".columns'
    as_statistic = "as statistic (task_config.columns)"
    assert f"REFUSES  {where}.\"income\": column 'income' {as_statistic}" in told.stdout
    assert f"allows   {where}.\"age\": column 'age' {as_statistic}" in told.stdout
    assert "to sender of the request: count, missing, mean" in told.stdout

    write_policy(file, document)
    command = ("policy", "explain", request_file, "--policy", file, "--party", "alice", "--json")
    again = sfw(*command)
    assert again.returncode == 0
    (explained,) = json.loads(again.stdout)
    assert explained["allowed"] is True
    assert all(verdict["allowed"] for verdict in explained["verdicts"])
    assert explained["discloses"]


def test_explain_of_a_party_that_is_not_in_the_request(sfw: Sfw, request_file: Path) -> None:
    assert "'bob' is not a party" in error_line(
        sfw("policy", "explain", request_file, "--party", "bob")
    )


def test_run_refuses_by_a_policy_and_keeps_the_log(
    sfw: Sfw, tmp_path: Path, root: Path, request_file: Path, environment: dict[str, str]
) -> None:
    file = write_policy(tmp_path / "alice.toml", {**open_policy(root, {}), "tasks": {"allow": []}})

    done = sfw("run", request_file, "--policy", file, "--data-root", root)

    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "POLICY_REFUSED"
    state = Path(environment["HOME"]) / ".local/state/secretflow-worker"
    shown = sfw("audit", "show")
    assert "refused    table_statistics" in shown.stdout
    assert "tasks.allow" in shown.stdout
    verified = sfw("audit", "verify", "--party", "alice")
    assert f"{state / 'audit' / 'alice.jsonl'}: whole, 1 records" in verified.stdout


def test_a_worker_does_not_start_with_a_faulty_policy(sfw: Sfw, tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text("version = 7")

    line = error_line(sfw("worker", "--policy", file, "--state-dir", tmp_path / "state"))

    assert f"policy {file}: version" in line


def test_verify_finds_what_was_cut_against_a_head_that_was_kept(sfw: Sfw, tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "audit", "alice")
    heads = [log.append("started", {"n": number}) for number in range(3)]
    state = ("--state-dir", tmp_path)
    whole = sfw("audit", "verify", *state)
    assert f"head 3:{heads[2].hash}" in whole.stdout

    kept = ("--head", f"3:{heads[2].hash}")
    assert sfw("audit", "verify", *state, *kept).returncode == 0
    log.path.write_bytes(b"".join(log.path.read_bytes().splitlines(keepends=True)[:2]))
    log.head_path.unlink()
    assert sfw("audit", "verify", "--file", log.path).returncode == 0
    broken = sfw("audit", "verify", "--file", log.path, *kept)
    assert broken.returncode == 1
    assert "BROKEN at line 3: the head that was kept" in broken.stdout


def test_verify_prints_the_first_break(sfw: Sfw, tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "audit", "alice")
    for number in range(3):
        log.append("started", {"n": number})
    log.path.write_bytes(log.path.read_bytes().replace(b'"n":1', b'"n":9'))

    done = sfw("audit", "verify", "--state-dir", tmp_path)

    assert done.returncode == 1
    assert "BROKEN at line 3: the line before is no whole record" in done.stdout
    assert "whole up to 1:" in done.stdout


def test_no_log_is_an_error(sfw: Sfw, tmp_path: Path) -> None:
    assert "has no audit log" in error_line(sfw("audit", "show", "--state-dir", tmp_path))


def test_up_allows_its_data_root_to_this_machine_and_nobody_elsewhere(sfw: Sfw, up: Up) -> None:
    policy = (up.state_dir / "up-policy.toml").read_text()

    assert f'read = ["{up.data_root}"]' in policy
    request = statistics(up.data_root / "own-policy")
    request["sf_init_config"] = {
        "parties": {p: {"address": f"127.0.0.1:{n}"} for n, p in enumerate(("alice", "bob"), 1)},
        "self_party": "alice",
    }
    request["task_config"] = {
        "task_type": "psi",
        "keys": {party: ["uid"] for party in ("alice", "bob")},
        "input_paths": {p: str(up.data_root / "own-policy/people.csv") for p in ("alice", "bob")},
        "output_paths": {p: str(up.data_root / f"own-policy/{p}.csv") for p in ("alice", "bob")},
    }
    file = up.data_root / "own-policy" / "request.json"
    file.write_text(json.dumps(request))
    told = sfw(
        "policy", "explain", file, "--policy", up.state_dir / "up-policy.toml",
        "--data-root", up.data_root,
    )  # fmt: skip
    assert told.returncode == 1
    assert 'REFUSES  peers."*".fingerprint: party bob on another machine' in told.stdout


def test_doctor_looks_at_the_policy(sfw: Sfw, tmp_path: Path, root: Path) -> None:
    def status(*arguments: str | Path) -> tuple[str, str]:
        done = sfw("doctor", "--json", "--redis-url", "redis://127.0.0.1:9/0", *arguments)
        checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
        return checks["policy"]["status"], checks["policy"]["detail"]

    assert status()[0] == "ok"
    missing, detail = status("--party", "alice")
    assert (missing, "alice has no policy" in detail) == ("fail", True)
    assert status("--party", "alice", "--set", "allow_no_policy=true")[0] == "warn"
    fine = write_policy(tmp_path / "alice.toml", open_policy(root, {}))
    assert status("--party", "alice", "--policy", fine) == ("ok", str(fine))
    fine.write_text("version = 1\n[task]\n")
    assert "task: unknown field" in status("--policy", fine)[1]
