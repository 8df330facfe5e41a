"""Help, version, and what a wrong command line says."""

import resource
import subprocess
import sys

import pytest

from tests.cli.conftest import Sfw

COMMANDS = (
    "demo", "up", "web", "chain", "worker", "run", "submit", "tasks", "config", "doctor",
    "health", "certs",
)  # fmt: skip
HEAVY = ("spu", "jax", "celery", "redis", "sklearn", "polars", "numpy", "pydantic", "rich")


def test_help_names_every_command(sfw: Sfw) -> None:
    done = sfw("--help")

    assert done.returncode == 0
    for command in COMMANDS:
        assert f"\n  {command} " in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(sfw: Sfw, command: str) -> None:
    done = sfw(command, "--help")

    assert done.returncode == 0
    assert done.stdout.startswith(f"Usage: sfw {command}")


def test_help_is_quick(sfw: Sfw) -> None:
    def seconds() -> float:
        # Of the processor, as other tests run beside this one.
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        sfw("--help")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(seconds() for _ in range(3)) < 0.5


def test_the_command_line_starts_without_what_single_commands_need() -> None:
    code = f"""
import sys, secretflow_worker.cli.main
print(*(name for name in {HEAVY} if name in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == []


def test_no_arguments_shows_help(sfw: Sfw) -> None:
    assert "Commands:" in sfw().stderr


def test_version(sfw: Sfw) -> None:
    assert sfw("--version").stdout == "sfw 0.1.0\n"


def test_python_dash_m_is_the_same_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "secretflow_worker", "--version"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout == "sfw 0.1.0\n"


@pytest.mark.parametrize("arguments", [["nonsense"], ["tasks", "--nonsense"], ["run"]])
def test_a_wrong_command_line_says_so_without_a_traceback(sfw: Sfw, arguments: list[str]) -> None:
    done = sfw(*arguments)

    assert done.returncode == 2
    assert "Usage:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_that_goes_away_is_no_error_to_explain(environment: dict[str, str]) -> None:
    done = subprocess.run(
        f"{sys.executable} -m secretflow_worker config | head -n 1",
        shell=True, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.stdout
    assert done.stderr == ""
