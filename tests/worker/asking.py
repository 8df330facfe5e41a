"""Asks a real worker about itself, as the orchestrator does."""

from __future__ import annotations

import json
from typing import Any

from redis import Redis

from secretflow_worker.contract.asks import (
    Answer,
    answer_key,
    ask_list,
    new_ask_id,
    worker_ask_list,
)
from secretflow_worker.contract.nodes import NODE_PREFIX, Node
from tests.conftest import eventually


def nodes(redis: Redis) -> dict[str, Node]:
    """Return what workers announce, by their names."""
    keys = [str(key) for key in redis.scan_iter(f"{NODE_PREFIX}*")]
    texts = [redis.get(key) for key in keys]
    found = [Node.model_validate_json(str(text)) for text in texts if text is not None]
    return {node.name: node for node in found}


def node_of(redis: Redis, name: str) -> Node:
    """Return the announcement of one worker, once it is there."""
    found = eventually(lambda: nodes(redis).get(name))
    assert found is not None
    return found


def ask(redis: Redis, kind: str, party: str, worker: str | None = None, **fields: Any) -> Answer:
    """Ask a party's worker, or one of local mode by its name, and return its answer."""
    to = ask_list(party) if worker is None else worker_ask_list(node_of(redis, worker).worker_id)
    asked = {"ask_id": new_ask_id(), "party": party, "kind": kind, "wait_s": 5.0, **fields}
    redis.rpush(to, json.dumps(asked))
    return answer_to(redis, asked["ask_id"])


def answer_to(redis: Redis, ask_id: str) -> Answer:
    """Wait for an answer; whoever asks has a client with a longer time limit than this."""
    popped = eventually(lambda: redis.lpop(answer_key(ask_id)))
    return Answer.model_validate_json(str(popped))


def code_of(answer: Answer) -> str:
    """Return the code of the error that an answer is."""
    assert answer.error is not None, answer
    return answer.error.code
