"""What is owed to Redis: an outcome, an event, a state. Each is sent by one atomic script.

An outcome is the terminal event, the Celery record, the stored result and the end of the
claim, all or nothing. Only the holder of the claim can end an execution while there is a
claim; the first outcome counts; and sending one again is harmless, because Redis remembers
which outcome it has.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from redis import Redis

from secretflow_worker.contract.events import StatusEvent
from secretflow_worker.contract.names import STATUS_CHANNEL, STATUS_QUEUE

OutcomeState = Literal["SUCCESS", "FAILURE", "CANCELLED"]


class StoredResult(BaseModel):
    """How an execution ended, kept under its result key for messages that are delivered again.

    `value` is the envelope of a success, else the failure document. `refused` is the digest of
    a request that never started: another request under the same id may still run.
    """

    model_config = ConfigDict(frozen=True)

    outcome_id: str
    state: OutcomeState
    value: dict[str, Any]
    refused: str | None = None


class CeleryRecord(BaseModel):
    """One record of the result backend, already encoded as Celery does."""

    model_config = ConfigDict(frozen=True)

    key: str
    value: str
    ttl_s: int


class Delivery(BaseModel):
    """An outcome on its way to Redis. Kept in the journal until it is there."""

    model_config = ConfigDict(frozen=True)

    celery_task_id: str
    claim_key: str
    claim_token: str
    result_key: str
    seq_key: str
    stored: StoredResult
    record: CeleryRecord | None
    event: str
    """The terminal event without its ``seq``, which Redis gives; empty where it was told before."""
    is_revoked: bool = False


@dataclass(frozen=True)
class Sent:
    """Whether Redis took an outcome.

    If not, then because of an `earlier` one, or because another worker has the claim.
    """

    is_taken: bool
    earlier: StoredResult | None = None


# The number is given in Redis, so that it has no gaps when an event is dropped, and goes on
# where another worker left off. ARGV `floor` is the last one seen here: a Redis that lost its
# data does not start again from 1.
_NUMBER = """
local function numbered(seq_key, floor, ttl, event)
  local last = math.max(tonumber(redis.call('GET', seq_key) or '0'), tonumber(floor))
  redis.call('SET', seq_key, last + 1, 'EX', ttl)
  return last + 1, '{"seq": ' .. (last + 1) .. ', ' .. string.sub(event, 2)
end
local function publish(channel, list, limit, event)
  redis.call('PUBLISH', channel, event)
  redis.call('LPUSH', list, event)
  if tonumber(limit) > 0 then redis.call('LTRIM', list, 0, limit - 1) end
end
local function record(key, ttl, value)
  if key ~= '' then
    redis.call('SETEX', key, ttl, value)
    redis.call('PUBLISH', key, value)
  end
end
"""

_EVENT = (
    _NUMBER
    + """
local result_key, seq_key, list = unpack(KEYS)
local event, floor, ttl, channel, limit = unpack(ARGV)
if redis.call('EXISTS', result_key) == 1 then return 0 end
local seq, text = numbered(seq_key, floor, ttl, event)
publish(channel, list, limit, text)
return seq
"""
)

_OUTCOME = (
    _NUMBER
    + """
local result_key, seq_key, list, claim_key, record_key = unpack(KEYS)
local event, floor, ttl, channel, limit, id, stored, token, record_ttl, value = unpack(ARGV)
local earlier = redis.call('GET', result_key)
if earlier and cjson.decode(earlier).outcome_id ~= id then return {0, earlier} end
if not earlier and event ~= '' then
  local claim = redis.call('GET', claim_key)
  if claim and claim ~= token then return {0} end
  redis.call('SET', result_key, stored, 'EX', ttl)
  local seq, text = numbered(seq_key, floor, ttl, event)
  publish(channel, list, limit, text)
  if claim then redis.call('DEL', claim_key) end
end
record(record_key, record_ttl, value)
return {1}
"""
)

_RECORD = (
    _NUMBER
    + """
record(KEYS[1], ARGV[1], ARGV[2])
"""
)


@dataclass
class Wire:
    """Sends to one Redis. Not thread-safe: the outbox's own thread uses it.

    Raises (each method):
        redis.exceptions.RedisError: Redis is away or refuses.
    """

    redis: Redis
    ttl_s: int
    list_limit: int
    _last_seq: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._event: Callable[..., Any] = self.redis.register_script(_EVENT)
        self._outcome: Callable[..., Any] = self.redis.register_script(_OUTCOME)
        self._record: Callable[..., Any] = self.redis.register_script(_RECORD)

    def send_event(self, result_key: str, seq_key: str, event: str) -> None:
        """Publish an event, unless its execution has ended."""
        seq = self._event(
            keys=[result_key, seq_key, STATUS_QUEUE],
            args=[event, self._floor(seq_key), self.ttl_s, STATUS_CHANNEL, self.list_limit],
        )
        if seq:
            self._last_seq[seq_key] = int(seq)

    def send_outcome(self, owed: Delivery) -> Sent:
        """Store and publish an outcome."""
        record = owed.record or CeleryRecord(key="", value="", ttl_s=1)
        is_taken, *earlier = self._outcome(
            keys=[owed.result_key, owed.seq_key, STATUS_QUEUE, owed.claim_key, record.key],
            args=[
                owed.event,
                self._floor(owed.seq_key),
                self.ttl_s,
                STATUS_CHANNEL,
                self.list_limit,
                owed.stored.outcome_id,
                owed.stored.model_dump_json(),
                owed.claim_token,
                record.ttl_s,
                record.value,
            ],
        )
        self._last_seq.pop(owed.seq_key, None)
        before = StoredResult.model_validate_json(earlier[0]) if earlier else None
        return Sent(bool(is_taken), before)

    def send_record(self, record: CeleryRecord) -> None:
        """Store a Celery record and tell the client that waits for it."""
        self._record(keys=[record.key], args=[record.ttl_s, record.value])

    def _floor(self, seq_key: str) -> int:
        return self._last_seq.get(seq_key, 0)


def unnumbered(event: StatusEvent) -> str:
    """Return an event as JSON without its ``seq``."""
    return json.dumps(event.model_dump(mode="json", exclude={"seq"}), ensure_ascii=False)
