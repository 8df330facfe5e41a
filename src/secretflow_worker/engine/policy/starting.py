"""Policies to start from: a restrictive one to edit, and the one of ``sfw up``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path


def restrictive(party: str | None, data_root: Path, peers: Mapping[str, str]) -> str:
    """Return a policy that allows nothing, with every rule explained and examples to uncomment.

    `peers` are the fingerprints of the certificates that are pinned already, by party.
    """
    whose = f'party = "{party}"' if party else '# party = "alice"'
    known = peers or {"bob": "AB:CD:... (64 hexadecimal digits, from `sfw certs show`)"}
    listed = "\n".join(_PEER.format(party=name, fingerprint=found) for name, found in known.items())
    return _RESTRICTIVE.format(whose=whose, root=data_root, peers=listed.strip())


def for_one_machine(data_root: Path) -> str:
    """Return a policy that allows parties of this machine all within the data root, and no more."""
    return _ONE_MACHINE.format(root=json.dumps(str(data_root)), tables=json.dumps(f"{data_root}/*"))


_PEER = """
# [[peers]]
# party = "{party}"
# fingerprint = "{fingerprint}"
# trusted_dealer = false    # true lets it deal the triples of SEMI2K, by which it could learn all
"""

_RESTRICTIVE = """\
# What this party lets be done with its data. Only its operator writes this file; the worker reads
# it anew for each task. Everything that is not allowed here is refused.
# `sfw policy check FILE` finds faults, `sfw policy explain REQUEST.json` says what a task would do.

version = 1
{whose}

[tasks]
# Task types, `psi`, or one version of them, `psi@1`; "*" for all. `sfw tasks` lists them.
allow = []
# allow = ["psi@1", "ss_lr@1", "predict@1"]

# Each party to compute with, by the certificate that certs_dir pins. Compare the fingerprint with
# the peer's operator by telephone. Without a fingerprint: a party on this same machine.
{peers}

[folders]
# Tables, models, rules and reports, below the worker's data root.
read = []
# read = ["{root}/in", "{root}/out"]
write = []
# write = ["{root}/out"]

# What may be done with the columns of the tables that a path matches; the first entry counts.
#   key        compared with other parties' keys, nothing else of it leaves
#   mpc        goes into joint computations as shares or under encryption only
#   local      read by this party alone, for its own files
#   statistic  figures about it are told to somebody
#   "any"      all of these; [] none
# A column goes by its own name first, then by the first pattern that fits.
# [[tables]]
# path = "{root}/in/*.csv"
# columns = {{ uid = "key", "income*" = "mpc", age = ["mpc", "statistic"], "*" = "local" }}

[receivers]
# Who else may be given what of this party's data: parties, "*" for every party, and "@sender"
# for who sends requests to this worker or reads reports.
intersection = []
predictions = []
statistics = []

[limits]
# min_rows = 100           # of each own table, where anything about it is told to anybody
# min_intersection = 50    # of an intersection that another party learns

[share]
# What this worker tells of itself to who may use its Redis, as the orchestrator does.
tables = false             # names, columns, row counts: true, or patterns of paths as in [[tables]]
models = false             # what saved models and rules files are; never what is in them
reports = false            # first figures and charts of reports; quartiles, categories are in them
logs = false               # what is logged of an execution
fingerprints = true        # whether a task's files have changed since, by a digest with an own key
policy = true              # this file in words: task types, peers, receivers
"""

_ONE_MACHINE = """\
# Written anew by each `sfw up` that has no policy of its own: parties on this machine may do
# everything within the data root; nobody elsewhere may do anything. To allow that, write a policy
# with `sfw policy init` and name it with --policy.

version = 1

[tasks]
allow = ["*"]

[[peers]]
party = "*"

[folders]
read = [{root}]
write = [{root}]

[[tables]]
path = {tables}
columns = {{ "*" = "any" }}

[receivers]
intersection = ["*"]
predictions = ["*"]
statistics = ["*", "@sender"]

[share]
tables = true
models = true
reports = true
logs = true
"""
