"""Workers as processes of their own: one per party, which local-mode tests use as well."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from secretflow_worker.engine import EngineSettings, certs
from secretflow_worker.engine.ports import PortLease
from tests.conftest import make_request
from tests.engine.hosts import Host, Run

settings.register_profile("busy machine", deadline=None)
settings.load_profile("busy machine")

THREE = ("alice", "bob", "carol")


class Cluster:
    """Three workers, each with its own state, certificates and data root, that meet on loopback."""

    def __init__(self, base: Path) -> None:
        self.base = base
        for party in THREE:
            certs.create(party, self.certs_of(party))
        for party in THREE:
            for peer in set(THREE) - {party}:
                own = self.certs_of(peer) / f"{peer}.crt"
                (self.certs_of(party) / own.name).write_bytes(own.read_bytes())
        self.hosts = {party: Host(self._settings(party)) for party in THREE}
        for host in self.hosts.values():
            host.await_ready()

    def certs_of(self, party: str) -> Path:
        return self.base / party / "certs"

    def data_of(self, party: str) -> Path:
        return self.base / party / "data"

    def start(
        self,
        config: Mapping[str, Any] | Callable[[str], Mapping[str, Any]],
        addresses: Mapping[str, str],
        spu: Mapping[str, Mapping[str, str]] | Mapping[str, str] | None = None,
        only: Sequence[str] | None = None,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> dict[str, Run]:
        """Send every party's worker (or those of `only`) its own message.

        `config` may depend on the party, and so may `spu`, a runtime_config; `settings` are what
        a party's worker changes for this run.
        """
        runs = {}
        request = make_request({})
        for party in only or addresses:
            message = request | {"task_config": dict(config(party) if callable(config) else config)}
            message["sf_init_config"] = {
                "parties": {peer: {"address": at} for peer, at in addresses.items()},
                "self_party": party,
            }
            own_spu = (spu or {}).get(party, spu)
            if own_spu:
                nodes = [{"party": peer, "address": at} for peer, at in addresses.items()]
                message["spu_config"] = {"cluster_def": {"nodes": nodes, "runtime_config": own_spu}}
            runs[party] = self.hosts[party].run(message, **(settings or {}).get(party, {}))
        return runs

    def _settings(self, party: str) -> EngineSettings:
        self.data_of(party).mkdir(parents=True)
        return EngineSettings(
            data_root=self.data_of(party),
            state_dir=self.base / party / "state",
            party=party,
            certs_dir=self.certs_of(party),
            allow_no_policy=True,
        )


@pytest.fixture(scope="package")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """See ``Cluster``; at the end each worker's folder of runs is empty."""
    cluster = Cluster(tmp_path_factory.mktemp("c"))
    yield cluster
    for host in cluster.hosts.values():
        assert list(host.settings.runs_dir.iterdir()) == []
        host.close()


@pytest.fixture(scope="package")
def host(cluster: Cluster) -> Host:
    """A worker for local-mode tests with the plugin's task type; its data root is its own."""
    return cluster.hosts["alice"]


@pytest.fixture
def addresses() -> Iterator[Callable[..., dict[str, str]]]:
    """Give parties free addresses on loopback, theirs until the test ends."""
    leases = []

    def lease(*parties: str) -> dict[str, str]:
        leases.append(PortLease(len(parties), (12_000, 19_999)))
        return {p: f"127.0.0.1:{at}" for p, at in zip(parties, leases[-1].ports, strict=True)}

    yield lease
    for held in leases:
        held.release()
