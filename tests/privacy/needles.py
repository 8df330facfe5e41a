"""Thousands of short byte strings, looked for in megabytes in one pass for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np


class Needles:
    """Byte strings of 4 bytes at least, prepared once and then found in any number of contents.

    Their first 8 bytes (or 4, of shorter ones) are looked up as whole numbers at every offset.
    """

    def __init__(self, needles: Iterable[bytes]) -> None:
        self._by_head: dict[int, dict[int, list[bytes]]] = {8: {}, 4: {}}
        for needle in set(needles):
            size = 8 if len(needle) >= 8 else 4
            head = int.from_bytes(needle[:size], "little")
            self._by_head[size].setdefault(head, []).append(needle)
        self._heads: Mapping[int, np.ndarray[Any, Any]] = {
            size: np.sort(np.array(list(heads), dtype=f"<u{size}"))
            for size, heads in self._by_head.items()
            if heads
        }

    def found_in(self, content: bytes) -> list[bytes]:
        """Return those that are in the content."""
        hits = (
            needle
            for size, heads in self._heads.items()
            for head in _numbers_in(content, heads, size)
            for needle in self._by_head[size][head]
        )
        return [needle for needle in hits if needle in content]


def _numbers_in(content: bytes, heads: np.ndarray[Any, Any], size: int) -> Iterator[int]:
    found: set[int] = set()
    for offset in range(min(size, len(content) - size + 1)):
        count = (len(content) - offset) // size
        read = np.frombuffer(content, dtype=heads.dtype, count=count, offset=offset)
        at = np.searchsorted(heads, read).clip(max=len(heads) - 1)
        found.update(np.unique(read[heads[at] == read]).tolist())
    yield from found
