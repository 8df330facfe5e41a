"""Plugins that do not fit are left out, with a reason, and take no other type with them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

TYPE = """
from secretflow_worker.tasks import Config, Learns, Report, Result, TaskDispatcher

def register(name, version=1, **more):
    @TaskDispatcher.register(
        name, version=version, summary="A plugin's.", group="Understand", config=Config,
        report=Report, result=Result, learns=[Learns("nobody", "anything", "anyone")],
        example={"task_type": name}, **more,
    )
    def run(parties, config): ...

"""
LOOK = """
import json
from secretflow_worker.tasks import TaskDispatcher
psi = TaskDispatcher.find("psi")
print(json.dumps({
    "plugins": [vars(plugin) for plugin in TaskDispatcher.plugins()],
    "names": [task.name for task in TaskDispatcher.all()],
    "psi": [psi.version, psi.run.__module__],
    "binning": TaskDispatcher.resolve({"task_type": "binning", "method": "quantile"}).name,
}))
"""


def install(folder: Path, name: str, code: str, needs: str = "") -> None:
    """Lay a package with one module and its entry point into a folder."""
    info = folder / f"{name}-1.dist-info"
    info.mkdir(parents=True)
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n"
    info.joinpath("METADATA").write_text(metadata + (f"Requires-Dist: {needs}\n" if needs else ""))
    info.joinpath("entry_points.txt").write_text(f"[secretflow_worker.tasks]\n{name} = {name}\n")
    folder.joinpath(f"{name}.py").write_text(TYPE + code)


def run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True, text=True, timeout=100, check=False,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def look(folder: Path) -> dict[str, Any]:
    seen: dict[str, Any] = json.loads(run(folder, "-c", LOOK))
    assert seen["psi"] == [1, "secretflow_worker.tasks.psi"]
    assert seen["binning"] == "quantile_binning"
    return seen


BROKEN = [
    ("import a_module_that_is_not_there", "", "No module named 'a_module_that_is_not_there'"),
    ("register('mine'); 1 / 0", "", "ZeroDivisionError"),
    ("raise SystemExit(3)", "", "SystemExit: 3"),
    ("register('psi')", "", "psi@1 is registered twice"),
    ("register('psi', version=7)", "", "it takes the name 'psi'"),
    ("register('mine', aliases=('psi',))", "", "it takes the name 'psi'"),
    ("register('mine', aliases=('min_max_scaler',))", "", "it takes the name 'min_max_scaler'"),
    ("register('mine', shared_alias=('binning', 'method', 'quantile'))", "", "'binning'"),
    ("register('binning')", "", "it takes the name 'binning'"),
    ("register('mine')", "secretflow-worker>=99", "it is for secretflow-worker >=99, and this"),
]


def test_plugins_that_do_not_fit_are_left_out(tmp_path: Path) -> None:
    for number, (code, needs, _) in enumerate(BROKEN):
        install(tmp_path, f"broken_{number}", code, needs)
    install(tmp_path, "whole", "register('whole')", "secretflow-worker>=0.0.1")

    *broken, whole = (seen := look(tmp_path))["plugins"]

    for number, (_, _, reason) in enumerate(BROKEN):
        assert broken[number]["name"] == f"broken_{number}"
        assert reason in broken[number]["fault"]
    assert (whole["types"], whole["fault"]) == (["whole"], "")
    assert "whole" in seen["names"]
    assert "mine" not in seen["names"]


def test_the_doctor_says_why(tmp_path: Path) -> None:
    install(tmp_path, "aa_broken", "register('psi')")
    install(tmp_path, "zz_whole", "register('whole')")

    text = run(tmp_path, "-m", "secretflow_worker", "doctor", "--json")

    found = {c["detail"]: c for c in json.loads(text)["checks"] if c["name"] == "plugin"}
    broken, whole = found.values()
    assert broken["status"] == "warn"
    assert broken["detail"].startswith("aa_broken is left out: ValueError: task type psi@1")
    assert "mend or uninstall aa_broken" in broken["mend"]
    assert (whole["status"], whole["detail"]) == ("ok", "zz_whole of zz_whole: whole")


def test_a_type_of_a_broken_plugin_is_unknown_and_the_hint_names_it(tmp_path: Path) -> None:
    install(tmp_path, "aa_broken", "register('mine'); 1 / 0")
    ask = """
from secretflow_worker.contract.errors import UnknownTask
from secretflow_worker.tasks import TaskDispatcher
try:
    TaskDispatcher.find("mine")
except UnknownTask as error:
    print(error.hint)
"""
    assert "`sfw doctor` says why these plugins are left out: aa_broken." in run(
        tmp_path, "-c", ask
    )
