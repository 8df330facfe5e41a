"""The orchestrator's settings: from flags, the environment, a TOML file, and defaults, in order.

Every field is ``SFW_<NAME>`` in the environment and ``<name>`` in the table ``[web]`` of the file
that ``--config`` or ``SFW_CONFIG`` names. ``DATABASE_URL`` and ``REDIS_URL`` are accepted names of
``SFW_DATABASE_URL`` and ``SFW_REDIS_URL``. There is no default password, and the default address
is loopback.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AliasChoices,
    BeforeValidator,
    Field,
    IPvAnyNetwork,
    SecretStr,
    ValidationError,
)
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from secretflow_worker.broker.config_file import read_table
from secretflow_worker.broker.logs import LogFormat
from secretflow_worker.contract.errors import ConfigError
from secretflow_worker.contract.request import list_faults

Seconds = Annotated[float, Field(gt=0)]
PREFIX = "SFW_"
CONFIG_TABLE = "web"
_OTHER_NAMES = {
    "database_url": "DATABASE_URL",
    "redis_url": "REDIS_URL",
    "otlp_endpoint": "OTEL_EXPORTER_OTLP_ENDPOINT",
}
_HINT = "docs/guides/orchestrator.md lists the settings of the table [web]."


def _default_state_dir() -> Path:
    home = os.environ.get("XDG_STATE_HOME")
    return (Path(home) if home else Path.home() / ".local" / "state") / "secretflow-orchestrator"


class WebSettings(BaseSettings):
    """Frozen; durations in seconds."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", populate_by_name=True
    )

    host: str = "127.0.0.1"
    """Where the API listens. Behind another address put a proxy that speaks TLS."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    """0: a free one."""
    public_url: str | None = None
    """How browsers reach it, where that is not host and port. ``https://``: cookies are Secure."""
    state_dir: Path = Field(default_factory=_default_state_dir)
    database_url: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("SFW_DATABASE_URL", "DATABASE_URL")
    )
    """SQLite in the state folder by default; ``postgresql://...`` for several orchestrators."""
    redis_url: SecretStr = Field(
        default=SecretStr("redis://127.0.0.1:6379/0"),
        validation_alias=AliasChoices("SFW_REDIS_URL", "REDIS_URL"),
    )
    """The workers' broker, results and events."""
    cors_origins: tuple[str, ...] = ()
    """Other sites whose pages may call the API with a token. None by default; no cookies."""
    max_request_bytes: Annotated[int, Field(ge=1024)] = 8 * 1024 * 1024
    """A larger body is refused, unread."""
    max_json_depth: Annotated[int, Field(ge=8, le=200)] = 64
    """A body nested deeper is refused."""
    max_streams: Annotated[int, Field(ge=1)] = 200
    """Clients that may watch events at a time, those of one user half as many."""
    session_lifetime_s: Seconds = 12 * 3600
    """After which a browser must sign in again."""
    link_lifetime_s: Seconds = 24 * 3600
    """How long a one-time sign-in link is good."""
    idempotency_lifetime_s: Seconds = 24 * 3600
    """How long the answer to an ``Idempotency-Key`` is kept."""
    patience_s: Seconds = 30.0
    """How long nothing may be heard of a task before its worker's records are looked into."""
    trusted_proxies: tuple[IPvAnyNetwork, ...] = ()
    """Networks whose ``X-Forwarded-For`` is believed, such as ``10.0.0.0/8``. None by default."""
    metrics_open: bool = False
    """Answer ``/metrics`` without a token."""
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"],
        BeforeValidator(lambda name: str(name).upper()),
    ] = "INFO"
    otlp_endpoint: str | None = Field(
        default=None,
        validation_alias=AliasChoices("SFW_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"),
    )
    """Where traces go by OTLP/HTTP: ``http://127.0.0.1:4318``. None by default: there are none."""
    log_format: LogFormat = "console"
    """``json``: one object per line."""

    @property
    def database(self) -> str:
        """The URL of the database, with its password."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.state_dir.absolute() / 'orchestrator.db'}"

    @property
    def base_url(self) -> str:
        """How a browser reaches the API, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def is_public_https(self) -> bool:
        return self.base_url.startswith("https://")


def load_settings(config: Path | None = None, **flags: Any) -> WebSettings:
    """Read the settings; a flag that is None counts as not given.

    Raises:
        ConfigError: naming each wrong setting, or the file that cannot be read.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    path = config or (Path(named) if (named := os.environ.get(f"{PREFIX}CONFIG")) else None)
    from_file = read_table(path, CONFIG_TABLE, _HINT) if path else {}
    # Arguments of the constructor win over the environment, so the file's part of them
    # leaves out what the environment sets.
    beneath = {name: value for name, value in from_file.items() if not _is_in_environment(name)}
    try:
        return WebSettings(**{**beneath, **given})
    except ValidationError as fault:
        raise ConfigError(f"settings: {list_faults(fault)}", hint=_HINT) from None
    except SettingsError as fault:
        raise ConfigError(f"settings: {fault}", hint=_HINT) from None


def _is_in_environment(field: str) -> bool:
    present = {variable.upper() for variable in os.environ}
    return f"{PREFIX}{field}".upper() in present or _OTHER_NAMES.get(field) in present
