"""Who connects and says nothing, or next to nothing, is hung up on; who waits is not."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from secretflow_worker.orchestrator.connections import Bounded
from tests.conftest import eventually

LARGE = b"x" * (16 << 20)
HEAD = b"POST /%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"


class Quick(Bounded):
    most = 4
    head_s = body_s = answer_s = 1.5


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer at once, slowly, or with much."""
    while (await receive()).get("more_body", False):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/slow":
        for _ in range(4):
            await send({"type": "http.response.body", "body": b"beat", "more_body": True})
            await asyncio.sleep(1)
    body = LARGE if scope["path"] == "/large" else b""
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def server() -> Iterator[uvicorn.Server]:
    config = uvicorn.Config(app, http=Quick, lifespan="off", log_config=None, port=0)
    config.load()
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        eventually(lambda: server.started)
        yield server
        server.should_exit = True
        thread.join(60)


@pytest.fixture
def call(server: uvicorn.Server) -> Iterator[socket.socket]:
    with connect(server) as connection:
        yield connection
    eventually(lambda: not server.server_state.connections)


def connect(server: uvicorn.Server) -> socket.socket:
    address = server.servers[0].sockets[0].getsockname()
    return socket.create_connection(address, timeout=60)


def rest_of(connection: socket.socket) -> bytes:
    """Return what comes until the server hangs up."""
    found = b""
    try:
        while part := connection.recv(65_536):
            found += part
    except ConnectionResetError:
        pass
    return found


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"POST / HTTP/1.1\r\nX: ", HEAD % (b"", 9)])
def test_a_request_that_does_not_come_is_not_waited_for(call: socket.socket, sent: bytes) -> None:
    call.sendall(sent)
    assert rest_of(call) == b""


def test_after_an_answer_the_next_request_is_not_waited_for_either(call: socket.socket) -> None:
    call.sendall(HEAD % (b"", 0) + b"P")
    assert rest_of(call).startswith(b"HTTP/1.1 200")


def test_an_answer_may_take_long(call: socket.socket) -> None:
    call.sendall(HEAD % (b"slow", 0))
    assert rest_of(call).count(b"beat") == 4


def test_an_answer_that_nobody_takes_is_not_kept(
    server: uvicorn.Server, call: socket.socket
) -> None:
    call.sendall(HEAD % (b"large", 0))
    eventually(lambda: not server.server_state.connections)


def test_there_are_not_too_many(server: uvicorn.Server) -> None:
    with ExitStack() as open_ones:
        for _ in range(Quick.most):
            waiting = open_ones.enter_context(connect(server))
            waiting.sendall(HEAD % (b"slow", 0))
        eventually(lambda: len(server.server_state.connections) == Quick.most)
        assert rest_of(open_ones.enter_context(connect(server))) == b""
    eventually(lambda: not server.server_state.connections)
    with connect(server) as again:
        again.sendall(HEAD % (b"", 0))
        assert again.recv(100).startswith(b"HTTP/1.1 200")
