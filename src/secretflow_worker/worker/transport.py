"""Kombu's Redis transport, but what is asked of a connection that was lost fails as such.

Kombu's own closed channels raise ``AttributeError`` then, which Celery takes for a bug and ends
the whole worker: as it lets go of a lost connection with a message that is not acknowledged yet,
and as such a message is acknowledged afterwards.
"""

from __future__ import annotations

from typing import Any

from kombu.transport import redis
from redis.exceptions import ConnectionError as RedisAway


class Channel(redis.Channel):
    """A channel that knows when its connection is gone."""

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        if self.connection is None or self.connection.client is None:
            raise RedisAway("the channel's connection was lost")
        parameters: dict[str, Any] = super()._connparams(asynchronous)  # type: ignore[misc]
        return parameters


class Transport(redis.Transport):
    """The setting ``broker_transport`` names it."""

    Channel = Channel
