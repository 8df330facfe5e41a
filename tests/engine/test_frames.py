"""Frames and the bytes of a hostile peer: a FrameError, whatever comes, and nothing is run."""

from __future__ import annotations

import json
import pickle
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretflow_worker.engine.frames import (
    CHUNK_LIMIT,
    HEADER_LIMIT,
    VALUE_LIMIT,
    Frame,
    FrameError,
    Kind,
    decode,
    decode_value,
    encode,
    encode_value,
)

HEAD = struct.Struct("<4sBIQ")
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=20,
)
HEADERS = st.dictionaries(st.text(max_size=8), JSON, max_size=4)


@given(kind=st.sampled_from(Kind), header=HEADERS, body=st.binary(max_size=200))
def test_what_is_encoded_is_decoded(kind: Kind, header: dict[str, Any], body: bytes) -> None:
    frame = Frame(kind, header, b"" if kind in (Kind.SHARE, Kind.KEY) else body)
    decoded = decode(encode(frame))
    assert (decoded.kind, decoded.header, bytes(decoded.body)) == (kind, header, frame.body)


@given(value=JSON.filter(lambda value: value is not None))
def test_a_value_comes_back(value: Any) -> None:
    assert decode_value(decode(encode(encode_value(value)))) == json.loads(json.dumps(value))


@given(message=st.binary(max_size=300) | st.binary(max_size=300).map(lambda tail: b"SFW1" + tail))
def test_random_bytes_are_no_frame(message: bytes) -> None:
    with pytest.raises(FrameError):
        decode(message)


@given(data=st.data(), header=HEADERS, body=st.binary(max_size=60))
def test_a_damaged_frame_is_refused_or_another_frame_but_never_more(
    data: st.DataObject, header: dict[str, Any], body: bytes
) -> None:
    message = bytearray(encode(Frame(Kind.VALUE, header, body)))
    where = data.draw(st.integers(0, len(message) - 1))
    message[where] ^= data.draw(st.integers(1, 255))
    try:
        frame = decode(bytes(message))
        decode_value(frame)
    except FrameError:
        return
    assert isinstance(frame.header, dict)


@given(cut=st.integers(0, 60), more=st.binary(max_size=5))
def test_a_frame_is_whole_and_nothing_more(cut: int, more: bytes) -> None:
    message = encode(Frame(Kind.VALUE, {"a": "b"}, b"some bytes that are the body"))
    changed = message[: len(message) - cut] + more
    if len(changed) == len(message):
        assert decode(changed).header == {"a": "b"}
    else:
        with pytest.raises(FrameError):
            decode(changed)


def short(value: Any) -> str:
    """Name a case of a test by its first bytes and its length."""
    return f"{value[:24]!r}+{len(value)}" if isinstance(value, bytes) else value.__name__


def frame_bytes(
    kind: int = 1,
    header: bytes = b"{}",
    body: bytes = b"",
    *,
    magic: bytes = b"SFW1",
    header_length: int | None = None,
    body_length: int | None = None,
) -> bytes:
    lengths = (
        len(header) if header_length is None else header_length,
        len(body) if body_length is None else body_length,
    )
    return HEAD.pack(magic, kind, *lengths) + header + body


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"SFW1",
        frame_bytes(magic=b"SFW2"),
        frame_bytes(kind=0),
        frame_bytes(kind=7),
        frame_bytes(kind=255),
        frame_bytes(header_length=2**32 - 1),
        frame_bytes(body_length=2**64 - 1),
        frame_bytes(header_length=0),
        frame_bytes(header=b""),
        frame_bytes(header=b"{" * 1000),
        frame_bytes(header=b"[" * HEADER_LIMIT),
        frame_bytes(header=b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
        frame_bytes(header=b"[]"),
        frame_bytes(header=b"null"),
        frame_bytes(header=b"\xff\xfe\x00"),
        frame_bytes(header=b'{"a": ' + b"9" * 60_000 + b"}"),
        frame_bytes(header=b" " * (HEADER_LIMIT + 1)),
        frame_bytes(kind=1, body_length=VALUE_LIMIT + 1),
        frame_bytes(kind=2, body=b"x"),
        frame_bytes(kind=3, body_length=CHUNK_LIMIT + 1),
        frame_bytes(kind=4, body_length=CHUNK_LIMIT + 1),
        frame_bytes(kind=5, body=b"x"),
        frame_bytes(kind=6, body_length=CHUNK_LIMIT + 1),
    ],
    ids=short,
)
def test_what_is_not_in_the_protocol_is_refused(message: bytes) -> None:
    with pytest.raises(FrameError):
        decode(message)
    with pytest.raises(FrameError):
        decode(memoryview(message))


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"[" * 100_000, b"9" * 100_000, b"nul"], ids=short
)
def test_a_value_that_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(FrameError):
        decode_value(decode(frame_bytes(body=body)))


class Touch:
    """Unpickled, it makes a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self._path,))


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    payload = pickle.dumps(Touch(trap))
    for message in (payload, frame_bytes(header=payload), b"SFW1" + payload):
        with pytest.raises(FrameError):
            decode(message)
    with pytest.raises(FrameError):
        decode_value(decode(frame_bytes(body=payload)))
    assert not trap.exists()
    pickle.loads(payload)
    assert trap.exists(), "the trap works"


def test_what_a_receiver_would_refuse_is_not_sent() -> None:
    for frame in (
        Frame(Kind.VALUE, {}, bytes(VALUE_LIMIT + 1)),
        Frame(Kind.VALUE, {"long": "x" * HEADER_LIMIT}),
        Frame(Kind.SHARE, {}, b"x"),
    ):
        with pytest.raises(FrameError):
            encode(frame)
    with pytest.raises(ValueError, match="JSON"):
        encode_value(float("nan"))


def test_a_body_is_a_view_and_no_copy() -> None:
    message = encode(Frame(Kind.CHUNK, {}, bytes(1000)))
    body = decode(message).body
    assert isinstance(body, memoryview)
    assert body.obj is message
