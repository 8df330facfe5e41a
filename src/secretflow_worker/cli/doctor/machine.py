"""What the machine and the environment must bring: Python, wheels, CPU, memory, disk."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import psutil
from packaging.requirements import Requirement

from secretflow_worker.cli.doctor.check import Check, Status
from secretflow_worker.engine.extras import INSTALL, lacking_secretflow

_SETUP = "make the environment again: `make setup` in a clone, or install the package anew"
_CPU_NEEDS = {"x86_64": {"aes", "avx"}, "aarch64": {"aes", "asimd"}}
"""libspu ciphers with AES instructions; jaxlib's x86 wheel is built for AVX."""
_LOW_DISK_BYTES, _NO_DISK_BYTES = 5 * 10**9, 5 * 10**8
_LOW_MEMORY_BYTES = 2 * 2**30


def check_machine(data_root: Path, state_dir: Path) -> Iterator[Check]:
    """Yield the checks that need no network."""
    yield _python()
    yield _wheels()
    yield _spu()
    yield _bridge()
    yield from _plugins()
    yield _cpu()
    yield _memory()
    yield _folder("data root", data_root, "--data-root or SFW_DATA_ROOT", may_be_made=False)
    yield _folder("state folder", state_dir, "--state-dir or SFW_STATE_DIR", may_be_made=True)


def _python() -> Check:
    found = platform.python_version()
    if sys.version_info[:2] == (3, 10):
        return Check("python", "ok", f"{found} at {sys.executable}")
    return Check("python", "fail", found, "use Python 3.10: sf-heu and spu have no newer wheels")


def _wheels() -> Check:
    """Compare what is installed with what this package's own metadata asks for."""
    wrong, pinned = [], []
    needed = [Requirement(line) for line in requires("secretflow-worker") or ()]
    for need in needed:
        if need.marker is not None and not need.marker.evaluate({"extra": ""}):
            continue
        try:
            found = version(need.name)
        except PackageNotFoundError:
            wrong.append(f"{need.name} is missing")
            continue
        if not need.specifier.contains(found, prereleases=True):
            wrong.append(f"{need.name} is {found}, not {need.specifier}")
        elif str(need.specifier).startswith("=="):
            pinned.append(f"{need.name} {found}")
    if wrong:
        return Check("wheels", "fail", "; ".join(wrong), _SETUP)
    return Check("wheels", "ok", f"{len(needed)} as required; pinned: {', '.join(pinned)}")


def _bridge() -> Check:
    """Say whether types on SecretFlow's own devices can run; a worker may well be without."""
    lacking = lacking_secretflow()
    if lacking:
        detail = f"{lacking}; only types on SecretFlow's own devices need it: {INSTALL}"
        return Check("bridge", "ok", detail)
    return Check("bridge", "ok", "types on SecretFlow's own devices can run")


def _plugins() -> Iterator[Check]:
    """Import the task types of other packages."""
    from secretflow_worker.tasks import TaskDispatcher

    for plugin in TaskDispatcher.plugins():
        if plugin.fault:
            mend = f"mend or uninstall {plugin.package}; the other task types run without it"
            yield Check("plugin", "warn", f"{plugin.name} is left out: {plugin.fault}", mend)
        else:
            types = ", ".join(plugin.types)
            yield Check("plugin", "ok", f"{plugin.name} of {plugin.package}: {types}")


def _spu() -> Check:
    """Load libspu in a process of its own: on a CPU or libc that does not fit, it is killed."""
    done = subprocess.run(
        [sys.executable, "-c", "import spu"], capture_output=True, text=True, timeout=120
    )
    if done.returncode == 0:
        return Check("libspu", "ok", "loads")
    last = (done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1]
    return Check("libspu", "fail", last, f"needs glibc 2.17 or newer and libgomp; or {_SETUP}")


def _cpu() -> Check:
    machine = platform.machine()
    needs = _CPU_NEEDS.get(machine)
    if needs is None:
        return Check("cpu", "fail", machine, "libspu has wheels for x86_64 and aarch64 only")
    cores = len(os.sched_getaffinity(0))
    missing = needs - _cpu_flags()
    if missing:
        return Check(
            "cpu", "fail", f"{machine} without {', '.join(sorted(missing))}",
            "use a machine, or a virtual machine type, that offers these instructions",
        )  # fmt: skip
    detail = f"{machine}, {cores} cores, {', '.join(sorted(needs))}"
    if cores < 2:
        return Check("cpu", "warn", detail, "give it two cores: in local mode parties share them")
    return Check("cpu", "ok", detail)


def _cpu_flags() -> set[str]:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() in {"flags", "Features"}:
            return set(value.split())
    return set()


def _memory() -> Check:
    free = psutil.virtual_memory().available
    detail = f"{free / 2**30:.1f} GiB available"
    if free < _LOW_MEMORY_BYTES:
        return Check("memory", "warn", detail, "free memory, or set party_memory_bytes lower")
    return Check("memory", "ok", detail)


def _folder(name: str, path: Path, setting: str, *, may_be_made: bool) -> Check:
    nearest = path
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    if nearest != path and not may_be_made:
        return Check(name, "fail", f"{path} does not exist", f"make it, or name another: {setting}")
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        return Check(
            name, "fail", f"{nearest} cannot be written", f"let this user write, or use {setting}"
        )
    free = shutil.disk_usage(nearest).free
    detail = f"{path}, {free / 10**9:.1f} GB free"
    if free < _LOW_DISK_BYTES:
        status: Status = "warn" if free >= _NO_DISK_BYTES else "fail"
        return Check(name, status, detail, "free space there: outputs are written beside first")
    return Check(name, "ok", detail)
