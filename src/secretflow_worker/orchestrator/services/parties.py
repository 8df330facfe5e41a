"""Parties: which workers are there, and what they tell of themselves when asked.

A party's own workers are asked, and those of local mode, which run any party. What nobody answers
in time is said so.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from redis import Redis
from redis.client import NEVER_DECODE
from redis.exceptions import RedisError

from secretflow_worker.contract.asks import (
    Answer,
    AnyAsk,
    FilesAsk,
    answer_key,
    new_ask_id,
    worker_ask_list,
)
from secretflow_worker.contract.nodes import NODES, Node, node_key
from secretflow_worker.orchestrator.errors import NotReady

_log = logging.getLogger(__name__)

_LIST_TTL_S = 60
_SLICE_S = 1.0
_MOST_WORKERS = 8
"""Of local mode, that are asked for one party."""
_AT_ONCE = 16
"""Calls that may wait for answers at a time: each holds a thread."""
_BUSY = "too many calls wait for answers"


@dataclass(frozen=True)
class Heard:
    """What was heard of one party. Without an answer `note` says why, and `code` for programs."""

    party: str
    answers: tuple[Answer, ...] = ()
    note: str = ""
    code: str = ""


class Parties:
    """Over the Redis of the workers; with None nobody is there. Thread-safe."""

    def __init__(self, redis: Redis | None, wait_s: float = 5.0) -> None:
        self._redis = redis
        self.wait_s = wait_s
        self._waiting = threading.BoundedSemaphore(_AT_ONCE)

    def nodes(self) -> list[Node]:
        """Return the workers that are there, by name.

        Raises:
            NotReady: Redis does not answer.
        """
        redis = self._redis
        if redis is None:
            return []
        try:
            ids = sorted(_bytes(redis, "SMEMBERS", NODES))
            keys = [node_key("").encode() + worker_id for worker_id in ids]
            texts = _bytes(redis, "MGET", *keys) if keys else []
            gone = [one for one, text in zip(ids, texts, strict=True) if text is None]
            if gone:
                redis.srem(NODES, *gone)  # one that is only late says again that it is there
        except RedisError:
            raise NotReady("the workers' Redis does not answer") from None
        found = [node for text in texts if text is not None and (node := _node(text))]
        return sorted(found, key=lambda node: (node.name, node.worker_id))

    def ask(self, ask: AnyAsk) -> Heard:
        """Ask one party.

        Raises:
            NotReady: Redis does not answer.
        """
        return self.ask_all([ask])[0]

    def ask_all(self, asks: Sequence[AnyAsk]) -> list[Heard]:
        """Ask several parties at once, and return what was heard of each, in order.

        Raises:
            NotReady: Redis does not answer.
        """
        redis, nodes = self._redis, self.nodes()
        if redis is None:
            return [_heard(ask, []) for ask in asks]
        if not self._waiting.acquire(timeout=self.wait_s):
            return [Heard(ask.party, note=_BUSY, code="NOT_READY") for ask in asks]
        try:
            sent = [[self._send(redis, ask, to) for to in _places(nodes, ask)] for ask in asks]
            over_at = time.monotonic() + self.wait_s
            return [
                _heard(ask, [self._await(redis, one, over_at) for one in each])
                for ask, each in zip(asks, sent, strict=True)
            ]
        except RedisError:
            raise NotReady("the workers' Redis does not answer") from None
        finally:
            self._waiting.release()

    def _send(self, redis: Redis, ask: AnyAsk, to: str) -> AnyAsk:
        sent = ask.model_copy(update={"ask_id": new_ask_id(), "wait_s": self.wait_s})
        with redis.pipeline() as pipe:
            pipe.rpush(to, sent.model_dump_json())
            pipe.expire(to, _LIST_TTL_S)
            pipe.execute()
        return sent

    @staticmethod
    def _await(redis: Redis, ask: AnyAsk, over_at: float) -> Answer | None:
        while True:
            # Redis takes 0 for ever; who is out of time looks once more.
            left = min(_SLICE_S, max(0.01, over_at - time.monotonic()))
            popped = _bytes(redis, "BLPOP", answer_key(ask.ask_id), left)
            if popped is not None:
                return _answer(popped[1], ask)
            if time.monotonic() >= over_at:
                return None


def _places(nodes: Sequence[Node], ask: AnyAsk) -> list[str]:
    """Return the lists in which those workers look for asks that may know.

    A party may have several workers, each with a state folder of its own; and an execution of
    local mode is known to who has run it. But the tables of a party that has a worker are its.
    """
    own = [node for node in nodes if node.party == ask.party]
    local = [node for node in nodes if node.party is None]
    asked = own if own and isinstance(ask, FilesAsk) else [*own, *local]
    return [worker_ask_list(node.worker_id) for node in asked[:_MOST_WORKERS]]


def _heard(ask: AnyAsk, found: Sequence[Answer | None]) -> Heard:
    good = tuple(answer for answer in found if answer is not None and answer.error is None)
    refused = [answer.error for answer in found if answer is not None and answer.error is not None]
    # A worker that has not run the execution has no lines of it: no answer where another refuses.
    if any(answer.logs is None or answer.logs.lines for answer in good) or (good and not refused):
        return Heard(ask.party, good)
    if not found:
        return Heard(ask.party, note=f"no worker of party {ask.party} is there", code="NOT_READY")
    if refused:
        return Heard(ask.party, note=refused[0].message, code=refused[0].code)
    note = f"the worker of party {ask.party} does not answer"
    return Heard(ask.party, note=note, code="TIMEOUT")


def _bytes(redis: Redis, *command: Any) -> Any:
    """Ask Redis for what workers have written, which need not be text."""
    return redis.execute_command(*command, **{NEVER_DECODE: True})  # type: ignore[no-untyped-call]


def _answer(text: bytes, ask: AnyAsk) -> Answer | None:
    try:
        answer = Answer.model_validate_json(text)
    except ValidationError:
        _log.warning("an answer of party %s cannot be read", ask.party)
        return None
    is_meant = (answer.ask_id, answer.party) == (ask.ask_id, ask.party)
    return answer if is_meant else None


def _node(text: bytes) -> Node | None:
    try:
        return Node.model_validate_json(text)
    except ValidationError:  # of a worker of a far version
        _log.warning("an announcement cannot be read")
        return None
