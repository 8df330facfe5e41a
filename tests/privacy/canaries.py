"""Values that occur nowhere else, and the search for them in what a task leaves behind.

A text says whose it is: ``cnry-alice-1f0c93ab52``, or ``cnry-both-...`` for a key that two tables
have. A number's first digits are its own and those after them small, so that its text begins
alike however far it is rounded. What lies in its owner's house is where it belongs.
"""

from __future__ import annotations

import base64
import random
import re
import struct
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from tests.privacy.needles import Needles

_TEXT = re.compile(rb"cnry-([a-z]+)-?[0-9a-f]*")
_BASE64 = base64.b64encode(b"cnry-")[:6]
_WRITTEN = (
    re.compile(rb"(?<![0-9.])([1-9][0-9]{2})\.([0-9]{3})"),
    re.compile(rb"(?<![0-9.])([1-9])\.([0-9]{5})[0-9]*[eE]\+?0?2(?![0-9])"),
    re.compile(rb"(?<![0-9])0?()\.([0-9]{7})"),
    re.compile(rb"(?<![0-9])([1-9][0-9]{14})()(?![0-9])"),
)
"""How a number may be written; both groups together are what `_digits_of` takes of it."""
_IN_MEMORY = ("<f8", ">f8", "<f4", ">f4", "<i8", ">i8")


@dataclass(frozen=True)
class Haystack:
    """Something that a run has left: `house` is the party whose folder it lies in, if any."""

    name: str
    content: bytes
    house: str | None = None
    is_foreign: bool = False
    """Perhaps another program's, and large: four bytes turn up in it by chance."""


@dataclass
class Canaries:
    """Makes canaries and remembers whose they are. The same seed makes the same ones."""

    seed: int
    _owners: dict[str, str] = field(default_factory=dict)
    """Of each number, by its digits."""
    _bytes: dict[bytes, str] = field(default_factory=dict)
    """A number's digits by each of its forms in memory."""

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    @property
    def count(self) -> int:
        """How many numbers are known; texts are found whether they are or not."""
        return len(self._owners)

    def text(self, owner: str) -> str:
        return f"cnry-{owner}-{self._random.getrandbits(40):010x}"

    def texts(self, owner: str, count: int) -> list[str]:
        return [self.text(owner) for _ in range(count)]

    def number(self, owner: str) -> float:
        """Return a number between 100 and 1000."""
        while (digits := str(self._random.randrange(100_000, 1_000_000))) in self._owners:
            pass
        tail = "".join(self._random.choice("1234") for _ in range(6))
        number = float(f"{digits[:3]}.{digits[3:]}{tail}")
        self.know(owner, [number])
        return number

    def numbers(self, owner: str, count: int) -> list[float]:
        return [self.number(owner) for _ in range(count)]

    def wholes(self, owner: str, count: int) -> list[int]:
        """Return whole numbers of fifteen digits."""
        wholes = [self._random.randrange(10**14, 10**15) for _ in range(count)]
        self.know(owner, wholes)
        return wholes

    def know(self, owner: str, numbers: Iterable[float]) -> None:
        """Take numbers that a run has made, a mean or predictions, as the owner's from now on."""
        for number in numbers:
            digits = _digits_of(number)
            self._owners[digits] = owner
            for form in _IN_MEMORY:
                if form.endswith("i8") != isinstance(number, int):
                    continue
                self._bytes[np.array(number).astype(form).tobytes()] = digits

    def leaks(
        self, haystacks: Iterable[Haystack], exempt: Collection[float] = ()
    ) -> set[tuple[str, str]]:
        """Return ``(haystack, what)`` for all that lies outside of its owner's house.

        `exempt` are numbers that the task type states it discloses.
        """
        allowed = {_digits_of(number) for number in exempt}
        forms = Needles(form for form, digits in self._bytes.items() if digits not in allowed)
        return {
            (haystack.name, found)
            for haystack in haystacks
            for found, owner in self._found_in(haystack, allowed, forms)
            if not _lives_in(owner, haystack.house)
        }

    def _found_in(
        self, haystack: Haystack, allowed: Collection[str], forms: Needles
    ) -> Iterator[tuple[str, str]]:
        content = haystack.content
        for text in _TEXT.finditer(content):
            yield text[0].decode(), text[1].decode()
        if _BASE64 in content:
            yield "a text in base64", "nobody"
        for pattern in _WRITTEN:
            for number in pattern.finditer(content):
                digits = (number[1] + number[2]).decode()
                if digits in self._owners and digits not in allowed:
                    yield number[0].decode(), self._owners[digits]
        if content.isascii() or haystack.is_foreign:  # no number's bytes are all ASCII
            return
        for form in forms.found_in(content):
            digits = self._bytes[form]
            yield f"the bytes {form.hex()} of {digits}", self._owners[digits]


def in_memory(columns: Iterable[Collection[float]]) -> Iterator[bytes]:
    """Yield how columns of numbers would look on the wire, had they not been hidden.

    Four bytes turn up by chance in megabytes of random ones, so floats of four bytes are looked
    for by neighbours, in a column and in a row.
    """
    table = [list(column) for column in columns]
    for column in table:
        for number in column:
            yield struct.pack("<d", number)
            yield struct.pack(">d", number)
            yield from _in_a_ring(number)
        yield from (struct.pack("<ff", *pair) for pair in pairwise(column))
    for row in zip(*table, strict=True):
        yield from (struct.pack("<ff", *pair) for pair in pairwise(row))


def _in_a_ring(number: float) -> Iterator[bytes]:
    """Yield the elements of FM64 (18 fraction bits) and FM128 (26) that stand for a number."""
    for size, fraction_bits in ((8, 18), (16, 26)):
        scaled = int(float(np.float32(number)) * 2**fraction_bits)
        for near in (scaled, scaled + 1):
            yield near.to_bytes(size, "little")


def _digits_of(number: float) -> str:
    """Return the digits of a number's text that tell it from others, cut off and not rounded."""
    if isinstance(number, int):
        return str(number)
    text = f"{abs(number):.17f}"
    if 0 < abs(number) < 1:
        return text[2:9]
    if not 100 <= abs(number) < 1000:
        raise ValueError("a canary is between 100 and 1000, or between 0 and 1")
    return text.replace(".", "")[:6]


def _lives_in(owner: str, house: str | None) -> bool:
    return house is not None and owner in (house, "both")
