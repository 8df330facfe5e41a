"""The example plugin: built, installed beside a worker, and run by it in both modes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.sites import Sites, open_sites
from tests.conftest import write_csv

pytestmark = pytest.mark.timeout(300)  # two workers start, on a busy machine slowly

SOURCE = Path(__file__).parents[2] / "examples" / "plugin"
TYPES = ("pooled_maximum", "pooled_mean")
TWO = ("alice", "bob")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and unpack it, which is all that an installer does with it."""
    folder = tmp_path_factory.mktemp("plugin")
    shutil.copytree(SOURCE, folder / "source")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=folder / "source", check=True, capture_output=True)
    (wheel,) = folder.glob("pooled_statistics-*.whl")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(folder / "site")
    return folder / "site"


@pytest.fixture(scope="module")
def sites(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(installed))
        with open_sites(tmp_path_factory.mktemp("sites"), TWO) as sites:
            yield sites


def ages(folder: Path) -> dict[str, str]:
    """Write each party's table below a folder that has theirs."""
    tables = {"alice": [10, 20.5], "bob": [-3, 40.25, 7]}
    return {p: write_csv(folder / p / "ages.csv", {"age": of}) for p, of in tables.items()}


def config_of(task_type: str, data: dict[str, str]) -> dict[str, Any]:
    return {"task_type": task_type, "input_data": data, "column": "age", "receiver": "alice"}


@pytest.mark.parametrize(
    ("task_type", "figure"), [("pooled_mean", 74.75 / 5), ("pooled_maximum", 40.25)]
)
def test_each_type_runs_between_two_workers(sites: Sites, task_type: str, figure: float) -> None:
    outcomes = sites.run(config_of(task_type, ages(sites.folder)))
    assert outcomes["alice"]["result"]["figure"] == pytest.approx(figure, abs=1e-3)  # FM64
    assert outcomes["bob"]["result"] == {"figure": None}
    assert outcomes["bob"]["task_metadata"]["security"]["mutual_tls"] is True


def test_its_own_tests_pass_and_run_it_in_local_mode(installed: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "-p", "no:cacheprovider"]
    places = ["--rootdir", str(SOURCE), "--basetemp", str(tmp_path / "b"), str(SOURCE / "tests")]
    done = subprocess.run(
        [*command, *places],
        capture_output=True, text=True, check=False, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_command_line_shows_its_types(installed: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    for name in TYPES:
        done = subprocess.run(
            [sys.executable, "-m", "secretflow_worker", "tasks", name],
            capture_output=True, text=True, check=False, env=environment,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(f"{name}@1  ")


def test_it_builds_on_public_names_alone() -> None:
    for path in (SOURCE / "src").rglob("*.py"):
        assert "secretflow_worker.tasks._" not in path.read_text()
