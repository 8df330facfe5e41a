"""Turns: how many may do something slow at a time, in all and from one place.

To check a password takes a core and 64 MiB, and whoever waits for it has a thread of those that
answer everybody. Without a bound a stranger who signs in again and again stops all other calls.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from secretflow_worker.orchestrator.errors import TooManyAttempts

_AGAIN_S = 1


class Turns:
    """Thread-safe; who finds no room is refused and does not wait."""

    def __init__(self, most: int = 16, most_from_one: int = 4) -> None:
        self._most = most
        self._most_from_one = most_from_one
        self._guard = threading.Lock()
        self._taken: Counter[str] = Counter()

    @contextmanager
    def taken(self, source: str) -> Iterator[None]:
        """Have a turn within the block.

        Raises:
            TooManyAttempts: there is no room.
        """
        with self._guard:
            has_room = self._taken.total() < self._most
            if not has_room or self._taken[source] >= self._most_from_one:
                raise TooManyAttempts("too many sign in just now", retry_after_s=_AGAIN_S)
            self._taken[source] += 1
        try:
            yield
        finally:
            with self._guard:
                self._taken -= Counter([source])
