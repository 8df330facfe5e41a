"""What a peer may say of a share: only what fits the protocol, the ring and the shape."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import spu
from hypothesis import given
from hypothesis import strategies as st
from spu import libspu

from secretflow_worker.engine.frames import Frame, FrameError, Kind, decode, encode
from secretflow_worker.engine.shares import header_of, payload_of, read_header

DEVICES = [
    (protocol, field, count)
    for protocol, count in (("SEMI2K", 2), ("SEMI2K", 5), ("ABY3", 3), ("CHEETAH", 2))
    for field in ("FM32", "FM64", "FM128")
    if (protocol, field) != ("CHEETAH", "FM128")
]


def make_shares(value: Any, protocol: str = "SEMI2K", field: str = "FM64", count: int = 2) -> Any:
    config = libspu.RuntimeConfig()
    config.ParseFromJsonString(json.dumps({"protocol": protocol, "field": field}))
    return spu.Io(count, config).make_shares(value, libspu.Visibility.VIS_SECRET)


@pytest.mark.parametrize(("protocol", "field", "count"), DEVICES)
@pytest.mark.parametrize(
    "value",
    [
        np.array(1.5),
        np.zeros((0, 3)),
        np.arange(12.0).reshape(3, 4),
        np.array([True, False]),
        np.arange(7, dtype=np.int32),
        np.arange(70_000, dtype=np.float32),
    ],
    ids=lambda value: f"{value.dtype}{value.shape}",
)
def test_every_real_share_passes(protocol: str, field: str, count: int, value: Any) -> None:
    for share in make_shares(value, protocol, field, count):
        frame = decode(encode(header_of(share, value.shape, value.dtype)))
        header = read_header(frame, protocol, field)
        assert (header.shape, header.dtype) == (value.shape, value.dtype)
        assert header.chunk_sizes == tuple(len(chunk) for chunk in share.share_chunks)
        assert payload_of(share.share_chunks) >= value.size


def real_header(**changes: Any) -> Frame:
    value = np.arange(12.0).reshape(3, 4)
    share = make_shares(value)[0]
    header = header_of(share, value.shape, value.dtype).header
    return Frame(Kind.SHARE, {**header, **changes})


def meta_of(value: Any, protocol: str = "SEMI2K", field: str = "FM64", **parts: Any) -> str:
    meta = libspu.ValueMeta()
    meta.ParseFromString(
        make_shares(value, protocol, field, 3 if protocol == "ABY3" else 2)[0].meta
    )
    for name, part in parts.items():
        setattr(meta, name, part)
    return str(meta.SerializeToString().hex())


BOX = np.arange(12.0).reshape(3, 4)


@pytest.mark.parametrize(
    "changes",
    [
        {"shape": [3, 5]},
        {"shape": [12]},
        {"shape": [-3, -4]},
        {"shape": ["3", "4"]},
        {"shape": [3.0, 4.0]},
        {"shape": [float("inf"), 4]},
        {"shape": [float("nan")]},
        {"shape": [True, 12]},
        {"shape": "34"},
        {"shape": {"3": 1, "4": 1}},
        {"shape": [1, 1, 1, 3, 4]},
        {"shape": [2**40, 2**40]},
        {"shape": None},
        {"dtype": "object"},
        {"dtype": "<f8"},
        {"dtype": ["float64"]},
        {"dtype": "complex128"},
        {"chunks": []},
        {"chunks": [0]},
        {"chunks": [-5]},
        {"chunks": [10**12]},
        {"chunks": [float("inf")]},
        {"chunks": [11]},
        {"chunks": [12 * 8 + 1000]},
        {"chunks": [100] * 9000},
        {"meta": ""},
        {"meta": "zz"},
        {"meta": "ff" * 50},
        {"meta": 5},
        {"meta": meta_of(np.arange(13.0))},
        {"meta": meta_of(BOX, protocol="ABY3")},
        {"meta": meta_of(BOX, field="FM128")},
        {"meta": meta_of(BOX, visibility=libspu.Visibility.VIS_PUBLIC)},
        {"meta": meta_of(BOX, visibility=libspu.Visibility.VIS_PRIVATE)},
        {"meta": meta_of(BOX, is_complex=True)},
        {"meta": meta_of(BOX, storage_type="semi2k.XShr<FM8>")},
        {"meta": meta_of(BOX, storage_type="FM64")},
    ],
)
def test_a_header_whose_facts_do_not_fit_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(FrameError):
        read_header(real_header(**changes), "SEMI2K", "FM64")


@pytest.mark.parametrize("name", ["shape", "dtype", "meta", "chunks"])
def test_a_header_without_a_fact_is_refused(name: str) -> None:
    header = dict(real_header().header)
    del header[name]
    with pytest.raises(FrameError):
        read_header(Frame(Kind.SHARE, header), "SEMI2K", "FM64")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)


@given(
    changes=st.dictionaries(st.sampled_from(["shape", "dtype", "meta", "chunks"]), JUNK, min_size=1)
)
def test_a_header_of_junk_is_refused(changes: dict[str, Any]) -> None:
    frame = real_header(**changes)
    if frame.header == real_header().header:
        return
    with pytest.raises(FrameError):
        read_header(frame, "SEMI2K", "FM64")


@given(meta=st.binary(max_size=80))
def test_a_meta_of_random_bytes_is_refused(meta: bytes) -> None:
    with pytest.raises(FrameError):
        read_header(real_header(meta=meta.hex()), "SEMI2K", "FM64")


def chunk(total: int, offset: int, content: bytes) -> bytes:
    made = libspu.ValueChunk()
    made.total_bytes, made.chunk_offset, made.content = total, offset, content
    return bytes(made.SerializeToString())


def test_chunks_that_follow_each_other_are_one_payload() -> None:
    assert payload_of([chunk(30, 0, bytes(20)), chunk(30, 20, bytes(10))]) == 30


@pytest.mark.parametrize(
    "chunks",
    [
        [b"\xff\xff\xff"],
        [chunk(100, 0, bytes(99))],
        [chunk(2**60, 0, bytes(99))],
        [chunk(99, 1, bytes(99))],
        [chunk(99, 2**40, bytes(99))],
        [chunk(99, 0, bytes(99)), chunk(99, 0, bytes(99))],
        [chunk(99, 0, bytes(50)), chunk(100, 50, bytes(50))],
        [chunk(100, 50, bytes(50)), chunk(100, 0, bytes(50))],
    ],
)
def test_chunks_that_are_no_whole_are_refused(chunks: list[bytes]) -> None:
    with pytest.raises(FrameError):
        payload_of(chunks)
