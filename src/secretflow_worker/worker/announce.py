"""The announcement: every few seconds the worker says in Redis that it is there, and what it is."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timezone
from functools import lru_cache
from importlib import metadata
from pathlib import Path

import psutil
from redis import Redis
from redis.exceptions import RedisError

from secretflow_worker import __version__
from secretflow_worker.contract.cluster import PROTOCOL_PARTIES
from secretflow_worker.contract.errors import WorkerError
from secretflow_worker.contract.events import utc_now
from secretflow_worker.contract.nodes import (
    ANNOUNCE_EVERY_S,
    ANNOUNCED_FOR_S,
    NODES,
    Node,
    NodeCertificate,
    RunningTask,
    node_key,
)
from secretflow_worker.engine.offers import sharing_of
from secretflow_worker.engine.offers.sharing import KINDS
from secretflow_worker.engine.ports import count_leased
from secretflow_worker.tasks import TaskDispatcher
from secretflow_worker.worker.settings import WorkerSettings

_log = logging.getLogger(__name__)

_PINS = ("spu", "sf-heu", "jax", "jaxlib", "numpy", "secretflow")
_ID_FILE = "worker.id"


class Announcer:
    """One thread. ``start`` it once, ``close`` it last: then the worker is no longer there."""

    def __init__(
        self,
        redis: Redis,
        settings: WorkerSettings,
        worker_id: str,
        running: Callable[[], list[RunningTask]],
    ) -> None:
        self._redis = redis
        self._settings = settings
        self._worker_id = worker_id
        self._running = running
        self._started_at = utc_now()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="sfw-announce", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        self._thread.join(timeout=5)
        with suppress(RedisError):
            self._redis.delete(node_key(self._worker_id))
            self._redis.srem(NODES, self._worker_id)
        self._redis.close()

    def node(self) -> Node:
        """Return what is announced now."""
        settings = self._settings
        shares, words = _policy_of(settings)
        worker_bytes, party_bytes = _memory()
        return Node(
            worker_id=self._worker_id,
            name=settings.name,
            host=socket.gethostname(),
            party=settings.party,
            parties=sorted({*settings.party_data_roots, *settings.party_policies}),
            version=__version__,
            pins=_pins(),
            task_types=[f"{task.name}@{task.version}" for task in TaskDispatcher.all()],
            protocols=sorted(PROTOCOL_PARTIES),
            slots=settings.concurrency,
            running=self._running(),
            leased_ports=count_leased(),
            memory_bytes=worker_bytes,
            party_processes=len(party_bytes),
            party_memory_bytes=sum(party_bytes),
            certificate=_certificate_of(settings),
            policy=words,
            shares=shares,
            started_at=self._started_at,
            at=utc_now(),
        )

    def _work(self) -> None:
        while True:
            try:
                text = self.node().model_dump_json()
                with self._redis.pipeline() as pipe:
                    pipe.set(node_key(self._worker_id), text, ex=ANNOUNCED_FOR_S)
                    pipe.sadd(NODES, self._worker_id)
                    pipe.execute()
            except (RedisError, psutil.Error, OSError) as fault:
                _log.debug("the announcement has to wait: %s", type(fault).__name__)
            if self._closing.wait(ANNOUNCE_EVERY_S):
                return


def worker_id_in(state_dir: Path, name: str) -> str:
    """Return the id of the worker that owns a state folder: its name and digits of its own.

    It stays the same over restarts, so that what a run notes of its worker stays true.
    """
    path = state_dir / _ID_FILE
    try:
        digits = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        digits = ""
    if len(digits) != 8 or not digits.isalnum():
        digits = secrets.token_hex(4)
        try:
            path.write_text(digits, encoding="ascii")
        except OSError as fault:
            _log.warning("the worker's id cannot be kept: %s", fault.strerror)
    return f"{name}-{digits}"


def _policy_of(settings: WorkerSettings) -> tuple[list[str], list[str] | None]:
    """Return what this worker tells when asked, and its policy in words.

    Of a worker for several parties it is what all have in common, and no one party's words.
    """
    named = {*settings.party_data_roots, *settings.party_policies} or {"any"}
    parties = [settings.party] if settings.party is not None else sorted(named)
    try:
        found = [sharing_of(settings.engine_settings(), party) for party in parties]
    except WorkerError:
        return [], ["every task is refused: the policy is faulty, or there is none"]
    shares: list[str] = [kind for kind in KINDS if all(each.shares(kind) for each in found)]
    words = found[0].in_words() if len(found) == 1 else None
    return shares, words


def _certificate_of(settings: WorkerSettings) -> NodeCertificate | None:
    if settings.certs_dir is None or settings.party is None:
        return None
    from secretflow_worker.engine import certs

    try:
        found = certs.read(settings.certs_dir / f"{settings.party}.crt")
    except WorkerError:
        return None
    return NodeCertificate(
        subject=found.subject,
        fingerprint=found.fingerprint,
        days_left=round(found.days_left(datetime.now(timezone.utc)), 1),
    )


def _memory() -> tuple[int, list[int]]:
    """Return what this process takes, and each of its party processes."""
    own = psutil.Process()
    parties = []
    for child in own.children(recursive=True):
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            # A party leads a process group; the launcher and its tracker do not.
            if os.getpgid(child.pid) == child.pid:
                parties.append(child.memory_info().rss)
    return own.memory_info().rss, parties


@lru_cache(maxsize=1)
def _pins() -> dict[str, str]:
    found = {}
    for name in _PINS:
        with suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found
