"""The worker's settings: from flags, the environment, a TOML file, and defaults, in that order.

Every field is `SFW_<NAME>` in the environment and `<name>` in the table ``[worker]`` of the
file that ``--config`` or ``SFW_CONFIG`` names. ``REDIS_URL`` is an accepted name of
``SFW_REDIS_URL``. Nothing here has a default password, and the default address is loopback.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AliasChoices, BeforeValidator, Field, PrivateAttr, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from secretflow_worker.broker.address import masked
from secretflow_worker.broker.config_file import read_table
from secretflow_worker.contract.errors import ConfigError
from secretflow_worker.contract.request import list_faults
from secretflow_worker.engine.settings import EngineSettings

Seconds = Annotated[float, Field(gt=0)]
PREFIX = "SFW_"
CONFIG_TABLE = "worker"
_OTHER_NAMES = {"redis_url": "REDIS_URL", "otlp_endpoint": "OTEL_EXPORTER_OTLP_ENDPOINT"}


def default_state_dir() -> Path:
    """Return ``$XDG_STATE_HOME/secretflow-worker``, or the same below ``~/.local/state``."""
    home = os.environ.get("XDG_STATE_HOME")
    return (Path(home) if home else Path.home() / ".local" / "state") / "secretflow-worker"


class WorkerSettings(BaseSettings, EngineSettings):
    """Frozen; durations in seconds. What the engine needs is inherited from its own settings."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", populate_by_name=True
    )

    state_dir: Path = Field(default_factory=default_state_dir)
    """Journal, heartbeat and runs. One worker owns it; another is refused."""
    redis_url: SecretStr = Field(
        default=SecretStr("redis://127.0.0.1:6379/0"),
        validation_alias=AliasChoices("SFW_REDIS_URL", "REDIS_URL"),
    )
    """Broker, results, events, claims. ``rediss://`` is TLS with a checked certificate."""
    redis_ca_file: Path | None = None
    redis_cert_file: Path | None = None
    redis_key_file: Path | None = None
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")] = "secretflow-worker"
    """``worker_container`` of events, and the part of the Celery node name before the ``@``."""
    concurrency: Annotated[int, Field(ge=1, le=256)] = 2
    """Tasks at a time."""
    retry_max: Annotated[int, Field(ge=0, le=100)] = 2
    """How often a transient failure is tried again by itself."""
    retry_backoff_s: Seconds = 1.0
    """Before the first retry; doubles with each, with jitter, up to a minute."""
    max_redeliveries: Annotated[int, Field(ge=0, le=100)] = 1
    """How often a task is queued again after the worker was killed while it ran it."""
    claim_lease_s: Annotated[float, Field(ge=2)] = 15.0
    """How long a silent worker keeps an execution to itself."""
    result_ttl_s: Annotated[int, Field(ge=1)] = 86_400
    """How long results stay in Redis; as long, a doubled message returns the stored one."""
    stop_grace_s: Annotated[float, Field(ge=0)] = 30.0
    """After SIGTERM, before running tasks are stopped and queued again."""
    visibility_timeout_s: Annotated[float, Field(ge=5)] = 60.0
    """After which Redis gives a message again that a worker took and did not acknowledge."""
    status_queue_limit: Annotated[int, Field(ge=0)] = 100_000
    """Oldest entries of the event list are dropped beyond it when nobody reads it; 0: never."""
    tracebacks: bool = False
    """Put the traceback of an internal error into its report. For development only."""
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"],
        BeforeValidator(lambda name: str(name).upper()),
    ] = "INFO"
    log_format: Literal["console", "json"] = "console"
    otlp_endpoint: str | None = Field(
        default=None,
        validation_alias=AliasChoices("SFW_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"),
    )
    """Where traces go by OTLP/HTTP: ``http://127.0.0.1:4318``. None by default: there are none."""

    _sources: dict[str, str] = PrivateAttr(default_factory=dict)

    def engine_settings(self) -> EngineSettings:
        """Return the part that the engine is told."""
        return EngineSettings(**{name: getattr(self, name) for name in EngineSettings.model_fields})


class Explained(NamedTuple):
    """One setting, its value as text with secrets masked, and where it came from."""

    name: str
    value: str
    source: str


def load_settings(config: Path | None = None, **flags: Any) -> WorkerSettings:
    """Read the settings; a flag that is None counts as not given.

    Raises:
        ConfigError: naming each wrong setting, or the file that cannot be read.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    path = config or (Path(named) if (named := os.environ.get(f"{PREFIX}CONFIG")) else None)
    from_file = read_table(path, CONFIG_TABLE, _HINT) if path else {}
    from_env = {name: found for name in WorkerSettings.model_fields if (found := _env_name(name))}
    # Arguments of the constructor win over the environment, so the file's part of them
    # leaves out what the environment sets.
    beneath = {name: value for name, value in from_file.items() if name not in from_env}
    try:
        settings = WorkerSettings(**{**beneath, **given})
    except ValidationError as fault:
        raise ConfigError(f"settings: {list_faults(fault)}", hint=_HINT) from None
    except SettingsError as fault:
        raise ConfigError(f"settings: {fault}", hint=_HINT) from None
    settings._sources.update(
        {
            **dict.fromkeys(from_file, f"file {path}"),
            **{name: f"environment {variable}" for name, variable in from_env.items()},
            **dict.fromkeys(given, "flag"),
        }
    )
    return settings


def explain(settings: WorkerSettings) -> list[Explained]:
    """Return every setting with its value, secrets masked, and where it came from."""
    return [
        Explained(name, _shown(getattr(settings, name)), settings._sources.get(name, "default"))
        for name in sorted(WorkerSettings.model_fields)
    ]


_HINT = "`sfw config` shows every setting and where it came from."


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return masked(value.get_secret_value())
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={item}" for key, item in value.items())
    return "" if value is None else str(value)


def _env_name(field: str) -> str | None:
    """Return the variable of the environment that sets `field`, if there is one."""
    accepted = [f"{PREFIX}{field}".upper()]
    if field in _OTHER_NAMES:
        accepted.append(_OTHER_NAMES[field])
    present = {variable.upper(): variable for variable in os.environ}
    return next((present[name] for name in accepted if name in present), None)
