"""What a worker needs for some task types only, and may be installed without."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from secretflow_worker.contract.errors import ConfigError

INSTALL = "pip install 'secretflow_worker-...whl[secretflow]'"
_NEEDED = {"secretflow": "1.14.0b0", "sf-heu": "0.6.0.dev20250514"}
"""Exact versions: the bridge closes holes in the inside of these."""


def require_secretflow(task_type: str) -> None:
    """Check that SecretFlow is installed, without importing it.

    Raises:
        ConfigError: naming the extra that brings it.
    """
    if lacking := lacking_secretflow():
        raise ConfigError(
            f"task_config.task_type: {task_type} runs on SecretFlow's devices, and this worker "
            f"has {lacking}",
            hint=f"Install the extra at every party's worker: {INSTALL}",
        )


def lacking_secretflow() -> str:
    """Say what is not there as the bridge needs it; nothing where all is."""
    for name, needed in _NEEDED.items():
        found = _installed(name)
        if found != needed:
            return f"{f'{name} {found}' if found else f'no {name}'} where it needs {needed}"
    return ""


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
