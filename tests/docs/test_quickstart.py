"""The quickstart and the guide to a plain Celery client, followed command by command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import SFW, clean_environment
from tests.conftest import eventually
from tests.docs.shown import GUIDES, Command, blocks, commands

pytestmark = pytest.mark.timeout(300)  # a worker starts, on a busy machine slowly

QUICKSTART = commands(GUIDES / "quickstart.md")
OF_THE_CLONE = ("make demo", "source .venv/bin/activate")
START = "sfw up "


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the quickstart is followed; what its first terminal runs goes on."""
    folder = tmp_path_factory.mktemp("quickstart")
    (start,) = (command.text for command in QUICKSTART if command.text.startswith(START))
    with (folder / "up.log").open("wb") as log:
        first_terminal = subprocess.Popen(
            ["bash", "-c", f"exec {start} --port 0"], cwd=folder, env=environment(folder),
            stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    up = folder / ".sfw/up.json"
    eventually(lambda: up.exists() or first_terminal.poll() is not None, 90)
    assert up.exists(), (folder / "up.log").read_text()
    yield folder
    first_terminal.terminate()
    assert first_terminal.wait(60) == 0


def environment(folder: Path) -> dict[str, str]:
    clean = clean_environment(folder / "home")
    return {**clean, "PATH": f"{SFW.parent}{os.pathsep}{clean['PATH']}"}


@pytest.fixture(scope="module")
def second_terminal(folder: Path) -> dict[str, str]:
    """Run the rest of the quickstart; return what each command printed."""
    return {
        command.text: run(command, folder)
        for command in QUICKSTART
        if command.text not in OF_THE_CLONE and not command.text.startswith(START)
    }


def run(command: Command, folder: Path) -> str:
    done = subprocess.run(
        ["bash", "-euc", command.text], cwd=folder, env=environment(folder),
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, f"{command.text}\n{done.stderr}"
    return done.stdout


def test_every_command_of_the_quickstart_does_what_it_says(
    second_terminal: dict[str, str],
) -> None:
    for command in QUICKSTART:
        if command.output:
            assert second_terminal[command.text] == command.output
    told = {text.split(" --")[0]: printed for text, printed in second_terminal.items()}
    assert "intersection_count 2" in told["sfw chain run chain.yaml"]
    for of_one_request in ("sfw submit psi.json", "sfw run psi.json"):
        assert json.loads(told[of_one_request])["result"]["intersection_count"] == 2


def test_the_plain_celery_client_does_what_its_guide_says(
    folder: Path, second_terminal: dict[str, str]
) -> None:
    """Its blocks one after the other, over the quickstart's tables."""
    first, on_failure, on_events, cancelling = blocks(GUIDES / "celery-client.md", "python")
    assert second_terminal
    data = folder / ".sfw/data"
    tables = {"alice.csv": "alice/people.csv", "bob.csv": "bob/buyers.csv"}
    for shown, there in tables.items():
        first = first.replace(f"/app/data/{shown}", str(data / there))
    first = first.replace("/app/data", str(data))
    makes_request, sends = first.split("sent = ")
    sending = f"sent = {sends.splitlines()[0]}\n"
    listening, reading = on_events.split("for message")
    refused = "request['task_config'].pop('keys')\n" + sending + on_failure
    anew = "request['execution_id'] += '-2'\n"
    heard = f"{anew}{listening}events.get_message(timeout=10)\n{sending}for message{reading}"
    program = "\n".join([first, "import json", heard, cancelling, anew, refused])
    up = json.loads((folder / ".sfw/up.json").read_text())

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False,
        timeout=120, env={**environment(folder), "REDIS_URL": up["redis_url"]},
    )  # fmt: skip

    assert makes_request
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "2"
    assert lines[-2].split()[1:] == ["SUCCESS", "1.0"]
    assert lines[-1].startswith("CONFIG_INVALID ")
