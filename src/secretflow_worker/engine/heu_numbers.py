"""Keys and ciphertexts of the HEU as plain numbers of a fixed size, and back.

What passes between parties is numbers only: little-endian, as many bytes each as the key says.
sf-heu's own serialization (a dialect of MessagePack with the class of the scheme at its end) is
written here around them and never taken from a peer, so what its reader sees always has the
right shape; what a peer can choose is a number, whose range is checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from heu import numpy as heu_numpy
from heu import phe

from secretflow_worker.engine.frames import Frame, FrameError, Kind

SCHEMAS = {"ou": phe.SchemaType.OU, "zpaillier": phe.SchemaType.ZPaillier}

_KEY_NUMBERS = {"ou": 4, "zpaillier": 2}
_KEY_SLACK_BITS = 64
"""How much longer than asked for a modulus may be: OU's is p²q, a few bits longer."""


@dataclass(frozen=True)
class PublicKey:
    """A public key as its numbers: OU's n, G, H and bits of p; Paillier's n and h."""

    schema: str
    bits: int
    numbers: tuple[int, ...]

    @property
    def modulus(self) -> int:
        """Of the ciphertexts."""
        n = self.numbers[0]
        return n if self.schema == "ou" else n * n

    @property
    def width(self) -> int:
        """Bytes of a ciphertext; the highest bit stays clear, which would be a sign."""
        return self.modulus.bit_length() // 8 + 1

    @property
    def room_bits(self) -> int:
        """Bits of a plaintext, its sign not counted."""
        return (self.numbers[3] if self.schema == "ou" else self.numbers[0].bit_length()) - 3

    @property
    def _tag(self) -> bytes:
        return int(SCHEMAS[self.schema]).to_bytes(8, "little")

    def load(self) -> Any:
        """Return sf-heu's public key."""
        numbers = list(self.numbers)
        packed = b"".join(
            _pack_small(number)
            if self.schema == "ou" and index == 3
            else _pack_raw(number.to_bytes(number.bit_length() // 8 + 1, "little"))
            for index, number in enumerate(numbers)
        )
        return phe.PublicKey.load_from(bytes([0x90 | len(numbers)]) + packed + self._tag)

    def load_ciphertexts(self, body: bytes | memoryview) -> Any:
        """Return sf-heu's column of ciphertexts for their numbers, which `check` has seen."""
        count = len(body) // self.width
        inner = b"\x91" + _raw_head(self.width)
        head = _raw_head(len(inner) + self.width + 8) + inner
        items = np.empty((count, len(head) + self.width + 8), np.uint8)
        items[:, : len(head)] = np.frombuffer(head, np.uint8)
        items[:, len(head) : -8] = np.frombuffer(body, np.uint8).reshape(count, self.width)
        items[:, -8:] = np.frombuffer(self._tag, np.uint8)
        rows = count.to_bytes(4, "big")
        return heu_numpy.CiphertextArray.load_from(
            b"\x94\xce" + rows + b"\x01\x02\xdd" + rows + items.tobytes()
        )

    def dump_ciphertexts(self, column: Any) -> bytes:
        """Return the numbers of a column of ciphertexts."""
        reader = _Reader(column.serialize())
        _, _, _, items = reader.item()
        return b"".join(_number_bytes(item).ljust(self.width, b"\0") for item in items)

    def check(self, body: bytes | memoryview, count: int) -> None:
        """Check the numbers of `count` ciphertexts that a peer sent.

        Raises:
            FrameError: not as many, or one that is no ciphertext of this key.
        """
        if len(body) != count * self.width:
            raise FrameError("ciphertexts of a wrong size")
        raw = bytes(body)
        for start in range(0, len(raw), self.width):
            if not 0 < int.from_bytes(raw[start : start + self.width], "little") < self.modulus:
                raise FrameError("a ciphertext out of its range")


def read_key(key: Any, schema: str, bits: int) -> PublicKey:
    """Return the numbers of sf-heu's public key."""
    numbers = _Reader(key.serialize()).item()
    return PublicKey(
        schema,
        bits,
        tuple(n if isinstance(n, int) else int.from_bytes(n, "little") for n in numbers),
    )


def key_frame(key: PublicKey) -> Frame:
    """Return the frame that tells a peer the key."""
    return Frame(Kind.KEY, {"numbers": [f"{number:x}" for number in key.numbers]})


def key_of_frame(frame: Frame, schema: str, bits: int) -> PublicKey:
    """Read a peer's key of the agreed scheme and size.

    Raises:
        FrameError: its numbers are not of such a key.
    """
    told = frame.header.get("numbers")
    if not isinstance(told, list) or len(told) != _KEY_NUMBERS[schema]:
        raise FrameError("a key without its numbers")
    if any(not isinstance(text, str) or len(text) > bits for text in told):
        raise FrameError("a key whose numbers are none")
    try:
        numbers = tuple(int(text, 16) for text in told)
    except ValueError:
        raise FrameError("a key whose numbers are none") from None
    key = PublicKey(schema, bits, numbers)
    n = numbers[0]
    if n % 2 == 0 or not bits <= n.bit_length() <= bits + _KEY_SLACK_BITS:
        raise FrameError("a key of another size than agreed")
    if any(not 1 < number < key.modulus for number in numbers[1:3]):
        raise FrameError("a key whose numbers do not fit each other")
    if schema == "ou" and not 0 <= n.bit_length() // 3 - numbers[3] < 16:
        raise FrameError("a key whose numbers do not fit each other")
    return key


def blocks(count: int, size: int) -> Iterator[slice]:
    """Cut a count into slices of at most `size`."""
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))


def encode_numbers(values: Sequence[int], encoder: Any) -> Any:
    """Return sf-heu's column of plaintexts; the values are whole numbers of any size."""
    column = np.empty((len(values), 1), dtype=object)
    column[:, 0] = values
    return heu_numpy.array(column, encoder)


class _Reader:
    """Reads what sf-heu itself serialized: arrays, small numbers, and raw bytes."""

    def __init__(self, message: bytes) -> None:
        self._message = message
        self._at = 0

    def item(self) -> Any:
        kind = self._take_number(1)
        if kind < 0x80:
            return kind
        if kind in (0xCC, 0xCD, 0xCE):
            return self._take_number(1 << kind - 0xCC)
        if kind & 0xF0 == 0x90 or kind in (0xDC, 0xDD):
            count = kind & 0xF if kind & 0xF0 == 0x90 else self._take_number(2 << kind - 0xDC)
            return [self.item() for _ in range(count)]
        if kind & 0xE0 == 0xA0:
            return self._take(kind & 0x1F)
        if kind in (0xD9, 0xDA, 0xDB):
            return self._take(self._take_number(1 << kind - 0xD9))
        raise ValueError(f"sf-heu wrote what is not known here: {kind:#x}")

    def _take(self, count: int) -> bytes:
        self._at += count
        return self._message[self._at - count : self._at]

    def _take_number(self, size: int) -> int:
        return int.from_bytes(self._take(size), "big")


def _number_bytes(item: bytes) -> bytes:
    (number,) = _Reader(item).item()
    return bytes([number]) if isinstance(number, int) else bytes(number)


def _raw_head(size: int) -> bytes:
    return b"\xda" + size.to_bytes(2, "big")


def _pack_raw(raw: bytes) -> bytes:
    return _raw_head(len(raw)) + raw


def _pack_small(number: int) -> bytes:
    return b"\xcd" + number.to_bytes(2, "big")
