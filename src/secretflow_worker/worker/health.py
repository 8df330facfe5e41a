"""Whether the worker of a state folder lives: a heartbeat file, read by ``sfw health``."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

_FILE = "worker.heartbeat"
_BEAT_EVERY_S = 5.0
_STALE_AFTER_S = 30.0


class Heart:
    """Written by the worker. Not thread-safe: the watch alone beats it."""

    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir / _FILE
        self._next = 0.0

    def beat(self, *, redis_away_s: float) -> None:
        """Write the file, if it is time to."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _BEAT_EVERY_S
        beat = {"pid": os.getpid(), "at": time.time(), "redis_away_s": round(redis_away_s, 1)}
        fresh = self._path.with_suffix(".new")
        try:
            fresh.write_text(json.dumps(beat))
            fresh.replace(self._path)
        except OSError:
            # A full disk must not end the watch; the stale file tells it to `sfw health`.
            return

    def stop(self) -> None:
        """Say that the worker has stopped on purpose."""
        self._path.unlink(missing_ok=True)


@dataclass(frozen=True)
class Health:
    """`is_alive` is what a container's liveness check asks; `detail` says why, or why not."""

    is_alive: bool
    detail: str


def read_health(state_dir: Path) -> Health:
    """Return whether the worker of this state folder lives.

    A worker whose Redis is away is alive: it runs its tasks on, and must not be restarted.
    """
    try:
        beat = json.loads((state_dir / _FILE).read_text())
        age_s, pid, away_s = time.time() - beat["at"], int(beat["pid"]), beat["redis_away_s"]
    except FileNotFoundError:
        return Health(False, "no worker runs with this state folder")
    except (OSError, ValueError, KeyError, TypeError):
        return Health(False, "the heartbeat file cannot be read")
    if not Path(f"/proc/{pid}").exists() and Path("/proc/self").exists():
        return Health(False, f"the worker (process {pid}) has died")
    if age_s > _STALE_AFTER_S:
        return Health(False, f"no heartbeat for {age_s:.0f} s")
    if away_s:
        return Health(True, f"alive; Redis has been away for {away_s:.0f} s")
    return Health(True, "alive")


def is_healthy(state_dir: Path) -> bool:
    """Return whether the worker of this state folder lives."""
    return read_health(state_dir).is_alive
