"""What dies, and when: chosen by a seed, so that a bad run can be made again."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress

import psutil
from redis.exceptions import RedisError

from tests.chaos.services import Web, is_up, kill, resume, stop
from tests.chaos.stack import Stack
from tests.worker.harness import Worker

_LONGEST_PAUSE_S = 5.0
_LONGEST_GAP_S = 2.0


class Monkey:
    """Each ``act`` does one thing to one service, and counts it; `meanwhile` is called all along.

    A pause lasts longer than a worker's claim at times, so that two workers get to run a task.
    """

    def __init__(self, stack: Stack, random_: random.Random, meanwhile: Callable[[], None]) -> None:
        self._stack = stack
        self._random = random_
        self._meanwhile = meanwhile
        self.counts: Counter[str] = Counter()
        self._deeds: dict[str, Callable[[], None]] = {
            "orchestrator killed": lambda: self._kill(self._one(stack.webs)),
            "orchestrator stopped": lambda: self._stop(self._one(stack.webs)),
            "orchestrator paused": lambda: self._pause(self._family(self._one(stack.webs))),
            "worker killed": lambda: self._kill(self._one(stack.workers)),
            "worker stopped": lambda: self._stop(self._one(stack.workers)),
            "worker paused": lambda: self._pause(self._family(self._one(stack.workers))),
            "Redis killed": lambda: self._lose_redis(with_data=True),
            "Redis and its data lost": lambda: self._lose_redis(with_data=False),
            "Redis emptied": self._empty_redis,
            "Redis paused": lambda: self._pause([psutil.Process(stack.redis.process.pid)]),
            "party killed": self._kill_party,
            "party paused": self._pause_party,
        }
        if stack.postgres is not None:
            self._deeds |= {
                "PostgreSQL killed": lambda: self._end_postgres(signal.SIGKILL),
                "PostgreSQL stopped": lambda: self._end_postgres(signal.SIGINT),  # "fast"
                "PostgreSQL paused": self._pause_postgres,
            }
        self._bag: list[str] = []

    def act(self, name: str | None = None) -> str:
        """Do the deed of that name, or the next: all of them come before any comes again."""
        if not self._bag:
            self._bag = self._random.sample(list(self._deeds), len(self._deeds))
        name = name or self._bag.pop()
        self._deeds[name]()
        self.counts[name] += 1
        self.wait(self._random.uniform(0.1, _LONGEST_GAP_S))
        return name

    def wait(self, seconds: float) -> None:
        """Let time pass, during which users go on."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._meanwhile()
            time.sleep(0.05)

    def _one(self, parts: Sequence[Web | Worker]) -> Web | Worker:
        return self._random.choice(parts)

    def _away(self) -> None:
        self.wait(self._random.choice([0.0, 0.0, 0.5, 1.0, 3.0]))

    def _kill(self, part: Web | Worker) -> None:
        kill(part.process)
        self._away()
        part.start()

    def _stop(self, part: Web | Worker) -> None:
        stop(part.process)
        self._away()
        part.start()

    def _pause(self, processes: list[psutil.Process]) -> None:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.suspend()
        self.wait(self._random.uniform(0.2, _LONGEST_PAUSE_S))
        for process in processes:
            resume(process)

    def _lose_redis(self, *, with_data: bool) -> None:
        kill(self._stack.redis.process)
        self._away()
        self._stack.redis.start(with_data=with_data)

    def _empty_redis(self) -> None:
        with suppress(RedisError):
            self._stack.redis.client.flushall()

    def _parties(self) -> list[psutil.Process]:
        """Return a running party, if there is one soon."""
        for _ in range(40):
            if found := self._stack.party_processes():
                return [self._random.choice(found)]
            self.wait(0.05)
        return []

    def _kill_party(self) -> None:
        for party in self._parties():
            with suppress(psutil.NoSuchProcess):
                party.kill()

    def _pause_party(self) -> None:
        self._pause(self._parties())

    def _end_postgres(self, number: signal.Signals) -> None:
        postgres = self._stack.postgres
        assert postgres is not None
        family = postgres.processes()
        # A killed postmaster's children would end by themselves, a little later.
        for process in family if number == signal.SIGKILL else family[:1]:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        psutil.wait_procs(family, 10)
        self._away()
        postgres.start()

    def _pause_postgres(self) -> None:
        assert self._stack.postgres is not None
        self._pause(self._stack.postgres.processes())

    @staticmethod
    def _family(part: Web | Worker) -> list[psutil.Process]:
        """Return a service with its children, but for parties, which are paused by themselves."""
        if part.process is None or not is_up(part.process):
            return []
        return [psutil.Process(part.process.pid)]
