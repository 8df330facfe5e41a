"""What is built for PyPI holds the web page, which git does not."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
STATIC = "secretflow_worker/orchestrator/static"
PAGE = ("index.html", "assets/a-1.js", "assets/a-1.js.gz")


def copy_of_clone(folder: Path) -> None:
    """What a build reads, with a page of three files in place of the real one."""
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, folder)
    ignored = shutil.ignore_patterns("__pycache__", "static")
    shutil.copytree(ROOT / "src", folder / "src", ignore=ignored)
    demo = "examples/german_credit/german_credit.csv"
    (folder / demo).parent.mkdir(parents=True)
    shutil.copy(ROOT / demo, folder / demo)
    for name in PAGE:
        path = folder / "src" / STATIC / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def test_wheel_and_sdist_hold_the_built_page(tmp_path: Path) -> None:
    clone, built = tmp_path / "clone", tmp_path / "built"
    clone.mkdir()
    copy_of_clone(clone)
    build = [sys.executable, "-m", "hatchling", "build", "-d", str(built)]
    subprocess.run(build, cwd=clone, check=True, capture_output=True)
    (wheel,) = built.glob("*.whl")
    (sdist,) = built.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        in_wheel = set(archive.namelist())
    with tarfile.open(sdist) as archive:
        in_sdist = {name.split("/", 1)[-1] for name in archive.getnames()}
    for name in PAGE:
        assert f"{STATIC}/{name}" in in_wheel
        assert f"src/{STATIC}/{name}" in in_sdist
