"""What a worker announces of itself every few seconds, for as long as it lives."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

ANNOUNCE_EVERY_S = 5.0
ANNOUNCED_FOR_S = 16
"""A worker that is silent for so long is not there; two announcements may get lost."""
NODE_PREFIX = "sfw:node:"
NODES = "sfw:nodes"
"""The Redis set of the ids of workers that have announced themselves; some may be gone."""


def node_key(worker_id: str) -> str:
    """Return the Redis key of a worker's announcement."""
    return f"{NODE_PREFIX}{worker_id}"


Count = Annotated[int, Field(ge=0, le=2**53)]
"""Whoever can write to Redis may announce a worker; figures must be such as can be added up."""


class _Lenient(BaseModel):
    # Workers of another version may say more.
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class RunningTask(_Lenient):
    execution_id: str
    task_type: str
    party: str | None
    """The one party that it runs here in cluster mode."""
    started_at: str


class NodeCertificate(_Lenient):
    """Of the party, as its peers pin it."""

    subject: str
    fingerprint: str
    days_left: float


class Node(_Lenient):
    """One worker. Nothing here is about anybody's data."""

    worker_id: str = Field(examples=["alice-1f0c93ab"])
    name: str = Field(examples=["alice"])
    host: str = Field(examples=["alice.example"])
    party: str | None
    """The only party that it runs in cluster mode; None: those of local mode."""
    parties: list[str] = []
    """In local mode the parties that its settings name; it runs others too."""
    version: str
    pins: dict[str, str]
    """Versions of the libraries whose wire format parties must have in common."""
    task_types: list[str] = Field(examples=[["psi@1", "ss_lr@1"]])
    protocols: list[str] = Field(examples=[["ABY3", "CHEETAH", "SEMI2K"]])
    slots: Count
    running: list[RunningTask]
    leased_ports: Count
    memory_bytes: Count
    party_processes: Count
    party_memory_bytes: Count
    certificate: NodeCertificate | None
    policy: list[str] | None = Field(examples=[["task types: psi@1", "peers: bob"]])
    """The policy in words, unless its operator keeps it."""
    shares: list[str]
    """What it tells when asked: ``tables``, ``models``, ``logs``, ``fingerprints``."""
    started_at: str
    at: str
