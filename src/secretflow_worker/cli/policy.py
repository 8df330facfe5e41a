"""``sfw policy``: start a policy, look for faults in it, and ask it about a request."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from secretflow_worker.cli.failure import CommandError
from secretflow_worker.cli.options import (
    Assignments,
    CertsDir,
    ConfigFile,
    DataRoot,
    PartyFlag,
    PolicyFile,
    read_settings,
)
from secretflow_worker.cli.request_file import RequestFile, read_request

if TYPE_CHECKING:
    from secretflow_worker.engine.policy.explain import Explanation

app = typer.Typer(no_args_is_help=True, help="Write, check and question a party's policy.")


@app.command("init")
def init(
    file: Annotated[Path, typer.Argument(help="Where to write it, outside of the data root.")],
    party: PartyFlag = None,
    config: ConfigFile = None,
    data_root: DataRoot = None,
    certs_dir: CertsDir = None,
    force: Annotated[bool, typer.Option(help="Replace the file if it exists.")] = False,
) -> None:
    """Write a policy that allows nothing, with every rule explained.

    Peers whose certificates are in the certificates folder are in it, to be uncommented.
    """
    settings = read_settings(config, None, party=party, data_root=data_root, certs_dir=certs_dir)

    from secretflow_worker.engine import certs
    from secretflow_worker.engine.policy.starting import restrictive

    pinned = certs.read_all(settings.certs_dir) if settings.certs_dir is not None else []
    peers = {each.party: each.fingerprint for each in pinned if not each.has_key}
    text = restrictive(settings.party, settings.data_root, peers)
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if force else os.O_EXCL)
    try:
        descriptor = os.open(file, flags, 0o600)
    except FileExistsError:
        raise CommandError(f"{file} exists already", hint="--force replaces it") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
    typer.echo(f"{file}: allows nothing yet. Edit it, then:")
    typer.echo(f"  sfw policy check {file}")
    typer.echo(f"  sfw policy explain REQUEST.json --policy {file}")
    typer.echo(f"  sfw worker --policy {file} ...")


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="The policy file.")],
    party: PartyFlag = None,
) -> None:
    """Find every fault in a policy file, each with its place; exits 1 if there is one."""
    from secretflow_worker.engine.policy import read_policy, read_policy_of, unknown_tasks

    loaded = read_policy(file) if party is None else read_policy_of(party, file)
    policy = loaded.policy
    for name in unknown_tasks(policy):
        typer.echo(f"note: tasks.allow: this machine has no task type {name}", err=True)
    for kind, folders in (("read", policy.folders.read), ("write", policy.folders.write)):
        for folder in folders:
            if not folder.is_dir():
                typer.echo(f"note: folders.{kind}: {folder} is no folder yet", err=True)
    typer.echo(f"{file}: no fault, sha256 {loaded.sha256}")
    typer.echo(f"  tasks    {', '.join(policy.tasks.allow) or 'none'}")
    typer.echo(f"  peers    {', '.join(peer.party for peer in policy.peers) or 'none'}")
    typer.echo(f"  tables   {', '.join(rule.path for rule in policy.tables) or 'none'}")


@app.command("explain")
def explain(
    file: RequestFile,
    policy: PolicyFile = None,
    party: Annotated[str | None, typer.Option(help="Of the request; else every own one.")] = None,
    config: ConfigFile = None,
    data_root: DataRoot = None,
    certs_dir: CertsDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="A list of objects.")] = False,
    assignments: Assignments = None,
) -> None:
    """Say rule by rule whether a request is allowed, and what it would disclose to whom.

    Runs nothing. Exits 1 if a party's policy refuses it.
    """
    document = read_request(file)
    settings = read_settings(
        config, assignments, data_root=data_root, certs_dir=certs_dir, policy_file=policy
    )

    from secretflow_worker.contract.request import parse_request
    from secretflow_worker.engine.policy.explain import explain as explain_request

    explained = explain_request(parse_request(document), settings.engine_settings(), party)
    if as_json:
        typer.echo(json.dumps([_as_json(one) for one in explained], indent=2, ensure_ascii=False))
    else:
        for one in explained:
            _show(one)
        _show_disclosures(explained[0])
    if not all(one.is_allowed for one in explained):
        raise typer.Exit(1)


def _show(explained: Explanation) -> None:
    verdict = "allowed" if explained.is_allowed else "refused"
    typer.echo(f"party {explained.party}: {verdict} by {explained.policy or 'no policy'}")
    for one in explained.verdicts:
        typer.echo(f"  {'allows ' if one.is_allowed else 'REFUSES'}  {one.rule}: {one.what}")
        if not one.is_allowed and one.ask:
            typer.echo(f"           to allow it: {one.ask}")
    for note in explained.notes:
        typer.echo(f"  note     {note}")


def _show_disclosures(explained: Explanation) -> None:
    typer.echo("It would disclose:")
    for line in explained.discloses:
        typer.echo(f"  to {line.to}: {line.what}; about {line.about}")


def _as_json(explained: Explanation) -> dict[str, object]:
    return {
        "party": explained.party,
        "policy": None if explained.policy is None else str(explained.policy),
        "allowed": explained.is_allowed,
        "verdicts": [
            {"rule": v.rule, "what": v.what, "allowed": v.is_allowed, "ask": v.ask}
            for v in explained.verdicts
        ],
        "discloses": [line.model_dump() for line in explained.discloses],
        "notes": list(explained.notes),
    }
