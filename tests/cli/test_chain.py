"""``sfw chain`` as people type it, against the orchestrator of a running ``sfw up``."""

from __future__ import annotations

import io
import json
import signal
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from secretflow_worker.cli.main import main
from secretflow_worker.client import Client, Conflict
from tests.cli.chains import LONG_MS, chain, noop
from tests.cli.conftest import SFW, Up, error_line
from tests.conftest import eventually

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(up: Up, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run ``sfw chain`` to its end, in this process, where a start takes no time."""

    def call(
        *words: str | Path, input: str = "", at: Path | None = up.state_dir, **env: str
    ) -> subprocess.CompletedProcess[str]:
        place = [] if at is None else ["--state-dir", str(at)]
        command = ["sfw", "chain", *map(str, words), *place]
        for name in ("SFW_URL", "SFW_TOKEN"):
            monkeypatch.setenv(name, env.get(name, ""))
        monkeypatch.setattr("sys.argv", command)
        monkeypatch.setattr("sys.stdin", io.StringIO(input))
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        else:
            code = 0
        told = capsys.readouterr()
        return subprocess.CompletedProcess(command, code, told.out, told.err)

    monkeypatch.setenv("COLUMNS", "200")
    return call


def write(folder: Path, document: Mapping[str, Any]) -> Path:
    """Write a chain as JSON, which is YAML too."""
    path = folder / "chain.yaml"
    path.write_text(json.dumps(document, indent=1))
    return path


def test_a_chain_is_run_and_waited_for(run: Run, tmp_path: Path) -> None:
    document = chain(noop("one", emit={"n": 7}), noop("two", "one"))

    done = run("run", write(tmp_path, document), "--wait")

    assert done.returncode == 0, done.stderr
    assert "two  SUCCESS after" in done.stderr
    assert "n 7" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


def test_as_json_it_is_the_chain_with_its_results(run: Run, tmp_path: Path) -> None:
    done = run("run", write(tmp_path, chain(noop("one", emit=[1, "ü"]))), "--wait", "--json")

    found = json.loads(done.stdout)
    assert (found["status"], found["tasks"][0]["result"]) == ("SUCCESS", {"emitted": [1, "ü"]})


def test_a_chain_that_fails_says_why_and_exits_1(run: Run, tmp_path: Path) -> None:
    failing = chain(noop("one", fail_code="OUT_OF_MEMORY"), noop("two", "one"))

    done = run("run", write(tmp_path, failing), "--wait")

    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("sfw: OUT_OF_MEMORY: task one: ")
    assert "party_memory_bytes" in last  # the hint
    why = "a task that it depends on did not succeed"
    assert f"two  SKIPPED: {why}" in done.stderr
    chain_id = json.loads(run("ls", "--status", "failure", "--json").stdout)["items"][0]["chain_id"]
    assert why in run("show", chain_id).stdout
    assert f"two  SKIPPED  {why}" in run("logs", chain_id).stdout


def test_a_chain_is_paused_resumed_cancelled_and_retried(run: Run, tmp_path: Path) -> None:
    file = write(tmp_path, chain(noop("one", sleep_ms=LONG_MS), noop("two", "one")))
    chain_id = json.loads(run("run", file, "--json").stdout)["chain_id"]

    assert run("pause", chain_id).stdout == f"{chain_id}: PAUSED\n"
    assert run("resume", chain_id).stdout == f"{chain_id}: RUNNING\n"
    assert json.loads(run("cancel", chain_id, "--json").stdout)["status"] == "CANCELLED"
    assert "CONFLICT" in error_line(run("cancel", chain_id))
    assert run("retry", chain_id, "--task", "one").stdout == f"{chain_id}: RUNNING\n"
    assert run("cancel", chain_id).returncode == 0
    told = run("logs", chain_id).stdout
    assert [word for word in ("PAUSED", "CANCELLED") if word not in told] == []
    assert run("logs", chain_id, "--task", "two").stdout.count("one") == 0


def test_a_retry_is_waited_for(run: Run, tmp_path: Path) -> None:
    once = noop("one", fail_code="OUT_OF_MEMORY", fail_first=1, tally=str(tmp_path / "tally"))
    assert run("run", write(tmp_path, chain(once)), "--wait", "--key", tmp_path.name).returncode
    chain_id = json.loads(
        run("run", tmp_path / "chain.yaml", "--json", "--key", tmp_path.name).stdout
    )

    done = run("retry", chain_id["chain_id"], "--wait", "--json")

    assert json.loads(done.stdout)["status"] == "SUCCESS", done.stderr


def test_chains_are_listed_and_shown(run: Run, tmp_path: Path) -> None:
    file = write(tmp_path, chain(noop("one"), name="to be found"))
    assert run("run", file, "--wait").returncode == 0

    listed = json.loads(run("ls", "--name", "be found", "--json").stdout)
    chain_id = listed["items"][0]["chain_id"]
    shown = run("show", chain_id).stdout

    assert listed["total"] == 1
    assert "one  alice" in run("logs", chain_id, "--task", "one").stdout
    assert chain_id in run("ls", "--status", "success").stdout
    assert "to be found" in shown
    assert "SUCCESS" in shown
    assert json.loads(run("show", chain_id, "--json").stdout)["chain_id"] == chain_id
    assert "chain_name: to be found" in run("export", chain_id).stdout
    assert run("diff", chain_id).stdout == "no difference\n"
    assert run("execute", chain_id, "--reuse", "--wait").returncode == 0


def test_versions_are_compared(run: Run, up: Up, tmp_path: Path) -> None:
    with Client(up.url, up.token) as client:
        chain_id = client.chains.create(chain(noop("one", emit=1))).chain_id
        client.chains.update(chain_id, chain(noop("one", emit=2)), version=1)

    assert "emit: 1 -> 2" in run("diff", chain_id).stdout
    assert json.loads(run("diff", chain_id, "--from", "2", "--to", "1", "--json").stdout)


def test_every_fault_of_a_file_is_named_with_its_place(run: Run, tmp_path: Path) -> None:
    file = write(tmp_path, chain(noop("one", "nobody", sleepms=1)))

    for command in ("validate", "dry-run", "run"):
        done = run(command, file)
        assert done.returncode == 2
        assert "tasks.0.depends_on.0: " in done.stderr
        assert "tasks.0.task_params.task_config.sleepms: unknown field" in done.stderr
    assert len(json.loads(run("validate", file, "--json").stdout)) == 2


def test_yaml_that_is_none_is_named_by_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "chain.yaml"
    file.write_text("chain_name: x\ntasks: [\n")
    broken = run("run", file)
    piped = run("validate", "-", input="tasks: !!python/object:os.system\n")
    missing = run("run", tmp_path / "none.yaml")

    assert broken.returncode == 2
    assert "chain.yaml: line 3, column 1" in error_line(broken)
    assert "tags are not read" in error_line(piped)
    assert missing.returncode == 2
    assert "none.yaml: No such file" in error_line(missing)


def test_a_dry_run_says_who_would_learn_what(run: Run, tmp_path: Path) -> None:
    good = write(tmp_path, chain(noop("one"), noop("two", "one")))

    assert "Who would learn what" in run("dry-run", good).stdout
    assert json.loads(run("dry-run", good, "--json").stdout)["levels"] == [["one"], ["two"]]
    assert "can run" in run("validate", good).stdout


def test_ctrl_c_ends_the_waiting_and_not_the_chain(
    environment: dict[str, str], up: Up, tmp_path: Path
) -> None:
    file = write(tmp_path, chain(noop("one", sleep_ms=LONG_MS)))
    command: list[str | Path] = [SFW, "chain", "run", file, "--wait", "--state-dir", up.state_dir]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as waiting:
        assert waiting.stderr is not None
        chain_id = waiting.stderr.readline().split()[1]
        with Client(up.url, up.token) as client:
            eventually(lambda: client.chains.get(chain_id).tasks[0].started_at)
            waiting.send_signal(signal.SIGINT)
            told = waiting.stderr.read()
            assert waiting.wait(60) == 130
            assert f"chain {chain_id} still runs" in told
            assert client.chains.cancel(chain_id).status.value == "CANCELLED"


def test_two_commands_at_once_do_a_thing_once(
    environment: dict[str, str], up: Up, tmp_path: Path
) -> None:
    file = write(tmp_path, chain(noop("one"), name="twice at once"))
    command: list[str | Path] = [
        SFW,
        "chain",
        "run",
        file,
        "--wait",
        "--json",
        "--key",
        "k",
        "--state-dir",
        up.state_dir,
    ]
    both = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    outputs = [json.loads(each.communicate(timeout=60)[0]) for each in both]

    assert [each.returncode for each in both] == [0, 0]
    assert outputs[0]["celery_chain_id"] == outputs[1]["celery_chain_id"]
    with Client(up.url, up.token) as client:
        assert client.chains.list(name="twice at once").total == 1
        with pytest.raises(Conflict):
            client.chains.pause(outputs[0]["chain_id"])


def test_who_is_asked_comes_from_flags_the_environment_or_the_state_folder(
    run: Run, up: Up, tmp_path: Path
) -> None:
    there = {"SFW_URL": up.url, "SFW_TOKEN": up.token}
    nowhere = "http://127.0.0.1:9"

    assert run("ls", at=None, **there).returncode == 0
    assert run("ls", "--url", up.url + "/", "--token", up.token, at=None).returncode == 0
    nobody = error_line(run("ls", at=tmp_path))
    wrong = error_line(run("ls", at=None, **{**there, "SFW_TOKEN": "sfw_wrong"}))
    away = error_line(run("ls", at=None, **{**there, "SFW_URL": nowhere}))
    other = error_line(run("ls", "--url", nowhere))

    assert "sfw up" in nobody
    assert "UNAUTHENTICATED" in wrong
    assert "does not answer" in away
    assert f"no token for {nowhere}" in other  # this machine's token stays here
