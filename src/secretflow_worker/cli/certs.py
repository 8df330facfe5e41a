"""``sfw certs``: make this party's certificate, and look at what is in a certificates folder."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from secretflow_worker.engine.certs import Certificate

app = typer.Typer(no_args_is_help=True, help="Make and show the certificates of parties.")

FolderOption = Annotated[
    Path, typer.Option("--dir", envvar="SFW_CERTS_DIR", help="The certificates folder.")
]


@app.command("init")
def init(
    party: Annotated[str, typer.Option(help="The party's name, as requests name it.")],
    folder: FolderOption,
    host: Annotated[
        list[str] | None,
        typer.Option(help="A name or address that peers reach this party at; repeatable."),
    ] = None,
    days: Annotated[int, typer.Option(help="How long it is valid.")] = 825,
    force: Annotated[bool, typer.Option(help="Replace the files if they exist.")] = False,
) -> None:
    """Make PARTY.key (stays here) and PARTY.crt (hand it to every peer)."""
    from secretflow_worker.engine import certs

    certificate = certs.create(party, folder, host or (), days, replace=force)
    typer.echo(f"certificate  {certificate.path}")
    typer.echo(
        f"key          {certificate.path.with_suffix('.key')}  (mode 0600; never hand it on)"
    )
    typer.echo(f"fingerprint  {certificate.fingerprint}")
    typer.echo(f"valid until  {certificate.not_after:%Y-%m-%d}")
    typer.echo(f"for          {', '.join(certificate.hosts)}")
    typer.echo(f"Hand {party}.crt to each peer, and put theirs beside it as <peer>.crt.")


@app.command("show")
def show(
    folder: FolderOption,
    as_json: Annotated[bool, typer.Option("--json", help="A list of objects.")] = False,
) -> None:
    """Show fingerprints and expiry, own and pinned; compare them with the peers by another way."""
    from secretflow_worker.engine import certs

    found = certs.read_all(folder)
    if as_json:
        typer.echo(json.dumps([_describe(certificate) for certificate in found], indent=2))
        return
    for certificate in found:
        facts = _describe(certificate)
        typer.echo(f"{certificate.party}  ({facts['role']})")
        typer.echo(f"  fingerprint  {certificate.fingerprint}")
        typer.echo(f"  valid until  {certificate.not_after:%Y-%m-%d} ({facts['days_left']} days)")
        typer.echo(f"  for          {', '.join(certificate.hosts) or 'no host'}")
        if certificate.has_key:
            typer.echo(f"  key          {facts['key']}")
    if not found:
        typer.echo(f"No .crt file in {folder}.", err=True)


def _describe(certificate: Certificate) -> dict[str, str | int | list[str] | None]:
    now = datetime.now(timezone.utc)
    key = None
    if certificate.has_key:
        fits = "fits the certificate" if certificate.key_fits else "does not fit the certificate"
        mode = f"mode {certificate.key_mode:04o}"
        key = f"{fits}, {mode}" + ("" if certificate.key_is_private else ": others can read it")
    return {
        "party": certificate.party,
        "role": "own" if certificate.has_key else "pinned peer",
        "path": str(certificate.path),
        "fingerprint": certificate.fingerprint,
        "not_after": certificate.not_after.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "days_left": int(certificate.days_left(now)),
        "hosts": list(certificate.hosts),
        "key": key,
    }
