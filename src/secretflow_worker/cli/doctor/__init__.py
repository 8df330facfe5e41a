"""``sfw doctor``: looks at everything a worker needs, and says how to mend what is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from secretflow_worker.cli.options import (
    Assignments,
    CertsDir,
    ConfigFile,
    DataRoot,
    PartyFlag,
    PolicyFile,
    RedisUrl,
    StateDir,
    read_settings,
)

if TYPE_CHECKING:
    from secretflow_worker.cli.doctor.check import Check
    from secretflow_worker.worker.settings import WorkerSettings

Peers = Annotated[
    list[str] | None,
    typer.Option("--peer", metavar="NAME=HOST:PORT", help="A peer to reach; repeatable."),
]
_STYLES = {"ok": typer.colors.GREEN, "warn": typer.colors.YELLOW, "fail": typer.colors.RED}


def doctor(
    peer: Peers = None,
    config: ConfigFile = None,
    redis_url: RedisUrl = None,
    data_root: DataRoot = None,
    state_dir: StateDir = None,
    party: PartyFlag = None,
    certs_dir: CertsDir = None,
    policy: PolicyFile = None,
    assignments: Assignments = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Check what a worker needs, and say how to mend it.

    Looks at this machine, Redis, ports, peers, certificates, policies; exits 1 if anything fails.
    """
    peers = dict(_split(text) for text in peer or ())
    settings = read_settings(
        config, assignments,
        redis_url=redis_url, data_root=data_root, state_dir=state_dir, party=party,
        certs_dir=certs_dir, policy_file=policy,
    )  # fmt: skip
    checks = []
    for check in _examine(settings, peers):
        checks.append(check)
        if not as_json:
            _show(check)
    healthy = all(check.status != "fail" for check in checks)
    if as_json:
        document = {"ok": healthy, "checks": [asdict(check) for check in checks]}
        typer.echo(json.dumps(document, indent=2))
    if not healthy:
        raise typer.Exit(1)


def _examine(settings: WorkerSettings, peers: dict[str, tuple[str, int]]) -> Iterator[Check]:
    from secretflow_worker.cli.doctor import certificates, machine, policies, services
    from secretflow_worker.cli.sender import address_of

    yield from machine.check_machine(settings.data_root, settings.state_dir)
    yield from services.check_redis(address_of(settings))
    yield services.check_ports(*settings.port_range)
    yield from services.check_peers(peers)
    yield from certificates.check_certificates(settings.certs_dir, settings.party)
    yield from policies.check_policies(settings)


def _show(check: Check) -> None:
    word = typer.style(f"{check.status:<4}", fg=_STYLES[check.status])
    typer.echo(f"{word}  {check.name:<14}  {check.detail}")
    if check.mend:
        typer.echo(f"{'':22}mend: {check.mend}")


def _split(text: str) -> tuple[str, tuple[str, int]]:
    name, _, address = text.partition("=")
    host, _, port = address.rpartition(":")
    if not name or not host or not port.isdecimal():
        raise typer.BadParameter(f"--peer takes NAME=HOST:PORT, got {text[:64]!r}")
    return name, (host.strip("[]"), int(port))
