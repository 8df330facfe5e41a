"""Shares as frames: one SHARE frame with what is public, then one CHUNK frame per chunk.

What a peer says of a share (type, shape, storage, sizes) is checked against what the
protocol and the ring make of such a shape before the native runtime sees it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from spu import libspu

from secretflow_worker.engine.frames import CHUNK_LIMIT, Frame, FrameError, Kind

DTYPES = ("bool", "int8", "uint8", "int16", "int32", "int64", "float32", "float64")
ELEMENT_LIMIT = 2**33
_CHUNK_BYTES = 64 * 2**20
_RING_BYTES = {"FM32": 4, "FM64": 8, "FM128": 16}


@dataclass(frozen=True)
class ShareHeader:
    """The public facts of a share."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    meta: bytes
    chunk_sizes: tuple[int, ...]


def header_of(share: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Frame:
    """Make the SHARE frame that announces `share` to a peer."""
    return Frame(
        Kind.SHARE,
        {
            "shape": list(shape),
            "dtype": dtype.name,
            "meta": bytes(share.meta).hex(),
            "chunks": [len(chunk) for chunk in share.share_chunks],
        },
    )


def read_header(frame: Frame, protocol: str, field: str) -> ShareHeader:
    """Check a SHARE frame.

    Raises:
        FrameError: when its facts do not fit each other, the protocol or the ring.
    """
    header = frame.header
    try:
        shape = _sizes(header["shape"])
        dtype = np.dtype(header["dtype"]) if header["dtype"] in DTYPES else None
        meta = bytes.fromhex(header["meta"])
        chunk_sizes = _sizes(header["chunks"])
    except (KeyError, TypeError, ValueError):
        raise FrameError("a share frame without its facts") from None
    if dtype is None or len(shape) > 4 or any(size < 0 for size in shape):
        raise FrameError("a share frame with an impossible shape or type")
    if math.prod(shape) > ELEMENT_LIMIT or any(not 0 < s <= CHUNK_LIMIT for s in chunk_sizes):
        raise FrameError("a share frame over its limit")
    parsed = check_meta(meta, shape, protocol, field)
    if not _size_fits(sum(chunk_sizes), math.prod(shape), parsed, field):
        raise FrameError("a share frame whose size does not fit its shape")
    return ShareHeader(shape, dtype, meta, chunk_sizes)


def check_meta(meta: bytes, shape: tuple[int, ...], protocol: str, field: str) -> Any:
    """Parse the meta of a share and check it.

    Raises:
        FrameError: when it is not a secret of that shape in this protocol and ring.
    """
    parsed = libspu.ValueMeta()
    if not parsed.ParseFromString(meta):
        raise FrameError("a share whose meta cannot be read")
    storage = str(parsed.storage_type)
    if (
        parsed.is_complex
        or parsed.visibility != libspu.Visibility.VIS_SECRET
        or tuple(parsed.shape.dims) != shape
        or not storage.startswith(f"{protocol.lower()}.")
        or not (field in storage or ".BShr<" in storage)
    ):
        raise FrameError("a share whose meta does not fit the protocol, the ring or its shape")
    return parsed


def payload_of(chunks: Sequence[bytes]) -> int:
    """Return how many bytes of share the chunks hold together.

    Raises:
        FrameError: when they are not, one after the other, the whole of it.
    """
    end, total = 0, 0
    for raw in chunks:
        chunk = libspu.ValueChunk()
        if not chunk.ParseFromString(raw):
            raise FrameError("a chunk of a share that cannot be read")
        if chunk.chunk_offset != end or (end and chunk.total_bytes != total):
            raise FrameError("a chunk of a share that does not follow the one before")
        total = chunk.total_bytes
        end += len(chunk.content)
    if end != total:
        raise FrameError("a share that is not whole")
    return end


def _sizes(value: object) -> tuple[int, ...]:
    if not isinstance(value, list) or any(type(size) is not int for size in value):
        raise TypeError("not a list of whole numbers")
    return tuple(value)


def _size_fits(total: int, elements: int, meta: Any, field: str) -> bool:
    """Accept up to a ring element per value (two in ABY3, which replicates), and a few bytes."""
    payload = elements * _RING_BYTES[field] * (2 if "aby3" in str(meta.storage_type) else 1)
    return elements <= total <= payload + 64 * (1 + payload // _CHUNK_BYTES)
