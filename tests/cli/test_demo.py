"""``sfw demo``: the whole chain over German Credit, as a newcomer runs it."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from tests.cli.conftest import Sfw, error_line
from tests.conftest import eventually

SPLIT = Path(__file__).parents[2] / "examples" / "german_credit" / "split.py"


def test_the_demo_as_json(sfw: Sfw, tmp_path: Path) -> None:
    done = sfw("demo", "--json", "--dir", tmp_path / "demo", timeout_s=110)

    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["ok"] is True

    banks, retailers = (ids(tmp_path / "demo", *where) for where in TABLES)
    assert document["intersection"]["common"] == len(banks & retailers)
    assert document["intersection"]["rows"] == {"bank": 930, "retailer": 930}

    for model in document["models"].values():
        assert model["auc"] > 0.7
        assert abs(model["auc"] - model["plain_auc"]) < 0.05
        assert 0 < model["ks"] < 1

    tasks = {task["name"]: task for task in document["tasks"]}
    assert set(tasks) == {
        "statistics", "psi", "onehot", "scale", "split", "ss_lr", "ss_xgb", "eval_lr", "eval_xgb",
    }  # fmt: skip
    assert re.search(r"The page is at http://127\.0\.0\.1:\d+/ ", done.stderr)
    assert tasks["ss_lr"]["bytes_sent"]["bank"] > 0
    assert tasks["eval_lr"]["parties"] == ["bank"]
    assert any(line["task"] == "psi" for line in document["learned"]["retailer"])
    assert any("prediction" in line["what"] for line in document["learned"]["bank"])
    assert not any("prediction" in line["what"] for line in document["learned"]["retailer"])
    assert not (tmp_path / "demo" / "state" / "up.json").exists()


def test_the_demo_opens_its_chain_in_a_browser_and_stays_until_it_is_stopped(
    sfw: Sfw, tmp_path: Path
) -> None:
    browser = tmp_path / "bin" / "xdg-open"
    browser.parent.mkdir()
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    browser.chmod(0o755)
    path = {"PATH": f"{browser.parent}:{os.environ['PATH']}"}

    done = sfw("demo", "--open", "--json", "--dir", tmp_path / "demo", env=path, timeout_s=110)

    assert done.returncode == 0, done.stderr
    kept = json.loads(done.stdout)["kept"]
    process = psutil.Process(int(kept["stop"].removeprefix("kill ")))
    family = [process, *process.children(recursive=True)]
    try:
        opened = urlsplit((tmp_path / "opened").read_text().strip())
        assert f"{opened.scheme}://{opened.netloc}/" == kept["page"]
        with httpx.Client(base_url=kept["page"], timeout=30) as page:
            signed_in = page.post("api/v1/auth/link", json={"token": opened.fragment})
            assert signed_in.json()["name"] == "admin"
            shown = page.get(f"api/v1{opened.path}").json()
        assert (shown["status"], shown["created_by"]) == ("SUCCESS", "admin")
        listed = sfw("chain", "ls", "--state-dir", kept["state_dir"])
        assert shown["chain_id"] in listed.stdout
    finally:
        subprocess.run(shlex.split(kept["stop"]), check=True)
        eventually(lambda: not any(each.is_running() for each in family), 60)
    assert (tmp_path / "demo" / "data" / "bank" / "credit.csv").is_file()


TABLES = (("bank", "credit.csv", "customer_id"), ("retailer", "persons.csv", "member_id"))


def ids(folder: Path, party: str, name: str, column: str) -> set[str]:
    with (folder / "data" / party / name).open(newline="") as file:
        return {row[column] for row in csv.DictReader(file)}


def test_the_example_script_writes_both_parties_tables(tmp_path: Path) -> None:
    subprocess.run([sys.executable, SPLIT, tmp_path], check=True, capture_output=True)

    for party, name, column in TABLES:
        with (tmp_path / party / name).open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert len({row[column] for row in rows}) == len(rows) == 930
        assert [row[column] for row in rows] != sorted(row[column] for row in rows)
        assert ("y" in rows[0]) == (party == "bank")


@pytest.mark.parametrize("name", ["with space", "with,comma"])
def test_a_folder_whose_paths_no_task_may_use_is_refused(
    sfw: Sfw, tmp_path: Path, name: str
) -> None:
    assert "--dir" in error_line(sfw("demo", "--dir", tmp_path / name))


def test_a_folder_with_files_in_it_is_refused(sfw: Sfw, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert "is not empty" in error_line(sfw("demo", "--dir", tmp_path))
