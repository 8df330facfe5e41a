"""The calls about chains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from urllib.parse import quote

from secretflow_worker.client import answers as a
from secretflow_worker.client.calls import Call, Document, body_of, get, items_of, keyed, reads
from secretflow_worker.client.errors import Fault
from secretflow_worker.contract.chain import ChainStatus, ChainType

BEAT_TIMEOUT_S = 45.0
"""A stream of events gives a sign of life every 15 s."""


def create(document: Document, *, key: str | None = None) -> Call[a.Created]:
    """Keep a new chain. With the same `key` it is made once, for a day."""
    return Call("POST", "/chains/", reads(a.Created), **body_of(document), **keyed(key))


def execute(
    chain_id: str, *, version: int | None = None, reuse: bool = False, key: str | None = None
) -> Call[a.Started]:
    """Run a chain: its newest version, or another.

    `reuse` takes over what earlier runs of it did, where request and files are unchanged.
    """
    params = {"version": version, "reuse": "true" if reuse else None}
    return Call(
        "POST", f"{_at(chain_id)}/execute", reads(a.Started), params=params, **keyed(key)
    )  # fmt: skip


def show(chain_id: str) -> Call[a.Chain]:
    """Return a chain with the tasks of its newest run."""
    return get(_at(chain_id), reads(a.Chain))


def list_page(
    *,
    status: ChainStatus | str | None = None,
    chain_type: ChainType | str | None = None,
    created_by: str | None = None,
    name: str | None = None,
    sort: str = "-created_at",
    page: int = 1,
    page_size: int = 20,
) -> Call[a.Page]:
    """Return a page of chains, newest first; `name` is a part of the name."""
    return get(
        "/chains/",
        reads(a.Page),
        status=status.value if isinstance(status, ChainStatus) else status,
        chain_type=chain_type.value if isinstance(chain_type, ChainType) else chain_type,
        created_by=created_by,
        name=name,
        sort=sort,
        page=page,
        page_size=page_size,
    )


def cancel(chain_id: str) -> Call[a.Cancelled]:
    """End the run of a chain; nothing is deleted."""
    return Call("DELETE", _at(chain_id), reads(a.Cancelled), is_repeatable=False)


def pause(chain_id: str) -> Call[a.Deed]:
    """Start nothing more of the run; what runs goes on."""
    return _deed(chain_id, "pause")


def resume(chain_id: str) -> Call[a.Deed]:
    """Go on after a pause."""
    return _deed(chain_id, "resume")


def retry(chain_id: str, task_ids: Sequence[str] = ()) -> Call[a.Deed]:
    """Run again what failed, or the tasks named, and what depends on them."""
    return _deed(chain_id, "retry", {"task_ids": list(task_ids)})


def clone(chain_id: str, *, chain_name: str | None = None) -> Call[a.Created]:
    """Keep a copy of the newest version as a new chain of one's own."""
    body = {"chain_name": chain_name}
    return Call(
        "POST", f"{_at(chain_id)}/clone", reads(a.Created), is_repeatable=False, json=body
    )  # fmt: skip


def update(chain_id: str, document: Document, *, version: int | Literal["*"]) -> Call[a.Versioned]:
    """Keep a document as the next version; `version` was read, ``*`` overwrites any."""
    return Call(
        "PUT", _at(chain_id), reads(a.Versioned), is_repeatable=False,
        headers=_if_match(version), **body_of(document),
    )  # fmt: skip


def rollback(chain_id: str, to: int, *, version: int | Literal["*"]) -> Call[a.Versioned]:
    """Keep an earlier version's document as the next one; `version` as in ``update``."""
    return Call(
        "POST", f"{_at(chain_id)}/rollback", reads(a.Versioned), is_repeatable=False,
        headers=_if_match(version), json={"version": to},
    )  # fmt: skip


def versions(chain_id: str) -> Call[list[a.Version]]:
    """Return a chain's versions, newest first."""
    return get(f"{_at(chain_id)}/versions", items_of(a.Version))


def document(chain_id: str, version: int) -> Call[dict[str, Any]]:
    """Return a version's document as it was given."""
    return get(f"{_at(chain_id)}/versions/{version}", reads(dict[str, Any]))


def diff(chain_id: str, before: int, after: int) -> Call[list[a.Change]]:
    """Return what differs between two versions."""
    path = f"{_at(chain_id)}/diff"
    params = {"from": before, "to": after}
    return Call("GET", path, items_of(a.Change), is_repeatable=True, params=params)


def task(chain_id: str, node_id: str) -> Call[a.TaskDetails]:
    """Return a task of the newest run with its attempts."""
    return get(f"{_at(chain_id)}/tasks/{quote(node_id, safe='')}", reads(a.TaskDetails))


def runs(chain_id: str, *, limit: int = 50) -> Call[list[a.Run]]:
    """Return the runs that a chain has had, newest first."""
    return get(f"{_at(chain_id)}/runs", items_of(a.Run), limit=limit)


def dry_run(document: Document) -> Call[a.DryRun]:
    """Return what a chain would run, who would learn what, and how long it would take."""
    return Call(
        "POST", "/chains/dry-run", reads(a.DryRun), is_repeatable=True, **body_of(document)
    )  # fmt: skip


def validate(document: Document) -> Call[list[Fault]]:
    """Return every fault of a document, each with its place; none: it can be kept and run."""
    read = reads(a.DryRun)
    return Call(
        "POST", "/chains/dry-run", lambda body: read(body).faults, is_repeatable=True,
        **body_of(document),
    )  # fmt: skip


def import_yaml(text: str, *, key: str | None = None) -> Call[a.Created]:
    """Keep the chain of a YAML text, such as ``export`` gives."""
    return create(text, key=key)


def export(chain_id: str, *, version: int | None = None) -> Call[str]:
    """Return a chain as YAML."""
    return get(f"{_at(chain_id)}/export", bytes.decode, version=version)


def follow(chain_id: str, after: int, read_timeout_s: float = BEAT_TIMEOUT_S) -> Call[bytes]:
    """Open the stream of a chain's events."""
    headers = {"Last-Event-ID": str(after), "Accept": "text/event-stream"}
    return Call(
        "GET", f"{_at(chain_id)}/events", bytes, is_repeatable=True, headers=headers,
        read_timeout_s=read_timeout_s,
    )  # fmt: skip


def so_far(chain_id: str, after: int) -> Call[bytes]:
    """Return the events of a chain that have happened after one."""
    return get(f"{_at(chain_id)}/events", bytes, follow="false", after=after)


def _deed(chain_id: str, word: str, body: Any = None) -> Call[a.Deed]:
    return Call("POST", f"{_at(chain_id)}/{word}", reads(a.Deed), is_repeatable=False, json=body)


def _at(chain_id: str) -> str:
    return f"/chains/{quote(chain_id, safe='')}"


def _if_match(version: int | Literal["*"]) -> dict[str, str]:
    return {"If-Match": "*" if version == "*" else f'"{version}"'}
