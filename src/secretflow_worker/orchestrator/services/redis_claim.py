"""Whether a Redis is this database's: two databases on one Redis would take each other's events.

A key in Redis names the database that it serves. Whoever finds none puts its own there, so it
comes back by itself when Redis has lost its data; all orchestrators of a database put the same.
"""

from __future__ import annotations

import json
import logging
import socket
import time
from dataclasses import dataclass

from redis import Redis
from redis.exceptions import RedisError

from secretflow_worker.broker.address import RedisAddress, masked
from secretflow_worker.contract.errors import ConfigError
from secretflow_worker.contract.events import utc_now

_log = logging.getLogger(__name__)

DATABASE_KEY = "sfw:web:database"
_ANSWERS_WITHIN_S = 1.0
_KNOWN_FOR_S = 2.0
"""How long an answer is believed: a Redis that was handed over is left alone as soon."""


class RedisOfAnother(RedisError):
    """It serves another database: nothing of it may be taken, and nothing sent by it."""

    def __init__(self, owner: Owner) -> None:
        super().__init__(f"it serves another database, claimed {owner}")
        self.owner = owner


@dataclass(frozen=True)
class Owner:
    """Whose a Redis is, and who claimed it when."""

    database: str
    host: str = "?"
    since: str = "?"

    def __str__(self) -> str:
        return f"by an orchestrator on {self.host} at {self.since}"


class RedisClaim:
    """The claim of one database on a Redis. `takes_it` makes it so once, whosever it was."""

    def __init__(self, identity: str, takes_it: bool = False) -> None:
        self._identity = identity
        self._takes_it = takes_it
        self._checked_at: float | None = None

    def check(self, redis: Redis) -> None:
        """Return where Redis is this database's; one that is nobody's becomes so.

        Raises:
            RedisOfAnother: it serves another one.
            RedisError: it is away.
        """
        now = time.monotonic()
        if self._checked_at is not None and now < self._checked_at + _KNOWN_FOR_S:
            return
        self._checked_at = None
        told = {"database": self._identity, "host": socket.gethostname(), "since": utc_now()}
        redis.set(DATABASE_KEY, json.dumps(told), nx=not self._takes_it)
        self._takes_it = False
        found = redis.get(DATABASE_KEY)
        if found is None:
            return  # Redis has lost it in this moment; the next call puts it there
        owner = _read(str(found))
        if owner.database != self._identity:
            raise RedisOfAnother(owner)
        self._checked_at = now


def check_at_start(claim: RedisClaim, address: RedisAddress) -> None:
    """Check a claim before anything is sent or taken.

    A Redis that does not answer at once holds up no start: the services ask before they use it.

    Raises:
        ConfigError: it serves another database.
    """
    with address.connect(_ANSWERS_WITHIN_S) as redis:
        try:
            claim.check(redis)
        except RedisOfAnother as fault:
            raise ConfigError(
                f"redis_url: {masked(address.url)} serves another database, claimed {fault.owner}",
                hint="Two databases on one Redis would take each other's events. Give this one "
                "another Redis, or another number of it (redis://host/1), or name that database; "
                "where that one is gone for good, start once with `sfw web --take-redis`.",
            ) from None
        except RedisError as fault:
            _log.warning("Redis does not answer yet: %s", type(fault).__name__)


def _read(text: str) -> Owner:
    try:
        told = json.loads(text)
        return Owner(str(told["database"]), str(told["host"])[:64], str(told["since"])[:32])
    except (ValueError, KeyError, TypeError):
        return Owner("")  # not ours, whoever wrote it
