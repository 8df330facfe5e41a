"""Each party's own site: its Redis, its worker process, its folders and keys.

Nothing is shared with a peer but what a peer's operator hands over, which is the certificate.
The client of a site is a plain Celery client that knows nothing of ours.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from celery.result import AsyncResult

from secretflow_worker.engine.ports import PortLease
from secretflow_worker.worker import EmbeddedRedis, start_embedded_redis
from tests.conftest import eventually
from tests.policies import open_policy, write_policy
from tests.worker.harness import START_TIMEOUT_S, Client, Worker, failure

RESULT_TIMEOUT_S = 100


@dataclass
class Site:
    """One party's house. `data` is the only root that its worker reads and writes in."""

    party: str
    data: Path
    redis: EmbeddedRedis
    client: Client
    worker: Worker

    @property
    def state(self) -> Path:
        return self.worker.folder / "state"

    def files(self) -> set[str]:
        """Return every file of the data root, relative to it."""
        found = self.data.rglob("*")
        return {str(path.relative_to(self.data)) for path in found if path.is_file()}

    def parties(self) -> list[psutil.Process]:
        return self.worker.parties()


@dataclass
class Sites:
    """The sites of one test's parties, and the addresses at which they meet.

    `folder` holds every party's data root under the party's name.
    """

    folder: Path
    by_party: dict[str, Site]
    ports: dict[str, int]

    def __getitem__(self, party: str) -> Site:
        return self.by_party[party]

    def message(
        self,
        party: str,
        config: Mapping[str, Any],
        parties: Sequence[str] = ("alice", "bob"),
        spu: Mapping[str, str] | None = None,
        **fields: Any,
    ) -> dict[str, Any]:
        """Return one party's message; `spu` is a ``runtime_config``, with nodes at the ports."""
        at = {name: f"127.0.0.1:{self.ports[name]}" for name in parties}
        message: dict[str, Any] = {
            "task_id": "joint",
            "subtask_id": "node",
            "execution_id": f"joint-{uuid.uuid4().hex[:12]}",
            "sf_init_config": {
                "parties": {name: {"address": address} for name, address in at.items()},
                "self_party": party,
            },
            "task_config": dict(config),
            **fields,
        }
        if spu is not None:
            nodes = [{"party": name, "address": address} for name, address in at.items()]
            message["spu_config"] = {"cluster_def": {"nodes": nodes, "runtime_config": dict(spu)}}
        return message

    def send(
        self,
        config: Mapping[str, Any] | Callable[[str], Mapping[str, Any]],
        parties: Sequence[str] = ("alice", "bob"),
        spu: Mapping[str, str] | None = None,
        **fields: Any,
    ) -> Joint:
        """Send every party its own message, of one execution, through its own Redis.

        `config` may be a function of the party, where paths differ from message to message.
        """
        fields = {"execution_id": f"joint-{uuid.uuid4().hex[:12]}", **fields}
        messages = {}
        for party in parties:
            asked = config(party) if callable(config) else config
            messages[party] = self.message(party, asked, parties, spu, **fields)
        return self.deliver(messages)

    def deliver(
        self, messages: Mapping[str, dict[str, Any]], queue: str = "secretflow_queue.{party}"
    ) -> Joint:
        """Send each party its message."""
        sent = {
            party: self[party].client.send(message, queue=queue.format(party=party))
            for party, message in messages.items()
        }
        return Joint({party: str(m["execution_id"]) for party, m in messages.items()}, sent)

    def run(
        self,
        config: Mapping[str, Any] | Callable[[str], Mapping[str, Any]],
        parties: Sequence[str] = ("alice", "bob"),
        spu: Mapping[str, str] | None = None,
    ) -> dict[str, dict[str, Any]]:
        """Run a task at all parties, and return what each one's envelope holds in ``result``."""
        return self.send(config, parties, spu).results()


@dataclass
class Joint:
    """One task on its way at every party."""

    execution_ids: dict[str, str]
    sent: dict[str, AsyncResult[Any]]

    def results(self) -> dict[str, dict[str, Any]]:
        return {
            party: one.get(timeout=RESULT_TIMEOUT_S)["result"] for party, one in self.sent.items()
        }

    def failures(self) -> dict[str, dict[str, Any]]:
        """Return the error that each party's client reads."""
        return {party: failure(one, RESULT_TIMEOUT_S) for party, one in self.sent.items()}


@contextmanager
def open_sites(
    folder: Path,
    parties: Sequence[str] = ("alice", "bob"),
    policies: Mapping[str, Mapping[str, Any]] | None = None,
    **settings: object,
) -> Iterator[Sites]:
    """Build the parties' sites, and take them down again; `settings` are every worker's.

    `policies` are changes by party to a policy that allows everything below the party's root.
    """
    lease = PortLease(len(parties), (20_000, 31_999))
    sites = Sites(folder / "data", {}, dict(zip(parties, lease.ports, strict=True)))
    try:
        _exchange_certificates(folder, parties)
        for party in parties:
            changes = (policies or {}).get(party, {})
            sites.by_party[party] = _open_site(folder, party, parties, changes, settings)
        for site in sites.by_party.values():
            eventually(lambda log=site.worker.log: " ready: " in log(), START_TIMEOUT_S)  # type: ignore[misc]
        yield sites
    finally:
        for site in sites.by_party.values():
            _close_site(site)
        lease.release()


def _open_site(
    folder: Path,
    party: str,
    parties: Sequence[str],
    changes: Mapping[str, Any],
    settings: Mapping[str, object],
) -> Site:
    data = folder / "data" / party
    data.mkdir(parents=True)
    certs = folder / f"{party}-certs"
    pinned = {peer: certs / f"{peer}.crt" for peer in parties if peer != party}
    policy = write_policy(folder / f"{party}.toml", {**open_policy(data, pinned), **changes})
    redis = start_embedded_redis(folder / f"{party}-redis")
    worker = Worker(
        redis.url,
        folder / f"{party}-worker",
        party=party,
        data_root=data,
        certs_dir=certs,
        policy_file=policy,
        log_level="DEBUG",
        **settings,
    ).start()
    return Site(party, data, redis, Client(redis.url, data), worker)


def _close_site(site: Site) -> None:
    process = site.worker.process
    if process is not None and process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(60)
    site.worker.close()
    site.client.redis.close()
    site.client.app.close()
    site.redis.stop()


def _exchange_certificates(folder: Path, parties: Sequence[str]) -> None:
    """Let every party make its own, and hand the public part to each peer."""
    for party in parties:
        made = [sys.executable, "-m", "secretflow_worker", "certs", "init", "--party", party]
        subprocess.run(
            [*made, "--dir", str(folder / f"{party}-certs")], check=True, capture_output=True
        )
    for party in parties:
        for peer in parties:
            if peer != party:
                shutil.copy(folder / f"{peer}-certs" / f"{peer}.crt", folder / f"{party}-certs")
