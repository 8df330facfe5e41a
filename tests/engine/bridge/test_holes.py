"""Each hole of SecretFlow as it is shipped, and that the bridge has closed it.

The first half of every test is about plain SecretFlow (``plain.py``): where it fails, a hole was
closed upstream and the mend may go.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from secretflow_worker.contract.errors import PeerLost
from secretflow_worker.engine import certs
from secretflow_worker.engine.ports import PortLease
from tests.conftest import make_request
from tests.engine.conftest import Cluster
from tests.engine.hosts import Host
from tests.privacy.relay import Relay

TWO = ("alice", "bob")
CANARY = "cnry-bob-4711f00d"


@dataclass
class PlainRun:
    folder: Path
    wire: bytes
    seen: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> PlainRun:
    """Run SecretFlow with TLS asked for on every channel; bob shows mallory's certificate."""
    folder = tmp_path_factory.mktemp("plain")
    tls = {party: issue(folder, name) for party, name in (("alice", "alice"), ("bob", "mallory"))}
    lease = PortLease(4, (20_000, 31_999))
    relays = [Relay(port) for port in lease.ports[:2]]
    try:
        plans = {}
        for rank, me in enumerate(TWO):
            fed = {p: relay.port for p, relay in zip(TWO, relays, strict=True)}
            fed[me] = lease.ports[rank]
            plans[me] = {
                "me": me,
                "backend": "brpc_link",
                "canary": CANARY,
                "tls": tls[me],
                "fed": {party: f"127.0.0.1:{port}" for party, port in fed.items()},
                "spu": dict(zip(TWO, (f"127.0.0.1:{p}" for p in lease.ports[2:]), strict=True)),
            }
        run_plain(folder, plans)
    finally:
        for relay in relays:
            relay.close()
        lease.release()
    seen = {party: json.loads((folder / f"{party}.json").read_text()) for party in TWO}
    return PlainRun(folder, b"".join(bytes(relay.recorded) for relay in relays), seen)


def run_plain(folder: Path, plans: Mapping[str, Mapping[str, Any]]) -> None:
    running = []
    for me, plan in plans.items():
        with (folder / f"{me}.log").open("wb") as log:
            command = [sys.executable, str(Path(__file__).parent / "plain.py"), json.dumps(plan)]
            environment = {
                "PATH": os.environ["PATH"],
                "TMPDIR": str(folder),
                "HOME": str(folder),
                "SF_UT_DO_NOT_EXIT_ENV_FLAG": "1",  # else it leaves before it can say what it saw
            }
            running.append(
                subprocess.Popen(
                    command, cwd=folder, stdout=log, stderr=subprocess.STDOUT, env=environment
                )
            )
    try:
        for me, process in zip(plans, running, strict=True):
            assert process.wait(90) == 0, (folder / f"{me}.log").read_text()
    finally:
        for process in running:
            process.kill()
            process.wait()


def issue(folder: Path, name: str) -> dict[str, str]:
    """Let the one authority of `folder` certify a name; returns SecretFlow's ``tls_config``."""
    authority = folder / "ca.crt"
    if not authority.exists():
        _certify(folder, "ca", "ca", is_authority=True)
    _certify(folder, name, "ca", is_authority=False)
    return {
        "ca_cert": str(authority),
        "cert": str(folder / f"{name}.crt"),
        "key": str(folder / f"{name}.key"),
    }


_KEYS: dict[Path, ec.EllipticCurvePrivateKey] = {}


def _certify(folder: Path, name: str, issuer: str, *, is_authority: bool) -> None:
    key = _KEYS[folder / name] = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .sign(_KEYS[folder / issuer], hashes.SHA256())
    )
    (folder / f"{name}.crt").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / f"{name}.key").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )


def bridge(act: str, **options: Any) -> dict[str, Any]:
    return {"task_type": "bridge_probe", "act": act, "options": options}


@pytest.fixture
def relayed(cluster: Cluster) -> Iterator[tuple[dict[str, dict[str, str]], list[Relay]]]:
    """Give each party addresses at which its peer is reached through a relay."""
    lease = PortLease(2, (12_000, 19_999))
    relays = [Relay(port) for port in lease.ports]
    at = {}
    for rank, me in enumerate(TWO):
        reached = {p: relay.port for p, relay in zip(TWO, relays, strict=True)}
        reached[me] = lease.ports[rank]
        at[me] = {party: f"127.0.0.1:{port}" for party, port in reached.items()}
    yield at, relays
    for relay in relays:
        relay.close()
    lease.release()


def test_a_payload_that_runs_code(plain: PlainRun, host: Host, tmp_path: Path) -> None:
    assert (plain.folder / "ran-alice").exists()

    act = bridge("bomb", how="exec", path=str(tmp_path / "ran"))
    error = host.run(make_request(act)).error()
    assert "builtins.exec, which the bridge does not take" in error.message
    assert not (tmp_path / "ran-alice").exists()


def test_words_of_an_exception_that_quote_rows(plain: PlainRun, host: Host) -> None:
    assert CANARY in plain.seen["alice"]["fault"]

    run = host.run(make_request(bridge("regress", canary=CANARY)))
    error = run.error()
    assert (error.code, error.party) == ("INTERNAL", "bob")
    logs = host.settings.logs_dir / run.token
    for words in (error.message, *((logs / f"{p}.log").read_text() for p in TWO)):
        assert CANARY not in words


def test_tls_that_is_asked_for_and_not_there(
    plain: PlainRun, cluster: Cluster, relayed: tuple[dict[str, dict[str, str]], list[Relay]]
) -> None:
    assert CANARY.encode() in plain.wire

    at, relays = relayed
    run = {
        party: cluster.start(bridge("send_table", canary=CANARY), at[party], only=[party])[party]
        for party in TWO
    }
    facts = run["alice"].outcome().result["facts"]["alice"]
    assert run["bob"].outcome().result["facts"] == {"bob": None}
    assert facts.count(CANARY) == 3
    wire = b"".join(bytes(relay.recorded) for relay in relays)
    assert len(wire) > 10_000
    assert CANARY.encode() not in wire


def test_a_certificate_of_another(plain: PlainRun, cluster: Cluster, tmp_path: Path) -> None:
    assert plain.seen["alice"]["spu"] == pytest.approx(2.0, abs=1e-5)
    assert plain.seen["bob"]["spu"] == pytest.approx(2.0, abs=1e-5)

    forged = tmp_path / "certs"
    certs.create("bob", forged)
    (forged / "alice.crt").write_bytes((cluster.certs_of("bob") / "alice.crt").read_bytes())
    lease = PortLease(2, (12_000, 19_999))
    at = {party: f"127.0.0.1:{port}" for party, port in zip(TWO, lease.ports, strict=True)}
    impatient: dict[str, dict[str, Any]] = {party: {"connect_timeout_s": 2} for party in TWO}
    impatient["bob"]["certs_dir"] = forged
    runs = cluster.start(bridge("devices"), at, settings=impatient)
    errors = {party: runs[party].error() for party in TWO}
    lease.release()
    assert {(type(error), error.party) for error in errors.values()} == {
        (PeerLost, "alice"),
        (PeerLost, "bob"),
    }


def test_a_listener_on_every_address(tmp_path: Path, host: Host) -> None:
    lease = PortLease(2, (20_000, 31_999))
    at = {party: f"127.0.0.1:{port}" for party, port in zip(TWO, lease.ports, strict=True)}
    run_plain(
        tmp_path, {"alice": {"me": "alice", "canary": "", "backend": "grpc", "tls": {}, "fed": at}}
    )
    lease.release()
    heard = json.loads((tmp_path / "alice.json").read_text())
    assert f":::{lease.ports[0]}" in heard

    facts = host.run(make_request(bridge("devices"))).outcome().result["facts"]
    for party in TWO:
        (address,) = facts[party]["listening"]
        assert address.startswith("127.0.0.1:")
