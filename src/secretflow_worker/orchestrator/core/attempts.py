"""What becomes of an attempt's end: whether it is tried again, and what several parties say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from secretflow_worker.contract.chain import RetryPolicy
from secretflow_worker.contract.errors import ERRORS_BY_CODE, ErrorReport

LONGEST_BACKOFF_S = 600.0


def is_retried(policy: RetryPolicy, used: int, error: ErrorReport) -> bool:
    """Return whether a node is tried again after `used` attempts, the last of which failed so."""
    kind = ERRORS_BY_CODE.get(error.code)
    may_pass = kind is not None and kind.transient
    return used <= policy.max_retries and (policy.retry_on_failure or may_pass)


def backoff_s(policy: RetryPolicy, used: int) -> float:
    """Return how long to wait after `used` attempts: doubled with each, up to ten minutes."""
    doublings = min(used - 1, 20)
    return min(policy.backoff_s * float(2**doublings), LONGEST_BACKOFF_S)


def merge_results(known: Any, more: Any, by: str | None = None) -> Any:
    """Merge what two parties' workers returned: each tells what its own party may know.

    A field that is null with one is taken from the other, also inside of objects. What stands
    under the name of the party `by`, whose `more` is, that party knows best: another that was
    faster must not say where its files are.
    """
    if isinstance(known, Mapping) and isinstance(more, Mapping):
        keys = dict.fromkeys((*known, *more))
        return {
            key: _merge_field(known.get(key), more.get(key), by, is_own=key == by) for key in keys
        }
    return more if known is None else known


def _merge_field(known: Any, more: Any, by: str | None, *, is_own: bool) -> Any:
    return merge_results(more, known) if is_own else merge_results(known, more, by)
