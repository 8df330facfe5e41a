"""What the parties say to each other: typed frames with limits, and no pickle.

A frame is one message of the link::

    magic "SFW1" | kind, 1 byte | header length, 4 bytes | body length, 8 bytes | header | body

The header is JSON, the body raw bytes. A frame of another kind than the one that was
expected, a length over its limit, or a header that is not the expected object is a
``FrameError``; nothing of it is interpreted further.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

_HEAD = struct.Struct("<4sBIQ")
_MAGIC = b"SFW1"

HEADER_LIMIT = 64 * 2**10
VALUE_LIMIT = 4 * 2**20
CHUNK_LIMIT = 256 * 2**20


class FrameError(Exception):
    """What a peer sent is not what the protocol expects here."""


class Kind(IntEnum):
    VALUE = 1
    SHARE = 2
    CHUNK = 3
    ARRAY = 4
    KEY = 5
    CIPHERTEXTS = 6


_BODY_LIMITS = {
    Kind.VALUE: VALUE_LIMIT,
    Kind.CHUNK: CHUNK_LIMIT,
    Kind.ARRAY: CHUNK_LIMIT,
    Kind.CIPHERTEXTS: CHUNK_LIMIT,
}


@dataclass(frozen=True)
class Frame:
    kind: Kind
    header: dict[str, Any]
    body: bytes | memoryview = b""


def encode(frame: Frame) -> bytes:
    """Write a frame as one message.

    Raises:
        FrameError: when it is over a limit that its receiver would refuse.
    """
    header = json.dumps(frame.header, separators=(",", ":")).encode()
    _check_lengths(frame.kind, len(header), len(frame.body))
    return b"".join(
        (_HEAD.pack(_MAGIC, frame.kind, len(header), len(frame.body)), header, frame.body)
    )


def decode(message: bytes | memoryview) -> Frame:
    """Read one message as a frame; the body is a view of it, not a copy.

    Raises:
        FrameError: when it is not one, whole and within the limits.
    """
    if len(message) < _HEAD.size:
        raise FrameError("a message is too short to be a frame")
    magic, kind_number, header_length, body_length = _HEAD.unpack_from(message)
    if magic != _MAGIC:
        raise FrameError("a message does not begin as a frame does")
    try:
        kind = Kind(kind_number)
    except ValueError:
        raise FrameError("a frame of an unknown kind") from None
    _check_lengths(kind, header_length, body_length)
    if len(message) != _HEAD.size + header_length + body_length:
        raise FrameError("a frame whose length is not the one that it states")
    view = memoryview(message)
    body_start = _HEAD.size + header_length
    return Frame(kind, _read_header(bytes(view[_HEAD.size : body_start])), view[body_start:])


def encode_value(value: object) -> Frame:
    """Wrap a small public JSON value."""
    return Frame(Kind.VALUE, {}, json.dumps(value, separators=(",", ":"), allow_nan=False).encode())


def decode_value(frame: Frame) -> Any:
    """Read the JSON value of a VALUE frame.

    Raises:
        FrameError: when the body is not JSON.
    """
    try:
        return json.loads(bytes(frame.body))
    except (ValueError, RecursionError):
        raise FrameError("the body of a value frame is not JSON") from None


def _read_header(raw: bytes) -> dict[str, Any]:
    try:
        header = json.loads(raw)
    except (ValueError, RecursionError):
        raise FrameError("the header of a frame is not JSON") from None
    if not isinstance(header, dict):
        raise FrameError("the header of a frame is not an object")
    return header


def _check_lengths(kind: Kind, header_length: int, body_length: int) -> None:
    limit = _BODY_LIMITS.get(kind, 0)
    if header_length > HEADER_LIMIT or body_length > limit:
        raise FrameError(f"a {kind.name} frame over its limit")
