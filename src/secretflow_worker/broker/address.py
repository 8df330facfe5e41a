"""Where Redis is: one URL, told in the three dialects of redis-py, kombu and Celery's backend."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from secretflow_worker.contract.errors import ConfigError

_CERT_REQS = {"none": ssl.CERT_NONE, "optional": ssl.CERT_OPTIONAL, "required": ssl.CERT_REQUIRED}


@dataclass(frozen=True)
class RedisAddress:
    """A URL without TLS parameters, and those apart. ``repr`` hides the password."""

    url: str
    tls: dict[str, Any] | None

    def __repr__(self) -> str:
        return f"RedisAddress({masked(self.url)})"

    def connect(self, timeout_s: float) -> Redis:
        """Return a client that gives up after `timeout_s`, with one immediate second try."""
        return Redis.from_url(
            self.url,
            socket_timeout=timeout_s,
            socket_connect_timeout=timeout_s,
            socket_keepalive=True,
            health_check_interval=15,
            decode_responses=True,
            retry=Retry(NoBackoff(), 1),
            **(self.tls or {}),
        )


def read_address(
    url: str, ca: Path | None = None, cert: Path | None = None, key: Path | None = None
) -> RedisAddress:
    """Split a Redis URL.

    TLS parameters may stand in the query (``ssl_ca_certs``, ``ssl_certfile``, ``ssl_keyfile``,
    ``ssl_cert_reqs``); the server's certificate is checked unless they say otherwise.

    Raises:
        ConfigError: for another scheme, a wrong parameter, or TLS files without ``rediss://``.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("redis", "rediss") or not parts.hostname:
        raise ConfigError("redis_url: it must look like redis://host:port/0 or rediss://...")
    query = dict(parse_qsl(parts.query))
    in_query = {name: query.pop(name) for name in list(query) if name.startswith("ssl_")}
    plain_url = urlunsplit(parts._replace(query=urlencode(query)))
    files = {"ssl_ca_certs": ca, "ssl_certfile": cert, "ssl_keyfile": key}
    tls = {**in_query, **{name: str(path) for name, path in files.items() if path is not None}}
    if parts.scheme == "redis":
        if tls:
            raise ConfigError("redis_url: TLS needs the scheme rediss://")
        return RedisAddress(plain_url, None)
    wanted = str(tls.get("ssl_cert_reqs", "required")).lower().removeprefix("cert_")
    if wanted not in _CERT_REQS:
        raise ConfigError("redis_url: ssl_cert_reqs is one of none, optional, required")
    return RedisAddress(plain_url, {**tls, "ssl_cert_reqs": _CERT_REQS[wanted]})


def masked(url: str) -> str:
    """Return a URL that may be shown: ``***`` for its password, if it has one."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:***@{host}"))
