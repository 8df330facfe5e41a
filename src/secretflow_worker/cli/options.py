"""The flags of every command that reads the worker's settings, and how they become settings.

A setting without a flag of its own is given by ``--set NAME=VALUE``; all of them can be given
by the environment and the file too (``sfw config`` shows them).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from secretflow_worker.worker.settings import WorkerSettings

ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="A TOML file with a table [worker]. [SFW_CONFIG]")
]
RedisUrl = Annotated[str | None, typer.Option(help="Broker, results, events. [REDIS_URL]")]
DataRoot = Annotated[
    Path | None, typer.Option(help="All paths of requests lie in it. [SFW_DATA_ROOT]")
]
StateDir = Annotated[
    Path | None, typer.Option(help="Journal, working folders, logs. [SFW_STATE_DIR]")
]
CertsDir = Annotated[
    Path | None, typer.Option(help="Own certificate and key, pinned peers. [SFW_CERTS_DIR]")
]
PartyFlag = Annotated[
    str | None, typer.Option("--party", help="The one party of cluster mode. [SFW_PARTY]")
]
PolicyFile = Annotated[
    Path | None,
    typer.Option("--policy", help="What the own party allows: `sfw policy`. [SFW_POLICY_FILE]"),
]
Concurrency = Annotated[int | None, typer.Option(help="Tasks at a time. [SFW_CONCURRENCY]")]
LogLevel = Annotated[str | None, typer.Option(help="DEBUG, INFO, WARNING. [SFW_LOG_LEVEL]")]
Assignments = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Any other setting; repeatable."),
]


def read_settings(
    config: Path | None, assignments: Sequence[str] | None, **flags: Any
) -> WorkerSettings:
    """Put flags, environment, file and defaults together.

    Raises:
        ConfigError: naming each wrong setting.
    """
    from secretflow_worker.worker.settings import load_settings

    assigned = dict(_split(text) for text in assignments or ())
    given = {name: value for name, value in flags.items() if value is not None}
    for name in ("data_root", "state_dir", "certs_dir", "policy_file"):
        if name in given:
            given[name] = given[name].absolute()
    return load_settings(config, **{**assigned, **given})


def _split(text: str) -> tuple[str, Any]:
    """Split NAME=VALUE; a list or a map is written as JSON, as in the environment."""
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise typer.BadParameter(f"--set takes NAME=VALUE, got {text[:64]!r}")
    name = name.strip().lower().replace("-", "_")
    if value[:1] in {"[", "{"}:
        try:
            return name, json.loads(value)
        except ValueError:
            raise typer.BadParameter(f"--set {name}: not valid JSON") from None
    return name, value
