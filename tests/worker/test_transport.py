"""What is asked of a lost connection fails as Celery expects it."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from kombu import Connection, Consumer, Queue

from secretflow_worker.worker import EmbeddedRedis

TRANSPORT = "secretflow_worker.worker.transport:Transport"


def test_a_lost_connection_is_let_go_with_messages_in_hand(own_redis: EmbeddedRedis) -> None:
    """As Celery does it. Kombu's own transport raises AttributeError here, which ends a worker."""
    connection = Connection(own_redis.url, transport=TRANSPORT)
    errors = connection.connection_errors
    taken: list[Any] = []
    with connection.Producer() as producer:
        for name in ("consumed", "got"):
            queue = Queue(name, routing_key=name)
            producer.publish({}, routing_key=name, declare=[queue])
    Consumer(connection, [Queue("consumed")], on_message=taken.append).consume()
    other = Queue("got")(connection.channel()).get()
    connection.drain_events(timeout=5)
    with pytest.raises(socket.timeout):
        connection.drain_events(timeout=0.1)  # from now on it waits for the next message
    own_redis.stop()

    connection.collect()
    connection.close()

    for message in (*taken, other):
        with pytest.raises(errors):
            message.ack()
    assert len(taken) == 1
