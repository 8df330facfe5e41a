"""Claims: one worker at a time has an execution, by a lease that it renews.

A message may be delivered twice, and two workers may get it. The first to claim its execution
runs it; the others return the stored result, or wait for it while the claim lives. A claim
that is not renewed ends by itself, and a waiting one takes over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast

from redis import Redis
from redis.exceptions import RedisError

from secretflow_worker.worker.delivery import StoredResult
from secretflow_worker.worker.keys import Execution

_LOOK_EVERY_S = 0.2

# Answers {'mine'}, {'other'}, or {'done', stored}. The result is looked at under the claim, so
# no execution that has just finished is started again. A result of a refused request does not
# count for a request of other content, which the first never ran.
_TAKE = """
local claim_key, result_key = unpack(KEYS)
local token, lease_ms, digest = unpack(ARGV)
local stored = redis.call('GET', result_key)
if stored then
  local refused = cjson.decode(stored).refused
  if type(refused) ~= 'string' or refused == digest then return {'done', stored} end
end
local owner = redis.call('GET', claim_key)
if owner and owner ~= token then return {'other'} end
redis.call('SET', claim_key, token, 'PX', lease_ms)
if stored then redis.call('DEL', result_key) end
return {'mine'}
"""

_RENEW = """
local owner = redis.call('GET', KEYS[1])
if not owner then return 'lapsed' end
if owner == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 'held'
"""

_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


class Claims:
    """Thread-safe."""

    def __init__(self, redis: Redis, lease_s: float) -> None:
        self._redis = redis
        self._lease_ms = int(lease_s * 1000)
        self._take_script: Callable[..., Any] = redis.register_script(_TAKE)
        self._renew_script: Callable[..., Any] = redis.register_script(_RENEW)
        self._release_script: Callable[..., Any] = redis.register_script(_RELEASE)

    def take(
        self, execution: Execution, token: str, digest: str, wait: Callable[[float], None]
    ) -> StoredResult | None:
        """Claim an execution, or return how it ended; waits while another worker has it.

        While Redis is away it waits too: running without a claim could run twice. A waiting
        message keeps its thread. `wait` sleeps the given seconds, and raises to give up.
        """
        while True:
            try:
                answer, *stored = self._take_script(
                    keys=[execution.claim_key, execution.result_key],
                    args=[token, self._lease_ms, digest],
                )
            except RedisError:
                answer = "away"
            if answer == "mine":
                return None
            if answer == "done":
                return StoredResult.model_validate_json(stored[0])
            wait(_LOOK_EVERY_S)

    def renew(self, execution: Execution, token: str) -> bool:
        """Renew a lease; False if it has run out, as it does while Redis is away for long.

        Raises:
            RedisError: Redis is away.
        """
        answer = self._renew_script(keys=[execution.claim_key], args=[token, self._lease_ms])
        return bool(answer == "held")

    def retake(self, execution: Execution, token: str) -> None:
        """Take up a lease that ran out, unless another worker has the execution by now.

        Raises:
            RedisError: Redis is away.
        """
        self._redis.set(execution.claim_key, token, px=self._lease_ms, nx=True)

    def release(self, claim_key: str, token: str) -> None:
        """Give up a claim, if it is still ours.

        Raises:
            RedisError: Redis is away.
        """
        self._release_script(keys=[claim_key], args=[token])

    def stop_asked(self, executions: Iterable[Execution]) -> set[str]:
        """Return the execution ids for which somebody has set the stop key.

        Raises:
            RedisError: Redis is away.
        """
        keys = {execution.execution_id: execution.stop_key for execution in executions}
        if not keys:
            return set()
        found = cast("list[Any]", self._redis.mget(list(keys.values())))
        return {
            execution_id
            for execution_id, value in zip(keys, found, strict=True)
            if value is not None
        }


def lease_interval_s(lease_s: float) -> float:
    """Return how often to renew: a worker may miss two renewals and keep its claim."""
    return min(lease_s / 3, 5.0)
