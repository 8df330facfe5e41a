"""A real party whose peer passes the gate and then does not keep to the protocol."""

from __future__ import annotations

import json
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import spu
from spu import libspu

from secretflow_worker.contract.errors import InputError, PeerLost, WorkerError
from secretflow_worker.engine.frames import Frame, Kind, encode, encode_value
from secretflow_worker.engine.shares import header_of
from tests.engine.conftest import Cluster
from tests.engine.hosts import HERE, probe_config
from tests.engine.test_frames import HEAD, Touch, short
from tests.engine.test_shares import chunk

Step = list[str]


class Rogue:
    """A running ``rogue.py``."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, HERE / "rogue.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.await_line("ready")

    def play(self, addresses: list[str], steps: list[Step]) -> None:
        assert self._process.stdin is not None
        line = json.dumps({"addresses": addresses, "steps": steps})
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def await_line(self, expected: str) -> None:
        assert self._lines.get(timeout=60).strip() == expected

    def close(self) -> None:
        self._process.kill()
        self._process.wait(60)
        assert self._process.stdin is not None
        self._process.stdin.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if not line.startswith(("[", "#")):  # libspu's own log
                self._lines.put(line)
        self._process.stdout.close()


@pytest.fixture(scope="module")
def rogue() -> Iterator[Rogue]:
    rogue = Rogue()
    yield rogue
    rogue.close()


@pytest.fixture
def attack(
    cluster: Cluster, rogue: Rogue, addresses: Callable[..., dict[str, str]]
) -> Callable[..., WorkerError]:
    """Let alice run `act` with the rogue as bob, and return how it ended for her."""

    def run(steps: list[Step], act: str = "exchange") -> WorkerError:
        at = addresses("alice", "bob")
        runs = cluster.start(
            probe_config(act),
            at,
            spu={"protocol": "SEMI2K", "field": "FM64"},
            only=["alice"],
            settings={
                "alice": {"certs_dir": None, "allow_plaintext": True, "allow_semi2k_dealer": True}
            },
        )
        rogue.play(list(at.values()), steps)
        error = runs["alice"].error()
        rogue.await_line("done")
        return error

    return run


def send(message: bytes | Frame) -> Step:
    return ["send", (encode(message) if isinstance(message, Frame) else message).hex()]


def share_frames(value: Any, **changes: Any) -> list[Frame]:
    config = libspu.RuntimeConfig()
    config.ParseFromJsonString('{"protocol": "SEMI2K", "field": "FM64"}')
    share = spu.Io(2, config).make_shares(value, libspu.Visibility.VIS_SECRET)[0]
    head = header_of(share, value.shape, value.dtype)
    return [
        Frame(head.kind, {**head.header, **changes}),
        *(Frame(Kind.CHUNK, {}, chunk) for chunk in share.share_chunks),
    ]


VALUE = np.arange(12.0).reshape(3, 4)
SIZE = share_frames(VALUE)[0].header["chunks"][0]


@pytest.mark.parametrize(
    "message",
    [
        b"\x00",
        b"junk" * 1000,
        b"SFW1" + bytes(100),
        HEAD.pack(b"SFW1", 1, 2, 2**63) + b"{}",
        HEAD.pack(b"SFW1", 9, 2, 0) + b"{}",
        encode(Frame(Kind.CHUNK, {}, b"out of turn")),
        encode(Frame(Kind.VALUE, {}, b"no json")),
        encode(Frame(Kind.VALUE, {}, b"[" * 100_000)),
        encode(encode_value({"no": "text"})),
        encode(encode_value("x" * 10_000)),
    ],
    ids=short,
)
def test_what_is_said_first_is_not_in_the_protocol(
    attack: Callable[..., WorkerError], message: bytes
) -> None:
    error = attack([send(message)])
    assert isinstance(error, PeerLost)
    assert error.party == "bob"
    assert "protocol" in error.message or "JSON" in error.message


def test_a_pickle_is_not_run(attack: Callable[..., WorkerError], tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    payload = pickle.dumps(Touch(trap))
    for message in (payload, encode(Frame(Kind.VALUE, {}, payload))):
        error = attack([send(message)])
        assert (type(error), error.party) == (PeerLost, "bob")
    assert not trap.exists()


@pytest.mark.parametrize(
    "frames",
    [
        [encode_value("out of turn")],
        [Frame(Kind.SHARE, {})],
        share_frames(VALUE, shape=[1e999, 1]),
        share_frames(VALUE, shape=[3, 5]),
        share_frames(VALUE, dtype="object"),
        share_frames(VALUE, chunks=[50]),
        [share_frames(VALUE)[0], Frame(Kind.CHUNK, {}, b"too short")],
        [share_frames(VALUE)[0], Frame(Kind.CHUNK, {}, b"\xff" * SIZE)],
        [share_frames(VALUE)[0], Frame(Kind.CHUNK, {}, chunk(2**40, 0, bytes(SIZE - 9)))],
        [
            share_frames(VALUE, chunks=[SIZE + 8])[0],
            Frame(Kind.CHUNK, {}, chunk(SIZE + 4, 0, bytes(SIZE + 4))),
        ],
    ],
)
def test_a_share_is_not_one(attack: Callable[..., WorkerError], frames: list[Frame]) -> None:
    error = attack([["echo"], ["runtime"], *map(send, frames)], act="share_from_bob")
    assert isinstance(error, PeerLost)
    assert error.party == "bob"
    assert "share" in error.message or "SHARE" in error.message


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (b"\n", PeerLost),
        (b"[1]\n", PeerLost),
        (b"[" * 5000, PeerLost),
        (b"x" * 5000, PeerLost),
        (b'{"code": "NO_SUCH", "party": "bob"}\n', PeerLost),
        (b'{"code": ["INPUT_INVALID"], "party": 7}\n', PeerLost),
        (b'{"code": "INPUT_INVALID", "party": "mallory"}\n', InputError),
        (b'{"code": "INPUT_INVALID", "party": "alice"}\n', InputError),
        (b'{"code": "INPUT_INVALID", "party": "bob"}\n', InputError),
    ],
    ids=short,
)
def test_the_lifeline_takes_a_code_and_no_more(
    attack: Callable[..., WorkerError], said: bytes, kind: type[WorkerError]
) -> None:
    error = attack([["lifeline", said.hex()]])
    assert type(error) is kind
    assert error.party == "bob"


def test_one_that_says_it_has_finished_and_goes_on(attack: Callable[..., WorkerError]) -> None:
    error = attack([["lifeline", b"{}\n".hex()], send(b"junk")])
    assert (type(error), error.party) == (PeerLost, "bob")
