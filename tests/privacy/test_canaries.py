"""The search itself: it finds a canary in every form in which one could get out."""

from __future__ import annotations

import base64
import json
import struct

import numpy as np
import pandas as pd
import pytest

from tests.privacy.canaries import Canaries, Haystack, in_memory
from tests.privacy.needles import Needles

canaries = Canaries(1)
NUMBER = canaries.number("alice")
WHOLE = canaries.wholes("alice", 1)[0]
TEXT = canaries.text("alice")
canaries.know("alice", [0.0123456789])


@pytest.mark.parametrize(
    "form",
    [
        TEXT,
        TEXT[:14],
        f"ValueError: could not convert string to float: '{TEXT}'",
        base64.b64encode(TEXT.encode()).decode(),
        str(NUMBER),
        f"{NUMBER:g}",
        f"{NUMBER:.3f}",
        f"{NUMBER:e}",
        f"-{NUMBER}",
        str(np.float32(NUMBER)),
        repr(np.array([NUMBER, 1e9])),
        json.dumps({"mean": NUMBER}),
        pd.Series([NUMBER]).to_string(),
        f"row {WHOLE} is twice",
        "p=0.01234567",
    ],
)
def test_it_finds_texts(form: str) -> None:
    assert canaries.leaks([Haystack("log", b"before\n" + form.encode() + b"\nafter")])
    assert not canaries.leaks([Haystack("output", form.encode(), house="alice")]) or "Y25y" in form


@pytest.mark.parametrize("form", ["<d", ">d", "<f", ">f"])
def test_it_finds_bytes(form: str) -> None:
    content = b"\xff" + struct.pack(form, NUMBER) + b"\x00"
    assert canaries.leaks([Haystack("share.bin", content, house="bob")])


def test_it_finds_whole_numbers_as_bytes() -> None:
    assert canaries.leaks([Haystack("share.bin", struct.pack("<q", WHOLE), house="bob")])


def test_a_common_key_may_be_in_both_houses_and_nowhere_else() -> None:
    key = canaries.text("both").encode()
    for party in ("alice", "bob"):
        assert not canaries.leaks([Haystack("output", key, house=party)])
    assert canaries.leaks([Haystack("log", key)])


def test_what_is_disclosed_is_exempt_and_nothing_else() -> None:
    other = canaries.number("alice")
    report = Haystack("report", f"min {NUMBER} max {other}".encode())
    assert len(canaries.leaks([report], exempt=[NUMBER])) == 1
    assert not canaries.leaks([report], exempt=[NUMBER, other])


def test_ordinary_figures_are_no_canaries() -> None:
    text = b'{"total_execution_time": 1.2345, "at": "2026-01-01T00:00:12.739123Z", "bytes": 123456}'
    assert not canaries.leaks([Haystack("event", text)])


@pytest.mark.parametrize("offset", range(9))
def test_numbers_are_found_among_many_bytes(offset: int) -> None:
    columns = [canaries.numbers("bob", 5), canaries.numbers("bob", 5)]
    noise = np.random.default_rng(1).bytes(1 << 16)
    table = np.array(columns).T
    for hidden in (
        table.astype("<f4").tobytes(),
        table.astype(">f8").tobytes(),
        np.ascontiguousarray(table.T).astype("<f4").tobytes(),
        (table.astype("<f4").astype("<f8") * 2**18).astype("<i8").tobytes(),
    ):
        content = noise[: 1000 + offset] + hidden + noise[1000:]
        assert Needles(in_memory(columns)).found_in(content)
    assert not Needles(in_memory(columns)).found_in(noise)


@pytest.mark.parametrize("size", [3, 4, 7, 8, 9, 1000])
def test_all_needles_are_found_and_no_others(size: int) -> None:
    """As a search for each by itself would; among them are some that only begin alike."""
    noise = np.random.default_rng(2).bytes(size)
    there = {noise[at : at + length] for at in range(size) for length in (4, 8, 16)}
    needles = {*there, *(needle[:-1] + b"\x00" for needle in there)}
    needles = {needle for needle in needles if len(needle) >= 4}
    found = Needles(needles).found_in(noise)
    assert len(found) == len(set(found))
    assert set(found) == {needle for needle in needles if needle in noise}
